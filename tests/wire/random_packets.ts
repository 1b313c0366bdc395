/**
 * Packets of every protocol at random, right and wrong, as capture files have
 * them.
 *
 * @module
 */

import { protocolOf } from "../../lib/wire/packet/registry.ts";
import { type Random, randomOf } from "../random.ts";
import { FOUND, packetsOf } from "./found_packets.ts";
import type { TestPacket } from "./protocol_packets.ts";

/** All that go into an IP packet, and those packets themselves. */
const OVER_IP = FOUND.filter(({ protocol }) => {
  const { ipProtocols, ports } = protocolOf(protocol);
  return ipProtocols !== undefined || ports !== undefined;
});

/** One that has this protocol. */
export function randomPacket(name: string, random: Random): TestPacket {
  const packets = packetsOf(name);
  if (packets === undefined) throw new Error(`${name} has no packets`);
  return packets.make(random, rawPacket);
}

/** An Ethernet frame. */
export function frame(random: Random): Uint8Array<ArrayBuffer> {
  return randomPacket("ethernet", random).bytes;
}

/** One that begins with its IP header. */
export function rawPacket(random: Random): Uint8Array<ArrayBuffer> {
  return randomOf(random, OVER_IP).make(random, rawPacket).bytes;
}
