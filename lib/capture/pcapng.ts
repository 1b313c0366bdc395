/**
 * Writing pcapng files, as in the Internet-Draft "PCAP Next Generation (pcapng)
 * Capture File Format": little-endian, with nanoseconds. A file is a section,
 * then its interfaces, then packets; an interface may also be added later,
 * before its first packet.
 *
 * What does not fit its field is a `RangeError`.
 *
 * @module
 */

import { checkBits, checkRange } from "../wire/errors.ts";
import type { CapturedPacket } from "./packet.ts";
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
} from "./pcapng_layout.ts";

/** 10^-9 seconds. */
const NANOSECONDS = Uint8Array.of(9);

/**
 * What a section may tell of its making.
 *
 * @category Capture files
 */
export interface PcapngSectionOptions {
  /** Any remark. */
  readonly comment?: string;
  /** The machine, such as `x86_64`. */
  readonly hardware?: string;
  /** Such as `Linux 6.1`. */
  readonly operatingSystem?: string;
  /** The program that writes the file. */
  readonly application?: string;
}

/**
 * What an interface may tell of itself.
 *
 * @category Capture files
 */
export interface PcapngInterfaceOptions {
  /** Octets kept of each packet at most; default 0, no limit. */
  readonly snapLength?: number;
  /** Such as `eth0`. */
  readonly name?: string;
  /** Such as `Loopback`. */
  readonly description?: string;
  /** Any remark. */
  readonly comment?: string;
  /**
   * Octets of frame check sequence that every packet ended with on the wire,
   * 0–31; default: nobody knows.
   */
  readonly fcsLength?: number;
  /**
   * What is to be added to the times of its packets' blocks, in whole seconds:
   * times before 1970, or after 2554, need it. Default 0.
   */
  readonly timestampOffset?: bigint;
}

/**
 * A packet to be written to a pcapng file.
 *
 * @category Capture files
 */
export interface PcapngPacket extends CapturedPacket {
  /** Which interface of the section, counted from 0; default 0. */
  readonly interfaceIndex?: number;
  /** Any remark, which Wireshark shows above the packet. */
  readonly comment?: string;
  /** The one that its interface was described with; default 0. */
  readonly timestampOffset?: bigint;
}

/**
 * The block that begins a file, or a further section of one, with interfaces
 * of its own.
 *
 * @category Capture files
 * @throws {RangeError} if a text is longer than 65,535 octets
 *
 * @example
 * ```ts
 * import {
 *   encodePcapngInterface,
 *   encodePcapngPacket,
 *   encodePcapngSection,
 *   LINK_TYPE_ETHERNET,
 *   LINK_TYPE_RAW,
 *   readCapture,
 * } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const file = [
 *   encodePcapngSection({ application: "raw4" }),
 *   encodePcapngInterface(LINK_TYPE_ETHERNET, { name: "eth0" }),
 *   encodePcapngInterface(LINK_TYPE_RAW, { name: "tun0" }),
 *   encodePcapngPacket({
 *     timestampNs: 1_700_000_000_123_456_789n,
 *     bytes: Uint8Array.fromHex("45000014000000004001f6e70a0000010a000001"),
 *     interfaceIndex: 1,
 *     comment: "the first one",
 *   }),
 * ];
 * const [packet] = await Array.fromAsync(readCapture(file));
 * assertEquals(packet.linkType, LINK_TYPE_RAW);
 * assertEquals(packet.timestampNs, 1_700_000_000_123_456_789n);
 * ```
 */
export function encodePcapngSection(
  options: PcapngSectionOptions = {},
): Uint8Array<ArrayBuffer> {
  const { block, view } = newBlock(PCAPNG_BLOCK.SECTION, SECTION.OPTIONS, [
    text(OPTION.COMMENT, options.comment),
    text(OPTION.SECTION_HARDWARE, options.hardware),
    text(OPTION.SECTION_OPERATING_SYSTEM, options.operatingSystem),
    text(OPTION.SECTION_APPLICATION, options.application),
  ]);
  view.setUint32(SECTION.BYTE_ORDER_MAGIC, PCAPNG_BYTE_ORDER_MAGIC, true);
  view.setUint16(SECTION.VERSION_MAJOR, 1, true);
  // -1, not known: packets can be added as they come.
  view.setBigInt64(SECTION.SECTION_LENGTH, -1n, true);
  return block;
}

/**
 * The block that describes the section's next interface. Its packets' times are
 * in nanoseconds, as {@linkcode encodePcapngPacket} writes them.
 *
 * @category Capture files
 * @param linkType what its packets begin with, such as
 * {@linkcode LINK_TYPE_ETHERNET}
 * @throws {RangeError} if `linkType` needs more than 16 bits, `snapLength` more
 * than 32, the offset more than 64, `fcsLength` is none, or a text is longer than
 * 65,535 octets
 *
 * @example
 * ```ts
 * import { encodePcapngInterface, LINK_TYPE_RAW } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(
 *   encodePcapngInterface(LINK_TYPE_RAW).toHex(),
 *   "01000000" + "20000000" + // type and length of the block
 *     "6500" + "0000" + "00000000" + // link type, reserved, snap length
 *     "0900" + "0100" + "09000000" + // option: times in 10^-9 seconds
 *     "0000" + "0000" + // end of options
 *     "20000000", // length of the block
 * );
 * ```
 */
