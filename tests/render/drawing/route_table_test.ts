import { assert, assertEquals } from "@std/assert";
import {
  renderRouteTable,
  routeToJSON,
} from "../../../lib/render/drawing/route_table.ts";
import type { WatchedHop } from "../../../mod.ts";

const HOP: WatchedHop = {
  distance: 1,
  addresses: ["10.9.1.2"],
  isReached: false,
  packetsSent: 8,
  packetsReceived: 7,
  packetLoss: 1 / 8,
  lastRttMs: 0.0514,
  minRttMs: 1.234,
  avgRttMs: 12.34,
  maxRttMs: 123.4,
  stddevMs: 1,
};
const SILENT: WatchedHop = {
  ...HOP,
  distance: 255,
  addresses: [],
  packetsReceived: 0,
  packetLoss: 1,
  lastRttMs: undefined,
  minRttMs: undefined,
  avgRttMs: undefined,
  maxRttMs: undefined,
  stddevMs: undefined,
};

Deno.test("a watched route is a table with mtr's columns", () => {
  const hops = [HOP, SILENT, { ...HOP, addresses: ["10.9.1.2", "10.9.1.3"] }];
  assertEquals(renderRouteTable({ hops }), [
    "hop host                                  loss  sent   last    avg   best  worst",
    "  1 10.9.1.2                             12.5%     8  0.051   12.3   1.23    123",
    "255 *                                   100.0%     8      -      -      -      -",
    "  1 10.9.1.2                             12.5%     8  0.051   12.3   1.23    123",
    "    10.9.1.3",
  ]);
});

Deno.test("no name breaks the table, nor harms a terminal", () => {
  const names = ["evil\x1b[2J\n\u202e", "x".repeat(36), "y".repeat(253)];
  for (const name of names) {
    const hops = [{ ...HOP, addresses: ["10.9.1.2", "10.9.1.3"] }];
    const lines = renderRouteTable({ hops }, () => name);
    assert(lines.every((line) => line.length <= 80), lines.join("\n"));
    assert(!/\p{C}/u.test(lines.join("")));
    assert(lines.some((line) => line.endsWith("1.23    123")));
  }
  const route = { hops: [HOP, SILENT], rounds: 8, isReached: false };
  const told = routeToJSON(route, () => names[0]);
  assert(!/\p{C}/u.test(told.join("")));
  const [first, silent, whole] = told.map((line) => JSON.parse(line));
  assertEquals([first.names, first.lastRttMs], [[names[0]], 0.051]);
  assertEquals([silent.packetLoss, silent.minRttMs], [1, null]);
  assertEquals([whole.type, whole.rounds, whole.hops], ["watch", 8, 2]);
});
