/**
 * The Authentication Header behind one of IPv4 (RFC 4302). IPv6 has it among
 * its extension headers. What it proves is not checked: that needs a key.
 *
 * {@linkcode encodeAH} computes what was left out and writes what was given as
 * it is; it throws a {@linkcode RangeError} where a value does not fit into its
 * field. {@linkcode decodeAH} throws a {@linkcode PacketError} only where a
 * header is cut short or its length is impossible, and
 * `encodeAH(header, payload)` of what it returned is the same octets again.
 *
 * @module
 */

import {
  checkField,
  checkMultiple,
  cutShort,
  wrongHeaderLength,
} from "../errors.ts";
import { type Field, fieldAt, hex, inHex, octetsAt } from "../field.ts";
import { describeRows, type Rows, rowsOf, shapeOf } from "../field_table.ts";
import { IP_PROTOCOL, ipProtocolName } from "../ip_protocols.ts";
import { get16, get32, put16, put32 } from "../octets.ts";
import {
  type Decoded,
  type Given,
  ipProtocolOf,
  type PacketLayer,
  type Protocol,
} from "../packet/protocol.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";

const OFFSET = {
  NEXT_HEADER: 0,
  LENGTH: 1,
  RESERVED: 2,
  SPI: 4,
  SEQUENCE: 8,
  ICV: 12,
} as const;

/** Octets of a header without an integrity check value. */
export const AH_MIN_HEADER_LENGTH = 12;
/** RFC 4302 §2.2: the length counts words of four octets, less two. */
const WORD = 4;
const WORDS_LESS = 2;
const MAX_HEADER_LENGTH = (255 + WORDS_LESS) * WORD;

/**
 * A header: every field; as decoded, as it stood in the octets.
 *
 * @category Tunnels
 */
export interface AHHeader {
  /** The payload's protocol number, 0–255; computed from the next layer. */
  readonly nextHeader: number;
  /**
   * In octets, a multiple of 4: 12–1,028 when decoded, 8–1,028 when given; by
   * default computed from `icv`.
   */
  readonly headerLength: number;
  /** The two octets that must be zero, 0–0xffff; default 0. */
  readonly reserved: number;
  /** Security Parameters Index: which association, 0–0xffffffff; default 0. */
  readonly spi: number;
  /** 0–0xffffffff; default 0. */
  readonly sequence: number;
  /**
   * The integrity check value with its padding, up to 1,016 octets; default
   * none. What is given is zero-padded to a multiple of 4.
   */
  readonly icv: Uint8Array;
}

/**
 * What a caller gives to make a header. What is left out is computed, or takes
 * its default; what is given is written as it is, right or wrong.
 *
 * @category Tunnels
 */
export type AHFields = Given<AHHeader, "nextHeader">;

/**
 * Writes a header, and the payload behind it, into new octets.
 *
 * @category Tunnels
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeAH } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const header = encodeAH({ nextHeader: 17, spi: 100, sequence: 1 });
 * assertEquals(header.toHex(), "11010000" + "00000064" + "00000001");
 * ```
 */
export function encodeAH(
  fields: AHFields,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const { icv = new Uint8Array() } = fields;
  const size = AH_MIN_HEADER_LENGTH + Math.ceil(icv.length / WORD) * WORD;
  const headerLength = checkMultiple(
    "AH headerLength",
    fields.headerLength ?? size,
    WORD,
    MAX_HEADER_LENGTH,
  );
  const bytes = new Uint8Array(size + payload.length);
  bytes[OFFSET.NEXT_HEADER] = bits(8, "nextHeader", fields.nextHeader);
  bytes[OFFSET.LENGTH] = bits(
    8,
    "headerLength",
    headerLength / WORD - WORDS_LESS,
  );
  put16(bytes, OFFSET.RESERVED, bits(16, "reserved", fields.reserved ?? 0));
  put32(bytes, OFFSET.SPI, bits(32, "spi", fields.spi ?? 0));
  put32(bytes, OFFSET.SEQUENCE, bits(32, "sequence", fields.sequence ?? 0));
  bytes.set(icv, OFFSET.ICV);
  bytes.set(payload, size);
  return bytes;
}

/**
 * Reads a header and finds the payload behind it; both share the input's
 * memory.
 *
 * @category Tunnels
 * @throws {PacketError} if there are fewer than 12 octets, or the header length
 * is below 12 or past the end
 *
 * @example
 * ```ts
 * import { decodeAH } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { header, payload } = decodeAH(
 *   Uint8Array.fromHex("11020000" + "00000064" + "00000001" + "deadbeef" + "45"),
 * );
 * assertEquals([header.spi, header.icv.toHex()], [100, "deadbeef"]);
 * assertEquals(payload.length, 1);
 * ```
 */
