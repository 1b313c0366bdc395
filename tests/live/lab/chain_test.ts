/** The lab `chain`, as the kernel, ping and traceroute find it. */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import type { ChainOptions } from "../../../lib/lab/topology/chain_options.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { inHost, setKernel } from "../hosts.ts";
import { liveTest, run } from "../live.ts";
import { Process } from "../pair/pair_process.ts";
import { waiting } from "../trace/trace_support.ts";

/** What iputils and the lab need to be judged. */
const NEEDS = ["lab", "ping", "traceroute"];
const NFT_NEEDS = [...NEEDS, "nft"];

const FAMILIES = [
  { six: [], address: (cable: number, end = 2) => `10.9.${cable}.${end}` },
  {
    six: ["-6"],
    address: (cable: number, end = 2) => `2001:db8:9:${cable}::${end}`,
  },
];

/** The hops that traceroute finds to a target, each as it prints them. */
async function trace(
  lab: Lab,
  target: string,
  ...options: string[]
): Promise<string[]> {
  const six = target.includes(":") ? ["-6"] : ["-4"];
  const args = [...six, "-n", "-q", "1", ...waiting(5000), ...options, target];
  const out = await inHost(lab, "host", "traceroute", ...args);
  return out.trim().split("\n").slice(1).map((line) =>
    line.trim().split(/\s+/)[1]
  );
}

/** The output of a ping, which may fail. */
async function ping(lab: Lab, ...args: string[]): Promise<string> {
  const { stdout } = await run(lab.inside("host", ["ping", "-n", ...args]));
  return stdout;
}

/** What tcpdump prints of the echo request that a ping sends to `address`. */
async function firstRequest(
  lab: Lab,
  host: string,
  address: string,
): Promise<string> {
  const filter = address.includes(":")
    ? "icmp6 and ip6[40] == 128"
    : "icmp[icmptype] == icmp-echo";
  const sniff = `exec tcpdump -Z root -nvli eth0 -c 1 '${filter}' 2>&1`;
  await using sniffer = new Process(lab.inside(host, ["sh", "-c", sniff]));
  await sniffer.until("listening on");
  await ping(lab, "-c", "1", address);
  return (await sniffer.end()).stdout;
}

await liveTest(
  "a chain of 15 routers is what traceroute finds, both families",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(15));
    for (const { address } of FAMILIES) {
      const hops = Array.from({ length: 16 }, (_, hop) => address(hop + 1));
      assertEquals(await trace(lab, address(16), "-I"), hops);
      assertEquals(await trace(lab, address(16), "-U"), hops);
    }
  },
);

await liveTest(
  "a chain's hosts reach each other, both ways",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(4, { equalCost: [2] }));
    const addresses = [1, 2, 3, 4, 5, 102, 202].flatMap((cable) =>
      FAMILIES.flatMap(({ address }) => [address(cable, 1), address(cable, 2)])
    );
    const answered = await Promise.all(
      lab.hosts.flatMap((host) =>
        addresses.map(async (address) => {
          const command = ["ping", "-c", "1", "-W", "5", address];
          const { code } = await run(lab.inside(host, command));
          return code === 0 ? [] : [`${host} to ${address}`];
        })
      ),
    );
    assertEquals(answered.flat(), []);
  },
);

await liveTest(
  "a chain's routers send all the errors there are, or Linux's own few",
  NEEDS,
  async () => {
    const errors = async (options: ChainOptions) => {
      await using lab = await Lab.up(chain(2, options));
      return await Promise.all(FAMILIES.map(async ({ address }) => {
        const flood = ["-c", "50", "-l", "50", "-t", "2", "-q", "-W", "1"];
        const text = await ping(lab, ...flood, address(3));
        return Number(/\+(\d+) errors/.exec(text)?.[1] ?? 0);
      }));
    };
    assertEquals(await errors({}), [50, 50]);
    for (const count of await errors({ limited: [2] })) {
      assert(count > 0 && count < 25, `${count}`);
    }
  },
);

await liveTest("silent routers are holes in the path", NFT_NEEDS, async () => {
  await using lab = await Lab.up(chain(4, { silent: [1, 3] }));
  for (const { address } of FAMILIES) {
    const hops = ["*", address(2), "*", address(4), address(5)];
    assertEquals(await trace(lab, address(5), "-I"), hops);
    // They answer for themselves all the same.
    assertMatch(await ping(lab, "-c", "1", address(3)), / 1 received/);
  }
});

await liveTest(
  "lossy routers lose their share, and no others",
  NFT_NEEDS,
  async () => {
    await using lab = await Lab.up(chain(2, { lossy: { 2: 30 } }));
    const received = async (address: string) => {
      const text = await ping(lab, "-f", "-c", "200", "-W", "1", address);
      return Number(/(\d+) received/.exec(text)?.[1]);
    };
    await Promise.all(FAMILIES.map(async ({ address }) => {
      assertEquals(await received(address(2)), 200);
      // There and back, so half of it: 98, within six standard deviations.
      const count = await received(address(3));
      assert(count > 56 && count < 140, `${count}`);
    }));
  },
);

