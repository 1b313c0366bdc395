/** Plans of chains: their cables, their addresses, and what cannot be. */

import { assertEquals, assertThrows } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import type { ChainOptions } from "../../../lib/lab/topology/chain_options.ts";
import type { Topology } from "../../../lib/lab/topology/topology.ts";

/** Each cable as `host:eth0 10.9.1.1 - router1:eth0 10.9.1.2`. */
function cables({ links }: Topology): string[] {
  return links.map(({ ends }) =>
    ends.map(({ host, port: { device, addresses: [address] } }) =>
      `${host}:${device} ${address.replace("/24", "")}`
    ).join(" - ")
  );
}

Deno.test("chain() numbers its cables from the host", () => {
  const plan = chain(2);
  assertEquals(plan.hosts, ["host", "router1", "router2", "target"]);
  assertEquals(plan.description, "host 10.9.1.1, 2 routers, target 10.9.3.2");
  assertEquals(cables(plan), [
    "host:eth0 10.9.1.1 - router1:eth0 10.9.1.2",
    "router1:eth1 10.9.2.1 - router2:eth0 10.9.2.2",
    "router2:eth1 10.9.3.1 - target:eth0 10.9.3.2",
  ]);
  assertEquals(chain(15).links[14].ends[1].port.addresses, [
    "10.9.15.2/24",
    "2001:db8:9:15::2/64",
  ]);
});

Deno.test("chain() gives parallel routers cables of their own", () => {
  assertEquals(cables(chain(3, { equalCost: [1, 3] })), [
    "host:eth0 10.9.1.1 - router1a:eth0 10.9.1.2",
    "host:eth1 10.9.101.1 - router1b:eth0 10.9.101.2",
    "router1a:eth1 10.9.2.1 - router2:eth0 10.9.2.2",
    "router1b:eth1 10.9.201.1 - router2:eth3 10.9.201.2",
    "router2:eth1 10.9.3.1 - router3a:eth0 10.9.3.2",
    "router2:eth2 10.9.103.1 - router3b:eth0 10.9.103.2",
    "router3a:eth1 10.9.4.1 - target:eth0 10.9.4.2",
    "router3b:eth1 10.9.203.1 - target:eth3 10.9.203.2",
  ]);
});

Deno.test("chain() gives no two interfaces of a host one name", () => {
  const { hosts, links } = chain(30, { equalCost: [1, 3, 5, 30] });
  const ends = links.flatMap(({ ends }) =>
    ends.map(({ host, port }) => `${host}:${port.device}`)
  );
  assertEquals(new Set(ends).size, ends.length);
  assertEquals(hosts.length, 36);
});

Deno.test("a router that only forwards needs no nft", () => {
  for (const { nft } of Object.values(chain(3, { limited: [2] }).setup!)) {
    assertEquals(nft, []);
  }
});

/** What cannot be, and what is said of it. */
const IMPOSSIBLE: [routers: number, options: ChainOptions, message: string][] =
  [
    [0, {}, "number of routers must be a whole number from 1 to 30, but is 0"],
    [31, {}, "from 1 to 30, but is 31"],
    [1.5, {}, "from 1 to 30, but is 1.5"],
    [
      3,
      { silent: [4] },
      "a router (silent) must be a whole number from 1 to 3",
    ],
    [3, { limited: [0] }, "a router (limited) must be"],
    [3, { nat: [4] }, "a router (nat) must be"],
    [3, { loop: [1] }, "a router (loop) must be a whole number from 2 to 3"],
    [3, { lossy: { 4: 1 } }, "a router (lossy) must be"],
    [
      3,
      { lossy: { 3: 101 } },
      "a loss in per cent must be a whole number from",
    ],
    [3, { tos: { 3: 256 } }, "a TOS must be a whole number from 0 to 255"],
    [
      3,
      { mtu: { 5: 1400 } },
      "a cable (mtu) must be a whole number from 1 to 4",
    ],
    [
      3,
      { mtu: { 4: 1279 } },
      "an MTU must be a whole number from 1280 to 1500",
    ],
    [3, { equalCost: [2, 1] }, "must not follow each other, but 1 and 2 do"],
  ];

Deno.test("chain() says what is out of range", () => {
  for (const [routers, options, message] of IMPOSSIBLE) {
    assertThrows(() => chain(routers, options), RangeError, message);
  }
});
