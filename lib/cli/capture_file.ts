/**
 * A capture file as it grows: whole after every packet.
 *
 * @module
 */

import type { CapturedPacket } from "../capture/packet.ts";
import { encodePcapHeader, encodePcapRecord } from "../capture/pcap.ts";
import { LINK_TYPE_RAW } from "../wire/link_types.ts";
import { EXIT, ScriptError } from "./exit.ts";
import { printOctets, requirePermission } from "./script.ts";

/**
 * Asserts that Deno lets a file be written, before anything else is done.
 *
 * @throws {ScriptError} without `--allow-write`
 */
export function checkWritable(path: string): void {
  requirePermission(
    { name: "write", path },
    `--allow-write=${path}`,
    `to write the file ${path}`,
  );
}

/** A capture file, or a pipe, open for writing; the process's end closes it. */
export interface CaptureFile {
  /** Writes one packet, before it returns. */
  append(packet: CapturedPacket): void;
}

/**
 * Creates a capture file, or empties it.
 *
 * @param path `-` is standard output
 * @param linkType what the packets begin with; default their IP header
 *
 * @throws {ScriptError} without `--allow-write`, or if it cannot be created;
 * later, if it cannot be written
 */
export function openCapture(
  path: string,
  linkType = LINK_TYPE_RAW,
): CaptureFile {
  if (path === "-") return captureTo(linkType, printOctets);
  checkWritable(path);
  const file = orFail(
    path,
    () => Deno.openSync(path, { write: true, create: true, truncate: true }),
  );
  const write = (octets: Uint8Array) =>
    orFail(path, () => {
      for (let done = 0; done < octets.length;) {
        done += file.writeSync(octets.subarray(done));
      }
    });
  return captureTo(linkType, write);
}

function captureTo(
  linkType: number,
  write: (octets: Uint8Array) => void,
): CaptureFile {
  write(encodePcapHeader(linkType));
  return { append: (packet) => write(encodePcapRecord(packet)) };
}

function orFail<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    throw new ScriptError(
      `cannot write the file ${path}: ${(error as Error).message}`,
      EXIT.SYSTEM,
    );
  }
}
