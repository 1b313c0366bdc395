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
  parseIPv4,
  parseIPv6,
} from "../../wire/address.ts";
import { parseCIDR } from "../../wire/cidr.ts";
import { checkZone, needsZone } from "../../wire/zone.ts";

/** An address's place must fit into 32 bits of its packet. */
const MAX_COUNT = 2 ** 32;

/** Words of an address of either family, the last of which is its scope. */
export const ADDRESS_WORDS = 5;
const SCOPE = ADDRESS_WORDS - 1;

/** Addresses that follow one another. */
interface Range {
  readonly family: Family;
  /** The interface on which they are, by its index; 0 where that is no matter. */
  readonly scope: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** A range among others, as it is computed with. */
interface Section extends Range {
  /** The index of its first address. */
  readonly start: number;
  /** How many addresses. */
  readonly size: number;
  /** The first address: 32 bits in each, the lowest last; IPv4 has but one. */
  readonly words: readonly number[];
}

/** Every address of some ranges, once each: IPv4 first, in ascending order. */
export class Targets {
  /** How many there are. */
  readonly count: number;
  /** The first and the last address of each range, as text. */
  readonly ranges: readonly (readonly [string, string])[];
  /** The interface of each range, by its index; 0 where that is no matter. */
  readonly links: readonly number[];
  /** The scopes that there are addresses of, by their index. */
  readonly scopes: readonly number[];
  readonly #sections: readonly Section[];
  /** Where the last one was found: the next is most likely there, too. */
  #current = 0;

  /**
   * @param ranges blocks (`10.0.0.0/24`), ranges (`10.0.0.5-10.0.0.77`) and
   * single addresses, of either family, with a zone if they need one
   * (`fe80::/120%eth0`); what overlaps is there once
   * @param scopeOf the index of the interface on which an address is that is
   * the same on every link; it may have a zone
   * @throws {RangeError} if one is none of these, or none is given, or there
   * are more than 2^32 addresses
   */
  constructor(
    ranges: Iterable<string>,
    scopeOf: (address: string) => number = () => 0,
  ) {
    const merged = merge(Array.from(ranges, (text) => {
      const { range, zone } = parseRange(text);
      const [first, last] = [range.first, range.last].map((address) =>
        format(toWords(address, range.family)) + zone
      );
      checkZone(first);
      checkZone(last);
      return { ...range, scope: needsZone(first) ? scopeOf(first) : 0 };
    }));
    if (merged.length === 0) throw new RangeError("no address is given");
    let count = 0;
    this.#sections = merged.map((range) => {
      const start = count;
      const size = Number(range.last - range.first) + 1;
      count += size;
      const words = toWords(range.first, range.family);
      return { ...range, start, size, words };
    });
    this.count = count;
    this.links = merged.map(({ scope }) => scope);
    this.scopes = [...new Set(this.links)];
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
   * address takes the first, and one for the scope
   * @returns its family
   */
  write(index: number, into: Int32Array): Family {
    const { family, start, words, scope } = this.#sectionOf(index);
    let carry = index - start;
    for (let i = words.length - 1; i >= 0; i--) {
      const sum = words[i] + carry;
      carry = sum > 0xffff_ffff ? 1 : 0;
      into[i] = swap32(sum);
    }
    into[SCOPE] = scope;
    return family;
  }

  /**
   * The index of an address as {@linkcode Targets.write} leaves it; -1 if it is
   * none of these.
   */
  indexOf(words: Int32Array, family: Family): number {
    const near = this.#sections[this.#current];
    if (family === 4 && near.family === 4 && near.scope === words[SCOPE]) {
      const place = (swap32(words[0]) >>> 0) - near.words[0];
      if (place >= 0 && place < near.size) return near.start + place;
    }
    const first = toBigInt(words, family);
    const wanted = { family, scope: words[SCOPE], first };
    this.#current = this.#lastOf((section) => compare(section, wanted) <= 0);
    const section = this.#sections[this.#current];
    const isThere = section.family === family &&
      section.scope === wanted.scope && section.first <= first &&
      first <= section.last;
    return isThere ? section.start + Number(first - section.first) : -1;
  }

