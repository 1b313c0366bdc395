/**
 * What became of each kind of socket, line by line.
 *
 * @module
 */

import {
  type MachineFacts,
  type SocketKind,
  type SocketTest,
  systemOf,
} from "./machine_facts.ts";
import { type Finding, isNotPermitted, PRIVILEGE } from "./system_findings.ts";

/** What its line is called. */
export const NAMES: Readonly<Record<SocketKind, string>> = {
  raw: "raw, protocol 253",
  ownHeader: "raw, own header",
  rawIPv6: "raw, IPv6",
  icmp: "raw, ICMP",
  icmpv6: "raw, ICMPv6",
  ping: "ping socket",
  pingIPv6: "ping socket, IPv6",
  packet: "packet socket",
  filter: "kernel's filter",
  timeStamps: "time stamps",
};

/** A line about a kind of socket, where the system has it. */
export function socketFindings(
  facts: MachineFacts,
  kind: SocketKind,
): Finding[] {
  const what = NAMES[kind];
  const test = testOf(facts, kind);
  if (test === undefined) {
    const untried = whyUntried(facts);
    if (untried !== undefined) {
      return [{ what, mark: "unknown", text: `not tried: see ${untried}` }];
    }
    const isOff = facts.hasIPv6 === false && what.includes("v6");
    return isOff
      ? [{
        what,
        mark: "unknown",
        text: "IPv6 is off",
        remedy: "As root: `sysctl -w net.ipv6.conf.all.disable_ipv6=0`",
      }]
      : [];
  }
  const { outcome, reason = "refused", code } = test;
  if (outcome === "works") return [{ what, mark: "yes", text: "works" }];
  if (outcome === "silent") {
    const text = "sent, and never received: ";
    const isRead = facts.firewall?.state === "read" &&
      facts.firewall.swallowed.length > 0;
    return [
      isRead ? { what, mark: "no", text: `${text}see firewall` } : {
        what,
        mark: "no",
        text: `${text}a firewall drops it`,
        remedy: facts.firewall &&
          "As root: `nft list ruleset` shows its rules.",
      },
    ];
  }
  const above = seenAbove(facts, test);
  if (above !== undefined) {
    const text = `refused (${code}): see ${above}`;
    return [{ what, mark: "no", text }];
  }
  return [{ what, mark: "no", text: reason, remedy: test.remedy }];
}

/** The line above that says why no socket was tried. */
export function whyUntried(
  { mayCall, isLoopbackUp }: MachineFacts,
): string | undefined {
  if (!mayCall) return "--allow-ffi";
  return isLoopbackUp === false ? "loopback" : undefined;
}

/** The line above that says why a socket is refused, and what to do. */
export function seenAbove(
  facts: MachineFacts,
  test: SocketTest,
): string | undefined {
  if (!isNotPermitted(test)) return undefined;
  const { capabilities, pingGroups } = facts;
  if (test.kind.startsWith("ping")) {
    return pingGroups === undefined ? undefined : "ping_group_range";
  }
  if (capabilities?.netRaw === false) return "CAP_NET_RAW";
  return systemOf(facts)?.lacks.labs === undefined ? undefined : PRIVILEGE;
}

/** What became of a kind of socket. */
export function testOf(
  { sockets }: MachineFacts,
  wanted: SocketKind,
): SocketTest | undefined {
  return sockets.find(({ kind }) => kind === wanted);
}
