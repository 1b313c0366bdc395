/**
 * Random numbers that follow from a seed, so that a run can be had again.
 *
 * @module
 */

/** A source of numbers x with 0 <= x < 1, like `Math.random`. */
export type Random = () => number;

/**
 * Mulberry32: a small generator whose sequence follows from `seed` alone. Good
 * enough to spread things, of no use for anything secret.
 *
 * @param seed 32 bits
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
