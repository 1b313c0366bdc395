/**
 * Reading the classic pcap file as libpcap does: both byte orders, microseconds
 * and nanoseconds, all versions since 2.0, any link type. The snap length is not
 * looked at: real files have packets beyond theirs.
 *
 * @module
 */

import type { ByteWindow } from "./byte_window.ts";
import { CaptureFileError } from "./format_reader.ts";
import { cutShort, type FormatReader } from "./format_reader.ts";
import { CAPTURE_MAX_RECORD_LENGTH, type CaptureFilePacket } from "./packet.ts";
import {
  PCAP_FILE as FILE,
  PCAP_LINK as LINK,
  PCAP_MAGIC_MICROSECONDS,
  PCAP_MAGIC_MODIFIED,
  PCAP_MAGIC_NANOSECONDS,
  PCAP_RECORD as RECORD,
} from "./pcap_layout.ts";

/** Where the other length is, less where the one is. */
const OTHER_LENGTH = RECORD.CAPTURED_LENGTH + RECORD.ORIGINAL_LENGTH;

/** How a file begins, what its times count, and how long a record's header is. */
const VARIANTS: readonly (readonly [
  magic: number,
  nanosecondsPerUnit: number,
  headerSize: number,
])[] = [
  [PCAP_MAGIC_MICROSECONDS, 1000, RECORD.SIZE],
  [PCAP_MAGIC_NANOSECONDS, 1, RECORD.SIZE],
  [PCAP_MAGIC_MODIFIED, 1000, RECORD.MODIFIED_SIZE],
];

/**
 * The versions that there are, and whether a packet's two lengths are the other
 * way round; of 2.3 there are files of both kinds. The last is DG/UX tcpdump's.
 */
const ARE_LENGTHS_SWAPPED: Readonly<Record<string, boolean | "perhaps">> = {
  "2.0": true,
  "2.1": true,
  "2.2": true,
  "2.3": "perhaps",
  "2.4": false,
  "543.0": true,
};

/** Reads the records, and the header before the first. */
export class PcapReader implements FormatReader {
  readonly #littleEndian: boolean;
  readonly #nanosecondsPerUnit: number;
  readonly #headerSize: number;
  readonly #maxLength: number;
  #linkType: number | undefined;
  #fcsLength: number | undefined;
  #areLengthsSwapped: boolean | "perhaps" = false;
  #number = 0;

  private constructor(
    littleEndian: boolean,
    nanosecondsPerUnit: number,
    headerSize: number,
  ) {
    this.#littleEndian = littleEndian;
    this.#nanosecondsPerUnit = nanosecondsPerUnit;
    this.#headerSize = headerSize;
    this.#maxLength = CAPTURE_MAX_RECORD_LENGTH - headerSize;
  }

  /**
   * The reader of the variant that a file begins with, if it is one.
   *
   * @param magic the first four octets, read as big-endian
   */
  static of(magic: number): PcapReader | undefined {
    const octets = new DataView(new ArrayBuffer(4));
    octets.setUint32(0, magic);
    for (const [wanted, nanosecondsPerUnit, headerSize] of VARIANTS) {
      for (const littleEndian of [false, true]) {
        if (octets.getUint32(0, littleEndian) !== wanted) continue;
        return new PcapReader(littleEndian, nanosecondsPerUnit, headerSize);
      }
    }
  }

  read(window: ByteWindow): CaptureFilePacket | undefined {
    const linkType = this.#linkType ??= this.#readHeader(window);
    const available = window.end - window.start;
    const headerSize = this.#headerSize;
    if (linkType === undefined || available < headerSize) return undefined;
    const { view, start } = window;
    const littleEndian = this.#littleEndian;
    const capturedAt = this.#capturedAt(view, start);
    const captured = view.getUint32(start + capturedAt, littleEndian);
    if (captured > this.#maxLength) {
      throw new CaptureFileError(
        window.offset + capturedAt,
        `a packet of ${captured} octets, but more than ${this.#maxLength} make no sense`,
      );
    }
    const end = start + headerSize + captured;
    if (end > window.end) return undefined;
    window.start = end;
    return {
      number: ++this.#number,
      timestampNs: nanoseconds(
        view.getUint32(start + RECORD.SECONDS, littleEndian),
        view.getUint32(start + RECORD.FRACTION, littleEndian) *
          this.#nanosecondsPerUnit,
      ),
      bytes: window.packet(start + headerSize, end),
      originalLength: view.getUint32(
        start + OTHER_LENGTH - capturedAt,
        littleEndian,
      ),
      linkType,
      fcsLength: this.#fcsLength,
      interfaceIndex: 0,
    };
  }

  checkEnd(window: ByteWindow): void {
    const { available, offset, start, view } = window;
    const number = this.#number + 1;
    const headerSize = this.#headerSize;
    if (this.#linkType === undefined) {
      throw cutShort(offset, available, FILE.SIZE, "the header");
    }
    if (available === 0) return;
    if (available < headerSize) {
      const what = `the header of packet ${number}`;
      throw cutShort(offset, available, headerSize, what);
    }
    const length = headerSize + view.getUint32(
      start + this.#capturedAt(view, start),
      this.#littleEndian,
    );
    throw cutShort(offset, available, length, `the record of packet ${number}`);
  }

  /** Where the record at `start` has the length of what was captured. */
  #capturedAt(view: DataView, start: number): number {
    let areSwapped = this.#areLengthsSwapped;
    if (areSwapped === "perhaps") {
      // No more is captured than there was.
      const [first, second] = [RECORD.CAPTURED_LENGTH, RECORD.ORIGINAL_LENGTH]
        .map((at) => view.getUint32(start + at, this.#littleEndian));
      areSwapped = first > second;
    }
    return areSwapped ? RECORD.ORIGINAL_LENGTH : RECORD.CAPTURED_LENGTH;
  }

  /** Reads the header once it is there; its link type. */
  #readHeader(window: ByteWindow): number | undefined {
    if (window.available < FILE.SIZE) return undefined;
    const { view, start } = window;
    const littleEndian = this.#littleEndian;
    const major = view.getUint16(start + FILE.VERSION_MAJOR, littleEndian);
    const minor = view.getUint16(start + FILE.VERSION_MINOR, littleEndian);
    const version = `${major}.${minor}`;
    if (!Object.hasOwn(ARE_LENGTHS_SWAPPED, version)) {
      throw new CaptureFileError(
        window.offset + FILE.VERSION_MAJOR,
        `version ${version} of pcap, but only 2.0 to 2.4 are known`,
      );
    }
    this.#areLengthsSwapped = ARE_LENGTHS_SWAPPED[version];
    const link = view.getUint32(start + FILE.LINK_TYPE, littleEndian);
    if ((link & LINK.HAS_FCS_LENGTH) !== 0) {
      this.#fcsLength = (link >>> LINK.FCS_SHIFT) * LINK.FCS_UNIT;
    }
    window.start += FILE.SIZE;
    return link & LINK.TYPE;
  }
}

function nanoseconds(seconds: number, fraction: number): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction);
}
