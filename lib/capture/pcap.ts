/**
 * The classic pcap capture file: a header, then a record for each packet, as
 * in the Internet-Draft "PCAP Capture File Format". Written in the variant with
 * nanoseconds, little-endian; libpcap, tcpdump and Wireshark read it.
 *
 * @module
 */

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;

const FILE = {
  MAGIC: 0,
  VERSION_MAJOR: 4,
  VERSION_MINOR: 6,
  SNAP_LENGTH: 16,
  LINK_TYPE: 20,
  SIZE: 24,
} as const;

const RECORD = {
  SECONDS: 0,
  NANOSECONDS: 4,
  CAPTURED_LENGTH: 8,
  ORIGINAL_LENGTH: 12,
  SIZE: 16,
} as const;

/** A packet to be written to a capture file. */
export interface CapturedPacket {
  /** When, in nanoseconds since 1970 (UTC); up to the year 2106. */
  readonly timestampNs: bigint;
  /** The octets that were kept. */
  readonly bytes: Uint8Array;
  /** Octets that were on the wire; default as many as were kept. */
  readonly originalLength?: number;
}

/**
 * The head of a capture file.
 *
 * @param linkType what the packets begin with, such as {@linkcode LINK_TYPE_RAW}
 * @param snapLength octets kept of each packet at most; default 65,535
 *
 * @example
 * ```ts
 * import { encodePcapHeader, encodePcapRecord, LINK_TYPE_RAW } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new Uint8Array(20);
 * const file = [
 *   encodePcapHeader(LINK_TYPE_RAW),
 *   encodePcapRecord({ timestampNs: 0n, bytes }),
 * ];
 * assertEquals(file.map((part) => part.length), [24, 36]);
 * ```
 */
export function encodePcapHeader(
  linkType: number,
  snapLength = 65_535,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(FILE.SIZE));
  view.setUint32(FILE.MAGIC, MAGIC_NANOSECONDS, true);
  view.setUint16(FILE.VERSION_MAJOR, 2, true);
  view.setUint16(FILE.VERSION_MINOR, 4, true);
  view.setUint32(FILE.SNAP_LENGTH, snapLength, true);
  view.setUint32(FILE.LINK_TYPE, linkType, true);
  return new Uint8Array(view.buffer);
}

/** One packet's record, to be written behind the head and earlier records. */
export function encodePcapRecord(
  { timestampNs, bytes, originalLength = bytes.length }: CapturedPacket,
): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(RECORD.SIZE + bytes.length);
  const view = new DataView(record.buffer);
  view.setUint32(
    RECORD.SECONDS,
    Number(timestampNs / NANOSECONDS_PER_SECOND),
    true,
  );
  view.setUint32(
    RECORD.NANOSECONDS,
    Number(timestampNs % NANOSECONDS_PER_SECOND),
    true,
  );
  view.setUint32(RECORD.CAPTURED_LENGTH, bytes.length, true);
  view.setUint32(RECORD.ORIGINAL_LENGTH, originalLength, true);
  record.set(bytes, RECORD.SIZE);
  return record;
}
