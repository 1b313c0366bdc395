/**
 * Capture files on a disk, for us and for other programs.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { CaptureFilePacket } from "../../lib/capture/packet.ts";
import { readCapture } from "../../lib/capture/read_capture.ts";
import { run } from "../live/live.ts";

/** What Wireshark calls the link types inside (its `frame.encap_type`). */
export const ENCAPSULATIONS: Readonly<Record<number, number>> = {
  0: 15,
  1: 1,
  101: 7,
  108: 174,
  113: 25,
  228: 129,
  229: 130,
  276: 210,
};

const FIELDS = ["time_epoch", "len", "cap_len", "encap_type"];

/** Gives a folder for files, and removes it. */
export async function inFolder(
  use: (path: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use((name) => `${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs a command that must succeed; what it printed. */
export async function succeed(...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command);
  assert(code === 0, `${command.join(" ")}: ${stderr}`);
  return stdout;
}

/** Writes a file of parts. */
export async function write(
  path: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  using file = await Deno.create(path);
  for (const part of parts) {
    for (let done = 0; done < part.length;) {
      done += await file.write(part.subarray(done));
    }
  }
}

/** Reads a file by {@linkcode readCapture}. */
export async function read(path: string): Promise<CaptureFilePacket[]> {
  using file = await Deno.open(path);
  return await Array.fromAsync(readCapture(file.readable));
}

/** One line a packet, as `FIELDS`. */
export async function tsharkRows(path: string): Promise<string[]> {
  const text = await succeed(
    ...["tshark", "-n", "-r", path, "-T", "fields"],
    ...FIELDS.flatMap((field) => ["-e", `frame.${field}`]),
  );
  // It also shows custom blocks; those have no encapsulation.
  return text.replace(/\n$/, "").split("\n").filter((row) =>
    !row.endsWith("\t")
  );
}

/** The same lines, of what we read. */
export function ourRows(packets: readonly CaptureFilePacket[]): string[] {
  return packets.map((packet) =>
    [
      packet.timestampNs === undefined ? "" : decimal(packet.timestampNs),
      packet.originalLength,
      packet.bytes.length,
      ENCAPSULATIONS[packet.linkType],
    ].join("\t")
  );
}

function decimal(ns: bigint): string {
  return `${ns / 1_000_000_000n}.${`${ns % 1_000_000_000n}`.padStart(9, "0")}`;
}
