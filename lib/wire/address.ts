/**
 * IP addresses as text and as octets.
 *
 * The parsers are strict, so that no two programs can disagree about what an
 * address means: IPv4 is four decimal octets without leading zeros (RFC 6943
 * §3.1.1), never `1.1` or `0x7f.1`; IPv6 is the text of RFC 4291 §2.2, and is
 * always written in the canonical form of RFC 5952.
 *
 * What cannot be parsed throws a {@linkcode RangeError} that quotes it.
 *
 * @module
 */

import { checkRange } from "./errors.ts";

/** An IP version, 4 or 6. */
export type Family = 4 | 6;

/**
 * Whether `text` is an IPv4 address in strict dotted-decimal notation.
 *
 * @example
 * ```ts
 * import { isIPv4 } from "raw4";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isIPv4("192.0.2.1"));
 * assertFalse(isIPv4("192.0.2.01"));
 * ```
 */
export function isIPv4(text: string): boolean {
  return tryParseIPv4(text) >= 0;
}

/**
 * Whether `text` is an IPv6 address, without a zone.
 *
 * @example
 * ```ts
 * import { isIPv6 } from "raw4";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isIPv6("2001:db8::1"));
 * assertFalse(isIPv6("2001:db8::1%eth0"));
 * ```
 */
export function isIPv6(text: string): boolean {
  return tryParseIPv6(text) !== undefined;
}

/**
 * The family of an address, or `undefined` for anything else.
 *
 * @example
 * ```ts
 * import { familyOf } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([familyOf("::1"), familyOf("host")], [6, undefined]);
 * ```
 */
export function familyOf(text: string): Family | undefined {
  if (isIPv4(text)) return 4;
  return isIPv6(text) ? 6 : undefined;
}

/**
 * Parses an IPv4 address into a 32-bit number, the first octet uppermost.
 *
 * @returns 0–0xffffffff
 * @throws {RangeError} if `text` is not four decimal octets
 *
 * @example
 * ```ts
 * import { parseIPv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseIPv4("1.1.1.100"), 0x01010164);
 * ```
 */
export function parseIPv4(text: string): number {
  const value = tryParseIPv4(text);
  if (value >= 0) return value;
  throw new RangeError(
    `not an IPv4 address: ${quote(text)} (wanted: four decimal octets, ` +
      "0–255 each, without leading zeros)",
  );
}

/**
 * Writes a 32-bit number as an IPv4 address.
 *
 * @param value 0–0xffffffff; a negative number is taken modulo 2^32
 *
 * @example
 * ```ts
 * import { formatIPv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatIPv4(0x01010164), "1.1.1.100");
 * ```
 */
export function formatIPv4(value: number): string {
  return `${value >>> 24}.${value >>> 16 & 255}.${value >>> 8 & 255}.${
    value & 255
  }`;
}

/**
 * Parses an IPv6 address (RFC 4291 §2.2), without a zone.
 *
 * @returns 16 octets in network order
 * @throws {RangeError} if `text` is no IPv6 address
 *
 * @example
 * ```ts
 * import { parseIPv6 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseIPv6("::1").at(-1), 1);
 * ```
 */
export function parseIPv6(text: string): Uint8Array<ArrayBuffer> {
  const octets = tryParseIPv6(text);
  if (octets !== undefined) return octets;
  throw new RangeError(
    `not an IPv6 address: ${quote(text)} (wanted: eight groups of one to ` +
      'four hexadecimal digits, at most one "::", no zone)',
  );
}

/**
 * Writes an IPv6 address in the canonical form of RFC 5952: lower case, no
 * leading zeros, the longest run of zero groups as `::`. An IPv4-mapped
 * address ends in dotted decimal (§5).
 *
 * @param octets 16 octets from `offset` on
 *
 * @example
 * ```ts
 * import { formatIPv6, parseIPv6 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(formatIPv6(parseIPv6("2001:DB8:0:0:0:0:0:1")), "2001:db8::1");
 * ```
 */
export function formatIPv6(octets: Uint8Array, offset = 0): string {
  const groups: number[] = [];
  for (let i = offset; i < offset + 16; i += 2) {
    groups.push((octets[i] << 8) | octets[i + 1]);
  }
  if (
    groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  ) {
    return `::ffff:${formatIPv4(groups[6] * 0x10000 + groups[7])}`;
  }
  const { start, length } = longestZeroRun(groups);
  const text = groups.map((group) => group.toString(16));
  // RFC 5952 §4.2.2: "::" never stands for a single group.
  if (length < 2) return text.join(":");
  return `${text.slice(0, start).join(":")}::${
    text.slice(start + length).join(":")
  }`;
}

