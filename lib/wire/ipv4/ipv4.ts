/**
 * The Internet Protocol header, version 4 (RFC 791 §3.1), with the
 * Differentiated Services field of RFC 2474 and the ECN bits of RFC 3168.
 *
 * {@linkcode encodeIPv4} computes what was left out and writes what was given
 * as it is, so that wrong headers can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeIPv4} throws a {@linkcode PacketError} for structural faults
 * only, and `encodeIPv4(header, payload)` of what it returned is the same
 * octets again. Options are raw octets here; `ipv4_options.ts` reads them.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import { formatIPv4, parseIPv4 } from "../address.ts";
import {
  checkField,
  checkMultiple,
  checkRange,
  cutShort,
  PacketError,
  type Problem,
  wrongHeaderLength,
} from "../errors.ts";
import { get16, get32, put16, put32 } from "../octets.ts";
import type { Decoded, Given } from "../packet/protocol.ts";

/** In wire order; `ipv4_protocol.ts` shares it. */
export const OFFSET = {
  VERSION_IHL: 0,
  DS_FIELD: 1,
  TOTAL_LENGTH: 2,
  IDENTIFICATION: 4,
  FLAGS_FRAGMENT_OFFSET: 6,
  TTL: 8,
  PROTOCOL: 9,
  CHECKSUM: 10,
  SOURCE: 12,
  DESTINATION: 16,
  OPTIONS: 20,
} as const;

/**
 * Octets of a header without options.
 *
 * @category IPv4
 */
export const IPV4_MIN_HEADER_LENGTH = 20;
/**
 * Octets of the longest header: 15 words of four octets.
 *
 * @category IPv4
 */
export const IPV4_MAX_HEADER_LENGTH = 60;
/**
 * Octets of the longest packet, header included.
 *
 * @category IPv4
 */
export const IPV4_MAX_LENGTH = 65_535;

/** No payload, no options. */
const NOTHING = new Uint8Array();

/**
 * A header: every field; as decoded, as it stood in the octets.
 *
 * @category IPv4
 */
