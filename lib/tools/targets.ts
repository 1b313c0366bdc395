/**
 * A great many addresses, as ranges: each has an index, from which it is
 * computed, so that none has to be kept.
 *
 * @module
 */

import {
  type Family,
  familyOf,
  formatIPv4,
  formatIPv6,
  parseCIDR,
  parseIPv4,
  parseIPv6,
} from "../wire/address.ts";

/** An address's place must fit into 32 bits of its packet. */
const MAX_COUNT = 2 ** 32;

/** Addresses that follow one another. */
interface Range {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
}

/** A range among others, as it is computed with. */
interface Section {
  readonly family: Family;
  /** The index of its first address. */
  readonly start: number;
  /** The first address: 32 bits in each, the lowest last; IPv4 has but one. */
  readonly words: readonly number[];
}

/** Every address of some ranges, once each: IPv4 first, in ascending order. */
export class Targets {
  /** How many there are. */
  readonly count: number;
  /** The first and the last address of each range, as text. */
  readonly ranges: readonly (readonly [string, string])[];
  readonly #sections: readonly Section[];
  /** Where the last one was found: the next is most likely there, too. */
  #current = 0;

  /**
   * @param ranges blocks (`10.0.0.0/24`), ranges (`10.0.0.5-10.0.0.77`) and
   * single addresses, of either family; what overlaps is there once
   * @throws {RangeError} if one is none of these, or none is given, or there
   * are more than 2^32 addresses
   */
  constructor(ranges: Iterable<string>) {
    const merged = merge(Array.from(ranges, parseRange));
    if (merged.length === 0) throw new RangeError("no address is given");
    let count = 0;
    this.#sections = merged.map(({ family, first, last }) => {
      const start = count;
      count += Number(last - first) + 1;
      return { family, start, words: toWords(first, family) };
    });
    this.count = count;
    this.ranges = merged.map(({ family, first, last }) => [
      format(toWords(first, family)),
      format(toWords(last, family)),
    ]);
    if (count > MAX_COUNT) {
      throw new RangeError(
        `the ranges hold more than 2^32 addresses: give a smaller range`,
      );
    }
  }

  /** The families that there are addresses of. */
  get families(): Family[] {
    return [...new Set(this.#sections.map(({ family }) => family))];
  }

  /**
   * Writes an address.
   *
   * @param index 0 to `count` - 1
   * @param into four words for the octets in their order, of which an IPv4
   * address takes the first
   * @returns its family
   */
  write(index: number, into: Int32Array): Family {
    const { family, start, words } = this.#sectionOf(index);
    let carry = index - start;
    for (let i = words.length - 1; i >= 0; i--) {
      const sum = words[i] + carry;
      carry = sum > 0xffff_ffff ? 1 : 0;
      into[i] = swap32(sum);
    }
    return family;
  }

  #sectionOf(index: number): Section {
    const sections = this.#sections;
    const current = sections[this.#current];
    const isThere = index >= current.start &&
      !(index >= sections[this.#current + 1]?.start);
    if (isThere) return current;
    let low = 0;
    let high = sections.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (sections[middle].start <= index) low = middle;
      else high = middle - 1;
    }
    this.#current = low;
    return sections[low];
  }
}

/** The last IPv4 address's first three octets, and as text: the next is near. */
let block = -1;
let blockText = "";

/** An address as {@linkcode Targets.write} leaves it, as text. */
export function addressText(words: Int32Array, family: Family): string {
  if (family === 6) return formatIPv6(new Uint8Array(words.buffer));
  const address = swap32(words[0]);
  if (address >>> 8 !== block) {
    block = address >>> 8;
    blockText = formatIPv4(address & ~0xff).slice(0, -1);
  }
  return blockText + (address & 0xff);
}

/** A word with its octets in the other order: between this machine and the wire. */
function swap32(word: number): number {
  return word << 24 | (word & 0xff00) << 8 | word >>> 8 & 0xff00 | word >>> 24;
}

function parseRange(text: string): Range {
  const dash = text.indexOf("-");
  if (dash < 0) return parseBlock(text);
  const [from, to] = [text.slice(0, dash), text.slice(dash + 1)];
  const family = familyOf(from);
  if (family === undefined || family !== familyOf(to)) {
    throw new RangeError(
      `not a range of addresses: ${JSON.stringify(text)} (wanted: two ` +
        "addresses of one family, such as 10.0.0.5-10.0.0.77)",
    );
  }
  const [first, last] = [toNumber(from, family), toNumber(to, family)];
  if (first <= last) return { family, first, last };
  throw new RangeError(`the range ${text} ends before it begins`);
}

function parseBlock(text: string): Range {
  const { family, address, prefixLength } = parseCIDR(text);
  const first = toNumber(address, family);
  const free = BigInt((family === 4 ? 32 : 128) - prefixLength);
  return { family, first, last: first + (1n << free) - 1n };
}

/** Ranges in order, those that touch or overlap made one. */
function merge(ranges: readonly Range[]): Range[] {
  const sorted = ranges.toSorted((a, b) =>
    a.family - b.family || (a.first < b.first ? -1 : a.first > b.first ? 1 : 0)
  );
  const merged: Range[] = [];
  for (const range of sorted) {
    const before = merged.at(-1);
    if (before?.family !== range.family || before.last + 1n < range.first) {
      merged.push(range);
    } else if (range.last > before.last) {
      merged[merged.length - 1] = { ...before, last: range.last };
    }
  }
  return merged;
}

function toNumber(address: string, family: Family): bigint {
  return family === 4
    ? BigInt(parseIPv4(address))
    : BigInt(`0x${parseIPv6(address).toHex()}`);
}

function toWords(address: bigint, family: Family): number[] {
  const count = family === 4 ? 1n : 4n;
  return Array.from(
    { length: Number(count) },
    (_, i) => Number(address >> 32n * (count - 1n - BigInt(i)) & 0xffff_ffffn),
  );
}

function format(words: readonly number[]): string {
  if (words.length === 1) return formatIPv4(words[0]);
  return formatIPv6(
    Uint8Array.from(
      { length: 16 },
      (_, i) => words[i >> 2] >>> 24 - 8 * (i % 4),
    ),
  );
}
