/**
 * The Internet checksum of RFC 1071: the 16-bit one's complement of the
 * one's complement sum of all 16-bit words. An odd last octet counts as if a
 * zero octet followed it.
 *
 * Nothing here throws, allocates per octet, or changes its input.
 *
 * @module
 */

/** Octets that can be summed before a 32-bit signed running sum overflows. */
const FOLD_EVERY = 32_768;
/** Octets that are summed at a time where there are many. */
const BLOCK = 16;
/** Octets from which on that is faster, though it takes a view to be made. */
const WORTH_A_VIEW = 256;

/**
 * The 16-bit one's complement sum of `bytes`, not complemented.
 *
 * Sums of separate pieces combine: pass the sum of one piece as `initial` for
 * the next. Every piece but the last must have an even length, or its words
 * would no longer line up.
 *
 * @category Checksums
 * @param bytes any length, any alignment
 * @param initial a sum to go on from, 0–0xffff
 * @param length how many octets from the start are summed, at most as many as
 * there are; default all of them
 * @returns 0–0xffff
 *
 * @example
 * ```ts
 * import { onesComplementSum } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * // RFC 1071 §3
 * const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
 * assertEquals(onesComplementSum(bytes), 0xddf2);
 * ```
 */
export function onesComplementSum(
  bytes: Uint8Array,
  initial = 0,
  length: number = bytes.length,
): number {
  let sum = initial;
  let i = 0;
  if (length >= WORTH_A_VIEW) {
    i = length - length % BLOCK;
    sum += sumOfBlocks(new DataView(bytes.buffer, bytes.byteOffset, i));
  }
  for (; i + 7 < length; i += 8) {
    sum += (bytes[i] + bytes[i + 2] + bytes[i + 4] + bytes[i + 6] << 8) +
      bytes[i + 1] + bytes[i + 3] + bytes[i + 5] + bytes[i + 7];
  }
  for (; i + 1 < length; i += 2) sum += (bytes[i] << 8) + bytes[i + 1];
  if (i < length) sum += bytes[i] << 8;
  return fold(sum);
}

/** The sum of whole blocks, two words at a time: at any alignment. */
function sumOfBlocks(view: DataView): number {
  const length = view.byteLength;
  let sum = 0;
  for (let start = 0; start < length; start += FOLD_EVERY) {
    const end = Math.min(length, start + FOLD_EVERY);
    let upper = 0;
    let lower = 0;
    for (let i = start; i < end; i += BLOCK) {
      const a = view.getInt32(i);
      const b = view.getInt32(i + 4);
      const c = view.getInt32(i + 8);
      const d = view.getInt32(i + 12);
      upper += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16);
      lower += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff);
    }
    sum = fold(sum + upper + lower);
  }
  return sum;
}

/**
 * The same sum of 32-bit words in this machine's order, as it is to be stored
 * in that order: the sum does not depend on it (RFC 1071 §2 (B)).
 *
 * @category Checksums
 * @param from the first word
 * @param to the first word that is not summed, 32,768 further at most
 * @returns 0–0xffff
 */
export function onesComplementSumOfWords(
  words: Int32Array,
  from: number,
  to: number,
): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    sum += (words[i] & 0xffff) + (words[i] >>> 16);
  }
  return fold(sum);
}

/**
 * The Internet checksum of `bytes` (RFC 1071), as IPv4, ICMP, UDP and TCP put
 * it into their headers.
 *
 * Over octets that already hold their own correct checksum the result is 0.
 *
 * @category Checksums
 * @param bytes any length, any alignment; the checksum field must be zero
 * @param initial a sum to go on from, such as that of a pseudo header
 * @param length how many octets from the start are summed, at most as many as
 * there are; default all of them
 * @returns 0–0xffff
 *
 * @example
 * ```ts
 * import { internetChecksum } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const header = Uint8Array.fromHex("4500002002aa000080fd00000101016401010101");
 * assertEquals(internetChecksum(header), 0x32d1);
 * ```
 */
