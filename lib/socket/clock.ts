/**
 * Reading the clocks, and what lies between two readings.
 *
 * @module
 */

import { libc } from "../ffi/libc.ts";
import { CLOCK_MONOTONIC, CLOCK_REALTIME } from "../ffi/linux.ts";

/** One moment, by both clocks. */
export interface Instant {
  /** Nanoseconds since 1970; somebody may set this clock at any time. */
  readonly realtimeNs: bigint;
  /** Nanoseconds since some beginning; never goes back, never jumps. */
  readonly monotonicNs: bigint;
}

const time = new BigInt64Array(2);

/** Reads both clocks. */
export function readClocks(): Instant {
  const monotonicNs = read(CLOCK_MONOTONIC);
  return { monotonicNs, realtimeNs: read(CLOCK_REALTIME) };
}

function read(clock: number): bigint {
  libc().clock_gettime(clock, time);
  return time[0] * 1_000_000_000n + time[1];
}

/** What the clocks may drift apart by themselves: at 500 ppm, and a little. */
const DRIFT_PER_NS = 1000n;
const DRIFT_NS = 1_000_000n;

/**
 * The round trip of a packet, from just before it was sent until the kernel
 * received the answer.
 *
 * The kernel tells that moment by the system's clock alone. If somebody set
 * that clock in between, the monotonic one shows it, and the time since the
 * reception is taken off the time that really passed.
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
  const passed = seen.monotonicNs - sent.monotonicNs;
  const shown = seen.realtimeNs - sent.realtimeNs;
  const step = shown > passed ? shown - passed : passed - shown;
  const direct = receivedNs - sent.realtimeNs;
  const backwards = passed - (seen.realtimeNs - receivedNs);
  const isStepped = step > DRIFT_NS + passed / DRIFT_PER_NS;
  const candidates = isStepped ? [backwards, direct] : [direct];
  const plausible = candidates.find((ns) => ns >= 0n && ns <= passed);
  return toMs(plausible ?? (isStepped || direct > 0n ? passed : 0n));
}

function toMs(ns: bigint): number {
  return Number(ns) / 1e6;
}
