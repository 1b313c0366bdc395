/** Why there is no reply, against what the lab was made to do. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { chain } from "../../../lib/lab/topology/chain.ts";
import {
  buildPacket,
  forgedPacket,
  type ForgedPacketFields,
  icmpv4,
  ipv4,
  type PacketLayer,
  type ReplyCause,
  type ReplyVerdict,
  spoof,
  udp,
} from "../../../mod.ts";
import { inHost, setKernel } from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";
import {
  inside,
  openIn,
  pair,
  RECEIVER,
  SENDER,
} from "../socket/socket_support.ts";

/** What is done to the lab, and undone. */
type Trouble = readonly (readonly [host: string, command: string])[];

interface Case {
  readonly name: string;
  readonly packet?: Partial<ForgedPacketFields>;
  readonly broadcast?: boolean;
  readonly trouble?: Trouble;
  readonly undo?: Trouble;
  readonly cause: ReplyCause;
  /** What the verdict says, and what it advises. */
  readonly says: readonly string[];
}

const RECEIVERS_FILTER = "net.ipv4.conf.all.rp_filter";
const FORGED = "172.16.12.1";

const CASES: readonly Case[] = [
  {
    name: "nothing is wrong",
    cause: "answered",
    says: ["There is a reply: 1.1.1.1 answered 1.1.1.100."],
  },
  {
    name: "nobody has the destination",
    packet: { destination: "1.1.1.66" },
    cause: "neighbourSilent",
    says: ["Nobody has 1.1.1.66: ARP on eth0 was asked", "nothing but the"],
  },
  {
    name: "nobody has it, and the source is forged",
    packet: { destination: "1.1.1.67", source: FORGED },
    cause: "neighbourSilent",
    says: ["Nobody has 1.1.1.67"],
  },
  {
    name: "the router is not there",
    packet: { destination: "10.9.9.1" },
    trouble: [["sender", "ip route add 10.9.9.0/24 via 1.1.1.68"]],
    undo: [["sender", "ip route del 10.9.9.0/24"]],
    cause: "neighbourSilent",
    says: ["The router to 10.9.9.1, 1.1.1.68, is not there"],
  },
  {
    name: "the receiver's strict filter",
    packet: { source: FORGED },
    trouble: [
      ["receiver", "ip route add 172.16.12.0/24 dev lo"],
      ["receiver", `sysctl -qw ${RECEIVERS_FILTER}=1`],
    ],
    undo: [
      ["receiver", "ip route del 172.16.12.0/24"],
      ["receiver", `sysctl -qw ${RECEIVERS_FILTER}=0`],
    ],
    cause: "sourceFiltered",
    says: ["receiver by eth0", "source is by lo", "strict (rp_filter 1"],
  },
  {
    name: "the receiver's loose filter",
    packet: { source: FORGED },
    trouble: [["receiver", `sysctl -qw ${RECEIVERS_FILTER}=2`]],
    undo: [["receiver", `sysctl -qw ${RECEIVERS_FILTER}=0`]],
    cause: "sourceFiltered",
    says: ["it has no route to that source", "loose (rp_filter 2"],
  },
  {
    name: "no filter, and no way back either",
    packet: { source: FORGED },
    cause: "noWayBack",
    says: ["receiver, which cannot reply", `no route to the source ${FORGED}`],
  },
  {
    name: "the receiver's own address as the source",
    packet: { source: RECEIVER },
    cause: "martianSource",
    says: ["the source 1.1.1.1 is an address of receiver itself"],
  },
  {
    name: "a source that nobody can have",
    packet: { source: "240.0.0.1" },
    cause: "martianSource",
    says: ["the source 240.0.0.1 is no address that a host can have"],
  },
  {
    name: "a neighbour's address that nobody has, as the source",
    packet: { source: "1.1.1.77" },
    cause: "sourceSilent",
    says: ["asked for 1.1.1.77 by ARP", "goes to that source"],
  },
  {
    name: "somebody else's address as the source",
    packet: { source: "1.1.1.78" },
    trouble: [[
      "receiver",
      "ip neighbour add 1.1.1.78 lladdr 02:00:00:00:00:99 dev eth0",
    ]],
    undo: [["receiver", "ip neighbour del 1.1.1.78 dev eth0"]],
    cause: "answeredElsewhere",
    says: ["1.1.1.1 answered, and not us: a reply to a forged source goes"],
  },
  {
    name: "a host that ignores echo requests",
    trouble: [["receiver", "sysctl -qw net.ipv4.icmp_echo_ignore_all=1"]],
    undo: [["receiver", "sysctl -qw net.ipv4.icmp_echo_ignore_all=0"]],
    cause: "echoIgnored",
    says: ["ignore echo requests", "icmp_echo_ignore_all=0"],
  },
  {
    name: "a protocol that nobody receives",
    packet: { protocol: 253 },
    cause: "protocolUnreachable",
    says: ["1.1.1.1 answers: ", "nobody receives protocol 253 there"],
  },
  {
    name: "the same, from a forged source",
    packet: { protocol: 253, source: "1.1.1.78" },
    trouble: [[
      "receiver",
      "ip neighbour add 1.1.1.78 lladdr 02:00:00:00:00:99 dev eth0",
    ]],
    undo: [["receiver", "ip neighbour del 1.1.1.78 dev eth0"]],
    cause: "protocolUnreachable",
    says: ["nobody receives protocol 253 there"],
  },
  {
    name: "a filter of this host against the reply",
    trouble: [
      ["sender", "ip route add 1.1.1.1 dev lo table 100"],
      ["sender", "ip rule add from 1.1.1.100 to 1.1.1.1 lookup 100"],
      ["sender", "sysctl -qw net.ipv4.conf.all.rp_filter=1"],
    ],
    undo: [
      ["sender", "sysctl -qw net.ipv4.conf.all.rp_filter=0"],
      ["sender", "ip rule del from 1.1.1.100 to 1.1.1.1 lookup 100"],
      ["sender", "ip route del 1.1.1.1 dev lo table 100"],
    ],
    cause: "replyFiltered",
    says: ["1.1.1.1 answered, and this host dropped the reply"],
  },
  {
    name: "a broadcast address, which many ignore",
    packet: { destination: "1.1.1.255" },
    broadcast: true,
    cause: "echoIgnored",
    says: ["echo requests to many", "icmp_echo_ignore_broadcasts=0"],
  },
  {
    name: "a broadcast address, which somebody answers",
    packet: { destination: "1.1.1.255" },
    broadcast: true,
    trouble: [[
      "receiver",
      "sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=0",
    ]],
    undo: [["receiver", "sysctl -qw net.ipv4.icmp_echo_ignore_broadcasts=1"]],
    cause: "answered",
    says: ["There is a reply"],
  },
  {
    name: "a source that loopback cannot reply to",
    packet: { source: "10.0.0.1", destination: "127.0.0.1" },
    cause: "noWayBack",
    says: ["what is from 127.0.0.1 never leaves it"],
  },
];

