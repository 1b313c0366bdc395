/**
 * What follows from the facts about a machine, line by line: its programs, and
 * what its network does to packets.
 *
 * @module
 */

import type { FirewallFacts, Swallowed } from "./firewall.ts";
import {
  type InterfaceFacts,
  type MachineFacts,
  systemOf,
} from "./machine_facts.ts";
import type { Finding } from "./system_findings.ts";

/** What other programs and libraries do for raw4. */
export function programFindings(facts: MachineFacts): Finding[] {
  const { programs, ipVersion, hasLibpcap } = facts;
  const findings: Finding[] = [];
  if (programs !== undefined) {
    const version = ipVersion === undefined ? "" : `, ${ipVersion}`;
    findings.push(
      programs.ip === undefined
        ? missing("ip", "it builds the labs", "iproute2")
        : { what: "ip", mark: "yes", text: `${programs.ip}${version}` },
      programs.unshare === undefined || programs.nsenter === undefined
        ? missing("unshare, nsenter", "they enter the labs", "util-linux")
        : {
          what: "unshare, nsenter",
          mark: "yes",
          text: `${programs.unshare}, ${programs.nsenter}`,
        },
    );
  }
  const hasLabs = systemOf(facts)?.lacks.labs === undefined;
  if (hasLabs && facts.mayCall) findings.push(labFinding(facts));
  if (hasLibpcap !== undefined) {
    findings.push(
      hasLibpcap
        ? { what: "libpcap", mark: "yes", text: "compiles sniff's filters" }
        : missing(
          "libpcap",
          "sniff --filter needs it",
          "libpcap0.8, or libpcap",
        ),
    );
  }
  return findings;
}

function missing(what: string, why: string, packageName: string): Finding {
  const text = `not installed: ${why}`;
  return { what, mark: "no", text, remedy: `Install ${packageName}.` };
}

function labFinding({ labs }: MachineFacts): Finding {
  switch (labs) {
    case "namespaces":
      return { what: "labs", mark: "yes", text: "in network namespaces" };
    case "user-namespace":
      return {
        what: "labs",
        mark: "yes",
        text: "in a user namespace of one's own",
      };
    case "none":
      return {
        what: "labs",
        mark: "no",
        text: "neither as root nor in a user namespace",
        remedy: "Be root, or mend what is wrong above.",
      };
  }
  return { what: "labs", mark: "unknown", text: "not tried: see --allow-run" };
}

/** What the system does to packets. */
export function networkFindings(facts: MachineFacts): Finding[] {
  const { isLoopbackUp, pingGroups, interfaces, firewall } = facts;
  return [
    ...(isLoopbackUp === undefined ? [] : [loopbackFinding(isLoopbackUp)]),
    ...(pingGroups === undefined ? [] : [pingFinding(facts, pingGroups)]),
    ...(firewall === undefined ? [] : firewallFindings(firewall)),
    ...(facts.os in UNASKED ? [UNASKED[facts.os]] : []),
    ...(interfaces === undefined ? [] : interfaceFindings(interfaces)),
  ];
}

function loopbackFinding(isUp: boolean): Finding {
  return isUp ? { what: "loopback", mark: "yes", text: "up" } : {
    what: "loopback",
    mark: "no",
    text: "down: this host cannot reach itself",
    remedy: "As root: `ip link set lo up`",
  };
}

function pingFinding(
  { sockets }: MachineFacts,
  groups: readonly [number, number],
): Finding {
  const what = "ping_group_range";
  const isRefused = sockets.some(({ kind, outcome, code }) =>
    kind === "ping" && outcome === "refused" && code === "EACCES"
  );
  const range = groups.join(" ");
  if (!isRefused && groups[0] <= groups[1]) {
    return { what, mark: "yes", text: `${range}: who is no root may ping` };
  }
  return {
    what,
    mark: "no",
    text: `${range}: no group of yours has ping sockets`,
    remedy: 'As root: `sysctl -w net.ipv4.ping_group_range="0 2147483647"`',
  };
}

/** Firewalls that cannot be asked by libc, and let in what a rule is for. */
const UNASKED: Readonly<Record<string, Finding>> = {
  windows: {
    what: "firewall",
    mark: "unknown",
    text: "not asked: it may keep out what receive waits for",
    // Too long for a line, so not in backquotes, which would keep it whole.
    remedy: "As administrator: netsh advfirewall firewall add rule name=raw4 " +
      "dir=in action=allow protocol=253",
  },
};

function firewallFindings(firewall: FirewallFacts): Finding[] {
  const what = "firewall";
  switch (firewall.state) {
    case "missing":
      return [{
        what,
        mark: "unknown",
        text: "neither nft nor iptables is here",
      }];
    case "notAsked":
      return [{ what, mark: "unknown", text: "not asked: see --allow-run" }];
    case "refused":
      return [{
        what,
        mark: "unknown",
        text: "root alone may read its rules",
        remedy: "As root: `nft list ruleset` shows them.",
      }];
  }
  const { program, swallowed } = firewall;
  if (swallowed.length === 0) {
    const text = `${program} has no rule that drops protocol 253`;
    return [{ what, mark: "yes", text }];
  }
  return swallowed.map((rule) => ({
    what,
    mark: rule.isSure ? "no" : "unknown",
    text: `${rule.isSure ? "drops" : "may drop"} protocol 253 on its way ` +
      `${rule.hook}, by ${rule.place}`,
    remedy: `As root: \`${acceptingRule(program, rule)}\``,
  }));
}

function acceptingRule(program: string, { chain }: Swallowed): string {
  return program === "nft"
    ? `nft insert rule ${chain} ip protocol 253 accept`
    : `iptables -I ${chain} -p 253 -j ACCEPT`;
}

function interfaceFindings(
  interfaces: readonly InterfaceFacts[],
): Finding[] {
  const strict = interfaces.filter((its) => its.reversePathFilter === 1)
    .map(({ name }) => name);
  const offloading = interfaces.filter(({ offloads }) => offloads.length > 0);
  return [
    strict.length === 0
      ? { what: "rp_filter", mark: "yes", text: "strict on no interface" }
      : {
        what: "rp_filter",
        mark: "unknown",
        text: `strict on ${strict.join(", ")}: forged sources are dropped`,
        remedy: "To let them in, as root: `sysctl -w " +
          ["all", ...strict]
            // As sysctl(8) has names with dots, which VLANs have.
            .map((name) => name.replaceAll(".", "/"))
            .map((name) => `net.ipv4.conf.${name}.rp_filter=0`)
            .join(" ") +
          "`",
      },
    offloading.length === 0
      ? { what: "offloads", mark: "yes", text: "none: captures show the wire" }
      : {
        what: "offloads",
        mark: "unknown",
        text: offloading.map(({ name, offloads }) =>
          `${name}: ${offloads.join(" ")}`
        ).join("; "),
        remedy:
          "Captures of TCP and UDP there show other lengths and checksums " +
          `than the wire. As root: \`${withoutOffloads(offloading)}\``,
      },
  ];
}

function withoutOffloads(interfaces: readonly InterfaceFacts[]): string {
  const all = new Set(interfaces.flatMap(({ offloads }) => offloads));
  const command = (name: string) =>
    ["ethtool -K", name, ...[...all].map((offload) => `${offload} off`)]
      .join(" ");
  const names = interfaces.map(({ name }) => name);
  return names.length === 1
    ? command(names[0])
    : `for i in ${names.join(" ")}; do ${command("$i")}; done`;
}
