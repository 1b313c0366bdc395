/**
 * A shuffled order that needs no memory: the number at each place is computed.
 *
 * A Feistel network permutes the numbers below a power of two, whatever its
 * round function is; a number that is too large is permuted again until it is
 * not (Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002).
 *
 * @module
 */

const ROUNDS = 6;

/** The numbers from 0 to `count` - 1 in an order that follows from a seed. */
export class Permutation {
  readonly #count: number;
  /** Bits of the two halves. */
  readonly #highBits: number;
  readonly #lowBits: number;
  readonly #keys: readonly number[];

  /**
   * @param count 1 to 2^32
   * @param seed 32 bits
   */
  constructor(count: number, seed: number) {
    this.#count = count;
    const bits = Math.max(2, Math.ceil(Math.log2(count)));
    this.#highBits = bits >> 1;
    this.#lowBits = bits - this.#highBits;
    this.#keys = Array.from(
      { length: ROUNDS },
      (_, round) => mix(seed ^ Math.imul(round + 1, 0x9e3779b1)),
    );
  }

  /** The number at a place, which is 0 to `count` - 1, as is the number. */
  at(place: number): number {
    let number = place;
    do number = this.#permute(number); while (number >= this.#count);
    return number;
  }

  /** The place of a number: the way back. */
  placeOf(number: number): number {
    let place = number;
    do place = this.#unpermute(place); while (place >= this.#count);
    return place;
  }

  #permute(number: number): number {
    const highMask = (1 << this.#highBits) - 1;
    const lowMask = (1 << this.#lowBits) - 1;
    let high = number >>> this.#lowBits;
    let low = number & lowMask;
    for (let round = 0; round < ROUNDS; round += 2) {
      high ^= mix(low ^ this.#keys[round]) & highMask;
      low ^= mix(high ^ this.#keys[round + 1]) & lowMask;
    }
    return (high << this.#lowBits | low) >>> 0;
  }

  #unpermute(number: number): number {
    const highMask = (1 << this.#highBits) - 1;
    const lowMask = (1 << this.#lowBits) - 1;
    let high = number >>> this.#lowBits;
    let low = number & lowMask;
    for (let round = ROUNDS - 2; round >= 0; round -= 2) {
      low ^= mix(high ^ this.#keys[round + 1]) & lowMask;
      high ^= mix(low ^ this.#keys[round]) & highMask;
    }
    return (high << this.#lowBits | low) >>> 0;
  }
}

/** Scatters 32 bits: the finalizer of MurmurHash3. */
function mix(bits: number): number {
  let h = bits ^ bits >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return h ^ h >>> 16;
}
