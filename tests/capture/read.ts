/**
 * Reading a file to its end or to its fault.
 *
 * @module
 */

import { CaptureFileError } from "../../lib/capture/format_reader.ts";
import type { CaptureFilePacket } from "../../lib/capture/packet.ts";
import { readCapture } from "../../lib/capture/read_capture.ts";
import { type Random, randomInt } from "../random.ts";

/** What a file gave. */
export interface Outcome {
  readonly packets: CaptureFilePacket[];
  readonly error: CaptureFileError | undefined;
}

/** Reads all; anything thrown but a `CaptureFileError` is thrown on. */
export async function readAll(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Outcome> {
  const packets: CaptureFilePacket[] = [];
  try {
    for await (const packet of readCapture(chunks)) packets.push(packet);
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    return { packets, error };
  }
  return { packets, error: undefined };
}

/** Cuts octets into chunks of random length, none among them. */
export function* randomChunks(
  random: Random,
  bytes: Uint8Array,
  longest = 40,
): Generator<Uint8Array> {
  for (let offset = 0; offset < bytes.length;) {
    const end = offset + randomInt(random, 0, longest);
    yield bytes.subarray(offset, end);
    offset = end;
  }
}
