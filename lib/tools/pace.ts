/**
 * An even pace: a bucket that tokens drip into, one for each packet.
 *
 * @module
 */

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
