/**
 * Writing the classic pcap file, as in the Internet-Draft "PCAP Capture File
 * Format": in the variant with nanoseconds, little-endian, which libpcap,
 * tcpdump and Wireshark read. It knows one link type a file; pcapng knows more.
 *
 * What does not fit its field is a `RangeError`.
 *
 * @module
 */

import { checkBits, checkMultiple } from "../wire/errors.ts";
import type { CapturedPacket } from "./packet.ts";
import {
  PCAP_FILE as FILE,
  PCAP_LINK as LINK,
  PCAP_MAGIC_NANOSECONDS,
  PCAP_RECORD as RECORD,
} from "./pcap_layout.ts";

const NANOSECONDS_PER_SECOND = 1_000_000_000n;
/**
 * The latest time that a file can hold, in the year 2106; 0 is the earliest.
 *
 * @category Capture files
 */
export const PCAP_MAX_TIMESTAMP_NS: bigint =
  2n ** 32n * NANOSECONDS_PER_SECOND - 1n;

/**
 * The head of a capture file.
 *
 * @category Capture files
 * @param linkType what the packets begin with, such as {@linkcode LINK_TYPE_RAW}
 * @param snapLength octets kept of each packet at most; default 262,144, the
 * most that libpcap takes
 * @param fcsLength octets of frame check sequence that every packet ended with
 * on the wire, an even number up to 30; default: nobody knows
 * @throws {RangeError} if `linkType` needs more than 16 bits, `snapLength` more
 * than 32, or `fcsLength` is none
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
  fcsLength?: number,
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
  const type = checkBits("pcap linkType", linkType, 16);
  view.setUint32(FILE.LINK_TYPE, type | fcsBits(fcsLength), true);
  return new Uint8Array(view.buffer);
}

function fcsBits(fcsLength: number | undefined): number {
  if (fcsLength === undefined) return 0;
  const most = LINK.FCS_UNIT * 0xf;
  checkMultiple("pcap fcsLength", fcsLength, LINK.FCS_UNIT, most);
  const units = fcsLength / LINK.FCS_UNIT;
  return units << LINK.FCS_SHIFT | LINK.HAS_FCS_LENGTH;
}

/**
 * One packet's record, to be written behind the head and earlier records.
 *
 * @category Capture files
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
  if (timestampNs < 0n || timestampNs > PCAP_MAX_TIMESTAMP_NS) {
    throw new RangeError(
      `pcap timestampNs must be from 0 to ${PCAP_MAX_TIMESTAMP_NS}, but is ${timestampNs}`,
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