export function internetChecksum(
  bytes: Uint8Array,
  initial = 0,
  length: number = bytes.length,
): number {
  return ~onesComplementSum(bytes, initial, length) & 0xffff;
}

/**
 * What the checksum field inside `bytes` should hold: the checksum of all the
 * rest (RFC 1071 §1), whatever the field holds now.
 *
 * @category Checksums
 * @param bytes any length, any alignment
 * @param fieldOffset where the two octets of the field are, an even number
 * @param initial a sum to go on from, such as that of a pseudo header
 * @returns 0–0xffff
 *
 * @example
 * ```ts
 * import { expectedChecksum } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const header = Uint8Array.fromHex("4500002002aa000080fdffff0101016401010101");
 * assertEquals(expectedChecksum(header, 10), 0x32d1);
 * ```
 */
export function expectedChecksum(
  bytes: Uint8Array,
  fieldOffset: number,
  initial = 0,
): number {
  const before = onesComplementSum(bytes.subarray(0, fieldOffset), initial);
  return internetChecksum(bytes.subarray(fieldOffset + 2), before);
}

/**
 * One 16-bit word on its way into the sum.
 *
 * @category Checksums
 */
export interface ChecksumStep {
  /** Octets from the start of the input. */
  readonly offset: number;
  /** The word, 0–0xffff; an odd last octet stands in the upper half. */
  readonly word: number;
  /** The sum so far, this word included, carries not yet folded in. */
  readonly sum: number;
}

/**
 * One folding of the carries back into the lower 16 bits.
 *
 * @category Checksums
 */
export interface ChecksumFold {
  /** What stood above the lower 16 bits. */
  readonly carry: number;
  /** The lower 16 bits. */
  readonly low: number;
  /** `carry + low`. */
  readonly sum: number;
}

/**
 * The checksum's calculation, step by step.
 *
 * @category Checksums
 */
export interface ChecksumExplanation {
  /** Every 16-bit word in order, with the running sum. */
  readonly steps: readonly ChecksumStep[];
  /** The foldings, none when there was no carry. */
  readonly folds: readonly ChecksumFold[];
  /** The folded sum, 0–0xffff. */
  readonly sum: number;
  /** Its one's complement, the checksum, 0–0xffff. */
  readonly checksum: number;
}

/**
 * Calculates the Internet checksum as one would on paper (RFC 1071 §1): each
 * word, the running sum, the folding of the carries, and the complement.
 *
 * @category Checksums
 * @param bytes up to 2^36 octets, far beyond any packet
 *
 * @example
 * ```ts
 * import { explainChecksum } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { steps, folds, checksum } = explainChecksum(
 *   Uint8Array.of(0xff, 0xff, 0x00, 0x02),
 * );
 * assertEquals(steps.map((step) => step.sum), [0xffff, 0x10001]);
 * assertEquals(folds, [{ carry: 1, low: 1, sum: 2 }]);
 * assertEquals(checksum, 0xfffd);
 * ```
 */
export function explainChecksum(bytes: Uint8Array): ChecksumExplanation {
  const steps: ChecksumStep[] = [];
  const folds: ChecksumFold[] = [];
  let sum = 0;
  for (let offset = 0; offset < bytes.length; offset += 2) {
    const word = (bytes[offset] << 8) | (bytes[offset + 1] ?? 0);
    sum += word;
    steps.push({ offset, word, sum });
  }
  while (sum > 0xffff) {
    const carry = Math.floor(sum / 0x10000);
    const low = sum % 0x10000;
    sum = carry + low;
    folds.push({ carry, low, sum });
  }
  return { steps, folds, sum, checksum: ~sum & 0xffff };
}

function fold(sum: number): number {
  while (sum > 0xffff) sum = (sum >>> 16) + (sum & 0xffff);
  return sum;
}