await liveTest(
  "a lossy router may lose nothing, or all",
  ["lab", "ping", "nft"],
  async () => {
    await using lab = await Lab.up(chain(2, { lossy: { 1: 0, 2: 100 } }));
    for (const { address } of FAMILIES) {
      const received = async (cable: number) => {
        const args = ["-i", "0.01", "-c", "20", "-W", "1", address(cable)];
        return Number(/(\d+) received/.exec(await ping(lab, ...args))?.[1]);
      };
      assertEquals([await received(2), await received(3)], [20, 0]);
    }
  },
);

await liveTest(
  "the target of a chain does not forward, whatever the machine does",
  ["lab", "ping"],
  async () => {
    await using lab = await Lab.up(chain(2));
    const onwards = () =>
      Promise.all(FAMILIES.map(async ({ address }) => {
        const said = await ping(lab, "-c", "1", "-W", "1", address(200));
        return /Time (to live )?exceeded/.test(said);
      }));
    assertEquals(await onwards(), [false, false]);
    // It would send it back, and router 2 forth again.
    for (const name of ["ipv4.ip_forward", "ipv6.conf.all.forwarding"]) {
      await setKernel(lab, "target", { [`net.${name}`]: 1 });
    }
    assertEquals(await onwards(), [true, true]);
  },
);

await liveTest("a router rewrites the TOS of what it forwards", [
  ...NFT_NEEDS,
  "tcpdump",
  "init-root",
], async () => {
  await using lab = await Lab.up(chain(2, { tos: { 1: 0x2a, 2: 0xb8 } }));
  for (const { six, address } of FAMILIES) {
    for (const [host, tos] of [["router2", "0x2a"], ["target", "0xb8"]]) {
      const line = await firstRequest(lab, host, address(3));
      const field = six.length > 0 ? "class" : "tos";
      assertMatch(line, new RegExp(`\\b${field} ${tos}\\b`));
    }
  }
});

await liveTest("a cable with a small MTU is told of to the sender", [
  ...NEEDS,
  "tracepath",
], async () => {
  await using lab = await Lab.up(chain(3, { mtu: { 3: 1300 } }));
  for (const { address } of FAMILIES) {
    const path = await inHost(lab, "host", "tracepath", "-n", address(4));
    assertMatch(path, /pmtu 1300\n/);
    assertMatch(path, /Resume: pmtu 1300 hops 4 back 4/);
  }
});

await liveTest(
  "a loop goes to and fro, and no redirect comes",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(3, { loop: [3] }));
    for (const { six, address } of FAMILIES) {
      const [one, two, three] = [1, 2, 3].map((cable) => address(cable));
      // In IPv6 a router answers from the side that a packet came by.
      const back = six.length > 0 ? address(3, 1) : two;
      assertEquals(await trace(lab, address(4), "-I", "-m", "8"), [
        ...[one, two, three, back, three, back, three, back],
      ]);
      const text = await ping(lab, "-c", "1", "-t", "7", address(4));
      assertMatch(text, /Time to live exceeded|Hop limit/);
      assert(!text.includes("Redirect"), text);
    }
  },
);

await liveTest(
  "equal-cost steps share flows, and keep each to one router",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(3, { equalCost: [2] }));
    for (const { six, address } of FAMILIES) {
      // In IPv6 a router answers from the side that a packet came by.
      const behind = six.length > 0 ? address(202) : address(3);
      const WAYS = [
        [address(1), address(2), address(3), address(4)],
        [address(1), address(102), behind, address(4)],
      ];
      const found = new Set<number>();
      for (let port = 4001; port <= 4016; port++) {
        // One flow: its ports stay the same.
        const flow = ["-U", "--sport=5000", "-p", `${port}`];
        const hops = await trace(lab, address(4), ...flow);
        const way = WAYS.findIndex((way) => `${way}` === `${hops}`);
        assert(way >= 0, `${hops}`);
        assertEquals(await trace(lab, address(4), ...flow), WAYS[way]);
        found.add(way);
      }
      assertEquals(found, new Set([0, 1]));
    }
  },
);

await liveTest("a router masquerades what it forwards", [
  ...NFT_NEEDS,
  "tcpdump",
  "init-root",
], async () => {
  await using lab = await Lab.up(chain(3, { nat: [2] }));
  for (const { address } of FAMILIES) {
    const line = await firstRequest(lab, "target", address(4));
    assertStringIncludes(line, `${address(3, 1)} > ${address(4)}: `);
    assertMatch(await ping(lab, "-c", "1", address(4)), / 1 received/);
    const hops = [1, 2, 3, 4].map((cable) => address(cable));
    assertEquals(await trace(lab, address(4), "-I"), hops);
  }
});
