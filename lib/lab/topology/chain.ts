/**
 * A chain of routers: a host, as many routers as you like, and a target.
 *
 * Cable k joins what is k-1 and k steps from the host: 10.9.k.1 and
 * 2001:db8:9:k::1 are nearer to it, 10.9.k.2 and 2001:db8:9:k::2 farther. So
 * the host is 10.9.1.1, router k answers as 10.9.k.2, and the target of a
 * chain of n is 10.9.(n+1).2.
 *
 * Where hop k has two routers, `router{k}a` is the one with these addresses.
 * `router{k}b` has a cable 100+k of its own to the router before, and 200+k to
 * the one behind, and answers as 10.9.(100+k).2.
 *
 * @module
 */

import type { MiddleboxOptions } from "../middlebox/middlebox.ts";
import { type ChainOptions, checkChain, traitsOf } from "./chain_options.ts";
import { chainsOf } from "./chain_rules.ts";
import { forInterfaces, MUTE, UNLIMITED_ERRORS } from "./host_setup.ts";
import {
  type HostSetup,
  type Link,
  MIDDLEBOXES,
  type Topology,
} from "./topology.ts";

/** How both families number the cables, and the two ends of each. */
const FAMILIES = [{
  all: "0.0.0.0/0",
  network: (cable: number) => `10.9.${cable}.0/24`,
  address: (cable: number, end: number) => `10.9.${cable}.${end}`,
  length: 24,
}, {
  all: "::/0",
  network: (cable: number) => `2001:db8:9:${cable}::/64`,
  address: (cable: number, end: number) => `2001:db8:9:${cable}::${end}`,
  length: 64,
}];

/**
 * Shares what goes on among two routers by addresses, protocol and ports, so
 * that a flow keeps to one of them; pings to one address are a single flow.
 *
 * The policy that is meant for this would share by sockets instead: the hash
 * that the sender's kernel chose comes along on a cable. Linux 5.12 and later.
 */
const BY_FLOW = Object.fromEntries(
  ["net.ipv4", "net.ipv6"].flatMap((family) => [
    [`${family}.fib_multipath_hash_policy`, 3],
    [`${family}.fib_multipath_hash_fields`, 0x37],
  ]),
);

/** A host, so many steps from the first. */
interface Node {
  readonly name: string;
  readonly step: number;
}

/** A cable; its number is part of its addresses. */
interface Cable {
  readonly number: number;
  readonly near: Node;
  readonly far: Node;
  readonly devices: readonly [near: string, far: string];
}

/**
 * Plans a chain.
 *
 * @param routers how many, 1–30
 * @throws {RangeError} if there cannot be such a chain
 */
export function chain(routers: number, options: ChainOptions = {}): Topology {
  checkChain(routers, options);
  const steps = planSteps(routers, options);
  const cables = planCables(steps);
  const nodes = steps.flat();
  const boxes = planMiddleboxes(cables, options);
  const delays = [...boxes.values()].map(({ delayMs = 0 }) => delayMs);
  const slowestMs = boxes.size > 0 ? Math.max(...delays) : undefined;
  const plan = { cables, target: steps.length - 1, options, slowestMs };
  const setup = Object.fromEntries(
    nodes.map((node) => [node.name, setUp(node, plan)]),
  );
  return {
    name: "chain",
    description: `host 10.9.1.1, ${
      routers === 1 ? "a router" : `${routers} routers`
    }, target 10.9.${routers + 1}.2`,
    hosts: [
      ...nodes.map(({ name }) => name),
      ...(boxes.size > 0 ? [MIDDLEBOXES] : []),
    ],
    links: cables.flatMap((cable) => toLinks(cable, boxes, options)),
    setup: {
      ...setup,
      ...(boxes.size > 0 ? { [MIDDLEBOXES]: { sysctl: MUTE } } : {}),
    },
    middleboxes: [...boxes.values()],
  };
}

/** Who is how many steps from the host: one, or two beside each other. */
function planSteps(routers: number, options: ChainOptions): Node[][] {
  const steps: Node[][] = [[{ name: "host", step: 0 }]];
  for (let step = 1; step <= routers; step++) {
    const endings = options.equalCost?.includes(step) ? ["a", "b"] : [""];
    steps.push(endings.map((end) => ({ name: `router${step}${end}`, step })));
  }
  steps.push([{ name: "target", step: routers + 1 }]);
  return steps;
}

