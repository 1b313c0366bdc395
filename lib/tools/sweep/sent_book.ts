/**
 * What a pass of a sweep has sent, and how much of it a later process may take
 * as done: for checkpoints.
 *
 * @module
 */

/** So long a reply may be on its way, and not be lost with the process. */
const REPLY_MS = 500;
/** So old may be what was sent and is not kept safely: a second, with room. */
const OLDEST_MS = 900;

/** Requests that are sent together, for places that follow one another. */
export interface SentBatch {
  readonly place: number;
  readonly atMs: number;
  /** Whether all of them have left. */
  hasLeft: boolean;
}

/** The batches that are not kept safely yet, in their order. */
export class SentBook {
  #batches: SentBatch[] = [];

  /** Notes a batch that begins at a place. */
  begin(place: number, atMs: number): SentBatch {
    const batch = { place, atMs, hasLeft: false };
    this.#batches.push(batch);
    return batch;
  }

  /**
   * The place before which all has left, and had time to be answered.
   *
   * @param next the place whose turn is next
   */
  doneBefore(nowMs: number, next: number): number {
    return this.#batches.find(({ hasLeft, atMs }) =>
      !hasLeft || atMs > nowMs - REPLY_MS
    )?.place ?? next;
  }

  /** Forgets what is before a place: it is kept. */
  forget(place: number): void {
    this.#batches = this.#batches.filter((batch) => batch.place >= place);
  }

  /** Whether the next batch has to wait until more is kept. */
  isFull(nowMs: number): boolean {
    return this.#batches[0]?.atMs < nowMs - OLDEST_MS;
  }
}
