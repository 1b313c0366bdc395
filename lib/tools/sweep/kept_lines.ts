/**
 * Some of the lines that shares of a sweep have written, to be put in order.
 *
 * @module
 */

/** Lines at most: with its index, the place of one makes a number that is exact. */
export const MOST_LINES = 2 ** 21;
/** Lines that are handed out at a time. */
const LINES = 1024;

const utf8 = new TextDecoder();

/** Targets that follow one another, and whose lines may be kept at a time. */
export interface Window {
  readonly from: number;
  readonly to: number;
  readonly lines: number;
  readonly octets: number;
}

/** Lines about the targets of a window, in memory that is used again. */
export class Kept {
  readonly #octets: Uint8Array;
  readonly #ends: Uint32Array;
  readonly #ranks: Uint8Array;
  readonly #order: Float64Array;
  #count = 0;
  #size = 0;

  constructor(windows: readonly Window[]) {
    const most = Math.max(...windows.map(({ lines }) => lines));
    this.#octets = new Uint8Array(
      Math.max(...windows.map(({ octets }) => octets)),
    );
    this.#ends = new Uint32Array(most);
    this.#ranks = new Uint8Array(most);
    this.#order = new Float64Array(most);
  }

  clear(): void {
    this.#count = 0;
    this.#size = 0;
  }

  /** Of a file that somebody writes to meanwhile, what finds no room is not. */
  add(index: number, rank: number, line: Uint8Array): void {
    const isFull = this.#count === this.#ends.length ||
      this.#size + line.length > this.#octets.length;
    if (isFull) return;
    this.#octets.set(line, this.#size);
    this.#size += line.length;
    this.#ends[this.#count] = this.#size;
    this.#ranks[this.#count] = rank;
    this.#order[this.#count] = index * MOST_LINES + this.#count;
    this.#count++;
  }

  /**
   * The line that tells most about each target, in their order, some at a time.
   *
   * @param tell is told the rank of each
   */
  *lines(tell: (rank: number) => void): Generator<readonly string[], void> {
    const order = this.#order.subarray(0, this.#count).sort();
    let lines: string[] = [];
    for (let i = 0; i < order.length;) {
      const index = Math.floor(order[i] / MOST_LINES);
      let best = order[i] % MOST_LINES;
      for (i++; Math.floor(order[i] / MOST_LINES) === index; i++) {
        const line = order[i] % MOST_LINES;
        if (this.#ranks[line] > this.#ranks[best]) best = line;
      }
      tell(this.#ranks[best]);
      const start = best === 0 ? 0 : this.#ends[best - 1];
      lines.push(utf8.decode(this.#octets.subarray(start, this.#ends[best])));
      if (lines.length < LINES) continue;
      yield lines;
      lines = [];
    }
    if (lines.length > 0) yield lines;
  }
}
