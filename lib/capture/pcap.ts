/**
 * Writing the classic pcap file, as in the Internet-Draft "PCAP Capture File
 * Format": in the variant with nanoseconds, little-endian, which libpcap,
 * tcpdump and Wireshark read. It knows one link type a file; pcapng knows more.
 *
 * What does not fit its field is a `RangeError`.
 *
 * @module
 */

import { checkBits } from "../wire/errors.ts";
import type { CapturedPacket } from "./packet.ts";
import {
  PCAP_FILE as FILE,
  PCAP_MAGIC_NANOSECONDS,
  PCAP_RECORD as RECORD,
} from "./pcap_layout.ts";

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const MAX_TIMESTAMP_NS = 2n ** 32n * NANOSECONDS_PER_SECOND - 1n;

/**
 * The head of a capture file.
 *
 * @param linkType what the packets begin with, such as {@linkcode LINK_TYPE_RAW}
 * @param snapLength octets kept of each packet at most; default 262,144, the
 * most that libpcap takes
 * @throws {RangeError} if `linkType` needs more than 16 bits, or `snapLength`
 * more than 32
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
  snapLength = 262_144,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(FILE.SIZE));
  view.setUint32(FILE.MAGIC, PCAP_MAGIC_NANOSECONDS, true);
  view.setUint16(FILE.VERSION_MAJOR, 2, true);
  view.setUint16(FILE.VERSION_MINOR, 4, true);
  view.setUint32(
    FILE.SNAP_LENGTH,
    checkBits("pcap snapLength", snapLength, 32),
    true,
  );
  view.setUint32(
    FILE.LINK_TYPE,
    checkBits("pcap linkType", linkType, 16),
    true,
  );
  return new Uint8Array(view.buffer);
}

/**
 * One packet's record, to be written behind the head and earlier records.
 *
 * @throws {RangeError} if the time is before 1970 or after the year 2106, or
 * the original length needs more than 32 bits
 *
 * @example
 * ```ts
 * import { encodePcapRecord } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const record = encodePcapRecord({
 *   timestampNs: 1_000_000_002n,
 *   bytes: Uint8Array.of(0x45),
 *   originalLength: 20,
 * });
 * assertEquals(record.toHex(), "01000000020000000100000014000000" + "45");
 * ```
 */
export function encodePcapRecord(
  { timestampNs = 0n, bytes, originalLength = bytes.length }: CapturedPacket,
): Uint8Array<ArrayBuffer> {
  if (timestampNs < 0n || timestampNs > MAX_TIMESTAMP_NS) {
    throw new RangeError(
      `pcap timestampNs must be from 0 to ${MAX_TIMESTAMP_NS}, but is ${timestampNs}`,
    );
  }
  const record = new Uint8Array(RECORD.SIZE + bytes.length);
  const view = new DataView(record.buffer);
  view.setUint32(
    RECORD.SECONDS,
    Number(timestampNs / NANOSECONDS_PER_SECOND),
    true,
  );
  view.setUint32(
    RECORD.FRACTION,
    Number(timestampNs % NANOSECONDS_PER_SECOND),
    true,
  );
  view.setUint32(RECORD.CAPTURED_LENGTH, bytes.length, true);
  view.setUint32(
    RECORD.ORIGINAL_LENGTH,
    checkBits("pcap originalLength", originalLength, 32),
    true,
  );
  record.set(bytes, RECORD.SIZE);
  return record;
}
