/**
 * Reading pcapng files: any number of sections, in either byte order, each with
 * its interfaces; enhanced, simple and obsolete packet blocks. Every other
 * block is skipped, and so are all options but comments, and an interface's
 * name, clock and frame check sequence's length.
 *
 * A section's own length is not looked at: blocks tell where the next begins.
 *
 * @module
 */

import type { ByteWindow } from "./byte_window.ts";
import { CaptureFileError } from "./format_reader.ts";
import { cutShort, type FormatReader } from "./format_reader.ts";
import {
  CAPTURE_MAX_RECORD_LENGTH,
  type CaptureFilePacket,
  type CaptureFileSection,
} from "./packet.ts";
import {
  type PcapngInterface,
  readPcapngInterface,
} from "./pcapng_interface.ts";
import {
  BLOCK,
  ENHANCED,
  INTERFACE,
  OPTION,
  OPTION_HEADER,
  padded,
  PCAPNG_BLOCK,
  PCAPNG_BYTE_ORDER_MAGIC,
  SECTION,
  SIMPLE,
} from "./pcapng_layout.ts";

import { optionText, pcapngOptions } from "./pcapng_options.ts";

/** As many as an obsolete packet block can name; more would fill the memory. */
const MAX_INTERFACES = 65_536;

/** The blocks that are read: what they are called and their least length. */
const KNOWN: Readonly<Record<number, readonly [what: string, least: number]>> =
  {
    [PCAPNG_BLOCK.SECTION]: ["a section header", SECTION.SIZE],
    [PCAPNG_BLOCK.INTERFACE]: ["an interface description", INTERFACE.SIZE],
    [PCAPNG_BLOCK.OBSOLETE_PACKET]: ["an obsolete packet", ENHANCED.SIZE],
    [PCAPNG_BLOCK.SIMPLE_PACKET]: ["a simple packet", SIMPLE.SIZE],
    [PCAPNG_BLOCK.ENHANCED_PACKET]: ["an enhanced packet", ENHANCED.SIZE],
  };

/** Reads a file that begins with a section header block. */
export class PcapngReader implements FormatReader {
  readonly #onSection: (section: CaptureFileSection) => void;
  #littleEndian = true;
  #interfaces: PcapngInterface[] = [];
  #number = 0;
  /** Of a block too long to be held: its length, and what is left to skip. */
  #skipped = 0;
  #toSkip = 0;

  /** @param onSection told of each section, before its packets */
  constructor(onSection: (section: CaptureFileSection) => void = () => {}) {
    this.#onSection = onSection;
  }

