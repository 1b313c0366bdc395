/**
 * The shares of a sweep: whether they belong together.
 *
 * @module
 */

import type { SweepShare, SweepState } from "./sweep_types.ts";

/** One whose links are known, as this machine numbers them. */
type LinkedShare = SweepShare & Pick<SweepState, "links">;

/** Which share it is, as people write it: `2/4`. */
export function shardName({ index, count }: SweepShare["shard"]): string {
  return `${index}/${count}`;
}

/**
 * Asserts that two are of the same sweep.
 *
 * @throws {RangeError} saying in what they differ
 */
export function checkSameSweep(share: SweepShare, other: SweepShare): void {
  const facts = ({ ranges, shuffle, seed, shard }: SweepShare) => [
    ["the ranges", ranges.join(" ")],
    ["the order", shuffle ? `shuffled by the seed ${seed}` : "ascending"],
    ["the number of shares", `${shard.count}`],
  ];
  const others = facts(other);
  for (const [i, [what, value]] of facts(share).entries()) {
    if (value === others[i][1]) continue;
    throw new RangeError(
      `not the same sweep: ${what} of one: ${value}; of another: ${
        others[i][1]
      }`,
    );
  }
}

/**
 * Asserts that two are the same share of the same sweep, on the same machine.
 *
 * @throws {RangeError} saying in what they differ
 */
export function checkShare(share: LinkedShare, other: LinkedShare): void {
  checkSameSweep(share, other);
  const [here, there] = [share, other].map(({ links = [] }) => links.join(" "));
  if (here !== there) {
    throw new RangeError(
      "not the same sweep: its link-local ranges are on other interfaces",
    );
  }
  const [one, another] = [share, other].map(({ shard }) => shardName(shard));
  if (one !== another) {
    throw new RangeError(`not the same share: ${one}, and ${another}`);
  }
}

/** The sum, unless one of them is unknown. */
export function sumKnown(
  counts: Iterable<number | undefined>,
): number | undefined {
  let sum: number | undefined = 0;
  for (const count of counts) {
    sum = count === undefined || sum === undefined ? undefined : sum + count;
  }
  return sum;
}
