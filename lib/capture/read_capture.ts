/**
 * Reading capture files, whatever their format.
 *
 * @module
 */

import { counted } from "../wire/errors.ts";
import { ByteWindow } from "./byte_window.ts";
import { CaptureFileError } from "./format_reader.ts";
import type { FormatReader } from "./format_reader.ts";
import { gunzip, GZIP_MAGIC_SIZE, isGzip } from "./gunzip.ts";
import type { CaptureFilePacket, CaptureFileSection } from "./packet.ts";
import { PcapReader } from "./pcap_reader.ts";
import { PCAPNG_BLOCK } from "./pcapng_layout.ts";
import { PcapngReader } from "./pcapng_reader.ts";

/** Longer chunks are read piece by piece, so as not to be copied as a whole. */
const PIECE = 2 ** 16;
const MAGIC_SIZE = 4;

/** Files that are taken for captures, and what to do with them. */
const OTHERS: readonly (readonly [hex: string, reason: string])[] = [
  ["28b52ffd", "it is compressed: `unzstd` makes a capture file of it"],
  ["04224d18", "it is compressed: `unlz4` makes a capture file of it"],
  ["736e6f6f", "a snoop file: `editcap` makes a pcap file of it"],
];

/**
 * What else is to be told of a file.
 *
 * @category Capture files
 */
export interface ReadCaptureOptions {
  /** Told of each section of a pcapng file, before its packets. */
  readonly onSection?: (section: CaptureFileSection) => void;
}

/**
 * Reads the packets of a capture file one after the other, as the file comes:
 * pcap of all versions and in both byte orders, and pcapng; either of them also
 * compressed by gzip. The memory it takes does not depend on the file's length.
 *
 * A file that is cut short or damaged gives all the packets before that, and
 * then the error. Errors of `chunks` itself are passed on as they are.
 *
 * @category Capture files
 * @param chunks the file, cut in any way, such as the `readable` of a
 * `Deno.FsFile`; of a file in memory, an array of it
 * @param options who is told of sections; default nobody
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
  options: ReadCaptureOptions = {},
): AsyncGenerator<CaptureFilePacket, void, undefined> {
  for await (const packets of readBatches(chunks, new ByteWindow(), options)) {
    for (const packet of packets) yield packet;
  }
}

/**
 * The same for whoever is done with each packet before the next batch comes:
 * without a promise for each, and its octets are not copied. All packets of a
 * batch are to be taken.
 */
export function readLentPackets(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Iterable<CaptureFilePacket>, void, undefined> {
  return readBatches(chunks, new ByteWindow(true));
}

/** The packets that each piece of a file completes. */
async function* readBatches(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  window: ByteWindow,
  { onSection }: ReadCaptureOptions = {},
): AsyncGenerator<Iterable<CaptureFilePacket>, void, undefined> {
  let reader: FormatReader | undefined;
  for await (const chunk of decompressed(chunks)) {
    for (let offset = 0; offset < chunk.length; offset += PIECE) {
      window.append(chunk.subarray(offset, offset + PIECE));
      reader ??= findReader(window, onSection);
      if (reader !== undefined) yield packetsIn(window, reader);
    }
  }
  if (reader === undefined) throw tooShort(window.available);
  reader.checkEnd(window);
}

function* packetsIn(
  window: ByteWindow,
  reader: FormatReader,
): Generator<CaptureFilePacket, void> {
  for (;;) {
    const packet = reader.read(window);
    if (packet === undefined) return;
    yield packet;
  }
}

/** The octets of a file; if gzip has compressed it, what they are of. */
async function* decompressed(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  const rest = eachOf(chunks);
  let start: Uint8Array = new Uint8Array();
  while (start.length < GZIP_MAGIC_SIZE) {
    const { value, done } = await rest.next();
    if (done) break;
    const isEnough = start.length === 0 && value.length >= GZIP_MAGIC_SIZE;
    start = isEnough ? value : joined(start, value);
  }
  const whole = following(start, rest);
  yield* isGzip(start) ? gunzip(whole) : whole;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

async function* eachOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield* chunks;
}

async function* following(
  start: Uint8Array,
  rest: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield start;
    yield* rest;
  } finally {
    await rest.return();
  }
}

/**
 * Whether octets begin as capture files do, those that first have to be
 * unpacked or converted included.
 *
 * @category Capture files
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
  return magic === PCAPNG_BLOCK.SECTION || isGzip(start) ||
    PcapReader.of(magic) !== undefined ||
    OTHERS.some(([beginning]) => hex.startsWith(beginning));
}

function findReader(
  window: ByteWindow,
  onSection: ReadCaptureOptions["onSection"],
): FormatReader | undefined {
  if (window.available < MAGIC_SIZE) return undefined;
  const magic = window.view.getUint32(window.start);
  if (magic === PCAPNG_BLOCK.SECTION) return new PcapngReader(onSection);
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
      : `the file ends after ${
        counted(length, "octet")
      }, too few for a capture file`,
  );
}