export function decodeAH(bytes: Uint8Array): Decoded<AHHeader> {
  if (bytes.length < AH_MIN_HEADER_LENGTH) {
    throw cutShort("ah", "header", bytes, AH_MIN_HEADER_LENGTH);
  }
  const headerLength = (bytes[OFFSET.LENGTH] + WORDS_LESS) * WORD;
  if (headerLength < AH_MIN_HEADER_LENGTH || headerLength > bytes.length) {
    throw wrongHeaderLength(
      "ah",
      OFFSET.LENGTH,
      bytes,
      headerLength,
      AH_MIN_HEADER_LENGTH,
    );
  }
  return {
    header: {
      nextHeader: bytes[OFFSET.NEXT_HEADER],
      headerLength,
      reserved: get16(bytes, OFFSET.RESERVED),
      spi: get32(bytes, OFFSET.SPI),
      sequence: get32(bytes, OFFSET.SEQUENCE),
      icv: bytes.subarray(OFFSET.ICV, headerLength),
    },
    headerLength,
    payload: bytes.subarray(headerLength),
    missing: 0,
  };
}

const row = rowsOf<AHHeader>();

const HEAD: Rows<AHHeader> = [
  row("nextHeader", "Next header", OFFSET.NEXT_HEADER, 8, {
    text: (number) => `${ipProtocolName(number) ?? "Unknown"} (${number})`,
  }),
  {
    name: "headerLength",
    shape: "number",
    describe({ headerLength }, _context, at) {
      const held = headerLength / WORD - WORDS_LESS;
      const text = `${held} (${headerLength} bytes)`;
      const octet = at + OFFSET.LENGTH;
      return [fieldAt(octet, 8, "headerLength", "Length", held, text)];
    },
  },
];

/** What is behind next header and length. */
const REST: Rows<AHHeader> = [
  row("reserved", "Reserved", OFFSET.RESERVED, 16, { text: inHex(4) }),
  row("spi", "AH SPI", OFFSET.SPI, 32, { text: inHex(8) }),
  row("sequence", "AH Sequence", OFFSET.SEQUENCE, 32),
  {
    name: "icv",
    shape: "octets",
    describe({ icv }, _context, at) {
      if (icv.length === 0) return [];
      const field = octetsAt(at + OFFSET.ICV, "icv", "AH ICV", icv);
      return [{ ...field, text: icv.toHex() }];
    },
  },
];

/** Describes a decoded header field by field, in wire order. */
export function describeAH(bytes: Uint8Array, header: AHHeader): Field[] {
  return describeRows([...HEAD, ...REST], header, { bytes });
}

/**
 * Describes what is behind next header and length, for IPv6, which has the
 * header among its extension headers.
 *
 * @param octets the whole header
 * @param at octets before it
 */
export function describeAuthentication(
  octets: Uint8Array,
  at: number,
): Field[] {
  if (octets.length < AH_MIN_HEADER_LENGTH) return [];
  return describeRows(REST, decodeAH(octets).header, { bytes: octets }, at);
}

function bits(width: number, field: string, value: number): number {
  return checkField("AH", field, value, width);
}

/**
 * The fields of an AH layer; `nextHeader` follows from the next layer.
 *
 * @category Tunnels
 */
export type AHLayerFields = Partial<AHFields>;

const SHAPE: ObjectShape = { fields: shapeOf([...HEAD, ...REST]) };
const checkGiven = namesChecker("ah", SHAPE);

/**
 * An Authentication Header for {@linkcode buildPacket} (RFC 4302). The checksums
 * behind it cover the addresses of the IP header before it.
 *
 * @category Tunnels
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { ah, buildPacket, dissect, ipv4, udp } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
 *   ah({ spi: 100, sequence: 1 }),
 *   udp({ destinationPort: 7 }),
 * );
 * assertEquals(packet.subarray(20, 32).toHex(), "110100000000006400000001");
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function ah(fields: AHLayerFields = {}): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "ah",
    ipProtocol: IP_PROTOCOL.AH,
    isTransparent: true,
    encode(payload, inner) {
      const nextHeader = fields.nextHeader ??
        ipProtocolOf(inner, "AH nextHeader", "ah");
      return encodeAH({ ...fields, nextHeader }, payload);
    },
  };
}

/** The protocol's row. */
export const AH: Protocol<AHHeader> = {
  abbreviation: "AH",
  ipProtocols: [IP_PROTOCOL.AH],
  title: () => "Authentication Header",
  decode: decodeAH,
  describe: describeAH,
  next: ({ nextHeader }) => ({ ipProtocol: nextHeader }),
  summary: ({ spi, sequence, icv }) =>
    `AH(spi=${hex(spi, 8)},seq=${hex(sequence, 1)},icv=0x${icv.toHex()})`,
  shape: SHAPE,
};
