/**
 * Writing a pcapng file packet by packet: interfaces are described as the first
 * packet of each comes.
 *
 * @module
 */

import type { CapturedPacket } from "./packet.ts";
import {
  encodePcapngInterface,
  encodePcapngPacket,
  encodePcapngSection,
  type PcapngSectionOptions,
} from "./pcapng.ts";

/** As many whole seconds as 64 bits of nanoseconds count. */
const ERA = 2n ** 64n / 1_000_000_000n;
const ERA_NS = ERA * 1_000_000_000n;

/**
 * A packet, and where it is from.
 *
 * @category Capture files
 */
export interface PcapngWriterPacket extends CapturedPacket {
  /** What it begins with, such as {@linkcode LINK_TYPE_ETHERNET}. */
  readonly linkType: number;
  /** Octets of frame check sequence that it ended with; default: nobody knows. */
  readonly fcsLength?: number;
  /** The interface's name, such as `eth0`. */
  readonly interfaceName?: string;
  /** Any remark, which Wireshark shows above the packet. */
  readonly comment?: string;
}

/**
 * Turns packets into the blocks of a file, of any link type, interface and time
 * one after the other: those before 1970 or after 2554 are of an interface by
 * themselves, whose times have an offset.
 *
 * @category Capture files
 *
 * @example
 * ```ts
 * import { LINK_TYPE_RAW, PcapngWriter, readCapture } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const writer = new PcapngWriter({ application: "raw4" });
 * const file = [
 *   writer.start,
 *   ...writer.encode({
 *     timestampNs: -1n,
 *     bytes: Uint8Array.of(0x45),
 *     linkType: LINK_TYPE_RAW,
 *   }),
 * ];
 * const [packet] = await Array.fromAsync(readCapture(file));
 * assertEquals(packet.timestampNs, -1n);
 * ```
 */
export class PcapngWriter {
  /** The octets that a file begins with. */
  readonly start: Uint8Array<ArrayBuffer>;
  readonly #indexes = new Map<string, number>();

  /** Makes one for a file, and its first block. */
  constructor(options: PcapngSectionOptions = {}) {
    this.start = encodePcapngSection(options);
  }

  /**
   * A packet's block, behind that of its interface if it is the first of it.
   *
   * @throws {RangeError} as the encoders of the blocks do
   */
  encode(packet: PcapngWriterPacket): Uint8Array<ArrayBuffer>[] {
    const { timestampNs, bytes, originalLength, linkType, fcsLength } = packet;
    const { interfaceName: name, comment } = packet;
    const era = eraOf(timestampNs ?? 0n);
    const timestampOffset = era === 0n ? undefined : era * ERA;
    const key = [linkType, fcsLength, era, name].join(" ");
    const known = this.#indexes.get(key);
    const interfaceIndex = known ?? this.#indexes.size;
    const block = encodePcapngPacket({
      ...{ timestampNs, bytes, originalLength },
      ...{ interfaceIndex, timestampOffset, comment },
    });
    if (known !== undefined) return [block];
    const options = { name, fcsLength, timestampOffset };
    const described = encodePcapngInterface(linkType, options);
    // Not before: of what is refused, nothing is in the file.
    this.#indexes.set(key, interfaceIndex);
    return [described, block];
  }
}

function eraOf(timestampNs: bigint): bigint {
  const era = timestampNs / ERA_NS;
  return timestampNs < era * ERA_NS ? era - 1n : era;
}
