/**
 * Why a packet got no reply: the verdict that facts allow.
 *
 * @module
 */

import { diagnoseChecksum } from "./diagnose_checksum.ts";
import { diagnoseHost } from "./diagnose_host.ts";
import type { ReplyFacts } from "./reply_facts.ts";
import { type ReplyVerdict, times } from "./reply_verdict.ts";

/**
 * Says which of many reasons it was that a packet got no reply. Pure;
 * {@linkcode ReplyWatch} gathers the facts.
 */
export function diagnoseReply(facts: ReplyFacts): ReplyVerdict {
  return refusal(facts) ?? answer(facts) ?? icmpError(facts) ??
    notLeft(facts) ?? diagnoseHost(facts) ?? beyondSight(facts);
}

const ROUTE_HELP = "`ip route get ADDRESS` shows the route, `ip route` all.";

function refusal(facts: ReplyFacts): ReplyVerdict | undefined {
  const { refused, route, packet: { destination, length } } = facts;
  if (refused === undefined) return undefined;
  if (refused === "EMSGSIZE") {
    return {
      cause: "tooLong",
      text: `The system refused it: its ${length} octets are more than the ` +
        `MTU of ${route.device ?? "the interface"}, ${route.mtu}, and a ` +
        "packet with its own header is not fragmented.",
      remedy: `Send ${route.mtu} octets at most, or fragment it beforehand.`,
    };
  }
  if (route.type === "none") {
    return {
      cause: "noRoute",
      text: `The system refused it: no route leads to ${destination}.`,
      remedy: "`ip route` shows the routes, `ip route add` adds one.",
    };
  }
  if (["blackhole", "unreachable", "prohibit"].includes(route.type)) {
    return {
      cause: "routeRefuses",
      text: `The system refused it: the route to ${destination} is of type ` +
        `${route.type}, put there so that nothing is sent.`,
      remedy: `${ROUTE_HELP} \`ip route delete\` removes one.`,
    };
  }
  if (route.type === "broadcast" && refused === "EACCES") {
    return {
      cause: "broadcast",
      text: `The system refused it: ${destination} is a broadcast address.`,
      remedy: "Add --broadcast, if it is meant.",
    };
  }
  return refused === "EPERM"
    ? {
      cause: "firewallHere",
      text: "The system refused it: a firewall rule of this host drops it.",
      remedy: "`nft list ruleset` shows the rules.",
    }
    : { cause: "refused", text: `The system refused it: ${refused}.` };
}

function answer(facts: ReplyFacts): ReplyVerdict | undefined {
  const { destination, source } = facts.packet;
  if (facts.isAnsweredElsewhere) {
    return {
      cause: "answeredElsewhere",
      text: `${destination} answered, and not us: a reply to a forged source ` +
        `goes to that source, ${source}, which is not this host.`,
      remedy: `Capture where the source is: sniff --host ${destination}`,
    };
  }
  if (!facts.isAnswered) return undefined;
  if (facts.reversePathDrops > 0) {
    return {
      cause: "replyFiltered",
      text: `${destination} answered, and this host dropped the reply: its ` +
        "own route there does not lead out of the interface that the reply " +
        "came in by (reverse path filter, RFC 3704).",
      remedy: LOOSEN,
    };
  }
  return {
    cause: "answered",
    text: `There is a reply: ${destination} answered ${source}.`,
  };
}

/** What to do about a reverse path filter of one's own. */
const LOOSEN = "As root: sysctl -w net.ipv4.conf.all.rp_filter=2";

