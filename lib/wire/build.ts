/**
 * Packets from layers: lengths, checksums and protocol numbers follow from the
 * neighbours, unless they were given.
 *
 * @module
 */

import { encodeIPv4, type IPv4Fields } from "./ipv4.ts";

/** One layer of a packet to be built. */
export interface PacketLayer {
  /** The protocol's name, such as `ipv4`. */
  readonly protocol: string;
  /** The number by which an IP header outside announces this layer. */
  readonly ipProtocol?: number;
  /** Writes the layer's header, and `payload` behind it, into new octets. */
  encode(
    payload: Uint8Array,
    inner: PacketLayer | undefined,
  ): Uint8Array<ArrayBuffer>;
}

/** The fields of an IPv4 layer; `protocol` follows from the next layer. */
export type IPv4LayerFields =
  & Omit<IPv4Fields, "protocol">
  & Partial<Pick<IPv4Fields, "protocol">>;

/**
 * An IPv4 header for {@linkcode buildPacket} (RFC 791 §3.1).
 *
 * @example
 * ```ts
 * import { buildPacket, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "1.1.1.100", destination: "1.1.1.1", protocol: 253 }),
 *   "Hello World!",
 * );
 * assertEquals(packet.length, 32);
 * ```
 */
export function ipv4(fields: IPv4LayerFields): PacketLayer {
  return {
    protocol: "ipv4",
    ipProtocol: 4,
    encode(payload, inner) {
      const protocol = fields.protocol ?? inner?.ipProtocol;
      if (protocol === undefined) {
        throw new TypeError(
          "IPv4 protocol cannot be computed: the next layer is not a known " +
            "protocol, so give ipv4({ protocol: … })",
        );
      }
      return encodeIPv4({ ...fields, protocol }, payload);
    },
  };
}

/**
 * Builds a packet from its layers, the outermost first. A `Uint8Array` is
 * taken as it is, a string as UTF-8. The input is never changed.
 *
 * @throws {RangeError} if a value does not fit its field
 * @throws {TypeError} if a protocol number can be had from nowhere
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
  ...layers: readonly (PacketLayer | Uint8Array | string)[]
): Uint8Array<ArrayBuffer> {
  let payload = new Uint8Array();
  let inner: PacketLayer | undefined;
  for (const layer of layers.toReversed()) {
    if (typeof layer === "string" || layer instanceof Uint8Array) {
      const octets = typeof layer === "string"
        ? new TextEncoder().encode(layer)
        : layer;
      const joined = new Uint8Array(octets.length + payload.length);
      joined.set(octets);
      joined.set(payload, octets.length);
      payload = joined;
      inner = undefined;
    } else {
      payload = layer.encode(payload, inner);
      inner = layer;
    }
  }
  return payload;
}
