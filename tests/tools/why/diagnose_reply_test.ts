import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ReplyCause } from "../../../mod.ts";
import { diagnoseReply } from "../../../lib/tools/why/diagnose_reply.ts";
import type { HostFacts } from "../../../lib/tools/why/reply_facts.ts";
import type { ReplyFacts } from "../../../lib/tools/why/reply_facts.ts";

/** An echo request that left, outside of labs, and nothing more. */
const FACTS: ReplyFacts = {
  packet: {
    source: "1.1.1.100",
    destination: "1.1.1.1",
    protocol: 1,
    length: 28,
    isEcho: true,
  },
  route: { type: "unicast", device: "eth0", source: "1.1.1.100", mtu: 1500 },
  isSourceOurs: true,
  neighbour: { state: "reachable", linkAddress: "02:00:00:00:00:01" },
  questions: 0,
  hasLeft: true,
  errors: [],
  isAnswered: false,
  isAnsweredElsewhere: false,
  reversePathDrops: 0,
  isLab: false,
};

const LAST: HostFacts = {
  host: "receiver",
  isDestination: true,
  device: "eth0",
  source: "1.1.1.100",
  reversePathFilter: 0,
  reversePathDrops: 0,
  wayBack: { type: "unicast", device: "eth0" },
  wayOn: { type: "local", device: "lo" },
  ttl: { left: 64, arrived: 64, needed: 1 },
  forwards: false,
  ignoresEcho: false,
  questions: 0,
  hasAnswered: false,
};

/** A router at which a time to live of 2 ran out. */
const ROUTER: Partial<HostFacts> = {
  host: "router2",
  isDestination: false,
  forwards: true,
  wayOn: { type: "unicast", device: "eth1", gateway: "10.9.3.2" },
  ttl: { left: 2, arrived: 1, needed: 6 },
};

const forged = { ...FACTS.packet, source: "172.16.12.1" };
const at = (last: Partial<HostFacts>, facts: Partial<ReplyFacts> = {}) => ({
  ...facts,
  isLab: true,
  last: { ...LAST, ...last },
});
const error = (type: number, code: number, from = "1.1.1.1") => ({
  errors: [{ from, type, code, description: `type ${type}, code ${code}` }],
});

