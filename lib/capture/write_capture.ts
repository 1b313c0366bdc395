/**
 * Writing a capture file, all of it.
 *
 * @module
 */

import { Raw4Error } from "../wire/errors.ts";
import { LINK_TYPE_RAW } from "../wire/link_types.ts";
import type { CapturedPacket } from "./packet.ts";
import { encodePcapHeader, encodePcapRecord } from "./pcap.ts";
import { PcapngWriter, type PcapngWriterPacket } from "./pcapng_writer.ts";

const NANOSECONDS_PER_MS = 1_000_000n;

/**
 * Writes packets into a capture file, which Wireshark and tcpdump read: pcapng if
 * its name ends in `.pcapng`, else pcap. A new file is for its owner alone; one that
 * is there keeps its mode, and is replaced when the first packet comes, or none.
 * Needs `--allow-write=PATH`.
 *
 * @category Capture files
 * @param packets octets, which get the present time; or what a socket, a sniffer
 * or {@linkcode readCapture} gave
 * @param linkType what those begin with that do not say; default an IP header
 * @returns how many were written, each of them whole
 * @throws {RangeError} if a pcap file cannot hold a packet's time, or packets of
 * two link types
 * @throws {TypeError} if a packet is none, or its time is no `bigint`; the error
 * says which, counted from 1, and those before it are in the file
 * @throws {Raw4Error} if the file cannot be written; on a full disk, say: the
 * packets that are in it are whole
 *
 * @example
 * ```ts
 * import { buildPacket, ipv4, readCapture, udp, writeCapture } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
 *   udp({ destinationPort: 7 }),
 * );
 * const path = await Deno.makeTempFile({ suffix: ".pcap" });
 * await writeCapture(path, [packet]);
 *
 * const { readable } = await Deno.open(path);
 * const [{ bytes }] = await Array.fromAsync(readCapture(readable));
 * assertEquals(bytes, packet);
 * await Deno.remove(path);
 * ```
 */
export async function writeCapture(
  path: string,
  packets: WrittenPackets,
  linkType: number = LINK_TYPE_RAW,
): Promise<number> {
  const { start, encode } = encoderOf(path, linkType);
  // Whether it can be written is known at once; what is in it goes only once
  // something is there instead.
  using files = new DisposableStack();
  let file = files.use(await openFile(path, false));
  let count = 0;
  let length = 0;
  const write = async (parts: readonly Uint8Array[]) => {
    try {
      for (const part of parts) await writeAll(file, part);
    } catch (cause) {
      // What a full disk has left of them; a pipe keeps it.
      await file.truncate(length).catch(() => {});
      throw unwritten(path, cause, "give a file elsewhere");
    }
    for (const part of parts) length += part.length;
  };
  const begin = async () => {
    file = files.use(await openFile(path, true));
    await write([start]);
  };
  for await (const packet of packets) {
    const octets = numbered(
      count + 1,
      () => encode(asPacket(packet, linkType)),
    );
    if (count === 0) await begin();
    await write(octets);
    count++;
  }
  if (count === 0) await begin();
  return count;
}

async function openFile(
  path: string,
  truncate: boolean,
): Promise<Deno.FsFile> {
  const options = { write: true, create: true, truncate, mode: 0o600 };
  try {
    return await Deno.open(path, options);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) throw cause;
    throw unwritten(
      path,
      cause,
      "give a file in a folder that you may write to",
    );
  }
}

function unwritten(path: string, cause: unknown, remedy: string): Raw4Error {
  const [reason] = (cause as Error).message.split(" (os error ");
  return new Raw4Error(
    `cannot write the capture file ${
      JSON.stringify(path)
    }: ${reason}; ${remedy}`,
    { cause },
  );
}

/** The system may take less of it at once. */
async function writeAll(file: Deno.FsFile, octets: Uint8Array): Promise<void> {
  for (let at = 0; at < octets.length;) {
    at += await file.write(octets.subarray(at));
  }
}

/** What is wrong with a packet, and which it is, counted from 1. */
function numbered<Result>(number: number, encode: () => Result): Result {
  try {
    return encode();
  } catch (cause) {
    const { message } = cause as Error;
    const Kind = cause instanceof RangeError ? RangeError : TypeError;
    throw new Kind(`packet ${number}: ${message}`, { cause });
  }
}

/**
 * Packets for a capture file, as they come: octets, or with what is known of them.
 *
 * @category Capture files
 */
export type WrittenPackets =
  | Iterable<Uint8Array | CapturedPacket>
  | AsyncIterable<Uint8Array | CapturedPacket>;

/** What is known of a packet; of getters, too, which a copy would lose. */
function asPacket(
  packet: Uint8Array | CapturedPacket & Partial<PcapngWriterPacket>,
  usual: number,
): PcapngWriterPacket {
  if (packet instanceof Uint8Array) {
    const timestampNs = BigInt(Date.now()) * NANOSECONDS_PER_MS;
    return { bytes: packet, timestampNs, linkType: usual };
  }
  checkFields(packet);
  const { bytes, timestampNs, originalLength, linkType = usual } = packet;
  const { fcsLength, interfaceName, comment } = packet;
  return {
    ...{ bytes, timestampNs, originalLength, linkType },
    ...{ fcsLength, interfaceName, comment },
  };
}

/** What the compiler would say, to who runs without it. */
function checkFields(packet: Partial<CapturedPacket> | null): void {
  if (!(packet?.bytes instanceof Uint8Array)) {
    throw new TypeError(
      "bytes must be a Uint8Array, or the packet itself one",
    );
  }
  const { timestampNs } = packet;
  if (timestampNs === undefined || typeof timestampNs === "bigint") return;
  throw new TypeError(
    `timestampNs must be a bigint, such as 5n, but is the ` +
      `${typeof timestampNs} ${JSON.stringify(timestampNs)}`,
  );
}

/** What a file begins with, and what turns packets into the rest of it. */
function encoderOf(path: string, linkType: number) {
  if (path.endsWith(".pcapng")) {
    const writer = new PcapngWriter({ application: "raw4" });
    const { start } = writer;
    return {
      start,
      encode: (packet: PcapngWriterPacket) => writer.encode(packet),
    };
  }
  return {
    start: encodePcapHeader(linkType),
    encode(packet: PcapngWriterPacket) {
      if (packet.linkType === linkType) return [encodePcapRecord(packet)];
      throw new RangeError(
        `a pcap file has packets of one link type, ${linkType} here, but this ` +
          `one's is ${packet.linkType}: give it, or name the file ….pcapng`,
      );
    },
  };
}
