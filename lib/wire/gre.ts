/**
 * Generic Routing Encapsulation (RFC 2784), with the key and the sequence
 * number of RFC 2890.
 *
 * {@linkcode encodeGRE} computes what was left out and writes what was given as
 * it is, so that wrong headers can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeGRE} throws a {@linkcode PacketError} only where a header is
 * cut short, and `encodeGRE(header, payload)` of what it returned is the same
 * octets again. Of version 1 (RFC 2637) and of source routes (RFC 1701) the
 * first four octets alone are read, and all that follows is payload.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import { checkField, cutShort, type Problem } from "./errors.ts";
import { etherTypeText } from "./ether_types.ts";
import {
  checksumText,
  type Field,
  fieldAt,
  flagAt,
  hex,
  unverifiedChecksum,
} from "./field.ts";
import { get16, get32, put16, put32 } from "./octets.ts";

const OFFSET = {
  FLAGS_VERSION: 0,
  PROTOCOL: 2,
  /** What of checksum, key and sequence number there is, in this order. */
  OPTIONAL: 4,
} as const;

/** Octets of each optional part; the checksum's with two reserved octets. */
const PART = 4;

const FLAG = {
  CHECKSUM: 0x8000,
  ROUTING: 0x4000,
  KEY: 0x2000,
  SEQUENCE: 0x1000,
} as const;

/** A decoded header: every field, as it stood in the octets. */
export interface GREHeader {
  /** Whether there is a checksum. */
  readonly hasChecksum: boolean;
  /** Whether there is a source route (RFC 1701), which is not read. */
  readonly hasRouting: boolean;
  /** Whether there is a key. */
  readonly hasKey: boolean;
  /** Whether there is a sequence number. */
  readonly hasSequence: boolean;
  /** The nine bits before the version, 0–511; they must be zero. */
  readonly reserved: number;
  /** 0–7; 0 as a rule. */
  readonly version: number;
  /** The payload's EtherType, 0–0xffff. */
  readonly protocol: number;
  /** Of header and payload, 0–0xffff. */
  readonly checksum?: number;
  /** The two octets after the checksum, 0–0xffff. */
  readonly reservedAfter?: number;
  /** Which flow it is, 0–0xffffffff. */
  readonly key?: number;
  /** 0–0xffffffff. */
  readonly sequence?: number;
}

/**
 * What a caller gives to make a header. What is left out is computed or takes
 * the default named here; what is given is written as it is, right or wrong.
 */
export interface GREFields extends Partial<Omit<GREHeader, "protocol">> {
  /** Default true with `checksum`; then the checksum is computed. */
  readonly hasChecksum?: boolean;
  /** Default false. */
  readonly hasRouting?: boolean;
  /** Default true with `key`. */
  readonly hasKey?: boolean;
  /** Default true with `sequence`. */
  readonly hasSequence?: boolean;
  /** 0–0xffff; {@linkcode buildPacket} computes it from the next layer. */
  readonly protocol: number;
}

/** What {@linkcode decodeGRE} found. */
export interface DecodedGRE {
  /** The header. */
  readonly header: GREHeader;
  /** Octets of the header, 4–16. */
  readonly headerLength: number;
  /** The payload; shares the input's memory. */
  readonly payload: Uint8Array;
}

/** The flags, and where the parts that they announce begin. */
interface Layout {
  readonly checksum?: number;
  readonly key?: number;
  readonly sequence?: number;
  readonly length: number;
}

function layoutOf(
  { hasChecksum, hasRouting, hasKey, hasSequence, version }: Omit<
    GREHeader,
    "reserved" | "protocol"
  >,
): Layout {
  let length: number = OFFSET.OPTIONAL;
  if (hasRouting || version !== 0) return { length };
  const part = (isThere: boolean) => {
    if (!isThere) return undefined;
    length += PART;
    return length - PART;
  };
  const checksum = part(hasChecksum);
  const key = part(hasKey);
  const sequence = part(hasSequence);
  return { checksum, key, sequence, length };
}