/** What the system itself refuses. */
const REFUSED: readonly Case[] = [
  {
    name: "longer than the MTU",
    packet: { payload: new Uint8Array(1473) },
    cause: "tooLong",
    says: ["its 1501 octets are more than the MTU of eth0, 1500", "fragment"],
  },
  {
    name: "no route",
    packet: { destination: "10.4.0.1" },
    cause: "noRoute",
    says: ["no route leads to 10.4.0.1"],
  },
  ...["blackhole", "unreachable", "prohibit"].map((type): Case => ({
    name: `a route of type ${type}`,
    packet: { destination: "10.5.0.1" },
    trouble: [["sender", `ip route add ${type} 10.5.0.0/16`]],
    undo: [["sender", `ip route del ${type} 10.5.0.0/16`]],
    cause: "routeRefuses",
    says: [`the route to 10.5.0.1 is of type ${type}`, "`ip route delete`"],
  })),
  {
    name: "a broadcast address",
    packet: { destination: "1.1.1.255" },
    cause: "broadcast",
    says: ["1.1.1.255 is a broadcast address", "--broadcast"],
  },
];

async function all(lab: Lab, troubles: Trouble = []): Promise<void> {
  for (const [host, command] of troubles) await inside(lab, host, command);
}

/** Spoofs from the sender, and tells the verdict, and what was thrown. */
async function explain(
  lab: Lab,
  fields: Partial<ForgedPacketFields> = {},
  broadcast = false,
): Promise<{ verdict?: ReplyVerdict; error?: unknown }> {
  const packet = forgedPacket({
    source: SENDER,
    destination: RECEIVER,
    ...fields,
  });
  const namespace = lab.namespace("sender");
  let verdict: ReplyVerdict | undefined;
  try {
    const how = { namespace, broadcast, why: true, timeoutMs: 300 };
    for await (const event of spoof(packet, how)) {
      if (event.type === "explained") verdict = event.verdict;
    }
    return { verdict };
  } catch (error) {
    return { verdict, error };
  }
}

function assertVerdict(
  verdict: ReplyVerdict | undefined,
  { name, cause, says }: Case,
): void {
  assertEquals(verdict?.cause, cause, `${name}: ${verdict?.text}`);
  for (const text of says) {
    assertStringIncludes(`${verdict?.text} ${verdict?.remedy}`, text, name);
  }
}

await liveTest(
  "--why tells apart why a packet got no reply",
  ["lab"],
  async () => {
    await using lab = await pair();
    for (const host of ["sender", "receiver"]) {
      await setKernel(lab, host, {
        "net.ipv4.conf.all.rp_filter": 0,
        "net.ipv4.conf.eth0.rp_filter": 0,
        "net.ipv4.icmp_ratemask": 0,
      });
    }
    for (const test of CASES) {
      await all(lab, test.trouble);
      const { verdict, error } = await explain(
        lab,
        test.packet,
        test.broadcast,
      );
      assertEquals(error, undefined, test.name);
      assertVerdict(verdict, test);
      await all(lab, test.undo);
    }
  },
);

