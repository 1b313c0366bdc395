/**
 * Numbers that were seen, one bit each.
 *
 * @module
 */

/** Bits in a page, which takes 8 KiB. */
const PAGE_BITS = 16;
const PAGE_MASK = 2 ** PAGE_BITS - 1;

/** A set of numbers from 0 to 2^32 - 1; pages of it are made as needed. */
export class BitSet {
  readonly #pages: (Uint8Array | undefined)[] = [];
  #size = 0;

  /** How many numbers are in it. */
  get size(): number {
    return this.#size;
  }

  /** Whether a number is in it. */
  has(number: number): boolean {
    const page = this.#pages[number >>> PAGE_BITS];
    if (page === undefined) return false;
    const bit = number & PAGE_MASK;
    return (page[bit >> 3] & 1 << (bit & 7)) !== 0;
  }

  /** Adds a number; tells whether it is new. */
  add(number: number): boolean {
    if (this.has(number)) return false;
    const page = this.#pages[number >>> PAGE_BITS] ??= new Uint8Array(
      2 ** PAGE_BITS / 8,
    );
    const bit = number & PAGE_MASK;
    page[bit >> 3] |= 1 << (bit & 7);
    this.#size++;
    return true;
  }
}