/** Facts beside those above, the verdict, and what it says. */
const VERDICTS: [Partial<ReplyFacts>, ReplyCause, ...says: string[]][] = [
  [{ isAnswered: true }, "answered", "1.1.1.1 answered 1.1.1.100"],
  [{ isAnswered: true, reversePathDrops: 1 }, "replyFiltered", "RFC 3704"],
  [
    { isAnsweredElsewhere: true, isSourceOurs: false, packet: forged },
    "answeredElsewhere",
    "goes to that source, 172.16.12.1, which is not this host",
  ],
  // What the system refused comes first.
  [
    { refused: "EMSGSIZE", hasLeft: false },
    "tooLong",
    "28 octets are more than the MTU of eth0, 1500",
  ],
  [
    { refused: "ENETUNREACH", route: { type: "none" }, hasLeft: false },
    "noRoute",
    "no route leads to 1.1.1.1",
  ],
  [
    { refused: "EINVAL", route: { type: "blackhole" }, hasLeft: false },
    "routeRefuses",
    "of type blackhole",
  ],
  [
    {
      refused: "EACCES",
      route: { ...FACTS.route, type: "broadcast" },
      hasLeft: false,
    },
    "broadcast",
    "--broadcast",
  ],
  [{ refused: "EPERM", hasLeft: false }, "firewallHere", "nft list ruleset"],
  [{ refused: "ENOBUFS", hasLeft: false }, "refused", "ENOBUFS"],
  // What did not leave.
  [
    { hasLeft: false, questions: 3, neighbour: { state: "failed" } },
    "neighbourSilent",
    "Nobody has 1.1.1.1: ARP on eth0 was asked 3 times",
    "neighbour failed",
  ],
  [
    { hasLeft: false, questions: 1, neighbour: { state: "incomplete" } },
    "neighbourSilent",
    "asked once",
  ],
  [
    {
      hasLeft: false,
      questions: 2,
      route: { ...FACTS.route, gateway: "1.1.1.254" },
    },
    "neighbourSilent",
    "The router to 1.1.1.1, 1.1.1.254, is not there",
  ],
  [
    // The kernel's own complaint about ARP does not hide whose fault it is.
    { hasLeft: false, questions: 3, ...error(3, 1, "1.1.1.100") },
    "neighbourSilent",
  ],
  [{ hasLeft: false }, "firewallHere", "took it, and it never left by eth0"],
  // ICMP errors.
  [error(3, 2), "protocolUnreachable", "nobody receives protocol 1 there"],
  [error(3, 4, "1.1.2.1"), "tooLong", "1.1.2.1 answers", "Don't Fragment"],
  [error(11, 0, "1.1.2.1"), "ttlExpired", "1.1.2.1 answers", "--ttl"],
  [error(3, 1, "1.1.2.1"), "icmpError", "Nobody answers ARP for the dest"],
  [error(3, 13, "1.1.2.1"), "icmpError", "A firewall, or a route, of 1.1.2.1"],
  [error(12, 0), "icmpError", "type 12, code 0"],
  // In a lab, at the last host.
  [{ isLab: true }, "lostOnTheWay", "arrived at no other host of the lab"],
  [
    at({ isDestination: false, host: "router2" }),
    "notForwarded",
    "arrived at router2, and no further: that host does not forward",
    "net.ipv4.ip_forward=1",
  ],
  [
    at({ isDestination: false, host: "router2", forwards: true }),
    "notForwarded",
    "On router2: ip route get 1.1.1.1",
  ],
  [
    at(ROUTER),
    "ttlExpired",
    "Its TTL of 2 ran out at router2, where it arrived with 1",
    "router2 sent no time exceeded",
    "Send it with --ttl 6 or more: 1.1.1.1 lies behind 5 routers",
  ],
  [
    at({ ...ROUTER, ttl: { left: 0, arrived: 0, needed: 2 } }),
    "ttlExpired",
    "--ttl 2 or more: 1.1.1.1 lies behind a router",
  ],
  [
    // Nobody can say how far it is.
    at({ ...ROUTER, ttl: { left: 255, arrived: 1 } }),
    "ttlExpired",
    "a higher --ttl",
    "in a circle",
  ],
  // It says so itself.
  [at(ROUTER, error(11, 0, "1.1.2.1")), "ttlExpired", "1.1.2.1 answers"],
  // Not for its time to live's sake.
  [
    at({ ...ROUTER, ttl: { left: 3, arrived: 2, needed: 6 } }),
    "notForwarded",
    "On router2: ip route get 1.1.1.1",
  ],
  [at({ ...ROUTER, forwards: false }), "notForwarded", "does not forward"],
  [
    at({ ...ROUTER, wayOn: { type: "blackhole" } }),
    "notForwarded",
    "no route of its leads to 1.1.1.1",
  ],
  [
    at({ ...ROUTER, reversePathFilter: 1, device: "eth9" }),
    "sourceFiltered",
  ],
  // Whoever it is for takes it, with whatever is left.
  [at({ ttl: { left: 1, arrived: 1, needed: 1 } }), "silent"],
  [at({ reversePathDrops: 1, reversePathFilter: 1 }), "sourceFiltered"],
  [
    at({ reversePathFilter: 1, wayBack: { type: "unicast", device: "eth1" } }),
    "sourceFiltered",
    "its route to that source is by eth1",
    "strict (rp_filter 1",
  ],
  [
    at({ reversePathFilter: 2, wayBack: { type: "none" } }),
    "sourceFiltered",
    "no route to that source",
    "loose (rp_filter 2",
  ],
  [
    // Loose: any route will do.
    at({ reversePathFilter: 2, wayBack: { type: "unicast", device: "eth1" } }),
    "silent",
  ],
  [
    at({ wayBack: { type: "local", device: "lo" } }),
    "martianSource",
    "is an address of receiver itself",
  ],
  [
    at({ source: "224.0.0.1" }, {
      packet: { ...FACTS.packet, source: "224.0.0.1" },
    }),
    "martianSource",
    "the source 224.0.0.1 is no address that a host can have",
  ],
  [at({ hasAnswered: true }), "replyLost", "Receiver answered, and the reply"],
  [
    at({}, { checksumFault: { protocol: "UDP", source: "0.0.0.0" } }),
    "wrongChecksum",
    "arrived at receiver, which drops it: its UDP checksum covers the source",
    "computed over 0.0.0.0; then the system wrote 1.1.1.100 there",
    "Give the source, 1.1.1.100",
    "give 0 as its checksum",
  ],
  [
    { checksumFault: { protocol: "TCP", source: "0.0.0.0" } },
    "wrongChecksum",
    "It left by eth0, and whoever gets it drops it: its TCP checksum covers",
  ],
  [
    { checksumFault: { protocol: "ICMP" } },
    "wrongChecksum",
    "drops it: its ICMP checksum is wrong",
    "craft computes it",
  ],
  // What is known to have come back is told all the same.
  [
    { isAnswered: true, checksumFault: { protocol: "ICMP" } },
    "answered",
  ],
  [{ ...error(11, 0), checksumFault: { protocol: "UDP" } }, "ttlExpired"],
  [at({ ignoresEcho: true }), "echoIgnored", "set to ignore echo requests"],
  [
    at({ wayBack: { type: "none" } }),
    "noWayBack",
    "it has no route to the source 1.1.1.100",
  ],
  [
    at({ wayBack: { type: "prohibit" } }),
    "noWayBack",
  ],
  [
    // A NAT on the way has put another source there.
    at({ wayBack: { type: "none" }, source: "10.9.3.1" }, { packet: forged }),
    "noWayBack",
    "it has no route to the source 10.9.3.1",
  ],
  [
    at({ questions: 2 }),
    "sourceSilent",
    "asked for 1.1.1.100 by ARP 2 times",
  ],
  [at({}), "silent", "a firewall there drops it, or the reply"],
  [
    at({ ignoresEcho: true }, {
      packet: { ...FACTS.packet, protocol: 253, isEcho: false },
    }),
    "silent",
    "whoever receives protocol 253 there need not reply",
  ],
  // On this host itself.
  [
    {
      packet: { ...forged, destination: "127.0.0.1" },
      isSourceOurs: false,
      last: {
        ...LAST,
        ...{ host: undefined, device: "lo", source: forged.source },
      },
    },
    "noWayBack",
    "what is from 127.0.0.1 never leaves it",
  ],
  // Where nothing beyond this host can be seen.
  [{}, "unknown", "It left by eth0, and nothing came back"],
  [
    { route: { ...FACTS.route, gateway: "1.1.1.254" } },
    "unknown",
    "It left by eth0 for the router 1.1.1.254",
    "its time to live ran out at a router that does not say so",
  ],
  [{ reversePathDrops: 2 }, "replyFiltered", "probably the reply"],
  [
    { isSourceOurs: false, packet: forged },
    "unknown",
    "A reply to a forged source goes to that source, 172.16.12.1",
  ],
];

Deno.test("diagnoseReply() tells the reasons apart", () => {
  for (const [facts, cause, ...says] of VERDICTS) {
    const verdict = diagnoseReply({ ...FACTS, ...facts });
    const note = JSON.stringify(facts);
    assertEquals(verdict.cause, cause, `${note}: ${verdict.text}`);
    for (const text of says) {
      assertStringIncludes(`${verdict.text} ${verdict.remedy}`, text, note);
    }
    assert(/^[A-Z0-9].*\.$/.test(verdict.text), verdict.text);
  }
});
