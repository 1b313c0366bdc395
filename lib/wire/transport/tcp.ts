/**
 * The header of the Transmission Control Protocol (RFC 9293 §3.1), with the
 * ECN flags of RFC 3168. Only headers: no connection is kept here.
 *
 * {@linkcode encodeTCP} computes what was left out and writes what was given as
 * it is, so that wrong headers can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeTCP} throws a {@linkcode PacketError} for structural faults
 * only, and `encodeTCP(header, payload)` of what it returned is the same octets
 * again. Options are raw octets here; `tcp_options.ts` reads them, and
 * `tcp_protocol.ts` describes the header.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import {
  checkField,
  checkMultiple,
  checkRange,
  cutShort,
  wrongHeaderLength,
} from "../errors.ts";
import { IP_PROTOCOL } from "../ip_protocols.ts";
import { get16, get32, put16, put32 } from "../octets.ts";
import type { Decoded, Given } from "../packet/protocol.ts";
import { type AddressPair, pseudoHeaderSum } from "../pseudo_header.ts";

/** In wire order. */
export const OFFSET = {
  SOURCE_PORT: 0,
  DESTINATION_PORT: 2,
  SEQUENCE: 4,
  ACKNOWLEDGMENT: 8,
  DATA_OFFSET: 12,
  FLAGS: 13,
  WINDOW: 14,
  CHECKSUM: 16,
  URGENT_POINTER: 18,
  OPTIONS: 20,
} as const;

/**
 * Octets of a header without options.
 *
 * @category Transport protocols
 */
export const TCP_MIN_HEADER_LENGTH = 20;
/**
 * Octets of the longest header: 15 words of four octets.
 *
 * @category Transport protocols
 */
export const TCP_MAX_HEADER_LENGTH = 60;

const PROTOCOL = IP_PROTOCOL.TCP;

/** The control bits, the uppermost first: as they stand in their octet. */
export const TCP_FLAGS = [
  "cwr",
  "ece",
  "urg",
  "ack",
  "psh",
  "rst",
  "syn",
  "fin",
] as const;

/**
 * The control bits (RFC 9293 §3.1, RFC 3168 §6.1), each false by default.
 *
 * @category Transport protocols
 */
export interface TCPFlags {
  /** Congestion window reduced. */
  readonly cwr: boolean;
  /** ECN-Echo. */
  readonly ece: boolean;
  /** The urgent pointer is significant. */
  readonly urg: boolean;
  /** The acknowledgment number is significant. */
  readonly ack: boolean;
  /** Push function. */
  readonly psh: boolean;
  /** Reset the connection. */
  readonly rst: boolean;
  /** Synchronize sequence numbers. */
  readonly syn: boolean;
  /** No more data from the sender. */
  readonly fin: boolean;
}

/**
 * A header: every field; as decoded, as it stood in the octets.
 *
 * @category Transport protocols
 */
export interface TCPHeader extends TCPFlags {
  /** 0–0xffff. */
  readonly sourcePort: number;
  /** 0–0xffff. */
  readonly destinationPort: number;
  /** Of the first octet of data, or of the SYN; 0–0xffffffff; default 0. */
  readonly sequence: number;
  /** The sequence number that is expected next, 0–0xffffffff; default 0. */
  readonly acknowledgment: number;
  /**
   * In octets, 20–60, or down to 0 when given; a multiple of 4; by default
   * computed from the options.
   */
  readonly headerLength: number;
  /** The four bits that must be zero, 0–15; the lowest is AccECN's; default 0. */
  readonly reserved: number;
  /** Octets that may be sent, not scaled, 0–0xffff; default 65,535. */
  readonly window: number;
  /** 0–0xffff; by default computed from the segment and the addresses outside. */
  readonly checksum: number;
  /** Octets from the sequence number to the urgent data's end, 0–0xffff; default 0. */
  readonly urgentPointer: number;
  /**
   * Options and their padding, 0–40 raw octets; default none. Those given are
   * zero-padded to a multiple of 4.
   */
  readonly options: Uint8Array;
}

/**
 * What a caller gives to make a header. What is left out is computed, or takes
 * its default; what is given is written as it is, right or wrong.
 *
 * @category Transport protocols
 */
export type TCPFields = Given<TCPHeader, "sourcePort" | "destinationPort">;

/**
 * Writes a header, and the payload behind it, into new octets.
 *
 * @category Transport protocols
 * @param addresses of the IP header outside; without them the checksum is 0,
 * unless given
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeTCP } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const segment = encodeTCP(
 *   { sourcePort: 40000, destinationPort: 80, sequence: 1, syn: true },
 *   new Uint8Array(),
 *   { source: "192.0.2.1", destination: "192.0.2.2" },
 * );
 * assertEquals(segment.toHex(), "9c4000500000000100000000" + "5002ffff8f4d0000");
 * ```
 */