  #sectionOf(index: number): Section {
    const sections = this.#sections;
    const current = sections[this.#current];
    const isThere = index >= current.start &&
      !(index >= sections[this.#current + 1]?.start);
    if (isThere) return current;
    this.#current = this.#lastOf(({ start }) => start <= index);
    return sections[this.#current];
  }

  /** The last section that something holds for; it does for all before, too. */
  #lastOf(holds: (section: Section) => boolean): number {
    let low = 0;
    let high = this.#sections.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (holds(this.#sections[middle])) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The last IPv4 address's first three octets, and as text: the next is near. */
let block = -1;
let blockText = "";

/**
 * An address as {@linkcode Targets.write} leaves it, as text.
 *
 * @param zoneName names interfaces by their index
 */
export function addressText(
  words: Int32Array,
  family: Family,
  zoneName: (index: number) => string = String,
): string {
  if (family === 6) {
    const text = formatIPv6(new Uint8Array(words.buffer, words.byteOffset));
    const scope = words[SCOPE];
    return scope === 0 ? text : `${text}%${zoneName(scope)}`;
  }
  const address = swap32(words[0]);
  if (address >>> 8 !== block) {
    block = address >>> 8;
    blockText = formatIPv4(address & ~0xff).slice(0, -1);
  }
  return blockText + (address & 0xff);
}

/** The same as a number. */
function toBigInt(words: Int32Array, family: Family): bigint {
  if (family === 4) return BigInt(swap32(words[0]) >>> 0);
  return Array.from(words.subarray(0, 4)).reduce(
    (address, word) => address << 32n | BigInt(swap32(word) >>> 0),
    0n,
  );
}

/** A word with its octets in the other order: between this machine and the wire. */
function swap32(word: number): number {
  return word << 24 | (word & 0xff00) << 8 | word >>> 8 & 0xff00 | word >>> 24;
}

/** An address, or two of them, or a block; a zone's name may have a dash, too. */
const ZONED =
  /^([^%]+?)(%[^%/]+?)?(\/\d+|-[0-9a-f]*[:.][0-9a-f:.]*|-\d{1,3})?(%.+)?$/i;

/** A range, and its zone, from the percent sign on; empty if it has none. */
function parseRange(
  text: string,
): { range: Omit<Range, "scope">; zone: string } {
  const [, address, inner = "", rest = "", outer = ""] = ZONED.exec(text) ?? [];
  const zone = outer || inner;
  const isZoned = zone !== "" && (inner === "" || inner === zone);
  const plain = isZoned ? address + rest : text;
  return { range: parseUnzoned(plain), zone: isZoned ? zone : "" };
}

function parseUnzoned(text: string): Omit<Range, "scope"> {
  const dash = text.indexOf("-");
  if (dash < 0) return parseBlock(text);
  const from = text.slice(0, dash);
  // As nmap has it: of the last octet alone.
  const to = text.slice(dash + 1)
    .replace(/^\d{1,3}$/, `${from.replace(/[^.]*$/, "")}$&`);
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

function parseBlock(text: string): Omit<Range, "scope"> {
  const { family, address, prefixLength } = parseCIDR(text);
  const first = toNumber(address, family);
  const free = BigInt((family === 4 ? 32 : 128) - prefixLength);
  return { family, first, last: first + (1n << free) - 1n };
}

/** Ranges in order, those that touch or overlap made one. */
function merge(ranges: readonly Range[]): Range[] {
  const sorted = ranges.toSorted(compare);
  const merged: Range[] = [];
  for (const range of sorted) {
    const before = merged.at(-1);
    const isApart = before?.family !== range.family ||
      before.scope !== range.scope || before.last + 1n < range.first;
    if (isApart) {
      merged.push(range);
    } else if (range.last > before.last) {
      merged[merged.length - 1] = { ...before, last: range.last };
    }
  }
  return merged;
}

/** IPv4 first, then by interface, then ascending. */
function compare(a: Start, b: Start): number {
  return a.family - b.family || a.scope - b.scope ||
    (a.first < b.first ? -1 : a.first > b.first ? 1 : 0);
}

/** Where a range begins. */
type Start = Pick<Range, "family" | "scope" | "first">;

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
