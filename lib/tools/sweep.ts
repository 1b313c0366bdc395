/**
 * Sweeping ranges of addresses: one echo request to each, in constant memory.
 *
 * @module
 */

import { releaseIdentifier, takeIdentifier } from "../socket/identifiers.ts";
import { checkMilliseconds } from "../socket/timeout.ts";
import { checkRange } from "../wire/errors.ts";
import { Permutation } from "./permutation.ts";
import { checkFlood } from "./public_guard.ts";
import { Run } from "./run.ts";
import { Sweeper, type SweepPlan } from "./sweeper.ts";
import type { SweepEvent, SweepOptions, SweepResult } from "./sweep_types.ts";
import { Targets } from "./targets.ts";

/** Addresses that one run can note the answers of. */
const MAX_ADDRESSES = 2 ** 24;
const DEFAULT_RATE = 1000;

/**
 * Sends an ICMP echo request to every address of some ranges, once, and tells
 * of each that answers. A reply counts only if it comes from the address that
 * was asked, and brings back what was sent, which nobody can guess.
 *
 * @param ranges blocks (`10.0.0.0/24`, `fd00::/112`), ranges
 * (`10.0.0.5-10.0.0.77`) and single addresses; what overlaps is swept once
 * @returns a run: iterate it for its events, or await its `result`
 * @throws {RangeError} if a range or an option is wrong, or there are more than
 * 2^24 addresses, or more than 100 packets a second would go to public ones
 *
 * @example
 * ```ts
 * import { sweep } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { alive } = await sweep(["127.0.0.0/28", "::1"]).result;
 * assertEquals(alive, 17);
 * ```
 */
export function sweep(
  ranges: Iterable<string>,
  options: SweepOptions = {},
): Run<SweepEvent, SweepResult> {
  const targets = new Targets(ranges);
  const plan = planSweep(targets, options);
  return new Run(async (context) => {
    const { total, rate, retries } = plan;
    const perSecond = Math.min(rate, total * (retries + 1));
    checkFlood(targets.ranges, perSecond, options);
    const identifier = takeIdentifier();
    try {
      const socket = { ...plan.socket, identifier };
      return await new Sweeper({ ...plan, socket }, context).run();
    } finally {
      releaseIdentifier(identifier);
    }
  }, options.signal);
}

/** What a sweep will do, with every option checked. */
export function planSweep(
  targets: Targets,
  options: SweepOptions,
): SweepPlan {
  const { rate = DEFAULT_RATE, waitMs = 1000, retries = 0, ttl = 64 } = options;
  const { shuffle = false, seed = 0, source, device, namespace } = options;
  const { index, count } = options.shard ?? { index: 0, count: 1 };
  if (!(rate > 0)) throw new RangeError(`rate must be above 0, but is ${rate}`);
  checkMilliseconds("waitMs", waitMs);
  checkRange("retries", retries, 0, 2 ** 31 - 1);
  checkRange("ttl", ttl, 1, 255);
  checkRange("seed", seed, 0, 2 ** 32 - 1);
  checkRange("the shard's count", count, 1, 2 ** 32);
  checkRange("the shard's index", index, 0, count - 1);
  const total = Math.max(0, Math.ceil((targets.count - index) / count));
  if (total > MAX_ADDRESSES) {
    throw new RangeError(
      `a run sweeps at most 2^24 addresses, and these are ${total}: give a ` +
        "smaller range, or a shard of it",
    );
  }
  const order = shuffle ? new Permutation(targets.count, seed) : undefined;
  return {
    targets,
    total,
    indexAt: (place) => {
      const turn = index + place * count;
      return order === undefined ? turn : order.at(turn);
    },
    rate,
    waitMs,
    retries,
    socket: { bindAddress: source, device, namespace, ttl, identifier: 0 },
  };
}