export function encodeTCP(
  fields: TCPFields,
  payload: Uint8Array = new Uint8Array(),
  addresses?: AddressPair,
): Uint8Array<ArrayBuffer> {
  const optionsLength = fields.options === undefined ? 0 : checkRange(
    "TCP options, in octets,",
    fields.options.length,
    0,
    TCP_MAX_HEADER_LENGTH - TCP_MIN_HEADER_LENGTH,
  );
  const headerOctets = TCP_MIN_HEADER_LENGTH + ((optionsLength + 3) & ~3);
  const headerLength = checkMultiple(
    "TCP headerLength",
    fields.headerLength ?? headerOctets,
    4,
    TCP_MAX_HEADER_LENGTH,
  );
  const bytes = new Uint8Array(headerOctets + payload.length);
  put16(bytes, OFFSET.SOURCE_PORT, bits(16, "sourcePort", fields.sourcePort));
  put16(
    bytes,
    OFFSET.DESTINATION_PORT,
    bits(16, "destinationPort", fields.destinationPort),
  );
  put32(bytes, OFFSET.SEQUENCE, bits(32, "sequence", fields.sequence));
  put32(
    bytes,
    OFFSET.ACKNOWLEDGMENT,
    bits(32, "acknowledgment", fields.acknowledgment),
  );
  bytes[OFFSET.DATA_OFFSET] = headerLength / 4 << 4 |
    bits(4, "reserved", fields.reserved);
  bytes[OFFSET.FLAGS] = flagsOf(fields);
  put16(bytes, OFFSET.WINDOW, bits(16, "window", fields.window ?? 0xffff));
  put16(
    bytes,
    OFFSET.URGENT_POINTER,
    bits(16, "urgentPointer", fields.urgentPointer),
  );
  if (fields.options !== undefined) bytes.set(fields.options, OFFSET.OPTIONS);
  bytes.set(payload, headerOctets);
  // Last, since it covers all the rest; the field itself is still zero.
  const checksum = fields.checksum ??
    (addresses === undefined
      ? 0
      : internetChecksum(bytes, sumOf(addresses, bytes)));
  put16(bytes, OFFSET.CHECKSUM, bits(16, "checksum", checksum));
  return bytes;
}

/** The control bits as the octet that holds them. */
export function flagsOf(flags: Partial<TCPFlags>): number {
  return (flags.cwr ? 0x80 : 0) | (flags.ece ? 0x40 : 0) |
    (flags.urg ? 0x20 : 0) | (flags.ack ? 0x10 : 0) |
    (flags.psh ? 0x08 : 0) | (flags.rst ? 0x04 : 0) |
    (flags.syn ? 0x02 : 0) | (flags.fin ? 0x01 : 0);
}

/**
 * Reads a header and finds the payload behind it. Options and payload share
 * the input's memory.
 *
 * @category Transport protocols
 * @param bytes the whole segment: the payload of an IP packet
 * @throws {PacketError} if there are fewer than 20 octets, or the header length
 * is below 20 or past the end
 *
 * @example
 * ```ts
 * import { decodeTCP } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { header } = decodeTCP(
 *   Uint8Array.fromHex("9c4000500000000100000000" + "5002ffff8f4d0000"),
 * );
 * assertEquals([header.destinationPort, header.syn, header.ack], [80, true, false]);
 * ```
 */
export function decodeTCP(bytes: Uint8Array): Decoded<TCPHeader> {
  if (bytes.length < TCP_MIN_HEADER_LENGTH) {
    throw cutShort("tcp", "header", bytes, TCP_MIN_HEADER_LENGTH);
  }
  const headerLength = (bytes[OFFSET.DATA_OFFSET] >>> 4) * 4;
  if (headerLength < TCP_MIN_HEADER_LENGTH || headerLength > bytes.length) {
    throw wrongHeaderLength(
      "tcp",
      OFFSET.DATA_OFFSET,
      bytes,
      headerLength,
      TCP_MIN_HEADER_LENGTH,
    );
  }
  const flags = bytes[OFFSET.FLAGS];
  return {
    header: {
      sourcePort: get16(bytes, OFFSET.SOURCE_PORT),
      destinationPort: get16(bytes, OFFSET.DESTINATION_PORT),
      sequence: get32(bytes, OFFSET.SEQUENCE),
      acknowledgment: get32(bytes, OFFSET.ACKNOWLEDGMENT),
      headerLength,
      reserved: bytes[OFFSET.DATA_OFFSET] & 0x0f,
      cwr: (flags & 0x80) !== 0,
      ece: (flags & 0x40) !== 0,
      urg: (flags & 0x20) !== 0,
      ack: (flags & 0x10) !== 0,
      psh: (flags & 0x08) !== 0,
      rst: (flags & 0x04) !== 0,
      syn: (flags & 0x02) !== 0,
      fin: (flags & 0x01) !== 0,
      window: get16(bytes, OFFSET.WINDOW),
      checksum: get16(bytes, OFFSET.CHECKSUM),
      urgentPointer: get16(bytes, OFFSET.URGENT_POINTER),
      options: headerLength === OFFSET.OPTIONS
        ? NOTHING
        : bytes.subarray(OFFSET.OPTIONS, headerLength),
    },
    headerLength,
    payload: bytes.subarray(headerLength),
    missing: 0,
  };
}

const NOTHING = new Uint8Array();

/** The sum of the pseudo header of a segment. */
export function sumOf(addresses: AddressPair, bytes: Uint8Array): number {
  return pseudoHeaderSum(addresses, PROTOCOL, bytes.length);
}

function bits(width: number, field: string, value = 0): number {
  return checkField("TCP", field, value, width);
}