/**
 * Writes a header, and the payload behind it, into new octets.
 *
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeGRE } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const header = encodeGRE({ protocol: 0x0800, key: 7, hasChecksum: true });
 * assertEquals(header.toHex(), "a0000800" + "57f80000" + "00000007");
 * ```
 */
export function encodeGRE(
  fields: GREFields,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const {
    hasChecksum = fields.checksum !== undefined,
    hasKey = fields.key !== undefined,
    hasSequence = fields.sequence !== undefined,
    hasRouting = false,
    version = 0,
  } = fields;
  const layout = layoutOf({
    hasChecksum,
    hasRouting,
    hasKey,
    hasSequence,
    version,
  });
  const bytes = new Uint8Array(layout.length + payload.length);
  put16(
    bytes,
    OFFSET.FLAGS_VERSION,
    (hasChecksum ? FLAG.CHECKSUM : 0) | (hasRouting ? FLAG.ROUTING : 0) |
      (hasKey ? FLAG.KEY : 0) | (hasSequence ? FLAG.SEQUENCE : 0) |
      bits(9, "reserved", fields.reserved ?? 0) << 3 |
      bits(3, "version", version),
  );
  put16(bytes, OFFSET.PROTOCOL, bits(16, "protocol", fields.protocol));
  if (layout.key !== undefined) {
    put32(bytes, layout.key, bits(32, "key", fields.key ?? 0));
  }
  if (layout.sequence !== undefined) {
    put32(bytes, layout.sequence, bits(32, "sequence", fields.sequence ?? 0));
  }
  bytes.set(payload, layout.length);
  if (layout.checksum === undefined) return bytes;
  put16(
    bytes,
    layout.checksum + 2,
    bits(16, "reservedAfter", fields.reservedAfter ?? 0),
  );
  // Last, since it covers all the rest; the field itself is still zero.
  const checksum = fields.checksum ?? internetChecksum(bytes);
  put16(bytes, layout.checksum, bits(16, "checksum", checksum));
  return bytes;
}

/**
 * Reads a header and finds the payload behind it, which shares the input's
 * memory.
 *
 * @throws {PacketError} if there are fewer octets than 4, or than the flags
 * announce
 *
 * @example
 * ```ts
 * import { decodeGRE } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { header, payload } = decodeGRE(
 *   Uint8Array.fromHex("20000800" + "00000007" + "4500"),
 * );
 * assertEquals([header.protocol, header.key], [0x0800, 7]);
 * assertEquals(payload.length, 2);
 * ```
 */
export function decodeGRE(bytes: Uint8Array): DecodedGRE {
  if (bytes.length < OFFSET.OPTIONAL) {
    throw cutShort("gre", "header", bytes, OFFSET.OPTIONAL);
  }
  const flags = get16(bytes, OFFSET.FLAGS_VERSION);
  const head = {
    hasChecksum: (flags & FLAG.CHECKSUM) !== 0,
    hasRouting: (flags & FLAG.ROUTING) !== 0,
    hasKey: (flags & FLAG.KEY) !== 0,
    hasSequence: (flags & FLAG.SEQUENCE) !== 0,
    reserved: flags >>> 3 & 0x1ff,
    version: flags & 7,
    protocol: get16(bytes, OFFSET.PROTOCOL),
  };
  const { checksum, key, sequence, length } = layoutOf(head);
  if (bytes.length < length) throw cutShort("gre", "header", bytes, length);
  return {
    header: {
      ...head,
      ...(checksum === undefined ? {} : {
        checksum: get16(bytes, checksum),
        reservedAfter: get16(bytes, checksum + 2),
      }),
      ...(key === undefined ? {} : { key: get32(bytes, key) }),
      ...(sequence === undefined ? {} : { sequence: get32(bytes, sequence) }),
    },
    headerLength: length,
    payload: bytes.subarray(length),
  };
}

