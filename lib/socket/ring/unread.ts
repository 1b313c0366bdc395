/**
 * How many packets may stand in a receive buffer that nobody has read yet.
 *
 * On loopback the answer is there before the call that sends has returned, so
 * that a buffer can be full before this process is given any time to look.
 *
 * @module
 */

/** More than Linux counts for a small packet: 832 octets on loopback. */
const OCTETS_EACH = 2048;

/** Counts what is sent, and what is read, against a receive buffer's room. */
export class Unread {
  readonly #capacity: number;
  /** Answers that may be there: one to each packet since nothing was. */
  #count = 0;
  /** Those among them to packets that are just being sent. */
  #sending = 0;

  /** @param bufferBytes the receive buffer's, as the kernel counts them */
  constructor(bufferBytes: number) {
    this.#capacity = Math.max(1, Math.floor(bufferBytes / OCTETS_EACH));
  }

  /** Packets that may be sent, since their answers find room. */
  get room(): number {
    return Math.max(0, this.#capacity - this.#count);
  }

  /** One is going to be sent. */
  add(): void {
    this.#count++;
    this.#sending++;
  }

  /** So many have been sent. */
  sent(count: number): void {
    this.#sending -= count;
  }

  /** So many were read: all that were there, if none. */
  read(count: number): void {
    const left = count === 0 ? 0 : this.#count - count;
    this.#count = Math.max(this.#sending, left);
  }
}
