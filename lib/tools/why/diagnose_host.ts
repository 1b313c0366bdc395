/**
 * Why a packet got no reply, as far as it lies with the last host that had it.
 *
 * @module
 */

import { parseIPv4 } from "../../wire/address.ts";
import { diagnoseChecksum } from "./diagnose_checksum.ts";
import type { HostFacts, ReplyFacts } from "./reply_facts.ts";
import { type ReplyVerdict, times } from "./reply_verdict.ts";

/** The verdict, if the packet was seen at a host, or is known to be lost. */
export function diagnoseHost(facts: ReplyFacts): ReplyVerdict | undefined {
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
  return filtered(last) ?? expired(facts, last) ??
    notForwarded(facts, last) ?? unanswered(facts, last);
}

/** Dropped for its source's sake. */
function filtered(last: HostFacts): ReplyVerdict | undefined {
  const { source, wayBack, device, reversePathFilter: mode } = last;
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

/** Dropped by a router that would have had to send it on with none left. */
function expired(
  { packet: { destination } }: ReplyFacts,
  last: HostFacts,
): ReplyVerdict | undefined {
  const { ttl: { left, arrived, needed }, wayOn } = last;
  // As ip_forward() of Linux decides, once there is a route.
  const isExpired = !last.isDestination && last.forwards &&
    wayOn.type === "unicast" && arrived <= 1;
  if (!isExpired) return undefined;
  const host = nameOf(last);
  return {
    cause: "ttlExpired",
    text: `Its TTL of ${left} ran out at ${host}, where it arrived with ` +
      `${arrived} (RFC 1812 §5.3.1); and ${host} sent no time exceeded: a ` +
      "firewall of its own, or its limit on ICMP errors, kept it silent.",
    remedy: needed === undefined
      ? "Send it with a higher --ttl. If none is enough, routers send it in a " +
        "circle: traceroute shows them."
      : `Send it with --ttl ${needed} or more: ${destination} lies behind ` +
        `${needed === 2 ? "a router" : `${needed - 1} routers`}.`,
  };
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
  const { destination, protocol, isEcho } = facts.packet;
  const { source, wayBack } = last;
  const host = nameOf(last);
  if (last.hasAnswered) {
    return {
      cause: "replyLost",
      text: `${capitalised(host)} answered, and the reply did not come back: ` +
        "it was lost on the way.",
    };
  }
  const dropped = diagnoseChecksum(facts, `It arrived at ${host}, which drops`);
  if (dropped !== undefined) return dropped;
  if (isEcho && last.ignoresEcho) {
    const [name, kind] = facts.route.type === "unicast"
      ? ["icmp_echo_ignore_all", "echo requests"]
      : ["icmp_echo_ignore_broadcasts", "echo requests to many"];
    return {
      cause: "echoIgnored",
      text: `It arrived at ${host}, which is set to ignore ${kind}.`,
      remedy: `As root of ${host}: sysctl -w net.ipv4.${name}=0`,
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

function nameOf({ host }: HostFacts): string {
  return host ?? "this host";
}

function capitalised(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}
