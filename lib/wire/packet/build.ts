/**
 * Packets from layers: lengths, checksums and protocol numbers follow from the
 * neighbours, unless they were given.
 *
 * @module
 */

import { join } from "../octets.ts";
import type { PacketLayer } from "./protocol.ts";

/**
 * A part of a packet: a layer such as `udp({ … })`, octets, or text, which is
 * taken as UTF-8.
 *
 * @category Packets
 */
export type PacketPart = PacketLayer | Uint8Array | string;

/**
 * Builds a packet from its layers, the outermost first. A `Uint8Array` is
 * taken as it is, a string as UTF-8. The input is never changed.
 *
 * @category Packets
 * @throws {RangeError} if a value does not fit its field
 * @throws {TypeError} if a protocol number, or the addresses that the checksum of
 * UDP or TCP covers, can be had from nowhere
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * // The second packet that the pair's receiver prints in its first version.
 * const packet = buildPacket(
 *   ipv4({
 *     source: "1.1.1.100",
 *     destination: "1.1.1.1",
 *     protocol: 253,
 *     ttl: 128,
 *     identification: 0x36dd,
 *   }),
 *   "Hi",
 * );
 * assertEquals(packet.toHex(), "4500001636dd000080fdfea701010164010101014869");
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function buildPacket(
  ...layers: readonly PacketPart[]
): Uint8Array<ArrayBuffer> {
  let payload: Uint8Array = NOTHING;
  let inner: PacketLayer | undefined;
  // Only what a layer wrote is new; what was given is not to be shared.
  let isOwn = false;
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i];
    if (isLayer(layer)) {
      payload = layer.encode(payload, inner, outside(layers, i));
      inner = layer;
      isOwn = true;
    } else {
      const octets = typeof layer === "string" ? utf8.encode(layer) : layer;
      isOwn = payload.length > 0;
      payload = isOwn ? join(octets, payload) : octets;
      inner = undefined;
    }
  }
  return isOwn ? payload as Uint8Array<ArrayBuffer> : new Uint8Array(payload);
}

/** The same from what is one part, or a list of them; octets as they are. */
export function packetOf(
  packet: PacketPart | readonly PacketPart[],
  ...outer: readonly PacketLayer[]
): Uint8Array {
  if (packet instanceof Uint8Array) return packet;
  return buildPacket(...outer, ...(isList(packet) ? packet : [packet]));
}

function isList(
  packet: PacketPart | readonly PacketPart[],
): packet is readonly PacketPart[] {
  return Array.isArray(packet);
}

const utf8 = new TextEncoder();
const NOTHING = new Uint8Array();

/** The layer outside, or the one outside of that, if it is as if it were not. */
function outside(
  layers: readonly PacketPart[],
  i: number,
): PacketLayer | undefined {
  const outer = i > 0 ? layers[i - 1] : undefined;
  if (!isLayer(outer)) return undefined;
  return outer.isTransparent ? outside(layers, i - 1) : outer;
}

function isLayer(
  layer: PacketPart | undefined,
): layer is PacketLayer {
  return typeof layer === "object" && !(layer instanceof Uint8Array);
}
