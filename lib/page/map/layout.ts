/**
 * Where a lab's hosts stand on the map, and which way a packet goes on it.
 *
 * @module
 */

import type {
  LabMap,
  LabMapCable,
  LabMapHost,
} from "../../lab/topology/lab_map.ts";
import type { Packet } from "../state/store.ts";

/** A place on the map, in steps from its upper left. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Hosts and cables with their places. */
export interface Layout {
  readonly hosts: readonly { readonly host: LabMapHost; readonly at: Place }[];
  readonly cables: readonly {
    readonly cable: LabMapCable;
    readonly from: Place;
    readonly to: Place;
  }[];
  /** Steps from side to side, and from top to bottom. */
  readonly columns: number;
  readonly rows: number;
}

/** Each host in the column of its distance from the first. */
export function layOut({ hosts, cables }: LabMap): Layout {
  const columnOf = distances(hosts, cables);
  const columns: LabMapHost[][] = [];
  for (const host of hosts) {
    (columns[columnOf.get(host.name) ?? 0] ??= []).push(host);
  }
  const rows = Math.max(...columns.map((column) => column.length));
  const places = new Map<string, Place>();
  for (const [x, column] of columns.entries()) {
    // Fewer than the longest column has stand in the middle.
    const top = (rows - column.length) / 2;
    column.forEach(({ name }, i) => places.set(name, { x, y: top + i }));
  }
  return {
    hosts: hosts.map((host) => ({ host, at: places.get(host.name)! })),
    cables: cables.map((cable) => ({
      cable,
      from: places.get(cable.ends[0].host)!,
      to: places.get(cable.ends[1].host)!,
    })),
    ...{ columns: columns.length, rows },
  };
}

function distances(
  hosts: readonly LabMapHost[],
  cables: readonly LabMapCable[],
): Map<string, number> {
  const found = new Map([[hosts[0].name, 0]]);
  const queue = [hosts[0].name];
  for (const name of queue) {
    for (const { ends } of cables) {
      const side = ends.findIndex(({ host }) => host === name);
      const other = ends[1 - side]?.host;
      if (side < 0 || other === undefined || found.has(other)) continue;
      found.set(other, found.get(name)! + 1);
      queue.push(other);
    }
  }
  return found;
}

/** A packet's way along a cable: which, and whether from its second end. */
export interface Way {
  readonly cable: number;
  readonly isBack: boolean;
}

/** Which way a packet went, if it was seen at a cable. */
export function wayOf({ point, isOutgoing }: Packet): Way | undefined {
  const { cable, end } = point;
  if (cable === undefined || isOutgoing === undefined) return undefined;
  return { cable, isBack: (end === 1) === isOutgoing };
}

/** A point on a packet's way, `done` of it behind it: 0 to 1. */
export function along(
  { cables }: Layout,
  { cable, isBack }: Way,
  done: number,
): Place {
  const { from, to } = cables[cable];
  const part = isBack ? 1 - done : done;
  return {
    x: from.x + (to.x - from.x) * part,
    y: from.y + (to.y - from.y) * part,
  };
}

/** What is unusual of a host or a cable, in words: `silent`, `tos 16`. */
export function oddities(
  traits: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(traits).flatMap(([name, value]) =>
    value === undefined || name === "seed" || name === "devices"
      ? []
      : [value === true ? name : `${name} ${value}`]
  );
}
