/** Where a lab's hosts stand on the map, and which way packets go. */

import { assertEquals } from "@std/assert";
import { along, layOut, oddities, wayOf } from "../../lib/page/map/layout.ts";
import { labMap } from "../../lib/lab/topology/lab_map.ts";
import { planLab } from "../../lib/lab/topology/catalogue.ts";
import type { Packet } from "../../lib/page/state/store.ts";

function mapOf(name: string, size: string[], options = {}) {
  const topology = planLab(name, size, options);
  return labMap({ topology, namespace: (host) => host })!;
}

function placesOf(map: ReturnType<typeof mapOf>) {
  return Object.fromEntries(
    layOut(map).hosts.map(({ host: { name }, at: { x, y } }) => [name, [x, y]]),
  );
}

Deno.test("a chain stands in a row, and parallel routers above each other", () => {
  assertEquals(placesOf(mapOf("chain", ["2"])), {
    host: [0, 0],
    router1: [1, 0],
    router2: [2, 0],
    target: [3, 0],
  });
  assertEquals(placesOf(mapOf("chain", ["2"], { equalCost: [2] })), {
    host: [0, .5],
    router1: [1, .5],
    router2a: [2, 0],
    router2b: [2, 1],
    target: [3, .5],
  });
});

Deno.test("a switch stands between those on it", () => {
  const { attacker, user, victim, switch: hub } = placesOf(mapOf("lan", []));
  assertEquals([attacker[0], hub[0], user[0], victim[0]], [0, 1, 2, 2]);
});

Deno.test("no two hosts of any lab stand in one place", () => {
  for (const [name, ...size] of [["pair"], ["lan"], ["chain", "30"]]) {
    const places = Object.values(placesOf(mapOf(name, size)));
    assertEquals(new Set(places.map(String)).size, places.length, name);
  }
});

Deno.test("a packet goes from the end that sent it to the other", () => {
  const layout = layOut(mapOf("pair", []));
  const CASES: [end: 0 | 1, isOutgoing: boolean, from: number, to: number][] = [
    [0, true, 0, 1],
    [0, false, 1, 0],
    [1, true, 1, 0],
    [1, false, 0, 1],
  ];
  for (const [end, isOutgoing, from, to] of CASES) {
    const point = { name: "", cable: 0, end };
    const way = wayOf({ point, isOutgoing } as Packet)!;
    assertEquals(along(layout, way, 0).x, from);
    assertEquals(along(layout, way, 1).x, to);
  }
  assertEquals(wayOf({ point: { name: "x.pcap" } } as Packet), undefined);
});

Deno.test("what is unusual is in words", () => {
  const { hosts, cables } = mapOf("chain", ["3"], {
    silent: [2],
    tos: { 2: 16 },
    slow: { 3: 5 },
    mtu: { 1: 1400 },
  });
  assertEquals(
    oddities(hosts.find(({ name }) => name === "router2")!.traits),
    ["silent", "tos 16"],
  );
  const { mtu, impairment } = cables.find((cable) => cable.mtu)!;
  assertEquals(oddities({ mtu, ...impairment }), ["mtu 1400"]);
  const slow = cables.find((cable) => cable.impairment)!;
  assertEquals(oddities({ ...slow.impairment }), ["delayMs 5"]);
});
