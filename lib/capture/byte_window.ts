/**
 * The part of a stream that is at hand, in one piece.
 *
 * Its memory depends on the longest record alone, not on the stream or on how
 * it is cut: a reader takes whole records out, and pieces are small.
 *
 * @module
 */

const FIRST_CAPACITY = 2 ** 12;

/**
 * Octets that came and have not been read. The fields are open since readers
 * look at every packet through them; only `start` is theirs to move.
 */
export class ByteWindow {
  /** Holds them, from `start` to `end`; replaced as it grows. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  /** The same octets as numbers. */
  view: DataView = new DataView(this.bytes.buffer);
  /** The first octet that has not been read. */
  start = 0;
  /** Behind the last that came. */
  end = 0;
  #offsetOfBytes = 0;
  readonly #lends: boolean;

  /** @param lends whether octets taken out are good until the next come */
  constructor(lends = false) {
    this.#lends = lends;
  }

  /** How many are there. */
  get available(): number {
    return this.end - this.start;
  }

  /** Octets of the stream before `start`. */
  get offset(): number {
    return this.#offsetOfBytes + this.start;
  }

  /** Adds octets, which are copied. */
  append(piece: Uint8Array): void {
    if (this.end + piece.length > this.bytes.length) this.#makeRoom(piece);
    this.bytes.set(piece, this.end);
    this.end += piece.length;
  }

  /** Octets of a packet: a copy, unless they are lent. */
  packet(start: number, end: number): Uint8Array<ArrayBuffer> {
    return this.#lends
      ? this.bytes.subarray(start, end)
      : this.bytes.slice(start, end);
  }

  #makeRoom({ length }: Uint8Array): void {
    const unread = this.bytes.subarray(this.start, this.end);
    this.#offsetOfBytes += this.start;
    this.start = 0;
    this.end = unread.length;
    let capacity = this.bytes.length;
    while (capacity < unread.length + length) capacity *= 2;
    if (capacity > this.bytes.length) {
      this.bytes = new Uint8Array(capacity);
      this.view = new DataView(this.bytes.buffer);
    }
    this.bytes.set(unread);
  }
}