/** A block of addresses: all that share their first `prefixLength` bits. */
export interface CIDR {
  /** 4 or 6. */
  readonly family: Family;
  /** The block's first address, canonical. */
  readonly address: string;
  /** Leading bits that are fixed, 0–32 or 0–128. */
  readonly prefixLength: number;
}

/**
 * Parses a block of addresses, such as `10.0.0.0/8` (RFC 4632, RFC 4291 §2.3).
 * A lone address is a block of one. Bits after the prefix are cleared.
 *
 * @throws {RangeError} if it is no address, or the length is out of range
 *
 * @example
 * ```ts
 * import { parseCIDR } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseCIDR("10.9.0.5/24"), {
 *   family: 4,
 *   address: "10.9.0.0",
 *   prefixLength: 24,
 * });
 * ```
 */
export function parseCIDR(text: string): CIDR {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const family = familyOf(address);
  if (family === undefined) {
    throw new RangeError(
      `not a block of addresses: ${quote(text)} (wanted: an IPv4 or IPv6 ` +
        'address, "/" and a prefix length, such as 10.0.0.0/8)',
    );
  }
  const bits = family === 4 ? 32 : 128;
  const suffix = slash < 0 ? `${bits}` : text.slice(slash + 1);
  const prefixLength = checkRange(
    `the prefix length in ${quote(text)}`,
    /^(0|[1-9]\d{0,2})$/.test(suffix) ? Number(suffix) : NaN,
    0,
    bits,
  );
  const octets = toOctets(address, family);
  for (let i = 0; i < octets.length; i++) {
    octets[i] &= octetMask(prefixLength - 8 * i);
  }
  return { family, address: fromOctets(octets), prefixLength };
}

/**
 * Whether an address lies in a block. An address of the other family never
 * does.
 *
 * @throws {RangeError} if `address` is no address
 *
 * @example
 * ```ts
 * import { cidrContains, parseCIDR } from "raw4";
 * import { assert } from "@std/assert";
 *
 * assert(cidrContains(parseCIDR("10.0.0.0/8"), "10.9.0.5"));
 * ```
 */
export function cidrContains(block: CIDR, address: string): boolean {
  const family = isIPv4(address) ? 4 : 6;
  const octets = toOctets(address, family);
  if (family !== block.family) return false;
  return toOctets(block.address, family).every((octet, i) =>
    octet === (octets[i] & octetMask(block.prefixLength - 8 * i))
  );
}

/** The mask of one octet in which `bits` leading bits are fixed. */
function octetMask(bits: number): number {
  return bits <= 0 ? 0 : bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
}

function toOctets(address: string, family: Family): Uint8Array {
  if (family === 6) return parseIPv6(address);
  const value = parseIPv4(address);
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function fromOctets(octets: Uint8Array): string {
  return octets.length === 4 ? octets.join(".") : formatIPv6(octets);
}

/** Quotes for a message, with control characters escaped, and not endless. */
function quote(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  // JSON leaves DEL and the C1 controls as they are; terminals obey them.
  return JSON.stringify(shown).replace(
    /\p{Cc}/gu,
    (control) => `\\u00${control.charCodeAt(0).toString(16)}`,
  );
}

/** The address as a number, or -1. One pass, since sweeps parse millions. */
function tryParseIPv4(text: string): number {
  let value = 0;
  let octet = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit === -2) { // "."
      if (octet < 0 || ++dots > 3) return -1;
      value = value * 256 + octet;
      octet = -1;
    } else if (digit >= 0 && digit <= 9) {
      if (octet === 0) return -1; // A leading zero: octal to some, not to us.
      octet = octet < 0 ? digit : octet * 10 + digit;
      if (octet > 255) return -1;
    } else {
      return -1;
    }
  }
  return dots === 3 && octet >= 0 ? value * 256 + octet : -1;
}

function tryParseIPv6(text: string): Uint8Array<ArrayBuffer> | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1], true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const zeros = 8 - head.length - tail.length;
  // "::" stands for at least one group; without it all eight must be there.
  if (halves.length === 2 ? zeros < 1 : zeros !== 0) return undefined;
  const octets = new Uint8Array(16);
  [...head, ...new Array(zeros).fill(0), ...tail].forEach((group, i) => {
    octets[2 * i] = group >>> 8;
    octets[2 * i + 1] = group;
  });
  return octets;
}

/** Groups between colons; the last may be an IPv4 address, if it is at the end. */
function parseGroups(text: string, atEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [i, part] of parts.entries()) {
    const ipv4 = atEnd && i === parts.length - 1 ? tryParseIPv4(part) : -1;
    if (ipv4 >= 0) {
      groups.push(ipv4 >>> 16, ipv4 & 0xffff);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end++;
    // RFC 5952 §4.2.3: of equal runs, the first.
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}