function planCables(steps: readonly (readonly Node[])[]): Cable[] {
  return steps.slice(1).flatMap(([far, parallel], index) => {
    const [near, before] = steps[index];
    const first = near.step === 0 ? 0 : 1;
    const number = far.step;
    const cables: Cable[] = [
      { number, near, far, devices: [`eth${first}`, "eth0"] },
    ];
    if (parallel !== undefined) {
      cables.push({
        number: 100 + number,
        near,
        far: parallel,
        devices: [`eth${first + 1}`, "eth0"],
      });
    }
    if (before !== undefined) {
      cables.push({
        number: 200 + near.step,
        near: before,
        far,
        // What leads on from there may be eth1 and eth2.
        devices: ["eth1", "eth3"],
      });
    }
    return cables;
  });
}

function toLinks(
  cable: Cable,
  boxes: ReadonlyMap<Cable, MiddleboxOptions>,
  options: ChainOptions,
): Link[] {
  const { near, far, devices: [nearDevice, farDevice], number } = cable;
  const end = ({ name }: Node, device: string, last: number) => {
    const addresses = FAMILIES.map(({ address, length }) =>
      `${address(number, last)}/${length}`
    );
    return { host: name, port: { device, addresses } };
  };
  const ends = [end(near, nearDevice, 1), end(far, farDevice, 2)] as const;
  const mtu = options.mtu?.[number];
  const box = boxes.get(cable);
  if (box === undefined) return [{ ends, mtu }];
  return ends.map((end, side) => {
    const port = { device: box.devices[side], addresses: [] };
    return { ends: [end, { host: MIDDLEBOXES, port }], mtu };
  });
}

/** The boxes in the cables that lead to a step of which that is asked. */
function planMiddleboxes(
  cables: readonly Cable[],
  options: ChainOptions,
): Map<Cable, MiddleboxOptions> {
  const { slow, dropping, duplicating, reordering, seed = 0 } = options;
  return new Map(cables.flatMap((cable) => {
    const { number, far: { step } } = cable;
    const impairment = {
      delayMs: slow?.[step],
      dropPercent: dropping?.[step],
      duplicatePercent: duplicating?.[step],
      reorderPercent: reordering?.[step],
    };
    if (Object.values(impairment).every((value) => value === undefined)) {
      return [];
    }
    const devices = [`near${number}`, `far${number}`] as const;
    // Each has a sequence of its own.
    return [[cable, { devices, ...impairment, seed: seed + number * 1000 }]];
  }));
}

interface Plan {
  readonly cables: readonly Cable[];
  /** How many steps from the host the target is. */
  readonly target: number;
  readonly options: ChainOptions;
  /** The longest that a cable takes, if a middlebox is in any. */
  readonly slowestMs?: number;
}

function setUp(node: Node, plan: Plan): HostSetup {
  const { cables, target, options, slowestMs } = plan;
  const devices = cables.flatMap(({ near, far, devices }) => [
    ...(near === node ? [devices[0]] : []),
    ...(far === node ? [devices[1]] : []),
  ]);
  const isRouter = node.step > 0 && node.step < target;
  const isLimited = options.limited?.includes(node.step) ?? false;
  return {
    ...(isRouter
      ? { role: "router", traits: traitsOf(node.step, options) }
      : {}),
    sysctl: {
      ...(isLimited ? {} : UNLIMITED_ERRORS),
      ...forInterfaces(devices, slowestMs),
      ...(cables.filter(({ near }) => near === node).length > 1 ? BY_FLOW : {}),
    },
    ip: routes(node, plan),
    nft: isRouter ? chainsOf(node.step, options) : [],
  };
}

/** Onwards by default, and back to each cable that lies nearer to the host. */
function routes(node: Node, { cables, target, options }: Plan): string[] {
  const onwards = cables.filter(({ near }) => near === node);
  const back = cables.find(({ far }) => far === node);
  const nearer = cables.filter(({ near, far }) =>
    near !== node && far !== node && far.step <= node.step
  );
  return FAMILIES.flatMap(({ all, network, address }) => {
    const forth = onwards.map(({ number }) =>
      `nexthop via ${address(number, 2)}`
    );
    if (back === undefined) return [`route add ${all} ${forth.join(" ")}`];
    const via = `via ${address(back.number, 1)}`;
    if (forth.length === 0) return [`route add ${all} ${via}`];
    return [
      `route add ${all} ${forth.join(" ")}`,
      ...nearer.map(({ number }) => `route add ${network(number)} ${via}`),
      ...(options.loop?.includes(node.step)
        ? [`route add ${address(target, 2)} ${via}`]
        : []),
    ];
  });
}
