/**
 * The User Datagram Protocol (RFC 768).
 *
 * {@linkcode encodeUDP} computes what was left out and writes what was given as
 * it is, so that wrong headers can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeUDP} throws a {@linkcode PacketError} for structural faults
 * only, and `encodeUDP(header, payload)` of what it returned is the same octets
 * again. Jumbograms (RFC 2675) are not supported.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import {
  checkField,
  checkRange,
  cutShort,
  PacketError,
  type Problem,
  problemsIn,
} from "../errors.ts";
import { checksumText, hex, unverifiedChecksum } from "../field.ts";
import {
  describeRows,
  type Rows,
  rowsOf,
  shapeOf,
  type TextContext,
} from "../field_table.ts";
import { IP_PROTOCOL } from "../ip_protocols.ts";
import { get16, put16 } from "../octets.ts";
import {
  coveredAddresses,
  type Decoded,
  type Given,
  type PacketLayer,
  type Protocol,
} from "../packet/protocol.ts";
import {
  type AddressPair,
  isIPv6Pair,
  type PseudoHeader,
  pseudoHeaderSum,
} from "../pseudo_header.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";

const OFFSET = {
  SOURCE_PORT: 0,
  DESTINATION_PORT: 2,
  LENGTH: 4,
  CHECKSUM: 6,
  PAYLOAD: 8,
} as const;

const PROTOCOL = IP_PROTOCOL.UDP;

/**
 * Octets of the header.
 *
 * @category Transport protocols
 */
export const UDP_HEADER_LENGTH = 8;
/**
 * Octets of the longest datagram, header included.
 *
 * @category Transport protocols
 */
export const UDP_MAX_LENGTH = 65_535;

/**
 * A header: every field; as decoded, as it stood in the octets.
 *
 * @category Transport protocols
 */
export interface UDPHeader {
  /** 0–0xffff; 0, the default, if no reply is wanted. */
  readonly sourcePort: number;
  /** 0–0xffff. */
  readonly destinationPort: number;
  /** Header and payload, in octets, 0–0xffff; by default just that. */
  readonly length: number;
  /**
   * 0–0xffff; by default computed from the datagram and the addresses outside;
   * 0 means that there is none.
   */
  readonly checksum: number;
}

/**
 * What a caller gives to make a header. What is left out is computed, or takes
 * its default; what is given is written as it is, right or wrong.
 *
 * @category Transport protocols
 */
export type UDPFields = Given<UDPHeader, "destinationPort">;

/**
 * Writes a header, and the payload behind it, into new octets.
 *
 * A computed checksum of 0 is sent as 0xffff, which is the same number in one's
 * complement: "an all zero transmitted checksum value means that the
 * transmitter generated no checksum" (RFC 768).
 *
 * @category Transport protocols
 * @param addresses of the IP header outside; without them the checksum is 0,
 * unless given
 * @throws {RangeError} if a value does not fit its field, or the datagram would
 * be longer than 65,535 octets
 *
 * @example
 * ```ts
 * import { encodeUDP } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const datagram = encodeUDP(
 *   { sourcePort: 40000, destinationPort: 7 },
 *   new TextEncoder().encode("Hi"),
 *   { source: "192.0.2.1", destination: "192.0.2.2" },
 * );
 * assertEquals(datagram.toHex(), "9c400007000a97254869");
 * ```
 */
export function encodeUDP(
  fields: UDPFields,
  payload: Uint8Array = new Uint8Array(),
  addresses?: AddressPair,
): Uint8Array<ArrayBuffer> {
  const size = checkRange(
    "UDP header and payload, in octets,",
    OFFSET.PAYLOAD + payload.length,
    OFFSET.PAYLOAD,
    UDP_MAX_LENGTH,
  );
  const bytes = new Uint8Array(size);
  const length = bits(16, "length", fields.length ?? size);
  put16(
    bytes,
    OFFSET.SOURCE_PORT,
    bits(16, "sourcePort", fields.sourcePort ?? 0),
  );
  put16(
    bytes,
    OFFSET.DESTINATION_PORT,
    bits(16, "destinationPort", fields.destinationPort),
  );
  put16(bytes, OFFSET.LENGTH, length);
  bytes.set(payload, OFFSET.PAYLOAD);
  // Last, since it covers all the rest; the field itself is still zero.
  const checksum = fields.checksum ??
    (addresses === undefined ? 0 : checksumOf(bytes, length, addresses));
  put16(bytes, OFFSET.CHECKSUM, bits(16, "checksum", checksum));
  return bytes;
}

/** What is within the length is covered, the length itself twice. */
function checksumOf(
  bytes: Uint8Array,
  length: number,
  addresses: AddressPair,
): number {
  const covered = Math.min(length, bytes.length);
  const initial = pseudoHeaderSum(addresses, PROTOCOL, length);
  return internetChecksum(bytes, initial, covered) || 0xffff;
}

/**
 * Reads a header and finds the payload behind it, which shares the input's
 * memory. Octets after the length belong to neither.
 *
 * @category Transport protocols
 * @param bytes the whole datagram: the payload of an IP packet
 * @throws {PacketError} if there are fewer than 8 octets, or the length is
 * below 8
 *
 * @example
 * ```ts
 * import { decodeUDP } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { header, payload } = decodeUDP(
 *   Uint8Array.fromHex("9c400007000a97254869"),
 * );
 * assertEquals([header.sourcePort, header.destinationPort], [40000, 7]);
 * assertEquals(new TextDecoder().decode(payload), "Hi");
 * ```
 */
