/**
 * Packets from layers: lengths, checksums and protocol numbers follow from the
 * neighbours, unless they were given.
 *
 * @module
 */

import { ETHER_TYPE } from "./ether_types.ts";
import { encodeICMPv4 } from "./icmpv4.ts";
import type { ICMPv4Fields } from "./icmpv4_messages.ts";
import { encodeICMPv6 } from "./icmpv6.ts";
import type { ICMPv6Fields } from "./icmpv6_messages.ts";
import { type IPv4Fields, writeIPv4 } from "./ipv4.ts";
import { encodeIPv6, type IPv6Fields, upperLayerAddresses } from "./ipv6.ts";
import type { AddressPair } from "./pseudo_header.ts";

/** One layer of a packet to be built. */
export interface PacketLayer {
  /** The protocol's name, such as `ipv4`. */
  readonly protocol: string;
  /** The number by which an IP header outside announces this layer. */
  readonly ipProtocol?: number;
  /** The EtherType by which a link-layer header outside announces it. */
  readonly etherType?: number;
  /** Of an IP header: what a checksum directly inside may cover. */
  readonly addresses?: AddressPair;
  /** Writes the layer's header, and `payload` behind it, into new octets. */
  encode(
    payload: Uint8Array,
    inner?: PacketLayer,
    outer?: PacketLayer,
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
    etherType: ETHER_TYPE.IPV4,
    addresses: {
      source: fields.source ?? "0.0.0.0",
      destination: fields.destination,
    },
    encode(payload, inner) {
      const protocol = fields.protocol ?? protocolOf(inner, "IPv4", "ipv4");
      return writeIPv4(fields, payload, protocol);
    },
  };
}

/** The fields of an IPv6 layer; `protocol` follows from the next layer. */
export type IPv6LayerFields =
  & Omit<IPv6Fields, "protocol">
  & Partial<Pick<IPv6Fields, "protocol">>;

/**
 * An IPv6 header, with its extension headers, for {@linkcode buildPacket}
 * (RFC 8200 §3).
 *
 * @example
 * ```ts
 * import { buildPacket, icmpv6, ipv6 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv6({ source: "2001:db8::1", destination: "2001:db8::2" }),
 *   icmpv6({ kind: "echoRequest", identifier: 1, sequence: 1 }),
 * );
 * assertEquals(packet.length, 48);
 * ```
 */
export function ipv6(fields: IPv6LayerFields): PacketLayer {
  return {
    protocol: "ipv6",
    ipProtocol: 41,
    etherType: ETHER_TYPE.IPV6,
    addresses: upperLayerAddresses(fields),
    encode(payload, inner) {
      const protocol = fields.protocol ?? protocolOf(inner, "IPv6", "ipv6");
      return encodeIPv6({ ...fields, protocol }, payload);
    },
  };
}

/** The fields of each kind of a message but for what the next layers make up. */
export type WithoutPayload<Fields> = Fields extends unknown
  ? Omit<Fields, "payload" | "quoted">
  : never;

/**
 * The fields of an ICMP message; its payload, or the packet that it quotes, is
 * what the next layers are.
 */
export type ICMPv4LayerFields = WithoutPayload<ICMPv4Fields>;

/**
 * An ICMP message for {@linkcode buildPacket} (RFC 792).
 *
 * @example
 * ```ts
 * import { buildPacket, icmpv4, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const error = buildPacket(
 *   ipv4({ source: "192.0.2.254", destination: "192.0.2.1" }),
 *   icmpv4({ kind: "timeExceeded" }),
 *   ipv4({ source: "192.0.2.1", destination: "198.51.100.1", ttl: 1 }),
 *   icmpv4({ kind: "echoRequest", identifier: 1, sequence: 1 }),
 * );
 * assertEquals(error.length, 20 + 8 + 20 + 8);
 * ```
 */
export function icmpv4(fields: ICMPv4LayerFields): PacketLayer {
  return {
    protocol: "icmpv4",
    ipProtocol: 1,
    encode(payload) {
      // Whichever of the two the kind has: the other is never read.
      const whole = { ...fields, payload, quoted: payload };
      return encodeICMPv4(whole as ICMPv4Fields);
    },
  };
}

/**
 * The fields of an ICMPv6 message; its payload, or the packet that it quotes,
 * is what the next layers are. They follow the options of one that has any.
 */
export type ICMPv6LayerFields = WithoutPayload<ICMPv6Fields>;

/**
 * An ICMPv6 message for {@linkcode buildPacket} (RFC 4443). Its checksum covers
 * the addresses of the IPv6 layer directly outside; without one it is 0, unless
 * given.
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, encodeNDPOptions, icmpv6, ipv6 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv6({ source: "fe80::1", destination: "ff02::1:ff00:2", hopLimit: 255 }),
 *   icmpv6({
 *     kind: "neighborSolicitation",
 *     target: "fe80::2",
 *     options: encodeNDPOptions([{
 *       kind: "sourceLinkLayerAddress",
 *       address: Uint8Array.fromHex("020000000001"),
 *     }]),
 *   }),
 * );
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function icmpv6(fields: ICMPv6LayerFields): PacketLayer {
  return {
    protocol: "icmpv6",
    ipProtocol: 58,
    encode(payload, _inner, outer) {
      const given = "options" in fields ? fields.options : undefined;
      const options = given === undefined ? payload : join(given, payload);
      // Whichever of the three the kind has: the others are never read.
      const whole = { ...fields, payload, quoted: payload, options };
      return encodeICMPv6(whole as ICMPv6Fields, outer?.addresses);
    },
  };
}

/** What an IP header announces; throws where nothing tells. */
function protocolOf(
  inner: PacketLayer | undefined,
  name: string,
  layer: string,
): number {
  if (inner?.ipProtocol !== undefined) return inner.ipProtocol;
  throw new TypeError(
    `${name} protocol cannot be computed: the next layer is not a known ` +
      `protocol, so give ${layer}({ protocol: … })`,
  );
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
  let payload: Uint8Array = NOTHING;
  let inner: PacketLayer | undefined;
  // Only what a layer wrote is new; what was given is not to be shared.
  let isOwn = false;
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i];
    if (isLayer(layer)) {
      const outer = i > 0 ? layers[i - 1] : undefined;
      payload = layer.encode(
        payload,
        inner,
        isLayer(outer) ? outer : undefined,
      );
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

const utf8 = new TextEncoder();
const NOTHING = new Uint8Array();

function join(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

function isLayer(
  layer: PacketLayer | Uint8Array | string | undefined,
): layer is PacketLayer {
  return typeof layer === "object" && !(layer instanceof Uint8Array);
}
