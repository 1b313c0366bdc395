/**
 * Options, and parsers of their values, that `sweep` alone has.
 *
 * @module
 */

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** It sends nothing, and so goes without what is said of sending. */
export const MERGE = new Option(
  "--merge <file...>",
  "join what all shares have written as JSON",
).conflicts([
  ...["rate", "timeout", "retries", "shuffle", "seed", "shard"],
  ...["checkpoint", "ttl", "interface", "allowPublic"],
]);

/** Packets a second: a number above 0, or `max`. */
export function packetRate(text: string): number {
  const value = text === "max"
    ? Infinity
    : /^(\d+|\d*\.\d+)$/.test(text)
    ? Number(text)
    : NaN;
  if (value > 0) return value;
  throw new InvalidArgumentError(
    "Wanted: packets a second, above 0, such as 5000; or max.",
  );
}

/** The i-th of n shares, written `i/n`, i from 1. */
export function shard(text: string): { index: number; count: number } {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index >= 1 && index <= count && count <= 2 ** 32) {
    return { index, count };
  }
  throw new InvalidArgumentError("Wanted: i/n, i from 1 to n, such as 2/4.");
}
