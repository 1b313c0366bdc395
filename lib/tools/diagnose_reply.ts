/**
 * Why a packet got no reply: the verdict that facts allow.
 *
 * @module
 */

import { parseIPv4 } from "../wire/address.ts";
import type { HostFacts, ReplyFacts } from "./reply_facts.ts";

/** What it was. */
export type ReplyCause =
  /** There is a reply. */
  | "answered"
  /** Longer than the MTU, here or on the way. */
  | "tooLong"
  /** No route leads there. */
  | "noRoute"
  /** A route says so: blackhole, unreachable or prohibit. */
  | "routeRefuses"
  /** A broadcast address, which has to be allowed. */
  | "broadcast"
  /** A firewall of this host. */
  | "firewallHere"
  /** The system refused for another reason. */
  | "refused"
  /** Nobody answers ARP for the next hop. */
  | "neighbourSilent"
  /** Nobody there receives the protocol. */
  | "protocolUnreachable"
  /** The time to live ended on the way. */
  | "ttlExpired"
  /** Another ICMP error came back. */
  | "icmpError"
  /** It left, and arrived at no host of the lab. */
  | "lostOnTheWay"
  /** A host on the way did not send it on. */
  | "notForwarded"
  /** A reverse path filter dropped it. */
  | "sourceFiltered"
  /** The source is one that no host accepts from outside. */
  | "martianSource"
  /** The reply went to the source, which is not this host. */
  | "answeredElsewhere"
  /** The destination is set to ignore echo requests. */
  | "echoIgnored"
  /** The destination has no way back to the source. */
  | "noWayBack"
  /** The destination asks for the source by ARP, and nobody answers. */
  | "sourceSilent"
  /** It arrived, and nothing is known that would explain the silence. */
  | "silent"
  /** The reply came back and this host's reverse path filter dropped it. */
  | "replyFiltered"
  /** The reply left, and did not come back. */
  | "replyLost"
  /** It left this host; what came then cannot be seen from here. */
  | "unknown";

/** A verdict. */
export interface ReplyVerdict {
  /** What it was. */
  readonly cause: ReplyCause;
  /** The same in a sentence or two. */
  readonly text: string;
  /** What to do, where there is something to do. */
  readonly remedy?: string;
}

/**
 * Says which of many reasons it was that a packet got no reply. Pure;
 * {@linkcode ReplyWatch} gathers the facts.
 */
export function diagnoseReply(facts: ReplyFacts): ReplyVerdict {
  return refusal(facts) ?? answer(facts) ?? icmpError(facts) ??
    notLeft(facts) ?? atTheLastHost(facts) ?? beyondSight(facts);
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
  if (!facts.isAnswered) return undefined;
  const { destination, source } = facts.packet;
  return {
    cause: "answered",
    text: `There is a reply: ${destination} answered ${source}.`,
  };
}

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

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

function atTheLastHost(facts: ReplyFacts): ReplyVerdict | undefined {
  const { last, isLab, route } = facts;
  if (last === undefined) {
    return isLab
      ? {
        cause: "lostOnTheWay",
        text: `It left by ${route.device}, and arrived at no other host of ` +
          "the lab: the link lost it, or its MAC address is nobody's.",
        remedy: "`ip link` and `ip neighbour` show both.",
      }
      : undefined;
  }
  return filtered(facts, last) ?? notForwarded(facts, last) ??
    unanswered(facts, last);
}

/** Dropped for its source's sake. */
function filtered(
  { packet: { source, destination } }: ReplyFacts,
  last: HostFacts,
): ReplyVerdict | undefined {
  const { wayBack, device, reversePathFilter: mode } = last;
  const host = nameOf(last);
  const isMartian = last.host !== undefined &&
    (isMartianSource(source) || wayBack.type === "local");
  if (isMartian) {
    const why = wayBack.type === "local"
      ? `is an address of ${host} itself`
      : "is no address that a host can have";
    return {
      cause: "martianSource",
      text: `It arrived at ${host}, which dropped it: the source ${source} ` +
        `${why}, and is not believed from outside (RFC 1812 §5.3.7).`,
      remedy: "Forge another source.",
    };
  }
  const isDropped = last.reversePathDrops > 0 ||
    (last.host !== undefined && !last.hasAnswered &&
      isFiltered(mode, device, wayBack.type, wayBack.device));
  if (!isDropped) return undefined;
  const way = wayBack.device === undefined
    ? "it has no route to that source"
    : `its route to that source is by ${wayBack.device}`;
  return {
    cause: "sourceFiltered",
    text: `It arrived at ${host} by ${device}, which dropped it: ${way}, and ` +
      `its reverse path filter is ${mode === 2 ? "loose" : "strict"} ` +
      `(rp_filter ${mode}, RFC 3704).`,
    remedy: `Forge a source that lies behind ${device} there, or as root of ` +
      `${host}: sysctl -w net.ipv4.conf.all.rp_filter=0 ` +
      `net.ipv4.conf.${device}.rp_filter=0`,
  };
}

