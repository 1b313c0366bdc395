/**
 * A capture file as it grows: whole after every packet, or after as many as
 * came at once, and also when the disk is full.
 *
 * @module
 */

import { system } from "../../ffi/own.ts";
import type { CapturedPacket } from "../../capture/packet.ts";
import {
  encodePcapHeader,
  encodePcapRecord,
  PCAP_MAX_TIMESTAMP_NS,
} from "../../capture/pcap.ts";
import { PcapngWriter } from "../../capture/pcapng_writer.ts";
import { formatTimestamp } from "../../render/timestamp.ts";
import { LINK_TYPE_RAW } from "../../wire/link_types.ts";
import { usageError } from "../exit.ts";
import { GrowingFile } from "./growing_file.ts";

/**
 * Asserts that it is not standard output where a capture is to go, which has
 * something else to take.
 *
 * @throws {ScriptError} if it is
 */
export function checkFile(path: string | undefined): void {
  if (path !== "-") return;
  throw usageError("--write needs the name of a file");
}

/** Which format a file has, by its name. */
function isPcapng(path: string): boolean {
  return /\.pcapng$/i.test(path);
}

/** What tells in a file's head what its packets begin with, and end with. */
export interface CaptureHead {
  /** What they begin with; default their IP header. */
  readonly linkType?: number;
  /** Octets of frame check sequence at their ends; default: nobody knows. */
  readonly fcsLength?: number;
}

/** A packet for a capture file; what it does not tell is as the file's head. */
export interface WrittenPacket extends CapturedPacket, CaptureHead {}

/**
 * What a file's head is to tell of all of these packets; nothing if there are
 * none, or a file of that name may hold packets of several kinds.
 *
 * @throws {ScriptError} if one pcap file cannot hold them
 */
export function headFor(
  path: string,
  packets: readonly WrittenPacket[],
): CaptureHead {
  if (isPcapng(path)) return {};
  const { linkType, fcsLength } = packets.at(0) ?? {};
  const refuse = (reason: string) =>
    usageError(
      reason,
      "Give the file a name that ends in .pcapng: such a file holds them all.",
    );
  for (const [i, packet] of packets.entries()) {
    const { timestampNs = 0n } = packet;
    if (packet.linkType !== linkType) {
      throw refuse(
        "all packets of a pcap file begin with the same kind of header",
      );
    }
    if (packet.fcsLength !== fcsLength) {
      throw refuse(
        "all packets of a pcap file end with frame check sequences of the " +
          "same length",
      );
    }
    if (timestampNs < 0n || timestampNs > PCAP_MAX_TIMESTAMP_NS) {
      throw refuse(
        "a pcap file holds times from 1970 to 2106, but that of packet " +
          `${i + 1} is ${formatTimestamp(timestampNs)}`,
      );
    }
  }
  return { linkType, fcsLength };
}

/** A capture file, or a pipe, open for writing; the process's end closes it. */
export interface CaptureFile {
  /**
   * Writes one packet, before it returns.
   *
   * @param more another follows at once, and is to be written with it; default
   * false
   * @param device the interface that it crossed, which pcapng alone tells
   */
  append(
    packet: WrittenPacket,
    more?: boolean,
    device?: string,
  ): Promise<void>;
}

/**
 * Creates a capture file, or empties it, and writes what it begins with: pcapng
 * where the name ends in `.pcapng`, and pcap otherwise, which every program
 * reads. Before its content is known to be good nothing is touched. It is created
 * for its owner alone: what others may see of it is for whoever started it to say.
 *
 * @param path `-` is standard output
 * @param head what all packets have in common
 * @param packets what is known beforehand; default nothing
 *
 * @throws {RangeError} if a packet has no place in such a file
 * @throws {ScriptError} without `--allow-write`, or if it cannot be created;
 * later, if it cannot be written
 */
export async function openCapture(
  path: string,
  head: CaptureHead = {},
  packets: readonly WrittenPacket[] = [],
): Promise<CaptureFile> {
  const { start, encode } = formatOf(path, head);
  const begin = [start, ...packets.flatMap((packet) => encode(packet))];
  const file = await GrowingFile.open(path);
  await file.append(begin);
  let kept: Uint8Array[] = [];
  return {
    async append(packet, more = false, device) {
      kept.push(...encode(packet, device));
      if (more) return;
      const records = kept;
      kept = [];
      await file.append(records);
    },
  };
}

/** A file format: what a file begins with, and what each packet becomes. */
export interface Format {
  readonly start: Uint8Array;
  encode(packet: WrittenPacket, device?: string): Uint8Array[];
}

/** That of one file, by its name. */
export function formatOf(
  path: string,
  { linkType = LINK_TYPE_RAW, fcsLength }: CaptureHead,
): Format {
  return isPcapng(path) ? pcapng(linkType) : pcap(linkType, fcsLength);
}

function pcap(linkType: number, fcsLength: number | undefined): Format {
  return {
    start: encodePcapHeader(linkType, undefined, fcsLength),
    encode: (packet) => [encodePcapRecord(packet)],
  };
}

function pcapng(linkType: number): Format {
  const writer = new PcapngWriter({
    hardware: Deno.build.arch,
    operatingSystem: system.name,
    application: "raw4",
  });
  return {
    start: writer.start,
    encode: (packet, interfaceName) =>
      writer.encode({ linkType, ...packet, interfaceName }),
  };
}
