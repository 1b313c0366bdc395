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

import { get16, get32, put16, put32 } from "./octets.ts";

/** Octets of an IPv6 address. */
const IPV6_LENGTH = 16;
const COLON = 0x3a;
const DOT = 0x2e;

/**
 * An IP version, 4 or 6.
 *
 * @category Addresses
 */
export type Family = 4 | 6;

/**
 * Whether `text` is an IPv4 address in strict dotted-decimal notation.
 *
 * @category Addresses
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
 * @category Addresses
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
  return readIPv6(text, new Uint8Array(IPV6_LENGTH), 0);
}

/**
 * The family of an address, or `undefined` for anything else.
 *
 * @category Addresses
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
 * @category Addresses
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
 * @category Addresses
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
 * @category Addresses
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
  const octets = new Uint8Array(IPV6_LENGTH);
  putIPv6(octets, 0, text);
  return octets;
}

/**
 * Writes the 16 octets of an IPv6 address at `offset`.
 *
 * @throws {RangeError} as {@linkcode parseIPv6} does
 */
export function putIPv6(
  octets: Uint8Array,
  offset: number,
  text: string,
): void {
  if (readIPv6(text, octets, offset)) return;
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
 * @category Addresses
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
  const a = get32(octets, offset);
  const b = get32(octets, offset + 4);
  const c = get32(octets, offset + 8);
  const d = get32(octets, offset + 12);
  const mixed = Math.imul(a ^ b ^ c ^ d, MIXER) >>> 24;
  const last = written[mixed];
  if (
    last !== undefined &&
    last.a === a && last.b === b && last.c === c && last.d === d
  ) return last.text;
  const text = writeIPv6(octets, offset);
  written[mixed] = { a, b, c, d, text };
  return text;
}

/**
 * Addresses written lately, by a mixture of their words: most packets are of a
 * few hosts, and to write an address takes as long as to dissect the rest.
 */
const written = new Array<
  { a: number; b: number; c: number; d: number; text: string } | undefined
>(256).fill(undefined);
/** 2^32 by the golden ratio. */
const MIXER = 0x9e3779b1;

function writeIPv6(octets: Uint8Array, offset: number): string {
  const { start, length } = longestZeroRun(octets, offset);
  if (start === 0 && length === 5 && get16(octets, offset + 10) === 0xffff) {
    return `::ffff:${formatIPv4(get32(octets, offset + 12))}`;
  }
  let text = "";
  for (let i = 0; i < 8; i++) {
    if (i === start) {
      text += "::";
      i += length - 1;
    } else {
      if (i > 0 && i !== start + length) text += ":";
      text += get16(octets, offset + 2 * i).toString(16);
    }
  }
  return text;
}

/** Where the run of zero groups is that "::" stands for; -1 if none is. */
function longestZeroRun(
  octets: Uint8Array,
  offset: number,
): { start: number; length: number } {
  let end = 0;
  let length = 0;
  let run = 0;
  for (let i = 0; i < 8; i++) {
    run = get16(octets, offset + 2 * i) === 0 ? run + 1 : 0;
    // RFC 5952 §4.2.3: of equal runs, the first.
    if (run <= length) continue;
    length = run;
    end = i + 1;
  }
  // RFC 5952 §4.2.2: never for a single one.
  return length < 2
    ? { start: -1, length: 0 }
    : { start: end - length, length };
}

/** The octets of an address without a zone, 4 or 16 of them. */
export function addressOctets(address: string, family: Family): Uint8Array {
  if (family === 6) return parseIPv6(address);
  const value = parseIPv4(address);
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Quotes for a message, with control characters escaped, and not endless. */
export function quote(text: string): string {
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

/**
 * Reads an IPv6 address into 16 octets, in one pass over its characters: every
 * checksum over IPv6 takes two addresses.
 *
 * @returns whether it is one; if not, some octets may be written
 */
function readIPv6(text: string, octets: Uint8Array, offset: number): boolean {
  const { length } = text;
  const end = offset + IPV6_LENGTH;
  let at = offset;
  // Where "::" stands.
  let gap = -1;
  let i = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return false;
    gap = at;
    i = 2;
  }
  while (i < length) {
    const start = i;
    let group = 0;
    for (; i < length; i++) {
      const digit = hexDigit(text.charCodeAt(i));
      if (digit < 0) break;
      group = group << 4 | digit;
    }
    if (i < length && text.charCodeAt(i) === DOT) {
      const ipv4 = tryParseIPv4(text.slice(start));
      if (ipv4 < 0 || at + 4 > end) return false;
      put32(octets, at, ipv4);
      at += 4;
      break;
    }
    if (i === start || i - start > 4 || at === end) return false;
    put16(octets, at, group);
    at += 2;
    if (i === length) break;
    if (text.charCodeAt(i++) !== COLON || i === length) return false;
    if (text.charCodeAt(i) !== COLON) continue;
    if (gap >= 0) return false;
    gap = at;
    i++;
  }
  if (gap < 0) return at === end;
  // "::" stands for at least one group.
  if (at === end) return false;
  let to = end;
  while (at > gap) octets[--to] = octets[--at];
  while (to > gap) octets[--to] = 0;
  return true;
}

/** 0–15, or -1. */
function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}
