/**
 * The Stream Control Transmission Protocol (RFC 9260): the common header and
 * the list of chunks, whose values are kept as octets.
 *
 * {@linkcode encodeSCTP} computes what was left out and writes what was given as
 * it is, so that wrong packets can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeSCTP} throws a {@linkcode PacketError} only where the common
 * header is cut short, and `encodeSCTP(header, payload)` of what it returned is
 * the same octets again. What follows the last whole chunk is payload.
 *
 * @module
 */

import { crc32c } from "../../bytes/crc32c.ts";
import { checkField, checkRange, cutShort } from "../errors.ts";
import { get16, get32, put16, put32 } from "../octets.ts";
import type { Decoded, Given } from "../packet/protocol.ts";

/** Where the fields are. */
export const OFFSET = {
  SOURCE_PORT: 0,
  DESTINATION_PORT: 2,
  VERIFICATION_TAG: 4,
  CHECKSUM: 8,
  CHUNKS: 12,
} as const;

/** Within a chunk. */
export const CHUNK = { TYPE: 0, FLAGS: 1, LENGTH: 2, VALUE: 4 } as const;

/**
 * A chunk (RFC 9260 §3.2).
 *
 * @category Transport protocols
 */
export interface SCTPChunk {
  /** 0–255: 0 DATA, 1 INIT, and so on. */
  readonly type: number;
  /** 0–255, what they mean is the type's; default 0. */
  readonly flags: number;
  /** Octets of the chunk without padding, 0–0xffff; default 4 and the value's. */
  readonly length: number;
  /** What its type says; default none. */
  readonly value: Uint8Array;
  /** Up to 3 octets; default as many zeros as make a whole word. */
  readonly padding: Uint8Array;
}

/**
 * What a caller gives to make a chunk.
 *
 * @category Transport protocols
 */
export type SCTPChunkFields = Given<SCTPChunk, "type">;

/**
 * A header with its chunks: as decoded, as it stood in the octets.
 *
 * @category Transport protocols
 */
export interface SCTPHeader {
  /** 0–0xffff. */
  readonly sourcePort: number;
  /** 0–0xffff. */
  readonly destinationPort: number;
  /** Which association it is of, 0–0xffffffff; default 0, as with an INIT. */
  readonly verificationTag: number;
  /** CRC-32C of all octets, 0–0xffffffff as on the wire; computed by default. */
  readonly checksum: number;
  /** In order; default none. */
  readonly chunks: readonly SCTPChunk[];
}

/**
 * What a caller gives to make a header. What is left out is computed, or takes
 * its default; what is given is written as it is, right or wrong.
 *
 * @category Transport protocols
 */
export type SCTPFields =
  & Given<Omit<SCTPHeader, "chunks">, "sourcePort" | "destinationPort">
  & {
    /** In order; default none. */
    readonly chunks?: readonly SCTPChunkFields[];
  };

/**
 * Writes a header with its chunks, and `payload` behind them, into new octets.
 *
 * @category Transport protocols
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeSCTP } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * // COOKIE ACK
 * const packet = encodeSCTP({
 *   sourcePort: 5000,
 *   destinationPort: 7,
 *   verificationTag: 9,
 *   chunks: [{ type: 11 }],
 * });
 * assertEquals(packet.toHex(), "1388000700000009" + "3afb61d2" + "0b000004");
 * ```
 */
export function encodeSCTP(
  fields: SCTPFields,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const chunks = (fields.chunks ?? []).map(encodeChunk);
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(OFFSET.CHUNKS + size + payload.length);
  const put = (at: number, field: "sourcePort" | "destinationPort") =>
    put16(bytes, at, bits(16, field, fields[field]));
  put(OFFSET.SOURCE_PORT, "sourcePort");
  put(OFFSET.DESTINATION_PORT, "destinationPort");
  put32(
    bytes,
    OFFSET.VERIFICATION_TAG,
    bits(32, "verificationTag", fields.verificationTag ?? 0),
  );
  let at: number = OFFSET.CHUNKS;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  bytes.set(payload, at);
  // Last, since it covers all the rest.
  const checksum = fields.checksum ?? checksumOf(bytes);
  put32(bytes, OFFSET.CHECKSUM, bits(32, "checksum", checksum));
  return bytes;
}

function encodeChunk(
  { type, flags = 0, value = NOTHING, length, padding }: SCTPChunkFields,
): Uint8Array {
  const end = checkRange(
    "SCTP chunk, in octets,",
    CHUNK.VALUE + value.length,
    CHUNK.VALUE,
    0xffff,
  );
  const behind = padding ?? new Uint8Array(-end & 3);
  const bytes = new Uint8Array(end + behind.length);
  bytes[CHUNK.TYPE] = bits(8, "chunk type", type);
  bytes[CHUNK.FLAGS] = bits(8, "chunk flags", flags);
  put16(bytes, CHUNK.LENGTH, bits(16, "chunk length", length ?? end));
  bytes.set(value, CHUNK.VALUE);
  bytes.set(behind, end);
  return bytes;
}

const NOTHING = new Uint8Array();
const ZEROS = new Uint8Array(4);

/** Its own field counts as zeros (RFC 9260 §6.8); the lowest octet is first. */
export function checksumOf(bytes: Uint8Array): number {
  const before = crc32c(bytes.subarray(0, OFFSET.CHECKSUM));
  const field = crc32c(ZEROS, before);
  const crc = crc32c(bytes.subarray(OFFSET.CHUNKS), field);
  return get32(Uint8Array.of(crc, crc >>> 8, crc >>> 16, crc >>> 24), 0);
}

/**
 * Reads a header with its chunks. Their values, and the payload, share the
 * input's memory.
 *
 * @category Transport protocols
 * @param bytes the whole packet: the payload of an IP packet
 * @throws {PacketError} if there are fewer than 12 octets
 *
 * @example
 * ```ts
 * import { decodeSCTP } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { header } = decodeSCTP(Uint8Array.fromHex(
 *   "1388000700000009" + "3afb61d2" + "0b000004",
 * ));
 * assertEquals(header.chunks.map(({ type }) => type), [11]);
 * ```
 */
export function decodeSCTP(bytes: Uint8Array): Decoded<SCTPHeader> {
  if (bytes.length < OFFSET.CHUNKS) {
    throw cutShort("sctp", "header", bytes, OFFSET.CHUNKS);
  }
  const chunks: SCTPChunk[] = [];
  let at: number = OFFSET.CHUNKS;
  let missing = 0;
  while (at + CHUNK.VALUE <= bytes.length) {
    const length = get16(bytes, at + CHUNK.LENGTH);
    if (length < CHUNK.VALUE) break;
    const end = at + length;
    missing = Math.max(0, end - bytes.length);
    if (missing > 0) break;
    const padded = Math.min(bytes.length, end + (-length & 3));
    chunks.push({
      type: bytes[at + CHUNK.TYPE],
      flags: bytes[at + CHUNK.FLAGS],
      length,
      value: bytes.subarray(at + CHUNK.VALUE, end),
      padding: bytes.subarray(end, padded),
    });
    at = padded;
  }
  return {
    header: {
      sourcePort: get16(bytes, OFFSET.SOURCE_PORT),
      destinationPort: get16(bytes, OFFSET.DESTINATION_PORT),
      verificationTag: get32(bytes, OFFSET.VERIFICATION_TAG),
      checksum: get32(bytes, OFFSET.CHECKSUM),
      chunks,
    },
    headerLength: at,
    payload: bytes.subarray(at),
    missing,
  };
}

function bits(width: number, field: string, value: number): number {
  return checkField("SCTP", field, value, width);
}