await liveTest(
  "--why explains what the system refuses, and throws all the same",
  ["lab"],
  async () => {
    await using lab = await pair();
    for (const test of REFUSED) {
      await all(lab, test.trouble);
      const { verdict, error } = await explain(lab, test.packet);
      assertEquals(error instanceof Error, true, test.name);
      assertVerdict(verdict, test);
      await all(lab, test.undo);
    }
  },
);

await liveTest(
  "--why knows firewalls, here and at the receiver",
  ["lab", "nft"],
  async () => {
    await using lab = await pair();
    const drop = (host: string, hook: string) =>
      inHost(
        lab,
        host,
        "nft",
        `table ip t { chain c { type filter hook ${hook} priority 0; ` +
          "meta l4proto icmp drop; }; }",
      );
    await drop("receiver", "input");
    assertVerdict((await explain(lab)).verdict, {
      name: "dropped there",
      cause: "silent",
      says: ["It arrived at receiver, and nothing came back: a firewall there"],
    });
    await drop("sender", "output");
    assertVerdict((await explain(lab)).verdict, {
      name: "dropped here",
      cause: "firewallHere",
      says: ["a firewall rule of this host drops it", "nft list ruleset"],
    });
    const call = script("send", RECEIVER, "Hi", "-p", "1", "--why");
    const { code, stdout, stderr } = await run(lab.inside("sender", call));
    assertStringIncludes(
      stdout,
      "\nWhy: The system refused it: a firewall rule of this host drops it.\n",
    );
    assertStringIncludes(stderr, "send: cannot send 2 octets to 1.1.1.1: ");
    assertEquals(code, 3);
  },
);

await liveTest(
  "--why does not take a receiver that need not reply for a fault",
  ["lab"],
  async () => {
    await using lab = await pair();
    using listener = openIn(lab, "receiver");
    const { verdict } = await explain(lab, { protocol: 253 });
    assertVerdict(verdict, {
      name: "received",
      cause: "silent",
      says: ["whoever receives protocol 253 there need not reply"],
    });
    assertEquals((await listener.receive()).source, SENDER);
  },
);

await liveTest(
  "--why and --diff know a checksum that was computed over no source",
  ["lab"],
  async () => {
    await using lab = await pair();
    const rejected = async () => {
      const counters = await inHost(
        lab,
        "receiver",
        ...["nstat", "-asz", "UdpInCsumErrors"],
      );
      return Number(counters.match(/UdpInCsumErrors +(\d+)/)![1]);
    };
    const describe = (source?: string) =>
      JSON.stringify({
        layers: [
          { ipv4: { source, destination: RECEIVER } },
          { udp: { sourcePort: 9, destinationPort: 4000 } },
          { data: { text: "crafted" } },
        ],
      });
    const craft = (source?: string) => {
      const args = ["--json", describe(source), "--send", "--diff", "--why"];
      return run(lab.inside("sender", script("craft", ...args)));
    };
    const without = await craft();
    const said = without.stdout.replaceAll(/\s+/g, " ");
    assertStringIncludes(
      said,
      "its UDP checksum covers the source, and was computed over 0.0.0.0: " +
        "the receiver drops it",
    );
    assertStringIncludes(
      said,
      "Why: It arrived at receiver, which drops it: its UDP checksum covers " +
        "the source, and was computed over 0.0.0.0; then the system wrote " +
        "1.1.1.100 there",
    );
    assertEquals([without.code, await rejected()], [1, 1]);
    // With it, the kernel takes the packet, and has nobody to give it to.
    const { stdout } = await craft(SENDER);
    assertStringIncludes(stdout, "Why: 1.1.1.1 answers: destination");
    assertEquals(stdout.includes("the receiver drops it"), false);
    assertEquals(await rejected(), 1);
  },
);

await liveTest(
  "--why follows packets through a NAT, and knows who answers them there",
  ["lab", "nft"],
  async () => {
    await using lab = await Lab.up(chain(2, { nat: [1] }));
    const namespace = lab.namespace("host");
    const ip = ipv4({ source: "10.9.1.77", destination: "10.9.3.2" });
    const drop = (host: string, hook: string, what: string) =>
      inHost(
        lab,
        host,
        "nft",
        `table ip t { chain c { type filter hook ${hook} priority 0; ` +
          `${what} drop; }; }`,
      );
    const why = async (upper: PacketLayer) => {
      const how = { namespace, why: true, timeoutMs: 300 };
      const events = await Array.fromAsync(spoof(buildPacket(ip, upper), how));
      const last = events.find((event) => event.type === "explained");
      return last?.verdict;
    };
    await drop("target", "input", "udp dport 4000");
    const message = udp({ sourcePort: 9000, destinationPort: 4000 });
    assertVerdict(await why(message), {
      name: "dropped there",
      cause: "silent",
      says: ["It arrived at target, and nothing came back"],
    });
    await drop("router2", "forward", "icmp type echo-reply");
    assertVerdict(await why(icmpv4({ kind: "echoRequest" })), {
      name: "answered there",
      cause: "replyLost",
      says: ["Target answered, and the reply did not come back"],
    });
  },
);