function icmpError(facts: ReplyFacts): ReplyVerdict | undefined {
  // An error of our own about ARP is told better by the neighbour table.
  const error = facts.errors.find(({ from, type, code }) =>
    facts.hasLeft || type !== 3 || code !== 1 || from !== facts.route.source
  );
  if (error === undefined) return undefined;
  const { from, type, code, description } = error;
  const { protocol } = facts.packet;
  if (type === 3 && code === 2) {
    return {
      cause: "protocolUnreachable",
      text: `${from} answers: ${description}. The packet arrived, and nobody ` +
        `receives protocol ${protocol} there.`,
      remedy: "Start the receiver first.",
    };
  }
  if (type === 3 && code === 4) {
    return {
      cause: "tooLong",
      text: `${from} answers: ${description}. The next link's MTU is less ` +
        `than the packet's ${facts.packet.length} octets, and Don't Fragment ` +
        "is set.",
      remedy: "Send less, or without Don't Fragment.",
    };
  }
  if (type === 11 && code === 0) {
    return {
      cause: "ttlExpired",
      text: `${from} answers: ${description}. The packet went further than ` +
        "its time to live.",
      remedy: "Send it with a higher --ttl.",
    };
  }
  const remedy = type === 3 && code === 1
    ? "Nobody answers ARP for the destination on the last network: check the " +
      "address."
    : type === 3 && [9, 10, 13].includes(code)
    ? `A firewall, or a route, of ${from} forbids it.`
    : undefined;
  return {
    cause: "icmpError",
    text: `${from} answers: ${description}.`,
    remedy,
  };
}

function notLeft(facts: ReplyFacts): ReplyVerdict | undefined {
  if (facts.hasLeft) return undefined;
  const { route, packet, questions, neighbour } = facts;
  const { destination } = packet;
  const device = route.device ?? "the interface";
  const state = neighbour?.state;
  if (questions > 0 || state === "failed" || state === "incomplete") {
    const who = route.gateway === undefined
      ? `Nobody has ${destination}`
      : `The router to ${destination}, ${route.gateway}, is not there`;
    return {
      cause: "neighbourSilent",
      text: `${who}: ARP on ${device} was asked ${times(questions)} and not ` +
        `answered (neighbour ${state ?? "unknown"}), so the packet itself ` +
        "never left. A capture shows nothing but the questions.",
      remedy: "Check the address, its prefix length, and whether the host is " +
        "up: `ip neighbour` and `ip address` show them.",
    };
  }
  return {
    cause: "firewallHere",
    text: `The system took it, and it never left by ${device}, though the ` +
      "next hop is known: a firewall of this host, or a full queue, dropped it.",
    remedy: "`nft list ruleset` and `tc -s qdisc` show them.",
  };
}

function beyondSight(facts: ReplyFacts): ReplyVerdict {
  const { route, packet: { source, destination } } = facts;
  const left = `It left by ${route.device}` +
    (route.gateway === undefined ? "" : ` for the router ${route.gateway}`);
  if (facts.reversePathDrops > 0) {
    return {
      cause: "replyFiltered",
      text: `${left}, and this host's reverse path filter dropped something ` +
        "meanwhile, probably the reply: it came in by an interface that the " +
        "route does not lead out of (RFC 3704).",
      remedy: LOOSEN,
    };
  }
  const dropped = diagnoseChecksum(facts, `${left}, and whoever gets it drops`);
  if (dropped !== undefined) return dropped;
  if (!facts.isSourceOurs) {
    return {
      cause: "unknown",
      text: `${left}. A reply to a forged source goes to that source, ` +
        `${source}, which is not this host: whether there is one cannot be ` +
        "seen here.",
      remedy:
        `Capture at ${source} or at ${destination}, or try it in a lab, ` +
        "where all hosts are here: there --why sees them.",
    };
  }
  const onTheWay = route.gateway === undefined
    ? ""
    : "its time to live ran out at a router that does not say so, ";
  return {
    cause: "unknown",
    text: `${left}, and nothing came back, no ICMP error either: a firewall ` +
      `there or on the way, ${onTheWay}or ${destination} does not reply to this.`,
    remedy: `Capture at ${destination}, or try it in a lab, where all hosts ` +
      "are here: there --why sees them.",
  };
}
