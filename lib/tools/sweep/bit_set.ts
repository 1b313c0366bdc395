/**
 * Numbers that were seen, one bit each.
 *
 * @module
 */

/** Bits in a page, which takes 8 KiB. */
const PAGE_BITS = 16;
const PAGE_MASK = 2 ** PAGE_BITS - 1;

/** Pages by their number, in base64. */
export type BitSetPages = Readonly<Record<string, string>>;

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

  /** How many of its numbers another has, too. */
  countShared(other: BitSet): number {
    let count = 0;
    for (const [i, page] of this.#pages.entries()) {
      for (const [at, octet] of page?.entries() ?? []) {
        let bits = octet & (other.#pages[i]?.[at] ?? 0);
        for (; bits !== 0; bits &= bits - 1) count++;
      }
    }
    return count;
  }

  /** All of it, as text. */
  toPages(): BitSetPages {
    const pages = this.#pages.flatMap((page, i) =>
      page === undefined ? [] : [[i, page.toBase64()]]
    );
    return Object.fromEntries(pages);
  }

  /**
   * Adds all that {@linkcode BitSet.toPages} told of another.
   *
   * @throws {SyntaxError} if that is no text of its
   */
  addPages(pages: BitSetPages): void {
    for (const [i, text] of Object.entries(pages)) {
      for (const [at, octet] of Uint8Array.fromBase64(text).entries()) {
        for (let bit = 0; bit < 8; bit++) {
          if (octet & 1 << bit) {
            this.add((+i << PAGE_BITS >>> 0) + 8 * at + bit);
          }
        }
      }
    }
  }
}