  read(window: ByteWindow): CaptureFilePacket | undefined {
    for (;;) {
      if (this.#skipped > 0 && !this.#skip(window)) return undefined;
      if (window.end - window.start < BLOCK.SIZE) return undefined;
      const { view, start } = window;
      const type = view.getUint32(start + BLOCK.TYPE, this.#littleEndian);
      if (type === PCAPNG_BLOCK.SECTION) this.#readByteOrder(window);
      const length = view.getUint32(start + BLOCK.LENGTH, this.#littleEndian);
      this.#checkLength(window, type, length);
      if (length > CAPTURE_MAX_RECORD_LENGTH) {
        this.#skipped = length;
        this.#toSkip = length - BLOCK.TRAILER;
        continue;
      }
      if (start + length > window.end) return undefined;
      this.#checkTrailer(window, start + length - BLOCK.TRAILER, length);
      const packet = this.#readBlock(window, type, length);
      window.start += length;
      if (packet !== undefined) return packet;
    }
  }

  checkEnd(window: ByteWindow): void {
    const { available, offset, start, view } = window;
    if (this.#skipped > 0) {
      const done = this.#skipped - BLOCK.TRAILER - this.#toSkip;
      throw cutShort(offset - done, done + available, this.#skipped, "a block");
    }
    if (available === 0) return;
    if (available < BLOCK.SIZE) {
      throw cutShort(offset, available, BLOCK.SIZE, "the header of a block");
    }
    const type = view.getUint32(start + BLOCK.TYPE, this.#littleEndian);
    const length = view.getUint32(start + BLOCK.LENGTH, this.#littleEndian);
    const what = `${KNOWN[type]?.[0] ?? "a"} block`;
    throw cutShort(offset, available, length, what);
  }

  /** Goes on over a long block; whether its end was there. */
  #skip(window: ByteWindow): boolean {
    const octets = Math.min(this.#toSkip, window.available);
    window.start += octets;
    this.#toSkip -= octets;
    if (window.available < BLOCK.TRAILER) return false;
    this.#checkTrailer(window, window.start, this.#skipped);
    window.start += BLOCK.TRAILER;
    this.#skipped = 0;
    return true;
  }

  #readByteOrder(window: ByteWindow): void {
    const at = window.start + SECTION.BYTE_ORDER_MAGIC;
    if (window.view.getUint32(at, true) === PCAPNG_BYTE_ORDER_MAGIC) {
      this.#littleEndian = true;
    } else if (window.view.getUint32(at) === PCAPNG_BYTE_ORDER_MAGIC) {
      this.#littleEndian = false;
    } else {
      throw new CaptureFileError(
        window.offset + SECTION.BYTE_ORDER_MAGIC,
        `a section's byte order is ${
          window.bytes.subarray(at, at + 4).toHex()
        }, but must be 1a2b3c4d or 4d3c2b1a`,
      );
    }
  }

  #checkLength(window: ByteWindow, type: number, length: number): void {
    const known = KNOWN[type];
    const least = known?.[1] ?? BLOCK.SIZE;
    if (length >= least && length % 4 === 0) {
      if (length <= CAPTURE_MAX_RECORD_LENGTH || known === undefined) return;
    }
    throw new CaptureFileError(
      window.offset + BLOCK.LENGTH,
      `${known?.[0] ?? "a"} block of ${length} octets, but ${
        length > CAPTURE_MAX_RECORD_LENGTH
          ? `more than ${CAPTURE_MAX_RECORD_LENGTH} make no sense`
          : `it must be ${least} or more, and a multiple of 4`
      }`,
    );
  }

  #checkTrailer(window: ByteWindow, at: number, length: number): void {
    const trailer = window.view.getUint32(at, this.#littleEndian);
    if (trailer === length) return;
    throw new CaptureFileError(
      window.offset + at - window.start,
      `a block's length is ${trailer} at its end, but ${length} at its start`,
    );
  }

  /** Reads a whole block; `undefined` if it is not a packet. */
  #readBlock(
    window: ByteWindow,
    type: number,
    length: number,
  ): CaptureFilePacket | undefined {
    switch (type) {
      case PCAPNG_BLOCK.ENHANCED_PACKET:
      case PCAPNG_BLOCK.OBSOLETE_PACKET:
        return this.#readPacket(window, type, length);
      case PCAPNG_BLOCK.SIMPLE_PACKET:
        return this.#readSimplePacket(window, length);
      case PCAPNG_BLOCK.SECTION:
        return this.#readSection(window, length);
      case PCAPNG_BLOCK.INTERFACE:
        return this.#readInterface(window, length);
    }
  }

  #readSection(window: ByteWindow, length: number): undefined {
    const { view, start, offset } = window;
    const major = view.getUint16(
      start + SECTION.VERSION_MAJOR,
      this.#littleEndian,
    );
    const minor = view.getUint16(
      start + SECTION.VERSION_MINOR,
      this.#littleEndian,
    );
    // §4.1: readers must treat minor version 2 as 0.
    if (major !== 1 || minor !== 0 && minor !== 2) {
      throw new CaptureFileError(
        offset + SECTION.VERSION_MAJOR,
        `version ${major}.${minor} of pcapng, but only 1.0 is known`,
      );
    }
    this.#interfaces = [];
    const comment = this.#comment(window, SECTION.OPTIONS, length);
    this.#onSection(comment === undefined ? {} : { comment });
  }

  /** What a block's comments say, if it has any. */
  #comment(
    { bytes, start, offset }: ByteWindow,
    optionsAt: number,
    length: number,
  ): string | undefined {
    const end = length - BLOCK.TRAILER;
    // Most blocks have no options.
    if (optionsAt + OPTION_HEADER.SIZE > end) return undefined;
    const view = new DataView(bytes.buffer, start, length);
    const comments: string[] = [];
    try {
      for (
        const option of pcapngOptions(
          ...[view, optionsAt, end, offset, this.#littleEndian] as const,
        )
      ) {
        if (option.code !== OPTION.COMMENT) continue;
        comments.push(optionText(view, option));
      }
    } catch (error) {
      // A damaged remark does no harm to the packet.
      if (!(error instanceof CaptureFileError)) throw error;
    }
    return comments.length === 0 ? undefined : comments.join("\n");
  }

  #readInterface(window: ByteWindow, length: number): undefined {
    if (this.#interfaces.length === MAX_INTERFACES) {
      throw new CaptureFileError(
        window.offset,
        `a section of more than ${MAX_INTERFACES} interfaces makes no sense`,
      );
    }
    this.#interfaces.push(readPcapngInterface(
      new DataView(window.bytes.buffer, window.start, length),
      window.offset,
      this.#littleEndian,
    ));
  }

  #readPacket(
    window: ByteWindow,
    type: number,
    length: number,
  ): CaptureFilePacket {
    const { view, start } = window;
    const littleEndian = this.#littleEndian;
    const interfaceIndex = type === PCAPNG_BLOCK.ENHANCED_PACKET
      ? view.getUint32(start + ENHANCED.INTERFACE, littleEndian)
      : view.getUint16(start + ENHANCED.INTERFACE, littleEndian);
    const { clock, linkType, fcsLength, name } = this.#interface(
      window,
      interfaceIndex,
    );
    const captured = view.getUint32(
      start + ENHANCED.CAPTURED_LENGTH,
      littleEndian,
    );
    const room = length - ENHANCED.SIZE;
    checkRoom(window.offset + ENHANCED.CAPTURED_LENGTH, captured, room);
    const packet = start + ENHANCED.PACKET;
    const optionsAt = ENHANCED.PACKET + padded(captured);
    const comment = this.#comment(window, optionsAt, length);
    return {
      number: ++this.#number,
      timestampNs: clock.nanoseconds(
        view.getUint32(start + ENHANCED.TIMESTAMP_HIGH, littleEndian),
        view.getUint32(start + ENHANCED.TIMESTAMP_LOW, littleEndian),
      ),
      bytes: window.packet(packet, packet + captured),
      originalLength: view.getUint32(
        start + ENHANCED.ORIGINAL_LENGTH,
        littleEndian,
      ),
      linkType,
      fcsLength,
      interfaceIndex,
      ...(name === undefined ? {} : { interfaceName: name }),
      ...(comment === undefined ? {} : { comment }),
    };
  }

  #readSimplePacket(window: ByteWindow, length: number): CaptureFilePacket {
    const { view, start } = window;
    const { snapLength, linkType, fcsLength, name } = this.#interface(
      window,
      0,
    );
    const originalLength = view.getUint32(
      start + SIMPLE.ORIGINAL_LENGTH,
      this.#littleEndian,
    );
    // §4.4: what was captured is the lesser of original and snap length.
    const captured = Math.min(originalLength, snapLength || Infinity);
    const room = length - SIMPLE.SIZE;
    checkRoom(window.offset + SIMPLE.ORIGINAL_LENGTH, captured, room);
    const packet = start + SIMPLE.PACKET;
    return {
      number: ++this.#number,
      timestampNs: undefined,
      bytes: window.packet(packet, packet + captured),
      originalLength,
      linkType,
      fcsLength,
      interfaceIndex: 0,
      ...(name === undefined ? {} : { interfaceName: name }),
    };
  }

  #interface(window: ByteWindow, index: number): PcapngInterface {
    const found = this.#interfaces[index];
    if (found !== undefined) return found;
    throw new CaptureFileError(
      window.offset + BLOCK.BODY,
      `a packet of interface ${index}, but its section has described ${this.#interfaces.length}`,
    );
  }
}

/** Asserts that a packet is not longer than its block has room for. */
function checkRoom(offset: number, captured: number, room: number): void {
  if (captured <= room) return;
  throw new CaptureFileError(
    offset,
    `a packet of ${captured} octets, but its block has room for ${room}`,
  );
}
