/**
 * Generic Routing Encapsulation (RFC 2784), with the key and the sequence
 * number of RFC 2890, also inside UDP (RFC 8086); and version 1, by which the
 * Point-to-Point Tunneling Protocol carries PPP (RFC 2637 §4.1).
 *
 * {@linkcode encodeGRE} computes what was left out and writes what was given as
 * it is, so that wrong headers can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeGRE} throws a {@linkcode PacketError} only where a header is
 * cut short, and `encodeGRE(header, payload)` of what it returned is the same
 * octets again. Of other versions and of source routes (RFC 1701) the first four
 * octets alone are read, and all that follows is payload.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import { checkField, cutShort } from "../errors.ts";
import { get16, get32, put16, put32 } from "../octets.ts";
import type { Decoded, Given } from "../packet/protocol.ts";

export const OFFSET = {
  FLAGS_VERSION: 0,
  PROTOCOL: 2,
  /**
   * What there is of checksum, key, sequence number, and acknowledgment, in this
   * order.
   */
  OPTIONAL: 4,
} as const;

/** Octets of each optional part; the checksum's with two reserved octets. */
const PART = 4;
/** Within the key of version 1, which is two fields. */
export const CALL_ID = 2;

/** The UDP port (RFC 8086 §3.1). */
export const PORT = 4754;

const FLAG = {
  CHECKSUM: 0x8000,
  ROUTING: 0x4000,
  KEY: 0x2000,
  SEQUENCE: 0x1000,
  /** Of version 1; a reserved bit in version 0. */
  ACKNOWLEDGMENT: 0x0080,
} as const;

/** That flag's bit among the nine before the version. */
export const ACKNOWLEDGMENT_BIT = FLAG.ACKNOWLEDGMENT >>> 3;

/**
 * A header: every field; as decoded, as it stood in the octets.
 *
 * @category Tunnels
 */
export interface GREHeader {
  /** Whether there is a checksum; default true with `checksum`. */
  readonly hasChecksum: boolean;
  /** Whether there is a source route (RFC 1701), which is not read; default no. */
  readonly hasRouting: boolean;
  /** Whether there is a key; default true with `key`, and in version 1. */
  readonly hasKey: boolean;
  /** Whether there is a sequence number; default true with `sequence`. */
  readonly hasSequence: boolean;
  /**
   * Of version 1: whether there is an acknowledgment number; default true with
   * `acknowledgment`.
   */
  readonly hasAcknowledgment?: boolean;
  /**
   * The nine bits before the version, 0–511, default 0, as they must be. The one
   * of 16 counts for nothing in version 1: there it is `hasAcknowledgment`.
   */
  readonly reserved: number;
  /** 0–7; default 0; 1 for PPTP. */
  readonly version: number;
  /** The payload's EtherType, 0–0xffff. */
  readonly protocol: number;
  /** Of header and payload, 0–0xffff; computed where there is to be one. */
  readonly checksum?: number;
  /** The two octets after the checksum, 0–0xffff; default 0. */
  readonly reservedAfter?: number;
  /** Which flow it is, 0–0xffffffff; default 0 where there is to be one. */
  readonly key?: number;
  /** In version 1's key: octets of payload, 0–0xffff; by default just that. */
  readonly payloadLength?: number;
  /** In version 1's key: whose call it is at the receiver, 0–0xffff; default 0. */
  readonly callID?: number;
  /** 0–0xffffffff; default 0 where there is to be one. */
  readonly sequence?: number;
  /** Of version 1: the highest number received, 0–0xffffffff; default 0. */
  readonly acknowledgment?: number;
}

/**
 * What a caller gives to make a header. What is left out is computed, or takes
 * its default; what is given is written as it is, right or wrong.
 *
 * @category Tunnels
 */
export type GREFields = Given<GREHeader, "protocol">;

/** Where the parts that the flags announce begin. */
interface Layout {
  readonly checksum?: number;
  readonly key?: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly length: number;
}

export function layoutOf(
  header: Omit<GREHeader, "reserved" | "protocol">,
): Layout {
  const { hasChecksum, hasRouting, hasKey, hasSequence, version } = header;
  let length: number = OFFSET.OPTIONAL;
  if (hasRouting || version > 1) return { length };
  const part = (isThere: boolean | undefined) => {
    if (!isThere) return undefined;
    length += PART;
    return length - PART;
  };
  const checksum = part(hasChecksum);
  const key = part(hasKey);
  const sequence = part(hasSequence);
  const acknowledgment = part(version === 1 && header.hasAcknowledgment);
  return { checksum, key, sequence, acknowledgment, length };
}

