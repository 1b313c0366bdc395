/**
 * Reading the clocks, and what lies between two readings.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from "../../ffi/linux/numbers.ts";

/**
 * One moment, by both clocks.
 *
 * @category Names and routes
 */
export interface Instant {
  /** Nanoseconds since 1970; somebody may set this clock at any time. */
  readonly realtimeNs: bigint;
  /** Nanoseconds since some beginning; never goes back, never jumps. */
  readonly monotonicNs: bigint;
}

/** What the kernel tells of a moment: seconds since 1970, and nanoseconds. */
export interface KernelTime {
  readonly seconds: number;
  readonly nanoseconds: number;
}

/** An instant in numbers, of which `bigint`s are made only when asked for. */
export class Moment implements Instant, KernelTime {
  /** By the monotonic clock, in nanoseconds. */
  readonly monotonic: number;
  readonly seconds: number;
  readonly nanoseconds: number;

  constructor(monotonic: number, seconds: number, nanoseconds: number) {
    this.monotonic = monotonic;
    this.seconds = seconds;
    this.nanoseconds = nanoseconds;
  }

  get monotonicNs(): bigint {
    return BigInt(this.monotonic);
  }

  get realtimeNs(): bigint {
    return BigInt(this.seconds) * 1_000_000_000n + BigInt(this.nanoseconds);
  }
}

const earlier = new BigInt64Array(2);
const realtime = new BigInt64Array(2);
const monotonic = new BigInt64Array(2);
/** The same memory, each number in two halves. */
const earlierWords = new Int32Array(earlier.buffer);
const realtimeWords = new Int32Array(realtime.buffer);
const monotonicWords = new Int32Array(monotonic.buffer);
/** Far longer than it takes to read a clock, and shorter than what matters. */
const APART_NS = 20_000;
/** A machine that is emulated may take longer each time. */
const MOST_TRIES = 8;

/** Reads both clocks. */
export function readClocks(): Moment {
  return justBefore(() => {});
}

/**
 * Reads both clocks, and acts at once: what they show is reckoned afterwards,
 * for that takes microseconds, which a round trip would seem to last longer.
 *
 * @param act must not read the clocks
 */
export function justBefore(act: () => void): Moment {
  readTogether();
  act();
  return new Moment(
    secondsIn(monotonicWords) * 1e9 + monotonicWords[2],
    secondsIn(realtimeWords),
    realtimeWords[2],
  );
}

/**
 * Reads the system's clock, then the monotonic one, and again where the process
 * had to wait in between: it would look like a clock that was set.
 */
function readTogether(): void {
  const { clock_gettime } = libc();
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    clock_gettime(CLOCK_MONOTONIC, earlier);
    clock_gettime(CLOCK_REALTIME, realtime);
    clock_gettime(CLOCK_MONOTONIC, monotonic);
    const seconds = monotonicWords[0] - earlierWords[0];
    const ns = monotonicWords[2] - earlierWords[2];
    if (seconds * 1e9 + ns < APART_NS) return;
  }
}

function secondsIn(words: Int32Array): number {
  return words[1] * 2 ** 32 + (words[0] >>> 0);
}

/** What the clocks may drift apart by themselves: at 500 ppm, and a little. */
const DRIFT_PER_NS = 1000;
const DRIFT_NS = 1_000_000;

/**
 * The round trip of a packet, from just before it was sent until the kernel
 * received the answer.
 *
 * @param sent just before the packet was sent
 * @param receivedNs when the kernel received the answer, by the system's clock
 * @param seen some moment after that
 * @returns milliseconds, from 0 to what passed between `sent` and `seen`
 */
export function roundTripMs(
  sent: Instant,
  receivedNs: bigint,
  seen: Instant,
): number {
  return plausibleNs({
    passed: Number(seen.monotonicNs - sent.monotonicNs),
    shown: Number(seen.realtimeNs - sent.realtimeNs),
    direct: Number(receivedNs - sent.realtimeNs),
  }) / 1e6;
}

/** The same in numbers, as a packet tells its time that no object is made of. */
export function roundTripInNumbersMs(
  sent: Moment,
  received: KernelTime,
  seen: Moment,
): number {
  return plausibleNs({
    passed: seen.monotonic - sent.monotonic,
    shown: sinceNs(seen, sent),
    direct: sinceNs(received, sent),
  }) / 1e6;
}

function sinceNs(now: KernelTime, then: KernelTime): number {
  return (now.seconds - then.seconds) * 1e9 +
    now.nanoseconds - then.nanoseconds;
}

/**
 * Whether the kernel received something before a moment. How long ago that was
 * the system's clock tells, and how long ago the moment, the one that nobody
 * sets.
 *
 * @param receivedNs by the system's clock
 * @param seen when it was read, soon after it was received
 */
export function wasBefore(
  moment: Instant,
  receivedNs: bigint,
  seen: Instant,
): boolean {
  return seen.realtimeNs - receivedNs > seen.monotonicNs - moment.monotonicNs;
}

/** What the clocks tell of a packet and its answer, in nanoseconds. */
interface Readings {
  /** From sending it until the answer was read, by the monotonic clock. */
  readonly passed: number;
  /** The same, by the system's clock. */
  readonly shown: number;
  /** From sending it until the kernel received the answer, by that clock. */
  readonly direct: number;
}

/**
 * The round trip that such readings make likely.
 *
 * The kernel tells the moment of reception by the system's clock alone. If
 * somebody set that clock in between, the monotonic one shows it, and the time
 * since the reception is taken off the time that really passed.
 *
 * @returns nanoseconds, 0 to `passed`
 */
export function plausibleNs({ passed, shown, direct }: Readings): number {
  const isStepped = Math.abs(shown - passed) > DRIFT_NS + passed / DRIFT_PER_NS;
  const isPlausible = (ns: number) => ns >= 0 && ns <= passed;
  const backwards = passed - (shown - direct);
  if (isStepped && isPlausible(backwards)) return backwards;
  if (isPlausible(direct)) return direct;
  return isStepped || direct > 0 ? passed : 0;
}
