/** Kernel parameters: what hosts are told, whatever the machine does. */

import { assertEquals } from "@std/assert";
import { planLab } from "../../../lib/lab/topology/catalogue.ts";
import { sysctlOf } from "../../../lib/lab/topology/host_setup.ts";

const FORWARDING = ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"];

/** Who forwards; all others are told not to. */
const PLANS: [lab: string, size: string[], routers: string[]][] = [
  ["pair", [], []],
  ["lan", [], []],
  ["star", ["2"], []],
  ["chain", ["3"], ["router1", "router2a", "router2b", "router3"]],
];

Deno.test("sysctlOf() has routers forward, and every other host not", () => {
  for (const [lab, size, routers] of PLANS) {
    const options = lab === "chain" ? { equalCost: [2], slow: { 1: 5 } } : {};
    const { hosts, setup = {} } = planLab(lab, size, options);
    for (const host of hosts) {
      const told = sysctlOf(setup[host]);
      const wanted = routers.includes(host) ? 1 : 0;
      for (const name of FORWARDING) {
        assertEquals(told[name], wanted, `${name} of ${lab}'s ${host}`);
      }
    }
  }
});

Deno.test("sysctlOf() leaves the last word to the plan", () => {
  const [four, six] = FORWARDING;
  const sysctl = { [four]: 1, "net.ipv4.ip_default_ttl": 9 };
  assertEquals(sysctlOf({ sysctl }), { ...sysctl, [six]: 0 });
});
