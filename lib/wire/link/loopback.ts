/**
 * What stands before packets captured on a loopback interface of BSD, macOS or
 * Windows: four octets that say which family of addresses follows, in the byte
 * order of the capturing host (LINKTYPE_NULL) or of the network
 * (LINKTYPE_LOOP).
 *
 * No family is above 65,535, so the octets themselves tell their order.
 * {@linkcode decodeLoopback} throws a {@linkcode PacketError} where there are
 * fewer than four octets, {@linkcode encodeLoopback} a {@linkcode RangeError}
 * where the family does not fit; encoding what was decoded gives the same
 * octets again.
 *
 * @module
 */

import { checkField, cutShort, type Problem } from "../errors.ts";
import type { Field } from "../field.ts";
import { describeRows, type Rows, rowsOf, shapeOf } from "../field_table.ts";
import { ETHER_TYPE } from "../ether_types.ts";
import { LINK_TYPE_LOOP, LINK_TYPE_NULL } from "../link_types.ts";
import { get32, put32 } from "../octets.ts";
import type { Decoded, PacketLayer, Protocol } from "../packet/protocol.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";

const OFFSET = { FAMILY: 0, SIZE: 4 } as const;

/**
 * Octets of the header.
 *
 * @category Links
 */
export const LOOPBACK_HEADER_LENGTH = 4;

/** The families that IPv4 and IPv6 have on each system. */
const FAMILIES: Readonly<Record<number, string>> = {
  2: "IP",
  10: "IPv6 (Linux)",
  23: "IPv6 (Windows)",
  24: "IPv6 (NetBSD, OpenBSD)",
  28: "IPv6 (FreeBSD)",
  30: "IPv6 (macOS)",
};

/**
 * A header: all of it must be given, and is as it stood in the octets.
 *
 * @category Links
 */
export interface LoopbackHeader {
  /** AF_INET, AF_INET6 and so on of the capturing system, 0–0xffffffff. */
  readonly family: number;
  /** Whether the lowest octet is first, as on most hosts today. */
  readonly littleEndian: boolean;
}

/**
 * Writes a header, and the payload behind it, into new octets.
 *
 * @category Links
 * @throws {RangeError} if the family does not fit
 *
 * @example
 * ```ts
 * import { encodeLoopback } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const header = encodeLoopback({ family: 2, littleEndian: true });
 * assertEquals(header.toHex(), "02000000");
 * ```
 */
export function encodeLoopback(
  { family, littleEndian }: LoopbackHeader,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(OFFSET.SIZE + payload.length);
  put32(bytes, OFFSET.FAMILY, checkField("loopback", "family", family, 32));
  if (littleEndian) bytes.subarray(OFFSET.FAMILY, OFFSET.SIZE).reverse();
  bytes.set(payload, OFFSET.SIZE);
  return bytes;
}

/**
 * Reads a header in either byte order.
 *
 * @category Links
 * @throws {PacketError} if there are fewer than 4 octets
 *
 * @example
 * ```ts
 * import { decodeLoopback } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * // IPv6 as macOS has it.
 * const { header } = decodeLoopback(Uint8Array.of(30, 0, 0, 0));
 * assertEquals(header, { family: 30, littleEndian: true });
 * ```
 */
export function decodeLoopback(bytes: Uint8Array): Decoded<LoopbackHeader> {
  if (bytes.length < OFFSET.SIZE) {
    throw cutShort("loopback", "header", bytes, OFFSET.SIZE);
  }
  const big = get32(bytes, OFFSET.FAMILY);
  const littleEndian = big > 0xffff;
  const reversed = bytes.slice(OFFSET.FAMILY, OFFSET.SIZE).reverse();
  const family = littleEndian ? get32(reversed, OFFSET.FAMILY) : big;
  return {
    header: { family, littleEndian },
    headerLength: OFFSET.SIZE,
    payload: bytes.subarray(OFFSET.SIZE),
    missing: 0,
  };
}

/** What is wrong with a header that could be decoded: a family of no system. */
export function checkLoopback(
  _bytes: Uint8Array,
  { header: { family } }: Decoded<LoopbackHeader>,
): Problem[] {
  if (family <= 0xffff) return [];
  const reason = `is ${family}: no system has that`;
  return [{ layer: "loopback", field: "family", offset: 0, reason }];
}

const row = rowsOf<LoopbackHeader>();

const ROWS: Rows<LoopbackHeader> = [
  row("family", "Family", OFFSET.FAMILY, 32, {
    needed: true,
    text: (family) => `${FAMILIES[family] ?? "Unknown"} (${family})`,
  }),
];

/** Describes a decoded header. */
export function describeLoopback(
  bytes: Uint8Array,
  header: LoopbackHeader,
): Field[] {
  // As text, since the octets may be in either order.
  return describeRows(ROWS, header, { bytes })
    .map((field) => ({ ...field, value: field.text }));
}

const SHAPE: ObjectShape = {
  fields: { ...shapeOf(ROWS), littleEndian: "flag!" },
};
const checkGiven = namesChecker("loopback", SHAPE);

/**
 * What loopback interfaces of BSD, macOS or Windows put before a packet.
 *
 * @category Links
 * @throws {TypeError} if a field, or a kind, is none of those there are
 */
export function loopback(fields: LoopbackHeader): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "loopback",
    encode: (payload) => encodeLoopback(fields, payload),
  };
}

/** The protocol's row. */
export const LOOPBACK: Protocol<LoopbackHeader> = {
  abbreviation: "NULL",
  linkTypes: [LINK_TYPE_NULL, LINK_TYPE_LOOP],
  title: () => "Null/Loopback",
  decode: decodeLoopback,
  check: checkLoopback,
  describe: describeLoopback,
  next: ({ family }) =>
    FAMILIES[family] === undefined ? undefined : {
      etherType: family === 2 ? ETHER_TYPE.IPV4 : ETHER_TYPE.IPV6,
    },
  linkTypeOf: ({ littleEndian }) =>
    littleEndian ? LINK_TYPE_NULL : LINK_TYPE_LOOP,
  shape: SHAPE,
};
