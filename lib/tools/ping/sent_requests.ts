/**
 * The requests that were sent, by their sequence numbers: a hundred thousand
 * are remembered, to tell what comes late or twice.
 *
 * @module
 */

import { Moment } from "../../socket/kernel/clock.ts";
import { Probe, type Target } from "./ping_target.ts";

const SEQUENCES = 2 ** 16;
/** What is kept of a request on the shelf. */
const KEPT = { NUMBER: 0, TARGET: 1, MONOTONIC: 2, SECONDS: 3, NANOSECONDS: 4 };
const FIELDS = 5;

/** The last two requests of each sequence number. */
export class SentRequests {
  readonly #targets: readonly Target[];
  readonly #payload: Uint8Array;
  readonly #probes: (Probe | undefined)[] = [];
  /** Of each sequence number: which half the next one's place is in. */
  readonly #halves = new Uint8Array(SEQUENCES);
  /** In numbers, since so many objects would keep the garbage collector busy. */
  #shelf: Float64Array | undefined;

  /** @param payload that of all requests */
  constructor(targets: readonly Target[], payload: Uint8Array) {
    this.#targets = targets;
    this.#payload = payload;
  }

  /** Notes a request that was sent. */
  add(probe: Probe): void {
    const { sequence } = probe;
    const place = this.#halves[sequence] * SEQUENCES + sequence;
    this.#halves[sequence] ^= 1;
    this.#probes[place] = probe;
    if (this.#shelf !== undefined) this.#shelf[place * FIELDS] = 0;
  }

  /** The last one of a sequence number, unless that is on the shelf. */
  last(sequence: number): Probe | undefined {
    return this.#probes[this.#lastPlace(sequence)];
  }

  /** Those of a sequence number, the last one first. */
  *of(sequence: number): Generator<Probe> {
    const last = this.#lastPlace(sequence);
    for (const place of [last, (last + SEQUENCES) % (2 * SEQUENCES)]) {
      const probe = this.#probes[place] ??= this.#fetch(place);
      if (probe !== undefined) yield probe;
    }
  }

  /** Puts the last one of its sequence number, which is answered, away. */
  shelve({ target, number, sequence, at }: Probe): void {
    this.#shelf ??= new Float64Array(2 * SEQUENCES * FIELDS);
    const place = this.#lastPlace(sequence);
    this.#probes[place] = undefined;
    const start = place * FIELDS;
    this.#shelf[start + KEPT.NUMBER] = number;
    this.#shelf[start + KEPT.TARGET] = target.index;
    this.#shelf[start + KEPT.MONOTONIC] = at.monotonic;
    this.#shelf[start + KEPT.SECONDS] = at.seconds;
    this.#shelf[start + KEPT.NANOSECONDS] = at.nanoseconds;
  }

  /** Makes one on the shelf what it was. */
  #fetch(place: number): Probe | undefined {
    const start = place * FIELDS;
    const [number, index, ...at] =
      this.#shelf?.subarray(start, start + FIELDS) ?? [0];
    if (number === 0) return undefined;
    const target = this.#targets[index];
    const [monotonic, seconds, nanoseconds] = at;
    const probe = new Probe({
      target,
      number,
      id: target.link!.identifier,
      sequence: place % SEQUENCES,
      payload: this.#payload,
      at: new Moment(monotonic, seconds, nanoseconds),
      deadlineMs: Infinity,
    });
    probe.isAnswered = true;
    probe.isSettled = true;
    return probe;
  }

  #lastPlace(sequence: number): number {
    return (this.#halves[sequence] ^ 1) * SEQUENCES + sequence;
  }
}