export function decodeUDP(bytes: Uint8Array): Decoded<UDPHeader> {
  if (bytes.length < OFFSET.PAYLOAD) {
    throw cutShort("udp", "header", bytes, OFFSET.PAYLOAD);
  }
  const length = get16(bytes, OFFSET.LENGTH);
  if (length < OFFSET.PAYLOAD) {
    throw fault(
      "length",
      OFFSET.LENGTH,
      `is ${length} octets, less than the header's 8`,
    );
  }
  const payload = bytes.subarray(OFFSET.PAYLOAD, length);
  return {
    header: {
      sourcePort: get16(bytes, OFFSET.SOURCE_PORT),
      destinationPort: get16(bytes, OFFSET.DESTINATION_PORT),
      length,
      checksum: get16(bytes, OFFSET.CHECKSUM),
    },
    headerLength: OFFSET.PAYLOAD,
    payload,
    missing: length - OFFSET.PAYLOAD - payload.length,
  };
}

/**
 * What is wrong with a header that could be decoded: a length past the end, a
 * wrong checksum, or none over IPv6, where there must be one (RFC 8200 §8.1).
 *
 * @param bytes what `decoded` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose length
 * and checksum cannot be checked
 */
export function checkUDP(
  bytes: Uint8Array,
  { header, missing }: Decoded<UDPHeader>,
  outside?: PseudoHeader,
): Problem[] {
  if (outside === undefined) return [];
  const { problems, add } = problemsIn("udp");
  if (missing > 0) {
    add(
      "length",
      OFFSET.LENGTH,
      `is ${header.length} octets, of which ${missing} are missing`,
    );
  }
  if (header.checksum === 0) {
    if (isIPv6Pair(outside)) {
      add("checksum", OFFSET.CHECKSUM, "is 0: over IPv6 there must be one");
    }
  } else if (missing === 0) {
    const initial = sumOf(header, outside);
    if (internetChecksum(bytes, initial, header.length) !== 0) {
      add("checksum", OFFSET.CHECKSUM, verdict(header, { bytes, outside }));
    }
  }
  return problems;
}

const row = rowsOf<UDPHeader>();

const ROWS: Rows<UDPHeader> = [
  row("sourcePort", "Source Port", OFFSET.SOURCE_PORT, 16),
  row("destinationPort", "Destination Port", OFFSET.DESTINATION_PORT, 16, {
    needed: true,
  }),
  row("length", "Length", OFFSET.LENGTH, 16),
  row("checksum", "Checksum", OFFSET.CHECKSUM, 16, {
    text: (_checksum, header, context) => verdict(header, context),
  }),
];

/** The checksum and whether it is right, if that can be told. */
function verdict(header: UDPHeader, { bytes, outside }: TextContext): string {
  const { checksum, length } = header;
  const covered = bytes.subarray(0, length);
  if (checksum === 0 && (outside === undefined || !isIPv6Pair(outside))) {
    return `${hex(0, 4)} [zero-value ignored]`;
  }
  if (checksum === 0) return `${hex(0, 4)} [zero-value illegal over IPv6]`;
  return outside === undefined || covered.length < length
    ? unverifiedChecksum(checksum)
    : checksumText(covered, OFFSET.CHECKSUM, sumOf(header, outside), 0xffff);
}

function sumOf({ length }: UDPHeader, addresses: AddressPair): number {
  return pseudoHeaderSum(addresses, PROTOCOL, length);
}

function fault(field: string, offset: number, reason: string): PacketError {
  return new PacketError({ layer: "udp", field, offset, reason });
}

function bits(width: number, field: string, value: number): number {
  return checkField("UDP", field, value, width);
}

const SHAPE: ObjectShape = { fields: shapeOf(ROWS) };
const checkGiven = namesChecker("udp", SHAPE);

/**
 * A UDP header for {@linkcode buildPacket} (RFC 768).
 *
 * @category Transport protocols
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, ipv4, udp } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
 *   udp({ sourcePort: 40000, destinationPort: 7 }),
 *   "Hi",
 * );
 * assertEquals(packet.subarray(20).toHex(), "9c400007000a97254869");
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function udp(fields: UDPFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "udp",
    ipProtocol: PROTOCOL,
    encode: (payload, _inner, outer) =>
      encodeUDP(fields, payload, coveredAddresses(outer, fields, "udp")),
  };
}

function title({ sourcePort, destinationPort }: UDPHeader): string {
  return `User Datagram Protocol, Src Port: ${sourcePort}, ` +
    `Dst Port: ${destinationPort}`;
}

/** The protocol's row. */
export const UDP: Protocol<UDPHeader> = {
  abbreviation: "UDP",
  ipProtocols: [PROTOCOL],
  title,
  decode: decodeUDP,
  check: checkUDP,
  describe: (bytes, header, outside) =>
    describeRows(ROWS, header, { bytes, outside }),
  describeStart(start) {
    if (start.length < UDP_HEADER_LENGTH) return undefined;
    const { header } = decodeUDP(start);
    return { title: title(header), fields: UDP.describe(start, header) };
  },
  next: ({ destinationPort, sourcePort }, payloadLength) =>
    payloadLength === 0 ? undefined : { ports: [destinationPort, sourcePort] },
  checksum: {
    at: () => OFFSET.CHECKSUM,
    pseudoHeader: PROTOCOL,
    covered: ({ length }) => length,
    zeroIsNone: true,
  },
  // What the header says: of a fragment it is more than is there.
  summary: ({ length }, { next }) =>
    `UDP${next === undefined ? "" : `, ${next}`}, length ` +
    `${Math.max(0, length - UDP_HEADER_LENGTH)}`,
  shape: SHAPE,
};
