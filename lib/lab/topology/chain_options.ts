/**
 * What the routers of a chain may be like.
 *
 * @module
 */

import type { Traits } from "./topology.ts";

/**
 * A number for each router, or each cable, that has one: `{ 3: 30 }`.
 *
 * @category Labs
 */
export type PerNumber = Readonly<Record<number, number>>;

/**
 * What the routers of a chain are like; each default is none of them.
 *
 * @category Labs
 */
export interface ChainOptions {
  /** Routers that forward, but never say that a packet's time is exceeded. */
  readonly silent?: readonly number[];
  /** Routers that send no more ICMP errors than Linux does by itself. */
  readonly limited?: readonly number[];
  /** Routers that send what is for the target back, 2–30. */
  readonly loop?: readonly number[];
  /** Steps with two routers beside each other; each flow keeps to one. */
  readonly equalCost?: readonly number[];
  /** Routers that put their own address for the source of what they forward. */
  readonly nat?: readonly number[];
  /** Routers that lose some of what they forward: how much, in per cent. */
  readonly lossy?: PerNumber;
  /** Routers that rewrite the TOS, or traffic class, of what they forward. */
  readonly tos?: PerNumber;
  /** Cables that carry shorter packets than 1500 octets: how long, 1280–1500. */
  readonly mtu?: PerNumber;
  /** Cables on which each packet takes so many milliseconds, each way. */
  readonly slow?: PerNumber;
  /** Cables that lose some packets: how many of a hundred. */
  readonly dropping?: PerNumber;
  /** Cables that deliver some packets twice: how many of a hundred. */
  readonly duplicating?: PerNumber;
  /** Cables on which some packets are overtaken: how many of a hundred. */
  readonly reordering?: PerNumber;
  /** What follows from it is which packets those are; default 0. */
  readonly seed?: number;
}

/** Options of cables; those of routers are the others. */
const OF_CABLES = [
  "mtu",
  "slow",
  "dropping",
  "duplicating",
  "reordering",
] as const;

/** Those of routers that have no value. */
const FLAGS = ["silent", "limited", "loop", "equalCost", "nat"] as const;

/** What is unusual about a router. */
export function traitsOf(router: number, options: ChainOptions): Traits {
  const flags = FLAGS.filter((name) => options[name]?.includes(router));
  const values = (["lossy", "tos"] as const).flatMap((name) => {
    const value = options[name]?.[router];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries([
    ...flags.map((name) => [name, true] as const),
    ...values,
  ]);
}

/** The longest chain whose addresses do not meet those of its parallels. */
const MAX_ROUTERS = 30;

/** The values of options that have values. */
const VALUES = {
  lossy: { what: "a loss in per cent", min: 0, max: 100 },
  tos: { what: "a TOS", min: 0, max: 255 },
  // IPv6 wants no less.
  mtu: { what: "an MTU", min: 1280, max: 1500 },
  slow: { what: "a delay in milliseconds", min: 0, max: 60_000 },
  dropping: { what: "a loss in per cent", min: 0, max: 100 },
  duplicating: { what: "a share in per cent", min: 0, max: 100 },
  reordering: { what: "a share in per cent", min: 0, max: 100 },
} as const;

/**
 * Asserts that there can be a chain of so many routers with such options.
 *
 * @throws {RangeError} naming the option, the range and the value
 */
export function checkChain(routers: number, options: ChainOptions): void {
  checkNumber("a chain's number of routers", routers, 1, MAX_ROUTERS);
  for (const name of ["silent", "limited", "equalCost", "nat"] as const) {
    for (const router of options[name] ?? []) {
      checkNumber(`a router (${name})`, router, 1, routers);
    }
  }
  for (const router of options.loop ?? []) {
    // Behind router 1 there is but the host, which does not forward.
    checkNumber("a router (loop)", router, 2, routers);
  }
  for (const name of ["lossy", "tos", ...OF_CABLES] as const) {
    const { what, min, max } = VALUES[name];
    const isCable = name !== "lossy" && name !== "tos";
    const count = isCable ? routers + 1 : routers;
    for (const [number, value] of Object.entries(options[name] ?? {})) {
      const one = isCable ? "a cable" : "a router";
      checkNumber(`${one} (${name})`, Number(number), 1, count);
      checkNumber(what, value, min, max);
    }
  }
  checkNumber("a seed", options.seed ?? 0, 0, 2 ** 32 - 1);
  for (const step of options.equalCost ?? []) {
    if (!options.equalCost?.includes(step + 1)) continue;
    throw new RangeError(
      `equal-cost steps must not follow each other, but ${step} and ` +
        `${step + 1} do`,
    );
  }
}

function checkNumber(
  what: string,
  value: number,
  min: number,
  max: number,
): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(
    `${what} must be a whole number from ${min} to ${max}, but is ${value}`,
  );
}
