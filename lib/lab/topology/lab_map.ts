/**
 * A lab as a map shows it: who is in it, how they are wired, and what is unusual
 * about them. Plain data, for JSON as well.
 *
 * @module
 */

import type { Impairment } from "../middlebox/impairment.ts";
import {
  type HostRole,
  type Link,
  MIDDLEBOXES,
  type Port,
  type Topology,
  type Traits,
} from "./topology.ts";

/**
 * A host, router or switch.
 *
 * @category Labs
 */
export interface LabMapHost {
  /** Its name in the lab. */
  readonly name: string;
  /** Its network namespace, as `ip netns` knows it. */
  readonly namespace: string;
  /** What it does with what is not for it. */
  readonly role: HostRole;
  /** What is unusual about it, such as `{ silent: true, tos: 8 }`. */
  readonly traits: Traits;
  /** Its interfaces. */
  readonly ports: readonly Port[];
}

/**
 * A cable, whatever stands in it.
 *
 * @category Labs
 */
export interface LabMapCable {
  /** The host and the interface at either end. */
  readonly ends: readonly [
    { readonly host: string; readonly device: string },
    { readonly host: string; readonly device: string },
  ];
  /** The longest packet that it carries, in octets; absent where it is 1500. */
  readonly mtu?: number;
  /** What it does to packets; absent where it does nothing. */
  readonly impairment?: Impairment;
}

/**
 * A lab's topology.
 *
 * @category Labs
 */
export interface LabMap {
  /** What it is called on the command line. */
  readonly name: string;
  /** What it is for, in a line. */
  readonly description: string;
  /** In the order of the plan; where commands run by default is the first. */
  readonly hosts: readonly LabMapHost[];
  /** The cables between them. */
  readonly cables: readonly LabMapCable[];
}

/**
 * Draws the map of a lab: who is in it, how they are wired, and what is unusual
 * about them.
 *
 * @category Labs
 * @param lab one that this process has put up; without its plan there is no map
 *
 * @example
 * ```ts
 * import { Lab, labMap, TOPOLOGIES } from "raw4/lab";
 *
 * async function whoIsThere() {
 *   await using lab = await Lab.up(TOPOLOGIES.lan);
 *   return labMap(lab)?.hosts.map(({ name, role }) => `${name}, a ${role}`);
 * }
 * ```
 */
export function labMap(
  lab: {
    readonly topology: Topology | undefined;
    namespace(host: string): string;
  },
): LabMap | undefined {
  if (lab.topology === undefined) return undefined;
  const { name, description, hosts, links, setup = {}, middleboxes } =
    lab.topology;
  const shown = hosts.filter((host) => host !== MIDDLEBOXES);
  const whole = links.filter(({ ends }) => !ends.some(isMiddlebox));
  return {
    name,
    description,
    hosts: shown.map((host) => ({
      name: host,
      namespace: lab.namespace(host),
      role: setup[host]?.role ?? "host",
      traits: setup[host]?.traits ?? {},
      ports: links.flatMap(({ ends }) => ends)
        .filter((end) => end.host === host).map(({ port }) => port),
    })),
    cables: [
      ...whole.map(({ ends: [near, far], mtu }) => cable(near, far, mtu)),
      ...(middleboxes ?? []).map(
        ({ devices, seed: _, namespace: __, ...given }) => {
          const [[near, mtu], [far]] = devices.map((device) =>
            behind(links, device)
          );
          return { ...cable(near, far, mtu), impairment: known(given) };
        },
      ),
    ],
  };
}

type End = Link["ends"][0];

function cable(near: End, far: End, mtu: number | undefined): LabMapCable {
  const ends = [
    { host: near.host, device: near.port.device },
    { host: far.host, device: far.port.device },
  ] as const;
  return mtu === undefined ? { ends } : { ends, mtu };
}

function isMiddlebox({ host }: End): boolean {
  return host === MIDDLEBOXES;
}

/** What a middlebox's device is wired to, and the link's MTU. */
function behind(
  links: readonly Link[],
  device: string,
): [end: End, mtu: number | undefined] {
  for (const { ends: [end, box], mtu } of links) {
    if (isMiddlebox(box) && box.port.device === device) return [end, mtu];
  }
  throw new RangeError(`no cable leads to the middlebox's ${device}`);
}

function known(impairment: Impairment): Impairment {
  return Object.fromEntries(
    Object.entries(impairment).filter(([, value]) => value !== undefined),
  );
}
