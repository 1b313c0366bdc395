/**
 * What holds for every capture file, however bad.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  encodePcapHeader,
  encodePcapngInterface,
  encodePcapngPacket,
  encodePcapngSection,
  encodePcapRecord,
} from "../../mod.ts";
import { damage } from "../capture/damage.ts";
import { randomChunks, readAll } from "../capture/read.ts";
import { SAMPLES } from "../capture/samples.ts";
import { formatTimestamp, parseTimestamp } from "../../lib/render/timestamp.ts";
import { type Random, randomInt, randomOf } from "../random.ts";
import type { TestPacket } from "../wire/protocol_packets.ts";
import { SEEDS } from "./seeds.ts";

/** Files by hand, in every variant, and files of ours of every kind of packet. */
const FILES: readonly Uint8Array<ArrayBuffer>[] = [
  ...SAMPLES.map(({ bytes }) => bytes),
  ...SEEDS.flatMap(filesOf),
];

function filesOf({ linkType, bytes }: TestPacket): Uint8Array<ArrayBuffer>[] {
  const packet = { timestampNs: 1_700_000_000_123_456_789n, bytes };
  return [
    [encodePcapHeader(linkType), encodePcapRecord(packet)],
    [
      encodePcapngSection(),
      encodePcapngInterface(linkType),
      encodePcapngPacket(packet),
    ],
  ].map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])));
}

/** One of them, damaged. */
export function damagedFile(random: Random): Uint8Array<ArrayBuffer> {
  return damage(random, randomOf(random, FILES)).bytes;
}

/**
 * Asserts it: packets, and perhaps the one error behind them, whatever the
 * pieces in which the file comes.
 *
 * @returns one of its packets, and what was new to see
 */
export async function checkFile(
  random: Random,
  file: Uint8Array<ArrayBuffer>,
): Promise<{ packet?: TestPacket; signature: string }> {
  const { packets, error } = await readAll([file]);
  for (const [i, packet] of packets.entries()) {
    const { number, bytes, originalLength, timestampNs = 0n } = packet;
    assertEquals(number, i + 1);
    assertEquals(parseTimestamp(formatTimestamp(timestampNs)), timestampNs);
    assert(bytes.length <= file.length && originalLength >= 0);
  }
  if (error !== undefined) {
    const { offset, message } = error;
    assert(offset >= 0 && offset <= file.length, `${message}: outside`);
    assert(!/[^\x20-\x7e]/.test(message), `prints ${JSON.stringify(message)}`);
  }
  if (random() < 0.1) {
    const pieces = await readAll(
      randomChunks(random, file, randomInt(random, 1, 100)),
    );
    assertEquals(pieces.packets, packets, "in pieces");
    assertEquals(pieces.error?.message, error?.message, "in pieces");
  }
  const signature = `${packets.length} ${error?.message.replace(/\d+/g, "0")}`;
  return packets.length === 0
    ? { signature }
    : { packet: packetOf(randomOf(random, packets)), signature };
}

function packetOf({ linkType, bytes }: TestPacket): TestPacket {
  return { linkType, bytes };
}
