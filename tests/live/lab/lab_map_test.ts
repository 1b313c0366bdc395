/** A lab that is up tells its topology as the kernel has it. */

import { assertEquals } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { labMap } from "../../../lib/lab/topology/lab_map.ts";
import { lan } from "../../../lib/lab/topology/lan.ts";
import { liveTest, run } from "../live.ts";

/** What `ip -json address` tells of an interface; some of it. */
interface KernelInterface {
  readonly ifname: string;
  readonly mtu: number;
  readonly addr_info: readonly {
    readonly local: string;
    readonly prefixlen: number;
    readonly scope: string;
  }[];
}

await liveTest("a lab's map is what the kernel says of its hosts", [
  "lab",
], async () => {
  for (const plan of [lan, chain(2, { mtu: { 2: 1300 }, slow: { 1: 1 } })]) {
    await using lab = await Lab.up(plan);
    const { hosts, cables } = labMap(lab)!;
    for (const { name, namespace, role, ports } of hosts) {
      const { stdout } = await run(
        ["ip", "-netns", namespace, "-json", "address"],
      );
      const found = (JSON.parse(stdout) as KernelInterface[])
        .filter(({ ifname }) => ifname !== "lo" && ifname !== "hub");
      assertEquals(
        found.map(({ ifname, addr_info }) => [
          ifname,
          ...addr_info.filter(({ scope }) => scope !== "link")
            .map(({ local, prefixlen }) => `${local}/${prefixlen}`),
        ]).sort(),
        ports.map(({ device, addresses }) => [device, ...addresses]).sort(),
        name,
      );
      for (const { ends, mtu = 1500 } of cables) {
        for (const { device } of ends.filter(({ host }) => host === name)) {
          const port = found.find(({ ifname }) => ifname === device);
          assertEquals(port?.mtu, mtu, `${name} ${device}`);
        }
      }
      const forwarding = await run(
        lab.inside(name, ["cat", "/proc/sys/net/ipv4/ip_forward"]),
      );
      assertEquals(forwarding.stdout.trim() === "1", role === "router", name);
    }
  }
});