export function encodePcapngInterface(
  linkType: number,
  options: PcapngInterfaceOptions = {},
): Uint8Array<ArrayBuffer> {
  const { snapLength = 0, name, description, comment } = options;
  const { fcsLength, timestampOffset } = options;
  const { block, view } = newBlock(PCAPNG_BLOCK.INTERFACE, INTERFACE.OPTIONS, [
    text(OPTION.COMMENT, comment),
    text(OPTION.INTERFACE_NAME, name),
    text(OPTION.INTERFACE_DESCRIPTION, description),
    [OPTION.INTERFACE_TIMESTAMP_RESOLUTION, NANOSECONDS],
    // In bits, says the draft.
    fcsLength === undefined ? undefined : [
      OPTION.INTERFACE_FCS_LENGTH,
      Uint8Array.of(8 * checkRange("pcapng fcsLength", fcsLength, 0, 31)),
    ],
    timestampOffset === undefined
      ? undefined
      : [OPTION.INTERFACE_TIMESTAMP_OFFSET, int64(timestampOffset)],
  ]);
  view.setUint16(
    INTERFACE.LINK_TYPE,
    checkBits("pcapng linkType", linkType, 16),
    true,
  );
  view.setUint32(
    INTERFACE.SNAP_LENGTH,
    checkBits("pcapng snapLength", snapLength, 32),
    true,
  );
  return block;
}

/**
 * One packet's block (an "enhanced packet block"), to be written behind that of
 * its interface.
 *
 * @category Capture files
 * @throws {RangeError} if the time, less its offset, is before 1970 or after the
 * year 2554, a number needs more than 32 bits, or the comment is longer than
 * 65,535 octets
 *
 * @example
 * ```ts
 * import { encodePcapngPacket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const block = encodePcapngPacket({
 *   timestampNs: 0x1_0000_0002n,
 *   bytes: Uint8Array.of(0x45),
 *   originalLength: 20,
 * });
 * assertEquals(
 *   block.toHex(),
 *   "06000000" + "24000000" + // type and length of the block
 *     "00000000" + // interface
 *     "01000000" + "02000000" + // the time's upper and lower half
 *     "01000000" + "14000000" + // lengths: captured, on the wire
 *     "45" + "000000" + // packet, padding
 *     "24000000", // length of the block
 * );
 * ```
 */
export function encodePcapngPacket(
  packet: PcapngPacket,
): Uint8Array<ArrayBuffer> {
  const { bytes, interfaceIndex = 0, comment, timestampOffset = 0n } = packet;
  const originalLength = packet.originalLength ?? bytes.length;
  const least = timestampOffset * 1_000_000_000n;
  const ticks = (packet.timestampNs ?? least) - least;
  if (BigInt.asUintN(64, ticks) !== ticks) {
    throw new RangeError(
      `pcapng timestampNs must be from ${least} to ${
        least + 2n ** 64n - 1n
      }, but is ${packet.timestampNs}`,
    );
  }
  const { block, view } = newBlock(
    PCAPNG_BLOCK.ENHANCED_PACKET,
    ENHANCED.PACKET + padded(bytes.length),
    [text(OPTION.COMMENT, comment)],
  );
  view.setUint32(
    ENHANCED.INTERFACE,
    checkBits("pcapng interfaceIndex", interfaceIndex, 32),
    true,
  );
  view.setUint32(ENHANCED.TIMESTAMP_HIGH, Number(ticks >> 32n), true);
  view.setUint32(
    ENHANCED.TIMESTAMP_LOW,
    Number(ticks & 0xffff_ffffn),
    true,
  );
  view.setUint32(ENHANCED.CAPTURED_LENGTH, bytes.length, true);
  view.setUint32(
    ENHANCED.ORIGINAL_LENGTH,
    checkBits("pcapng originalLength", originalLength, 32),
    true,
  );
  block.set(bytes, ENHANCED.PACKET);
  return block;
}

type Option = readonly [code: number, value: Uint8Array];

function text(code: number, value: string | undefined): Option | undefined {
  return value === undefined
    ? undefined
    : [code, new TextEncoder().encode(value)];
}

function int64(value: bigint): Uint8Array {
  if (BigInt.asIntN(64, value) !== value) {
    throw new RangeError(
      `pcapng timestampOffset must fit into 64 bits, but is ${value}`,
    );
  }
  const octets = new Uint8Array(8);
  new DataView(octets.buffer).setBigInt64(0, value, true);
  return octets;
}

/** A block with its options; the fields between are still zero. */
function newBlock(
  type: number,
  optionsOffset: number,
  maybeOptions: readonly (Option | undefined)[],
): { block: Uint8Array<ArrayBuffer>; view: DataView } {
  const options = maybeOptions.filter((option) => option !== undefined);
  const length = options.reduce(
    (sum, [, value]) => sum + OPTION_HEADER.SIZE + padded(value.length),
    optionsOffset + BLOCK.TRAILER +
      (options.length > 0 ? OPTION_HEADER.SIZE : 0),
  );
  const block = new Uint8Array(length);
  const view = new DataView(block.buffer);
  view.setUint32(BLOCK.TYPE, type, true);
  view.setUint32(BLOCK.LENGTH, length, true);
  view.setUint32(length - BLOCK.TRAILER, length, true);
  let offset = optionsOffset;
  for (const [code, value] of options) {
    view.setUint16(offset + OPTION_HEADER.CODE, code, true);
    view.setUint16(
      offset + OPTION_HEADER.LENGTH,
      checkRange("pcapng text, in octets,", value.length, 0, 65_535),
      true,
    );
    block.set(value, offset + OPTION_HEADER.SIZE);
    offset += OPTION_HEADER.SIZE + padded(value.length);
  }
  return { block, view };
}
