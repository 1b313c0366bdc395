/**
 * Reading capture files, whatever their format.
 *
 * @module
 */

import { ByteWindow } from "./byte_window.ts";
import { CaptureFileError } from "./errors.ts";
import type { FormatReader } from "./format_reader.ts";
import type { CaptureFilePacket } from "./packet.ts";
import { PcapReader } from "./pcap_reader.ts";
import { PCAPNG_BLOCK } from "./pcapng_layout.ts";
import { PcapngReader } from "./pcapng_reader.ts";

/** Longer chunks are read piece by piece, so as not to be copied as a whole. */
const PIECE = 2 ** 16;
const MAGIC_SIZE = 4;

/** Files that are taken for captures, and what to do with them. */
const OTHERS: readonly (readonly [hex: string, reason: string])[] = [
  ["1f8b", "it is compressed: `gunzip` makes a capture file of it"],
  ["28b52ffd", "it is compressed: `unzstd` makes a capture file of it"],
  ["04224d18", "it is compressed: `unlz4` makes a capture file of it"],
  ["a1b2cd34", "a modified pcap file: `editcap` makes a usual one of it"],
  ["34cdb2a1", "a modified pcap file: `editcap` makes a usual one of it"],
  ["736e6f6f", "a snoop file: `editcap` makes a pcap file of it"],
];

/**
 * Reads the packets of a capture file one after the other, as the file comes:
 * pcap in both byte orders, with microseconds or nanoseconds, and pcapng. The
 * memory it takes does not depend on the file's length.
 *
 * A file that is cut short or damaged gives all the packets before that, and
 * then the error. Errors of `chunks` itself are passed on as they are.
 *
 * @param chunks the file, cut in any way, such as the `readable` of a
 * `Deno.FsFile`; of a file in memory, an array of it
 * @throws {CaptureFileError} if the file is empty, no capture file, cut short
 * or damaged
 *
 * @example
 * ```ts
 * import { encodePcapHeader, encodePcapRecord, readCapture } from "raw4";
 * import { LINK_TYPE_RAW, linkTypeName } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const file = [
 *   encodePcapHeader(LINK_TYPE_RAW),
 *   encodePcapRecord({ timestampNs: 1n, bytes: Uint8Array.of(0x45) }),
 * ];
 * for await (const packet of readCapture(file)) {
 *   assertEquals(packet.number, 1);
 *   assertEquals(packet.timestampNs, 1n);
 *   assertEquals(packet.bytes.toHex(), "45");
 *   assertEquals(linkTypeName(packet.linkType), "Raw IP");
 * }
 * ```
 */
export async function* readCapture(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<CaptureFilePacket, void, undefined> {
  const window = new ByteWindow();
  let reader: FormatReader | undefined;
  for await (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; offset += PIECE) {
      window.append(chunk.subarray(offset, offset + PIECE));
      reader ??= findReader(window);
      if (reader === undefined) continue;
      for (;;) {
        const packet = reader.read(window);
        if (packet === undefined) break;
        yield packet;
      }
    }
  }
  if (reader === undefined) throw tooShort(window.available);
  reader.checkEnd(window);
}

/**
 * Whether octets begin as capture files do, those that first have to be
 * unpacked or converted included.
 *
 * @param start at least the file's first four octets
 *
 * @example
 * ```ts
 * import { encodePcapHeader, isCaptureFile, LINK_TYPE_RAW } from "raw4";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isCaptureFile(encodePcapHeader(LINK_TYPE_RAW)));
 * assertFalse(isCaptureFile(new TextEncoder().encode("4500")));
 * ```
 */
export function isCaptureFile(start: Uint8Array): boolean {
  if (start.length < MAGIC_SIZE) return false;
  const hex = start.subarray(0, MAGIC_SIZE).toHex();
  const magic = parseInt(hex, 16);
  return magic === PCAPNG_BLOCK.SECTION ||
    PcapReader.of(magic) !== undefined ||
    OTHERS.some(([beginning]) => hex.startsWith(beginning));
}

function findReader(window: ByteWindow): FormatReader | undefined {
  if (window.available < MAGIC_SIZE) return undefined;
  const magic = window.view.getUint32(window.start);
  if (magic === PCAPNG_BLOCK.SECTION) return new PcapngReader();
  const reader = PcapReader.of(magic);
  if (reader !== undefined) return reader;
  const hex = window.bytes.subarray(window.start, window.start + MAGIC_SIZE)
    .toHex();
  const [, reason] = OTHERS.find(([start]) => hex.startsWith(start)) ?? [];
  throw new CaptureFileError(
    0,
    reason ?? `it begins with ${hex}, as neither pcap nor pcapng files do`,
  );
}

function tooShort(length: number): CaptureFileError {
  return new CaptureFileError(
    0,
    length === 0
      ? "the file is empty"
      : `the file ends after ${length} octets, too few for a capture file`,
  );
}
