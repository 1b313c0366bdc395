/**
 * Time as it passes for a tool: behind an interface, so that tools run in
 * made-up time, too.
 *
 * @module
 */

import { delay } from "@std/async/delay";

/** Tells the time, and waits. */
export interface Clock {
  /** Milliseconds since some beginning; never goes back. */
  now(): number;
  /** Waits; at once if aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Real time. */
export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, { signal }).catch(() => {}),
};