/**
 * Writes a header, and the payload behind it, into new octets.
 *
 * @category Tunnels
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
  const { hasRouting = false, version = 0 } = fields;
  const flags = {
    hasChecksum: fields.hasChecksum ?? fields.checksum !== undefined,
    hasRouting,
    hasKey: fields.hasKey ?? (fields.key !== undefined || version === 1),
    hasSequence: fields.hasSequence ?? fields.sequence !== undefined,
    hasAcknowledgment: fields.hasAcknowledgment ??
      fields.acknowledgment !== undefined,
    version,
  };
  const layout = layoutOf(flags);
  const bytes = new Uint8Array(layout.length + payload.length);
  put16(
    bytes,
    OFFSET.FLAGS_VERSION,
    (flags.hasChecksum ? FLAG.CHECKSUM : 0) | (hasRouting ? FLAG.ROUTING : 0) |
      (flags.hasKey ? FLAG.KEY : 0) | (flags.hasSequence ? FLAG.SEQUENCE : 0) |
      (version === 1 && flags.hasAcknowledgment ? FLAG.ACKNOWLEDGMENT : 0) |
      reservedOf(version, bits(9, "reserved", fields.reserved ?? 0)) << 3 |
      bits(3, "version", version),
  );
  put16(bytes, OFFSET.PROTOCOL, bits(16, "protocol", fields.protocol));
  if (layout.key !== undefined && version === 1) {
    const { payloadLength = payload.length, callID = 0 } = fields;
    put16(bytes, layout.key, bits(16, "payloadLength", payloadLength));
    put16(bytes, layout.key + CALL_ID, bits(16, "callID", callID));
  } else if (layout.key !== undefined) {
    put32(bytes, layout.key, bits(32, "key", fields.key ?? 0));
  }
  if (layout.sequence !== undefined) {
    put32(bytes, layout.sequence, bits(32, "sequence", fields.sequence ?? 0));
  }
  if (layout.acknowledgment !== undefined) {
    const { acknowledgment = 0 } = fields;
    put32(
      bytes,
      layout.acknowledgment,
      bits(32, "acknowledgment", acknowledgment),
    );
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
 * @category Tunnels
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
export function decodeGRE(bytes: Uint8Array): Decoded<GREHeader> {
  if (bytes.length < OFFSET.OPTIONAL) {
    throw cutShort("gre", "header", bytes, OFFSET.OPTIONAL);
  }
  const flags = get16(bytes, OFFSET.FLAGS_VERSION);
  const version = flags & 7;
  const isPPTP = version === 1;
  const head = {
    hasChecksum: (flags & FLAG.CHECKSUM) !== 0,
    hasRouting: (flags & FLAG.ROUTING) !== 0,
    hasKey: (flags & FLAG.KEY) !== 0,
    hasSequence: (flags & FLAG.SEQUENCE) !== 0,
    ...(isPPTP
      ? { hasAcknowledgment: (flags & FLAG.ACKNOWLEDGMENT) !== 0 }
      : {}),
    reserved: reservedOf(version, flags >>> 3 & 0x1ff),
    version,
    protocol: get16(bytes, OFFSET.PROTOCOL),
  };
  const layout = layoutOf(head);
  const { checksum, key, sequence, acknowledgment, length } = layout;
  if (bytes.length < length) throw cutShort("gre", "header", bytes, length);
  const payloadLength = isPPTP && key !== undefined
    ? get16(bytes, key)
    : undefined;
  const wanted = payloadLength ?? bytes.length - length;
  const payload = bytes.subarray(length, length + wanted);
  return {
    header: {
      ...head,
      ...(checksum === undefined ? {} : {
        checksum: get16(bytes, checksum),
        reservedAfter: get16(bytes, checksum + 2),
      }),
      ...(key === undefined
        ? {}
        : payloadLength === undefined
        ? { key: get32(bytes, key) }
        : { payloadLength, callID: get16(bytes, key + CALL_ID) }),
      ...(sequence === undefined ? {} : { sequence: get32(bytes, sequence) }),
      ...(acknowledgment === undefined
        ? {}
        : { acknowledgment: get32(bytes, acknowledgment) }),
    },
    headerLength: length,
    payload,
    missing: wanted - payload.length,
  };
}

/** Without the bit that another field holds: held twice, the two could differ. */
function reservedOf(version: number, reserved: number): number {
  return version === 1 ? reserved & ~ACKNOWLEDGMENT_BIT : reserved;
}

function bits(width: number, field: string, value: number): number {
  return checkField("GRE", field, value, width);
}