/** As fib_validate_source() of Linux decides. */
function isFiltered(
  mode: number,
  device: string,
  wayBack: string,
  deviceBack: string | undefined,
): boolean {
  if (mode === 0) return false;
  if (wayBack !== "unicast") return true;
  return mode === 1 && deviceBack !== device;
}

/** Addresses that Linux accepts as sources from nobody outside. */
function isMartianSource(address: string): boolean {
  const network = parseIPv4(address) >>> 24;
  return network === 0 || network === 127 || network >= 224;
}

function notForwarded(
  { packet: { destination } }: ReplyFacts,
  last: HostFacts,
): ReplyVerdict | undefined {
  if (last.isDestination) return undefined;
  const host = nameOf(last);
  return {
    cause: "notForwarded",
    text: `It arrived at ${host}, and no further: ` +
      (last.forwards
        ? `no route of its leads to ${destination}, nobody there answers ` +
          "ARP, or a firewall drops it."
        : "that host does not forward."),
    remedy: last.forwards
      ? `On ${host}: ip route get ${destination}; nft list ruleset`
      : `On ${host}: sysctl -w net.ipv4.ip_forward=1`,
  };
}

/** It arrived where it should. */
function unanswered(facts: ReplyFacts, last: HostFacts): ReplyVerdict {
  const { source, destination, protocol, isEcho } = facts.packet;
  const { wayBack } = last;
  const host = nameOf(last);
  if (last.hasAnswered) return answeredThere(facts, last);
  if (isEcho && last.ignoresEcho) {
    return {
      cause: "echoIgnored",
      text: `It arrived at ${host}, which is set to ignore echo requests.`,
      remedy: `As root of ${host}: sysctl -w net.ipv4.icmp_echo_ignore_all=0`,
    };
  }
  // Nothing that is from 127.0.0.0/8 leaves a host.
  const isCaged = destination.startsWith("127.") && wayBack.type !== "local";
  if (isCaged || !["unicast", "local"].includes(wayBack.type)) {
    return {
      cause: "noWayBack",
      text: `It arrived at ${host}, which cannot reply: ` +
        (isCaged
          ? `what is from ${destination} never leaves it, and ${source} is ` +
            "no address of its own."
          : `it has no route to the source ${source}.`),
      remedy: isCaged
        ? "Forge a source of 127.0.0.0/8, or send to another address."
        : `Forge a source that it has a route to, or add one on ${host}.`,
    };
  }
  if (last.questions > 0) {
    return {
      cause: "sourceSilent",
      text: `It arrived at ${host}, which wants to reply to ${source}: it ` +
        `asked for ${wayBack.gateway ?? source} by ARP ` +
        `${times(last.questions)}, and nobody answered.`,
      remedy:
        "A reply to a forged source goes to that source. Forge one that " +
        "somebody has, or answer the questions yourself.",
    };
  }
  return {
    cause: "silent",
    text: `It arrived at ${host}, and nothing came back: ` +
      (isEcho
        ? "a firewall there drops it, or the reply."
        : `whoever receives protocol ${protocol} there need not reply, and ` +
          "a firewall there may drop it."),
    remedy: `On ${host}: nft list ruleset`,
  };
}

function answeredThere(facts: ReplyFacts, last: HostFacts): ReplyVerdict {
  const { source } = facts.packet;
  const host = nameOf(last);
  if (!facts.isSourceOurs) {
    return {
      cause: "answeredElsewhere",
      text: `${capitalised(host)} answered, and not us: a reply to a forged ` +
        `source goes to that source, ${source}, which is not this host.`,
      remedy: "Capture where the source is: sniff.ts --host " +
        `${facts.packet.destination}`,
    };
  }
  return facts.reversePathDrops > 0
    ? {
      cause: "replyFiltered",
      text: `${capitalised(host)} answered, and this host dropped the reply: ` +
        "it came in by an interface that its own route does not lead out of " +
        "(reverse path filter, RFC 3704).",
      remedy: "sysctl -w net.ipv4.conf.all.rp_filter=2, and the same for the " +
        "interface",
    }
    : {
      cause: "replyLost",
      text: `${capitalised(host)} answered, and the reply did not come back: ` +
        "it was lost on the way.",
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
      remedy: "sysctl -w net.ipv4.conf.all.rp_filter=2, and the same for the " +
        "interface",
    };
  }
  if (!facts.isSourceOurs) {
    return {
      cause: "answeredElsewhere",
      text: `${left}. A reply to a forged source goes to that source, ` +
        `${source}, which is not this host: whether there is one cannot be ` +
        "seen here.",
      remedy:
        `Capture at ${source} or at ${destination}, or try it in a lab, ` +
        "where all hosts are here: there --why sees them.",
    };
  }
  return {
    cause: "unknown",
    text: `${left}, and nothing came back, no ICMP error either: a firewall ` +
      `there or on the way, or ${destination} does not reply to this.`,
    remedy: `Capture at ${destination}, or try it in a lab, where all hosts ` +
      "are here: there --why sees them.",
  };
}

function nameOf({ host }: HostFacts): string {
  return host ?? "this host";
}

function capitalised(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
