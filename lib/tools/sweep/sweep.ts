/**
 * Sweeping ranges of addresses: one echo request to each, in constant memory.
 *
 * @module
 */

import {
  releaseIdentifier,
  takeIdentifier,
} from "../../socket/icmp/identifiers.ts";
import { checkMilliseconds } from "../../socket/time.ts";
import { familyOf, isIPv4 } from "../../wire/address.ts";
import { checkRange } from "../../wire/errors.ts";
import { namesChecker, type ValueType } from "../../wire/shape.ts";
import { Permutation } from "./permutation.ts";
import {
  isUnspecified,
  localAddress,
  remoteAddress,
} from "../../socket/destination.ts";
import { scopeOf } from "../../socket/kernel/sockaddr.ts";
import { isHostName, resolve } from "../../socket/kernel/resolve.ts";
import { checkFlood } from "../../socket/public_guard.ts";
import { Run } from "../run.ts";
import { Sweeper, type SweepPlan } from "./sweeper.ts";
import { checkShare } from "./share.ts";
import type { SweepEvent, SweepOptions, SweepResult } from "./sweep_types.ts";
import { Targets } from "./targets.ts";

/** Addresses that one run can note the answers of. */
const MAX_ADDRESSES = 2 ** 24;
const DEFAULT_RATE = 1000;

const checkNames = namesChecker("sweep", {
  fields: {
    ...{ rate: "number", timeoutMs: "number", retries: "number" },
    ...{ shuffle: "flag", seed: "number", shard: "text", checkpoints: "flag" },
    ...{ resume: "text", source: "text", device: "text", namespace: "text" },
    ...{ ttl: "number", allowPublic: "flag", signal: "flag" },
  } satisfies Record<keyof SweepOptions, ValueType>,
});

/**
 * Sends an ICMP echo request to every address of some ranges, once, and tells
 * of each that answers. A reply counts only if it comes from the address that
 * was asked, and brings back what was sent, which nobody can guess.
 *
 * @category Sweep
 * @param ranges blocks (`10.0.0.0/24`, `fd00::/112`), ranges
 * (`10.0.0.5-10.0.0.77`) and single addresses; what overlaps is swept once.
 * Link-local ones have a zone behind (`fe80::/120%eth0`), unless there is but one
 * @returns a run: iterate it for its events, or await its `result`
 * @throws {RangeError} if a range or an option is wrong, or there are more than
 * 2^24 addresses, or more than 100 packets a second would go to public ones
 * @throws {TypeError} if there is no such option
 * @throws {SocketError} if the namespace cannot be entered
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
  checkNames(options);
  const { device, namespace } = options;
  const source = options.source &&
    localAddress(options.source, isIPv4(options.source) ? 4 : 6, options);
  const place = { device, namespace, source };
  const meant = Array.from(ranges, (range) => {
    const family = familyOf(range);
    // `0.0.0.0` and `::` by themselves are this host, as everywhere.
    return family === undefined || !isUnspecified(range)
      ? range
      : remoteAddress(range, family, place);
  });
  const targets = new Targets(
    meant,
    (address) => scopeOf(remoteAddress(address, 6, place), namespace),
  );
  const plan = planSweep(targets, { ...options, source });
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
  const { rate = DEFAULT_RATE, timeoutMs = 1000, retries = 0, ttl = 64 } =
    options;
  const { shuffle = false, seed = 0 } = options;
  const { source, device, namespace, allowPublic } = options;
  const { index, count } = options.shard ?? { index: 1, count: 1 };
  if (!(rate > 0)) throw new RangeError(`rate must be above 0, but is ${rate}`);
  checkMilliseconds("timeoutMs", timeoutMs);
  checkRange("retries", retries, 0, 2 ** 31 - 1);
  checkRange("ttl", ttl, 1, 255);
  checkRange("seed", seed, 0, 2 ** 32 - 1);
  checkRange("the shard's count", count, 1, 2 ** 32);
  checkRange("the shard's index", index, 1, count);
  const first = index - 1;
  const total = Math.max(0, Math.ceil((targets.count - first) / count));
  if (total > MAX_ADDRESSES) {
    throw new RangeError(
      `a run sweeps at most 2^24 addresses, and these are ${total}: give a ` +
        "smaller range, or a shard of it",
    );
  }
  const { links } = targets;
  const share: SweepPlan["share"] = {
    ranges: targets.ranges.map(([first, last]) =>
      first === last ? first : `${first}-${last}`
    ),
    shuffle,
    seed,
    shard: { index, count },
    links: links.some((link) => link !== 0) ? links : undefined,
  };
  if (options.resume !== undefined) checkShare(options.resume, share);
  const order = shuffle ? new Permutation(targets.count, seed) : undefined;
  return {
    targets,
    total,
    share,
    checkpoints: options.checkpoints ?? false,
    resume: options.resume,
    indexAt: (place) => {
      const turn = first + place * count;
      return order === undefined ? turn : order.at(turn);
    },
    placeOf: (target) => {
      const turn = order === undefined ? target : order.placeOf(target);
      return (turn - first) % count === 0 ? (turn - first) / count : -1;
    },
    rate,
    timeoutMs,
    retries,
    socket: {
      ...{ device, namespace, ttl, allowPublic },
      bindAddress: source,
      identifier: 0,
    },
  };
}

/** What no name is: `10.0.0.1-5`. */
const NUMBERS = /^[\d.-]+$/;

/**
 * Puts the first address that a name has in its place, and leaves the rest.
 *
 * @throws {NameLookupError} if a name has none
 */
export async function withoutNames(
  ranges: readonly string[],
): Promise<string[]> {
  return await Promise.all(ranges.map(async (range) => {
    const isName = isHostName(range) && !NUMBERS.test(range);
    return isName ? (await resolve(range))[0] : range;
  }));
}
