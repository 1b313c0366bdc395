/**
 * Capture files into what the page holds, a little at a time, and out of it.
 *
 * @module
 */

import { readCapture } from "../../capture/read_capture.ts";
import { PcapngWriter } from "../../capture/pcapng_writer.ts";
import type { NewPacket, Packet, PacketStore, Point } from "./store.ts";

/** How long the page may be kept from painting. */
const TURN_MS = 12;
/** Time is looked at no more often than that. */
const EVERY = 256;

/**
 * Reads a file's packets.
 *
 * @param pause lets the page do something else
 * @throws {CaptureFileError} if it is none, or damaged; what came before is kept
 */
export async function readFile(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  store: PacketStore,
  pause: () => Promise<void>,
): Promise<void> {
  const points = new Map<string, Point>();
  let some: NewPacket[] = [];
  let began = performance.now();
  try {
    for await (const packet of readCapture(chunks)) {
      const { interfaceIndex, interfaceName, ...captured } = packet;
      const place = interfaceName ??
        (interfaceIndex === 0 ? name : `${name} #${interfaceIndex}`);
      const point = points.get(place) ?? { name: place };
      points.set(place, point);
      some.push({ ...captured, point, isOutgoing: undefined });
      if (some.length % EVERY > 0) continue;
      if (performance.now() - began < TURN_MS) continue;
      store.add(some);
      some = [];
      await pause();
      began = performance.now();
    }
  } finally {
    store.add(some);
  }
}

/** A pcapng file, piece by piece; its interfaces are named `host/device`. */
export function* savedCapture(
  packets: readonly Packet[],
): Generator<Uint8Array<ArrayBuffer>, void> {
  const writer = new PcapngWriter({ application: "raw4" });
  yield writer.start;
  for (const packet of packets) {
    const { point, ...captured } = packet;
    yield* writer.encode({ ...captured, interfaceName: point.name });
  }
}
