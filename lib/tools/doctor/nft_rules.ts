/**
 * The rules of nftables, as `nft -j list ruleset` tells them, seen by an IPv4
 * packet of the pair: a new one, that came from a neighbour, or goes to one.
 *
 * @module
 */

import { type Chain, PAIR_PROTOCOL, type Rule } from "./firewall.ts";

type Json = Readonly<Record<string, unknown>>;

const HOOKS: Readonly<Record<string, "in" | "out">> = {
  ingress: "in",
  prerouting: "in",
  input: "in",
  output: "out",
  postrouting: "out",
};

/** Families whose chains see IPv4. */
const FAMILIES = ["ip", "inet", "netdev"];

/** What only packets of other protocols have. */
const OTHER_PROTOCOLS = [
  ...["tcp", "udp", "udplite", "sctp", "dccp", "th"],
  ...["icmp", "icmpv6", "igmp", "ip6", "esp", "ah", "arp"],
];

/**
 * Reads a rule set.
 *
 * @param text libnftables-json(5)
 * @returns `undefined` if it is none
 */
export function readNftRules(text: string): Chain[] | undefined {
  let listed: unknown;
  try {
    listed = JSON.parse(text)?.nftables;
  } catch {
    return undefined;
  }
  if (!Array.isArray(listed)) return undefined;
  const chains = new Map<string, Chain & { rules: Rule[] }>();
  for (const { chain, rule } of listed as Record<string, Json>[]) {
    const { family, table, hook, policy } = chain ?? {};
    if (chain !== undefined && FAMILIES.includes(`${family}`)) {
      const name = `${family} ${table} ${chain.name}`;
      chains.set(name, {
        name,
        hook: HOOKS[`${hook}`],
        policy: policy === "drop" ? "drop" : "accept",
        rules: [],
      });
    }
    if (rule !== undefined) {
      const space = `${rule.family} ${rule.table}`;
      const name = `${space} ${rule.chain}`;
      chains.get(name)?.rules.push(...readRule(rule, space, name));
    }
  }
  return [...chains.values()];
}

/** A rule with a map of verdicts is several. What nft cannot tell of iptables' rules depends. */
function readRule(rule: Json, space: string, chain: string): Rule[] {
  const place = `${chain} handle ${rule.handle}`;
  const rules: Rule[] = [];
  let matches: boolean | undefined = true;
  for (const statement of (rule.expr ?? []) as Json[]) {
    const [[kind, value]] = Object.entries(statement);
    const { type, name } = (value ?? {}) as Json;
    if (kind === "match") {
      matches = both(matches, holds(value as Json));
    } else if (kind === "limit" || (kind === "xt" && type === "match")) {
      if (name !== "comment") matches = both(matches, undefined);
    } else if (kind === "vmap") {
      const { key, data } = value as { key: Json; data: { set?: unknown[] } };
      for (const [wanted, verdict] of (data.set ?? []) as [unknown, Json][]) {
        const isOurs = equals(valuesOf(key), wanted);
        const own = readVerdict(verdict, space);
        rules.push({ matches: both(matches, isOurs), verdict: own, place });
      }
    } else {
      const verdict = readVerdict(statement, space);
      if (verdict !== undefined) rules.push({ matches, verdict, place });
    }
  }
  return rules;
}

function readVerdict(statement: Json, space: string): Rule["verdict"] {
  const [[kind, value]] = Object.entries(statement);
  switch (kind) {
    case "accept":
    case "drop":
    case "return":
      return { type: kind };
    case "reject":
      return { type: "drop" };
    case "jump":
    case "goto":
      return { type: kind, chain: `${space} ${(value as Json).target}` };
    // What iptables has put there.
    case "xt":
      return (value as Json).name === "REJECT" ? { type: "drop" } : undefined;
  }
}

/** Whether a packet of the pair is what a rule is for. */
function holds({ op, left, right }: Json): boolean | undefined {
  const isEqual = equals(valuesOf(left as Json), right);
  if (isEqual === undefined) return undefined;
  if (op === "==" || op === "in") return isEqual;
  return op === "!=" ? !isEqual : undefined;
}

/**
 * What a packet of the pair has there, in all spellings: `null` if it has no
 * such thing, `undefined` if that depends.
 */
function valuesOf(left: Json): readonly unknown[] | null | undefined {
  const { meta, payload, ct } = left as Record<string, Json | undefined>;
  switch (meta?.key) {
    case "l4proto":
      return [PAIR_PROTOCOL];
    case "nfproto":
      return ["ipv4", 2];
    case "protocol":
      return ["ip", 0x0800];
  }
  if (ct?.key === "state") return ["new"];
  if (payload?.protocol === "ip" && payload.field === "protocol") {
    return [PAIR_PROTOCOL];
  }
  if (OTHER_PROTOCOLS.includes(`${payload?.protocol}`)) return null;
  // Whatever the interface is, it is not this one.
  const isInterface = ["iif", "iifname", "oif", "oifname"]
    .includes(`${meta?.key}`);
  return isInterface ? [NOT_LOOPBACK] : undefined;
}

const NOT_LOOPBACK = Symbol("an interface, not lo");

function equals(
  values: readonly unknown[] | null | undefined,
  right: unknown,
): boolean | undefined {
  if (values === undefined) return undefined;
  if (values === null) return false;
  if (typeof right === "string" && right.startsWith("@")) return undefined;
  if (values.includes(NOT_LOOPBACK)) {
    return right === "lo" ? false : undefined;
  }
  const { set, range } = (right ?? {}) as { set?: unknown; range?: unknown[] };
  const wanted = set ?? right;
  if (Array.isArray(wanted)) {
    const each = wanted.map((one) => equals(values, one));
    return each.includes(true) ||
      (each.includes(undefined) ? undefined : false);
  }
  if (range !== undefined) {
    const [least, most] = range.map(Number);
    const [value] = values.map(Number);
    return least <= value && value <= most;
  }
  return values.includes(wanted);
}

function both(
  a: boolean | undefined,
  b: boolean | undefined,
): boolean | undefined {
  if (a === false || b === false) return false;
  return a === undefined || b === undefined ? undefined : true;
}
