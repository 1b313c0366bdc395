/**
 * What the messages of ICMP and ICMPv6 have in common: the first four octets,
 * the packet that an error quotes, and the extensions behind it (RFC 4884).
 *
 * @module
 */

import { checkField, checkMultiple, cutShort } from "../errors.ts";
import { isICMPExtensions, MIN_ICMP_EXTENSIONS } from "./icmp_extensions.ts";
import { get16, put16, spaceBefore } from "../octets.ts";

/** In wire order; what follows the checksum differs from type to type. */
export const OFFSET = {
  TYPE: 0,
  CODE: 1,
  CHECKSUM: 2,
  UNKNOWN: 4,
  QUOTED: 8,

  // Queries
  IDENTIFIER: 4,
  SEQUENCE: 6,
  QUERY_DATA: 8,
} as const;

/** What every message begins with. */
export interface Head {
  readonly type: number;
  readonly code: number;
  readonly checksum: number;
}

/** Where a version of ICMP has the length of the quoted packet, and its unit. */
export interface QuotedLength {
  /** Such as `ICMPv4`. */
  readonly layer: string;
  /** Octets from the start of the message; the field is one octet. */
  readonly offset: number;
  /** Octets that it counts in. */
  readonly unit: 4 | 8;
}

/** Of an error that may carry extensions. */
export interface Quoted {
  /** What the length field says, in octets; 0 says nothing. */
  readonly quotedLength: number;
  /** The packet that caused the error, as far as it goes, and its padding. */
  readonly quoted: Uint8Array;
  /** The extension structure; no octets if there is none. */
  readonly extensions: Uint8Array;
}

/** RFC 4884 §5.5: where structures without a length field before them begin. */
const FIXED_QUOTED_LENGTH = 128;

/**
 * Reads what every message begins with.
 *
 * @throws {PacketError} if it is cut short
 */
export function decodeHead(
  layer: "icmpv4" | "icmpv6",
  bytes: Uint8Array,
): Head {
  if (bytes.length < OFFSET.UNKNOWN) {
    throw cutShort(layer, "message", bytes, OFFSET.UNKNOWN);
  }
  return {
    type: bytes[OFFSET.TYPE],
    code: bytes[OFFSET.CODE],
    checksum: get16(bytes, OFFSET.CHECKSUM),
  };
}

/** Writes what echo messages and other queries have behind their head. */
export function encodeQuery(
  layer: "ICMPv4" | "ICMPv6",
  { identifier = 0, sequence = 0 }: {
    readonly identifier?: number;
    readonly sequence?: number;
  },
  payload: Uint8Array | undefined,
  length: number = OFFSET.QUERY_DATA,
): Uint8Array<ArrayBuffer> {
  const bytes = spaceBefore(payload, length);
  put16(
    bytes,
    OFFSET.IDENTIFIER,
    checkField(layer, "identifier", identifier, 16),
  );
  put16(bytes, OFFSET.SEQUENCE, checkField(layer, "sequence", sequence, 16));
  return bytes;
}

/** Parts the packet that an error quotes from the extension structure. */
export function decodeQuoted(
  bytes: Uint8Array,
  { offset, unit }: QuotedLength,
): Quoted {
  const quotedLength = bytes[offset] * unit;
  const body = bytes.subarray(OFFSET.QUOTED);
  const length = quotedLength === 0 && isFixedForm(body)
    ? FIXED_QUOTED_LENGTH
    : quotedLength;
  const holdsExtensions = length > 0 &&
    length + MIN_ICMP_EXTENSIONS <= body.length;
  const end = holdsExtensions ? length : body.length;
  return {
    quotedLength,
    quoted: body.subarray(0, end),
    extensions: body.subarray(end),
  };
}

/**
 * RFC 4884 §5.5: routers from before it set no length and put the structure
 * at octet 128. It is one if its version and its checksum are right.
 */
function isFixedForm(body: Uint8Array): boolean {
  return body.length > FIXED_QUOTED_LENGTH &&
    isICMPExtensions(body.subarray(FIXED_QUOTED_LENGTH));
}

/**
 * New octets for an error: the quoted packet, its length, and the extensions
 * are written, all else is zero.
 *
 * @throws {RangeError} if the length does not fit its field
 */
export function encodeQuoted(
  fields: Partial<Quoted>,
  { layer, offset, unit }: QuotedLength,
): Uint8Array<ArrayBuffer> {
  const { quoted = new Uint8Array(), extensions = new Uint8Array() } = fields;
  const padded = paddedLength(quoted, extensions, fields.quotedLength, unit);
  const quotedLength = checkMultiple(
    `${layer} quotedLength`,
    fields.quotedLength ?? (extensions.length > 0 ? padded : 0),
    unit,
    255 * unit,
  );
  const bytes = new Uint8Array(OFFSET.QUOTED + padded + extensions.length);
  bytes[offset] = quotedLength / unit;
  bytes.set(quoted, OFFSET.QUOTED);
  bytes.set(extensions, OFFSET.QUOTED + padded);
  return bytes;
}

/**
 * How many octets the quoted packet takes up, padding included: as many as it
 * has, unless an extension structure follows.
 *
 * @param quotedLength the length field, if the caller gave it
 */
function paddedLength(
  quoted: Uint8Array,
  extensions: Uint8Array,
  quotedLength: number | undefined,
  unit: 4 | 8,
): number {
  if (extensions.length === 0) return quoted.length;
  // RFC 4884 §3: at least 128 octets, so that old readers find the structure.
  const wanted = quotedLength || FIXED_QUOTED_LENGTH;
  const length = Math.max(quoted.length, wanted);
  // A length that was given stands; the quoted packet then is not aligned.
  return quotedLength === undefined ? Math.ceil(length / unit) * unit : length;
}