/** What the payload is, by its EtherType; `undefined` where it is not found. */
export function grePayloadType(
  { hasRouting, version, protocol }: GREHeader,
): number | undefined {
  return hasRouting || version !== 0 ? undefined : protocol;
}

/**
 * What is wrong with a header that could be decoded: its checksum, or that it
 * is of a kind that is not read further.
 *
 * @param bytes header and payload
 * @param isWhole false for a fragment, whose checksum cannot be checked
 */
export function checkGRE(
  bytes: Uint8Array,
  header: GREHeader,
  isWhole = true,
): Problem[] {
  const problem = (field: string, offset: number, reason: string) => [
    { layer: "gre", field, offset, reason },
  ];
  if (header.version !== 0) {
    const reason = `is ${header.version}: not read further`;
    return problem("version", OFFSET.FLAGS_VERSION + 1, reason);
  }
  if (header.hasRouting) {
    const reason = "is set: source routes are not read";
    return problem("hasRouting", OFFSET.FLAGS_VERSION, reason);
  }
  const { checksum } = layoutOf(header);
  if (checksum === undefined || !isWhole || internetChecksum(bytes) === 0) {
    return [];
  }
  return problem("checksum", checksum, checksumText(bytes, checksum));
}

/** The line above the fields, as Wireshark words it. */
export function greTitle({ protocol }: GREHeader): string {
  const text = etherTypeText(protocol).replace(/ \(0x.*/, "");
  return `Generic Routing Encapsulation (${text})`;
}

/**
 * Describes a decoded header field by field, in wire order.
 *
 * @param bytes header and payload
 * @param isWhole false for a fragment, whose checksum cannot be checked
 */
export function describeGRE(
  bytes: Uint8Array,
  header: GREHeader,
  isWhole = true,
): Field[] {
  const { reserved, version, protocol } = header;
  const flag = (bit: number, name: keyof GREHeader, label: string) => ({
    ...flagAt(OFFSET.FLAGS_VERSION, bit, name, label, header[name] === true),
    text: header[name] === true ? "Yes" : "No",
  });
  const layout = layoutOf(header);
  const fields = [
    flag(0, "hasChecksum", "Checksum Bit"),
    flag(1, "hasRouting", "Routing Bit"),
    flag(2, "hasKey", "Key Bit"),
    flag(3, "hasSequence", "Sequence Number Bit"),
    fieldAt(
      OFFSET.FLAGS_VERSION,
      9,
      "reserved",
      "Flags (Reserved)",
      reserved,
      hex(reserved, 3),
      4,
    ),
    fieldAt(
      OFFSET.FLAGS_VERSION + 1,
      3,
      "version",
      "Version",
      version,
      `${
        version === 0 ? "GRE" : version === 1 ? "PPTP" : "Unknown"
      } (${version})`,
      5,
    ),
    fieldAt(
      OFFSET.PROTOCOL,
      16,
      "protocol",
      "Protocol Type",
      protocol,
      etherTypeText(protocol),
    ),
  ];
  const { checksum = 0, reservedAfter = 0, key = 0, sequence = 0 } = header;
  if (layout.checksum !== undefined) {
    fields.push(
      fieldAt(
        layout.checksum,
        16,
        "checksum",
        "Checksum",
        checksum,
        isWhole
          ? checksumText(bytes, layout.checksum)
          : unverifiedChecksum(checksum),
      ),
      fieldAt(
        layout.checksum + 2,
        16,
        "reservedAfter",
        "Offset",
        reservedAfter,
      ),
    );
  }
  if (layout.key !== undefined) {
    fields.push(fieldAt(layout.key, 32, "key", "Key", key, hex(key, 8)));
  }
  if (layout.sequence !== undefined) {
    fields.push(
      fieldAt(layout.sequence, 32, "sequence", "Sequence Number", sequence),
    );
  }
  return fields;
}

function bits(width: number, field: string, value: number): number {
  return checkField("GRE", field, value, width);
}
