/** Packets as if they had been seen. */

import type { Frame, SeenPacket } from "../../mod.ts";
import { buildPacket, decodeIPv4, ethernet } from "../../mod.ts";

export const MACS = {
  source: "02:00:00:00:00:01",
  destination: "02:00:00:00:00:02",
};

/** An IPv4 packet as it was seen on an Ethernet. */
export function seen(packet: Uint8Array, macs = MACS): SeenPacket {
  const bytes = buildPacket(ethernet({ ...macs, typeOrLength: 0x800 }), packet);
  const frame: Frame = {
    bytes,
    originalLength: bytes.length,
    truncated: false,
    linkType: 1,
    timestampNs: 0n,
    interfaceIndex: 2,
    direction: "outgoing",
    protocol: 0x800,
    source: macs.source,
  };
  return { frame, device: "eth0", bytes: packet, ...decodeIPv4(packet) };
}
