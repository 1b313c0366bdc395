/** Maps of labs: what a chain's options make of its routers and cables. */

import { assertEquals } from "@std/assert";
import { planLab, TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { chain } from "../../../lib/lab/topology/chain.ts";
import type { Topology } from "../../../lib/lab/topology/topology.ts";
import { labMap } from "../../../lib/lab/topology/lab_map.ts";

/** The map of a lab that nobody has put up. */
const mapOf = (topology: Topology) =>
  labMap({ topology, namespace: (host) => `ns-${host}` })!;

Deno.test("labMap() tells roles, traits and what is in the cables", () => {
  const map = mapOf(
    chain(2, {
      silent: [1],
      nat: [2],
      tos: { 2: 8 },
      mtu: { 1: 1400 },
      slow: { 2: 5 },
      dropping: { 2: 50 },
      seed: 7,
    }),
  );
  assertEquals(
    map.hosts.map(({ name, namespace, role, traits }) =>
      [name, namespace, role, JSON.stringify(traits)].join(" ")
    ),
    [
      "host ns-host host {}",
      'router1 ns-router1 router {"silent":true}',
      'router2 ns-router2 router {"nat":true,"tos":8}',
      "target ns-target host {}",
    ],
  );
  assertEquals(
    map.hosts[1].ports.map(({ device, addresses }) => [device, addresses[0]]),
    [["eth0", "10.9.1.2/24"], ["eth1", "10.9.2.1/24"]],
  );
  const end = (host: string, device: string) => ({ host, device });
  assertEquals(map.cables, [
    { ends: [end("host", "eth0"), end("router1", "eth0")], mtu: 1400 },
    { ends: [end("router2", "eth1"), end("target", "eth0")] },
    {
      ends: [end("router1", "eth1"), end("router2", "eth0")],
      impairment: { delayMs: 5, dropPercent: 50 },
    },
  ]);
  assertEquals(JSON.parse(JSON.stringify(map)), map);
});

Deno.test("labMap() joins every host of every lab to another", () => {
  const labs = [
    ...Object.values(TOPOLOGIES),
    planLab("chain", ["3"], { equalCost: [2], slow: { 1: 1 } }),
  ];
  for (const topology of labs) {
    const { hosts, cables } = mapOf(topology);
    const ends = cables.flatMap(({ ends }) => ends);
    for (const { name, ports } of hosts) {
      assertEquals(
        ports.map(({ device }) => `${name} ${device}`).sort(),
        ends.filter(({ host }) => host === name)
          .map(({ host, device }) => `${host} ${device}`).sort(),
      );
    }
  }
  const roles = mapOf(TOPOLOGIES.lan).hosts.map(({ role }) => role);
  assertEquals(roles, ["host", "host", "host", "switch"]);
});
