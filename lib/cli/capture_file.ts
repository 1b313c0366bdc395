/**
 * A capture file as it grows: whole after every packet.
 *
 * @module
 */

import {
  type CapturedPacket,
  encodePcapHeader,
  encodePcapRecord,
} from "../capture/pcap.ts";
import { LINK_TYPE_RAW } from "../wire/link_types.ts";
import { EXIT, ScriptError } from "./exit.ts";
import { requirePermission } from "./script.ts";

/** A capture file open for writing; the process's end closes it. */
export interface CaptureFile {
  /** Writes one packet, before it returns. */
  append(packet: CapturedPacket): void;
}

/**
 * Creates a capture file of packets that begin with their IP header, or
 * empties it.
 *
 * @throws {ScriptError} without `--allow-write`, or if it cannot be created
 */
export function openCapture(path: string): CaptureFile {
  requirePermission(
    { name: "write", path },
    `--allow-write=${path}`,
    `to write the file ${path}`,
  );
  const file = create(path);
  const write = (octets: Uint8Array) => {
    for (let done = 0; done < octets.length;) {
      done += file.writeSync(octets.subarray(done));
    }
  };
  write(encodePcapHeader(LINK_TYPE_RAW));
  return { append: (packet) => write(encodePcapRecord(packet)) };
}

function create(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { write: true, create: true, truncate: true });
  } catch (error) {
    throw new ScriptError(
      `cannot write the file ${path}: ${(error as Error).message}`,
      EXIT.SYSTEM,
    );
  }
}
