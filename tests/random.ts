/**
 * Random numbers that are the same in every run, so that what a random test
 * finds can be found again: a failing test names its seed by its code.
 *
 * @module
 */

import type { Random } from "../lib/lab/middlebox/impairment.ts";

export { type Random, seededRandom } from "../lib/lab/middlebox/impairment.ts";

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
