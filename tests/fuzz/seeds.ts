/**
 * Packets of every protocol, most of them sound: what mutations begin with.
 *
 * @module
 */

import { FOUND } from "../wire/found_packets.ts";
import { octets, type TestPacket } from "../wire/protocol_packets.ts";

/** A packet of each kind, and one that begins with nothing known. */
export const SEEDS: readonly TestPacket[] = [
  ...FOUND.flatMap(({ seeds }) => seeds),
  { linkType: 147, bytes: octets(40) },
];
