/**
 * Reading the classic pcap file: both byte orders, microseconds and
 * nanoseconds, any link type. The snap length is not looked at: real files
 * have packets beyond theirs.
 *
 * @module
 */

import type { ByteWindow } from "./byte_window.ts";
import { CaptureFileError } from "./errors.ts";
import { cutShort, type FormatReader } from "./format_reader.ts";
import { CAPTURE_MAX_RECORD_LENGTH, type CaptureFilePacket } from "./packet.ts";
import {
  PCAP_FILE as FILE,
  PCAP_MAGIC_MICROSECONDS,
  PCAP_MAGIC_NANOSECONDS,
  PCAP_RECORD as RECORD,
} from "./pcap_layout.ts";

const MAX_PACKET_LENGTH = CAPTURE_MAX_RECORD_LENGTH - RECORD.SIZE;

/** Reads the records, and the header before the first. */
export class PcapReader implements FormatReader {
  readonly #littleEndian: boolean;
  readonly #nanosecondsPerUnit: number;
  #linkType: number | undefined;
  #number = 0;

  private constructor(littleEndian: boolean, nanosecondsPerUnit: number) {
    this.#littleEndian = littleEndian;
    this.#nanosecondsPerUnit = nanosecondsPerUnit;
  }

  /**
   * The reader of the variant that a file begins with, if it is one.
   *
   * @param magic the first four octets, read as big-endian
   */
  static of(magic: number): PcapReader | undefined {
    switch (magic) {
      case PCAP_MAGIC_MICROSECONDS:
        return new PcapReader(false, 1000);
      case PCAP_MAGIC_NANOSECONDS:
        return new PcapReader(false, 1);
      case 0xd4c3b2a1:
        return new PcapReader(true, 1000);
      case 0x4d3cb2a1:
        return new PcapReader(true, 1);
    }
  }

  read(window: ByteWindow): CaptureFilePacket | undefined {
    const linkType = this.#linkType ??= this.#readHeader(window);
    const available = window.end - window.start;
    if (linkType === undefined || available < RECORD.SIZE) return undefined;
    const { view, start } = window;
    const littleEndian = this.#littleEndian;
    const captured = view.getUint32(
      start + RECORD.CAPTURED_LENGTH,
      littleEndian,
    );
    if (captured > MAX_PACKET_LENGTH) {
      throw new CaptureFileError(
        window.offset + RECORD.CAPTURED_LENGTH,
        `a packet of ${captured} octets, but more than ${MAX_PACKET_LENGTH} make no sense`,
      );
    }
    const end = start + RECORD.SIZE + captured;
    if (end > window.end) return undefined;
    window.start = end;
    return {
      number: ++this.#number,
      timestampNs: nanoseconds(
        view.getUint32(start + RECORD.SECONDS, littleEndian),
        view.getUint32(start + RECORD.FRACTION, littleEndian) *
          this.#nanosecondsPerUnit,
      ),
      bytes: window.bytes.slice(start + RECORD.SIZE, end),
      originalLength: view.getUint32(
        start + RECORD.ORIGINAL_LENGTH,
        littleEndian,
      ),
      linkType,
      interfaceIndex: 0,
    };
  }

  checkEnd(window: ByteWindow): void {
    const { available, offset, start, view } = window;
    const number = this.#number + 1;
    if (this.#linkType === undefined) {
      throw cutShort(offset, available, FILE.SIZE, "the header");
    }
    if (available === 0) return;
    if (available < RECORD.SIZE) {
      const what = `the header of packet ${number}`;
      throw cutShort(offset, available, RECORD.SIZE, what);
    }
    const length = RECORD.SIZE + view.getUint32(
      start + RECORD.CAPTURED_LENGTH,
      this.#littleEndian,
    );
    throw cutShort(offset, available, length, `the record of packet ${number}`);
  }

  /** Reads the header once it is there; its link type. */
  #readHeader(window: ByteWindow): number | undefined {
    if (window.available < FILE.SIZE) return undefined;
    const { view, start } = window;
    const littleEndian = this.#littleEndian;
    const major = view.getUint16(start + FILE.VERSION_MAJOR, littleEndian);
    const minor = view.getUint16(start + FILE.VERSION_MINOR, littleEndian);
    // Until 2.3 writers disagreed on which of a packet's two lengths is first.
    if (major !== 2 || minor !== 4) {
      throw new CaptureFileError(
        window.offset + FILE.VERSION_MAJOR,
        `version ${major}.${minor} of pcap, but only 2.4 is known`,
      );
    }
    // The upper half may tell of a frame check sequence.
    const linkType = view.getUint32(start + FILE.LINK_TYPE, littleEndian) &
      0xffff;
    window.start += FILE.SIZE;
    return linkType;
  }
}

function nanoseconds(seconds: number, fraction: number): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction);
}
