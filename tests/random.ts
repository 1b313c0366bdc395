/**
 * Random numbers that are the same in every run, so that what a random test
 * finds can be found again: a failing test names its seed by its code.
 *
 * @module
 */

/** A source of numbers x with 0 <= x < 1, like `Math.random`. */
export type Random = () => number;

/**
 * Mulberry32: a small generator whose sequence follows from `seed` alone. Good
 * enough to spread test cases, of no use for anything secret.
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

/** A whole number, `min` and `max` included. */
export function randomInt(random: Random, min: number, max: number): number {
  return min + Math.floor(random() * (max - min + 1));
}

/** So many octets, each 0–255. */
export function randomBytes(
  random: Random,
  length: number,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map(() => randomInt(random, 0, 255));
}

/** One of the elements of a list that is not empty. */
export function randomOf<T>(random: Random, list: readonly T[]): T {
  return list[randomInt(random, 0, list.length - 1)];
}
