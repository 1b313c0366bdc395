/**
 * Waiting: for how long, and behind an interface, so that tools run in made-up
 * time, too; and an even pace: a bucket that tokens drip into, one for each
 * packet, or a beat, for single ones.
 *
 * @module
 */

/** The longest delay that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Checks a time to wait, if there is one.
 *
 * @param name what it is called: `timeoutMs`
 * @throws {RangeError} if it is not from 0 to 2,147,483,647
 */
export function checkMilliseconds(name: string, ms: number | undefined): void {
  if (ms === undefined || (ms >= 0 && ms <= LONGEST_MS)) return;
  throw new RangeError(`${name} must be from 0 to ${LONGEST_MS}, but is ${ms}`);
}

/**
 * Waits.
 *
 * @returns when the time is over, or the signal aborted
 */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
  });
}

/** Tells the time, and waits. */
export interface Clock {
  /** Milliseconds since some beginning; never goes back. */
  now(): number;
  /** Waits; at once if aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Real time. */
export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: delay,
};

/** Lets timers, signals and whatever else has happened have their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What may be made up for after a pause: so much time's worth of packets. */
const BURST_MS = 20;
/** No timer can wait as long as the slowest paces ask for. */
const MAX_DELAY_MS = 60_000;

/** How many packets may be sent by now. */
export class Pace {
  readonly #perMs: number;
  readonly #now: () => number;
  #tokens = 1;
  #lastMs: number;

  /**
   * @param rate packets a second, more than 0, or `Infinity`
   * @param now tells the time in milliseconds
   */
  constructor(rate: number, now: () => number) {
    this.#perMs = rate / 1000;
    this.#now = now;
    this.#lastMs = now();
  }

  /** Takes as many tokens as there are, `max` at most. */
  take(max: number): number {
    if (this.#perMs === Infinity) return max;
    const now = this.#now();
    const room = Math.max(1, this.#perMs * BURST_MS);
    const dripped = (now - this.#lastMs) * this.#perMs;
    this.#tokens = Math.min(room, this.#tokens + dripped);
    this.#lastMs = now;
    const taken = Math.min(max, Math.floor(this.#tokens));
    this.#tokens -= taken;
    return taken;
  }

  /** Whole milliseconds after which to ask again, 1 at least. */
  get delayMs(): number {
    const ms = Math.ceil((1 - this.#tokens) / this.#perMs);
    return Math.min(MAX_DELAY_MS, Math.max(1, ms));
  }
}

/** Moments an interval apart, which do not drift, however late each is kept. */
export class Beat {
  readonly #intervalMs: number;
  readonly #clock: Clock;
  #dueMs = -Infinity;

  /** The first moment is the one when {@linkcode Beat.next} is first called. */
  constructor(intervalMs: number, clock: Clock = REAL_CLOCK) {
    this.#intervalMs = intervalMs;
    this.#clock = clock;
  }

  /** Waits for the next; if that has passed, it is now, and none is made up for. */
  async next(signal?: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    this.#dueMs = Math.max(this.#dueMs + this.#intervalMs, now);
    if (this.#dueMs > now) await this.#clock.sleep(this.#dueMs - now, signal);
  }
}
