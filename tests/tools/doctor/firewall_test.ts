import { assertEquals } from "@std/assert";
import { findSwallowed } from "../../../lib/tools/doctor/firewall.ts";
import { readIptablesRules } from "../../../lib/tools/doctor/iptables_rules.ts";
import { readNftRules } from "../../../lib/tools/doctor/nft_rules.ts";

/** What drops the pair's packets, in words. */
function swallowed(chains: ReturnType<typeof readNftRules>): string[] {
  return findSwallowed(chains!).map(({ hook, chain, place, isSure }) =>
    `${isSure ? "drops" : "may drop"} ${hook} by ${place} (${chain})`
  );
}

/** A machine's rules, as `iptables -S` of version 1.8.9 shows them. */
const IPTABLES = String.raw`-P INPUT ACCEPT
-P FORWARD DROP
-P OUTPUT ACCEPT
-N LOGDROP
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -s 10.0.0.0/8 -p 253 -j ACCEPT
-A INPUT ! -p udp -m comment --comment "no DROP" -j LOGDROP
-A OUTPUT -p 253 -m comment --comment "-j ACCEPT" -j REJECT --reject-with icmp-port-unreachable
-A LOGDROP -m limit --limit 3/min -j LOG --log-prefix "a \"b\" c"
-A LOGDROP -j DROP
`;

Deno.test("readIptablesRules() of a machine's rules", () => {
  assertEquals(swallowed(readIptablesRules(IPTABLES)), [
    // Neighbours of 10.0.0.0/8 it lets through.
    "may drop in by -A LOGDROP -j DROP (INPUT)",
    'drops out by -A OUTPUT -p 253 -m comment --comment "-j ACCEPT" -j REJECT ' +
    "--reject-with icmp-port-unreachable (OUTPUT)",
  ]);
});

/** One rule, or policy, and what becomes of the pair's packets. */
const LINES: [rules: string, fate: "drops" | "may drop" | "passes"][] = [
  ["", "passes"],
  ["-P INPUT DROP", "drops"],
  ["-P INPUT DROP\n-A INPUT -p 253 -j ACCEPT", "passes"],
  ["-P INPUT DROP\n-A INPUT -i lo -j ACCEPT", "drops"],
  ["-P INPUT DROP\n-A INPUT -i eth0 -j ACCEPT", "may drop"],
  ["-P INPUT DROP\n-A INPUT -p icmp -j ACCEPT", "drops"],
  ["-P INPUT DROP\n-A INPUT ! -p icmp -j ACCEPT", "passes"],
  ["-P INPUT DROP\n-A INPUT ! -i lo -j ACCEPT", "passes"],
  ["-A INPUT -j DROP", "drops"],
  ["-A INPUT -s 192.0.2.1/32 -j DROP", "may drop"],
  ["-A INPUT -m state --state INVALID -j DROP", "passes"],
  ["-A INPUT -m state --state NEW -j DROP", "drops"],
  ["-A INPUT -j LOG\n-A INPUT -p 253 -j REJECT", "drops"],
  ["-N A\n-A A -p 253 -j RETURN\n-A A -j DROP\n-A INPUT -j A", "passes"],
  ["-N A\n-A INPUT -g A\n-A INPUT -p 253 -j DROP", "passes"],
  ["-N A\n-A A -j A\n-A INPUT -j A\n-A INPUT -j DROP", "drops"],
];

Deno.test("readIptablesRules() of one fault", () => {
  for (const [rules, fate] of LINES) {
    const given = rules.includes("-P INPUT")
      ? rules
      : `-P INPUT ACCEPT\n${rules}`;
    const [found = "passes"] = swallowed(readIptablesRules(given));
    assertEquals(found.replace(/ in by .*/, ""), fate, rules);
  }
});

/** The same, put there by iptables-nft, as `nft -j list ruleset` shows it. */
const BY_IPTABLES =
  `{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"table": {"family": "ip", "name": "filter", "handle": 1}}, {"chain": {"family": "ip", "table": "filter", "name": "INPUT", "handle": 1, "type": "filter", "hook": "input", "prio": 0, "policy": "accept"}}, {"chain": {"family": "ip", "table": "filter", "name": "LOGDROP", "handle": 3}}, {"chain": {"family": "ip", "table": "filter", "name": "FORWARD", "handle": 10, "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}}, {"chain": {"family": "ip", "table": "filter", "name": "OUTPUT", "handle": 11, "type": "filter", "hook": "output", "prio": 0, "policy": "accept"}}, {"rule": {"family": "ip", "table": "filter", "chain": "INPUT", "handle": 2, "expr": [{"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}, {"counter": {"packets": 0, "bytes": 0}}, {"accept": null}]}}, {"rule": {"family": "ip", "table": "filter", "chain": "INPUT", "handle": 6, "expr": [{"xt": {"type": "match", "name": "conntrack"}}, {"counter": {"packets": 0, "bytes": 0}}, {"accept": null}]}}, {"rule": {"family": "ip", "table": "filter", "chain": "INPUT", "handle": 8, "expr": [{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": 253}}, {"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": {"prefix": {"addr": "10.0.0.0", "len": 8}}}}, {"counter": {"packets": 0, "bytes": 0}}, {"accept": null}]}}, {"rule": {"family": "ip", "table": "filter", "chain": "INPUT", "handle": 9, "expr": [{"match": {"op": "!=", "left": {"meta": {"key": "l4proto"}}, "right": "udp"}}, {"xt": {"type": "match", "name": "comment"}}, {"counter": {"packets": 0, "bytes": 0}}, {"jump": {"target": "LOGDROP"}}]}}, {"rule": {"family": "ip", "table": "filter", "chain": "LOGDROP", "handle": 4, "expr": [{"limit": {"rate": 3, "burst": 5, "per": "minute"}}, {"counter": {"packets": 0, "bytes": 0}}, {"xt": {"type": "target", "name": "LOG"}}]}}, {"rule": {"family": "ip", "table": "filter", "chain": "LOGDROP", "handle": 5, "expr": [{"counter": {"packets": 0, "bytes": 0}}, {"drop": null}]}}, {"rule": {"family": "ip", "table": "filter", "chain": "OUTPUT", "handle": 12, "expr": [{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": 253}}, {"xt": {"type": "match", "name": "comment"}}, {"counter": {"packets": 0, "bytes": 0}}, {"xt": {"type": "target", "name": "REJECT"}}]}}]}`;

Deno.test("readNftRules() of what iptables has put there", () => {
  assertEquals(swallowed(readNftRules(BY_IPTABLES)), [
    "may drop in by ip filter LOGDROP handle 5 (ip filter INPUT)",
    "drops out by ip filter OUTPUT handle 12 (ip filter OUTPUT)",
  ]);
});

Deno.test("readNftRules() of what is no rule set", () => {
  for (const text of ["", "nonsense", "{}", '{"nftables": 1}']) {
    assertEquals(readNftRules(text), undefined);
  }
});