export interface IPv4Header {
  /** 0–15; always 4 when decoded, and by default. */
  readonly version: number;
  /**
   * In octets, a multiple of 4: 20–60 when decoded, 0–60 when given; by default
   * computed from the options.
   */
  readonly headerLength: number;
  /** Differentiated Services Codepoint, 0–63 (RFC 2474); default 0, best effort. */
  readonly dscp: number;
  /** Explicit Congestion Notification, 0–3 (RFC 3168); default 0, not capable. */
  readonly ecn: number;
  /** Header and payload, in octets, 0–65,535; by default just that. */
  readonly totalLength: number;
  /** Which datagram a fragment belongs to, 0–65,535; default 0. */
  readonly identification: number;
  /** The flag that must be zero (RFC 791), and sometimes is not; default false. */
  readonly reserved: boolean;
  /** Whether routers may not fragment; default false. */
  readonly dontFragment: boolean;
  /** Whether further fragments follow; default false. */
  readonly moreFragments: boolean;
  /**
   * Where this fragment's payload belongs, in octets: 0–65,528, a multiple of
   * 8; default 0.
   */
  readonly fragmentOffset: number;
  /** Time to live, in hops, 0–255; default 64. */
  readonly ttl: number;
  /**
   * The payload's protocol number, 0–255; {@linkcode buildPacket} computes it
   * from the next layer.
   */
  readonly protocol: number;
  /** The header checksum, 0–65,535; by default computed. */
  readonly checksum: number;
  /**
   * Source address, dotted decimal; default 0.0.0.0, which Linux replaces on
   * its way out.
   */
  readonly source: string;
  /** Destination address, dotted decimal. */
  readonly destination: string;
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
 * @category IPv4
 */
export type IPv4Fields = Given<IPv4Header, "protocol" | "destination">;

/**
 * Writes a header, and the payload behind it, into new octets.
 *
 * @category IPv4
 * @throws {RangeError} if a value does not fit its field, or the packet would
 * be longer than 65,535 octets
 *
 * @example
 * ```ts
 * import { encodeIPv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const header = encodeIPv4({
 *   source: "1.1.1.100",
 *   destination: "1.1.1.1",
 *   protocol: 253,
 *   ttl: 128,
 * });
 * assertEquals(header.toHex(), "450000140000000080fd35870101016401010101");
 * ```
 */
export function encodeIPv4(
  fields: IPv4Fields,
  payload: Uint8Array = NOTHING,
): Uint8Array<ArrayBuffer> {
  return writeIPv4(fields, payload, fields.protocol);
}

/** The same, where the protocol follows from the payload. */
export function writeIPv4(
  fields: Omit<IPv4Fields, "protocol">,
  payload: Uint8Array,
  protocol: number,
): Uint8Array<ArrayBuffer> {
  const { options } = fields;
  const optionsLength = options === undefined ? 0 : checkRange(
    "IPv4 options, in octets,",
    options.length,
    0,
    IPV4_MAX_HEADER_LENGTH - IPV4_MIN_HEADER_LENGTH,
  );
  const headerOctets = IPV4_MIN_HEADER_LENGTH + ((optionsLength + 3) & ~3);
  const headerLength = multiple(
    4,
    "headerLength",
    fields.headerLength ?? headerOctets,
    60,
  );
  const fragmentOffset = multiple(
    8,
    "fragmentOffset",
    fields.fragmentOffset ?? 0,
    65_528,
  );
  checkRange(
    "IPv4 header and payload, in octets,",
    headerOctets + payload.length,
    IPV4_MIN_HEADER_LENGTH,
    IPV4_MAX_LENGTH,
  );

  const bytes = new Uint8Array(headerOctets + payload.length);
  bytes[OFFSET.VERSION_IHL] = bits(4, "version", fields.version ?? 4) << 4 |
    headerLength / 4;
  bytes[OFFSET.DS_FIELD] = bits(6, "dscp", fields.dscp ?? 0) << 2 |
    bits(2, "ecn", fields.ecn ?? 0);
  put16(
    bytes,
    OFFSET.TOTAL_LENGTH,
    bits(16, "totalLength", fields.totalLength ?? bytes.length),
  );
  put16(
    bytes,
    OFFSET.IDENTIFICATION,
    bits(16, "identification", fields.identification ?? 0),
  );
  put16(
    bytes,
    OFFSET.FLAGS_FRAGMENT_OFFSET,
    (fields.reserved ? 0x8000 : 0) | (fields.dontFragment ? 0x4000 : 0) |
      (fields.moreFragments ? 0x2000 : 0) | fragmentOffset / 8,
  );
  bytes[OFFSET.TTL] = bits(8, "ttl", fields.ttl ?? 64);
  bytes[OFFSET.PROTOCOL] = bits(8, "protocol", protocol);
  put32(bytes, OFFSET.SOURCE, parseIPv4(fields.source ?? "0.0.0.0"));
  put32(bytes, OFFSET.DESTINATION, parseIPv4(fields.destination));
  if (options !== undefined) bytes.set(options, OFFSET.OPTIONS);
  bytes.set(payload, headerOctets);
  // Last, since it covers all the rest; the field itself is still zero.
  put16(
    bytes,
    OFFSET.CHECKSUM,
    bits(
      16,
      "checksum",
      fields.checksum ?? internetChecksum(bytes, 0, headerOctets),
    ),
  );
  return bytes;
}

/**
 * Reads a header and finds the payload behind it.
 *
 * Octets after the total length (the padding of short Ethernet frames) belong
 * to neither. Where the total length goes past the end, as in packets quoted
 * by ICMP errors, `missing` says by how much. Options and payload share the
 * input's memory.
 *
 * @category IPv4
 * @throws {PacketError} if there are fewer than 20 octets, the version is not
 * 4, the header length is below 20 or past the end, or the total length is
 * below the header's
 *
 * @example
 * ```ts
 * import { decodeIPv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * // "Hi", as it was captured on 1.1.1.1.
 * const packet = Uint8Array.fromHex(
 *   "4500001636dd000080fdfea701010164010101014869",
 * );
 * const { header, payload } = decodeIPv4(packet);
 * assertEquals([header.source, header.ttl, header.protocol], ["1.1.1.100", 128, 253]);
 * assertEquals(new TextDecoder().decode(payload), "Hi");
 * ```
 */
export function decodeIPv4(bytes: Uint8Array): Decoded<IPv4Header> {
  const decoded = readIPv4(bytes);
  const fault = contradiction(decoded.header);
  if (fault !== undefined) throw new PacketError(fault);
  if (decoded.header.totalLength > 0) return decoded;
  throw new PacketError(tooShort(decoded.header));
}

/**
 * The same for whoever looks at packets, where a wrong version and a total
 * length below the header's are kept as they are, and all that is there is
 * payload. A total length of 0 is that of a packet captured before the interface
 * cut it in pieces, or after it put them together.
 *
 * @throws {PacketError} if there are fewer than 20 octets, or the header length
 * is below 20 or past the end
 */
export function readIPv4(bytes: Uint8Array): Decoded<IPv4Header> {
  if (bytes.length < IPV4_MIN_HEADER_LENGTH) {
    throw cutShort("ipv4", "header", bytes, IPV4_MIN_HEADER_LENGTH);
  }
  const version = bytes[OFFSET.VERSION_IHL] >>> 4;
  const headerLength = (bytes[OFFSET.VERSION_IHL] & 0x0f) * 4;
  if (headerLength < IPV4_MIN_HEADER_LENGTH || headerLength > bytes.length) {
    if (version !== 4) throw new PacketError(wrongVersion(version));
    throw wrongHeaderLength(
      "ipv4",
      OFFSET.VERSION_IHL,
      bytes,
      headerLength,
      IPV4_MIN_HEADER_LENGTH,
    );
  }
  const totalLength = get16(bytes, OFFSET.TOTAL_LENGTH);
  const end = version === 4 && totalLength >= headerLength
    ? totalLength
    : bytes.length;
  const fragment = get16(bytes, OFFSET.FLAGS_FRAGMENT_OFFSET);
  const payload = bytes.subarray(headerLength, end);
  return {
    header: {
      version,
      headerLength,
      dscp: bytes[OFFSET.DS_FIELD] >>> 2,
      ecn: bytes[OFFSET.DS_FIELD] & 3,
      totalLength,
      identification: get16(bytes, OFFSET.IDENTIFICATION),
      reserved: (fragment & 0x8000) !== 0,
      dontFragment: (fragment & 0x4000) !== 0,
      moreFragments: (fragment & 0x2000) !== 0,
      fragmentOffset: (fragment & 0x1fff) * 8,
      ttl: bytes[OFFSET.TTL],
      protocol: bytes[OFFSET.PROTOCOL],
      checksum: get16(bytes, OFFSET.CHECKSUM),
      source: formatIPv4(get32(bytes, OFFSET.SOURCE)),
      destination: formatIPv4(get32(bytes, OFFSET.DESTINATION)),
      options: headerLength === OFFSET.OPTIONS
        ? NOTHING
        : bytes.subarray(OFFSET.OPTIONS, headerLength),
    },
    headerLength,
    payload,
    missing: end - headerLength - payload.length,
  };
}

/**
 * Why a header that could be read is none of IPv4, or says nothing of what is
 * behind it. A total length of 0 is no reason.
 */
export function contradiction(header: IPv4Header): Problem | undefined {
  const { version, headerLength, totalLength } = header;
  if (version !== 4) return wrongVersion(version);
  return totalLength === 0 || totalLength >= headerLength
    ? undefined
    : tooShort(header);
}

function wrongVersion(version: number): Problem {
  const reason = `is ${version}, 4 wanted`;
  return { layer: "ipv4", field: "version", offset: 0, reason };
}

function tooShort({ headerLength, totalLength }: IPv4Header): Problem {
  return {
    layer: "ipv4",
    field: "totalLength",
    offset: OFFSET.TOTAL_LENGTH,
    reason: `is ${totalLength} octets, less than the header's ${headerLength}`,
  };
}

function bits(width: number, field: string, value: number): number {
  return checkField("IPv4", field, value, width);
}

function multiple(
  of: number,
  field: string,
  value: number,
  max: number,
): number {
  // The field's name is put together for an error only, as in `bits()`.
  return value >= 0 && value <= max && value % of === 0
    ? value
    : checkMultiple(`IPv4 ${field}`, value, of, max);
}
