/**
 * A capture file as it grows: whole after every packet, or after as many as
 * came at once.
 *
 * @module
 */

import type { CapturedPacket } from "../capture/packet.ts";
import { encodePcapHeader, encodePcapRecord } from "../capture/pcap.ts";
import { LINK_TYPE_RAW } from "../wire/link_types.ts";
import { usageError } from "./exit.ts";
import { fileFailure } from "./file_failure.ts";
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

/**
 * What all of these packets begin with; `undefined` if there are none.
 *
 * @throws {ScriptError} if they differ: one pcap file cannot hold them
 */
export function commonLinkType(
  packets: readonly { readonly linkType: number }[],
): number | undefined {
  const linkType = packets.at(0)?.linkType;
  if (packets.every((packet) => packet.linkType === linkType)) return linkType;
  throw usageError(
    "all packets of a pcap file begin with the same kind of header",
  );
}

/** A capture file, or a pipe, open for writing; the process's end closes it. */
export interface CaptureFile {
  /**
   * Writes one packet, before it returns.
   *
   * @param more another follows at once, and is to be written with it; default
   * false
   */
  append(packet: CapturedPacket, more?: boolean): void;
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
  let kept: Uint8Array[] = [];
  return {
    append(packet, more = false) {
      kept.push(encodePcapRecord(packet));
      if (more) return;
      const records = kept;
      kept = [];
      write(records.length === 1 ? records[0] : joined(records));
    },
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

function orFail<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw fileFailure(`write the file ${path}`, error);
  }
}
