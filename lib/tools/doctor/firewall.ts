/**
 * Whether a firewall lets the pair's packets through.
 *
 * @module
 */

/** The pair's protocol. */
export const PAIR_PROTOCOL = 253;

/** What a rule does with the packets that it is for. */
export type Verdict =
  | { readonly type: "accept" | "drop" | "return" }
  | { readonly type: "jump" | "goto"; readonly chain: string };

/** A rule, as far as it is about an IPv4 packet of the pair from a neighbour. */
export interface Rule {
  /** Whether it is for such a packet; `undefined` if that depends. */
  readonly matches: boolean | undefined;
  /** Absent: it only counts, or marks. */
  readonly verdict?: Verdict;
  /** Where it stands, for somebody to find it. */
  readonly place: string;
}

/** A chain of rules. */
export interface Chain {
  readonly name: string;
  /** Where packets come from; absent: from other chains. */
  readonly hook?: "in" | "out";
  /** What becomes of what comes to its end. */
  readonly policy?: "accept" | "drop";
  readonly rules: readonly Rule[];
}

/** A rule, or a chain's policy, that drops. */
export interface Swallowed {
  readonly hook: "in" | "out";
  /** The chain that the packet came through first. */
  readonly chain: string;
  readonly place: string;
  /** Whether it does so for sure; otherwise it depends on more. */
  readonly isSure: boolean;
}

/** What is known of a machine's firewall. */
export type FirewallFacts =
  | {
    readonly state: "read";
    /** `nft` or `iptables` */
    readonly program: string;
    readonly swallowed: readonly Swallowed[];
  }
  | {
    /** Deno does not permit to ask, the system does not, or nobody is there. */
    readonly state: "notAsked" | "refused" | "missing";
  };

/** Where the way through a chain ends. */
interface End {
  /** Absent: at its end. */
  readonly fate?: "accept" | "drop";
  readonly place: string;
}

/** Chains that call each other deeper than the kernel would have them. */
const DEEPEST = 16;

/** What drops a packet of the pair, on its way in or out. */
export function findSwallowed(chains: readonly Chain[]): Swallowed[] {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  return chains.flatMap(({ name, hook, policy = "accept" }) => {
    if (hook === undefined) return [];
    const perhaps = { drops: [] as string[], accepts: false };
    const { fate = policy, place } = walk(byName, name, perhaps, 0);
    const swallowed = (place: string, isSure: boolean): Swallowed => ({
      hook,
      chain: name,
      place,
      isSure,
    });
    return [
      ...perhaps.drops.map((place) => swallowed(place, false)),
      ...(fate === "drop" ? [swallowed(place, !perhaps.accepts)] : []),
    ];
  });
}

/** What rules do that may be for a packet, or may not. */
interface Perhaps {
  readonly drops: string[];
  accepts: boolean;
}

function walk(
  chains: ReadonlyMap<string, Chain>,
  name: string,
  perhaps: Perhaps,
  depth: number,
): End {
  const end = { place: `the policy of ${name}` };
  for (const { matches, verdict, place } of chains.get(name)?.rules ?? []) {
    if (matches === false || verdict === undefined) continue;
    const isChain = "chain" in verdict;
    if (isChain && depth > DEEPEST) return end;
    const reached: End = isChain
      ? walk(chains, verdict.chain, perhaps, depth + 1)
      : { fate: verdict.type === "return" ? undefined : verdict.type, place };
    if (matches === undefined) {
      if (reached.fate === "drop") perhaps.drops.push(reached.place);
      if (reached.fate === "accept") perhaps.accepts = true;
    } else if (reached.fate !== undefined) {
      return reached;
    } else if (verdict.type !== "jump") {
      return end;
    }
  }
  return end;
}
