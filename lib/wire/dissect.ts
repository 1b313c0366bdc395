/**
 * Octets into layers.
 *
 * {@linkcode dissect} never throws: a structural fault ends the walk, becomes
 * one of the `problems`, and what was decoded before it is kept.
 *
 * @module
 */

import { PacketError, type Problem } from "./errors.ts";
import type { Field } from "./field.ts";
import type { ICMPv4Message } from "./icmpv4_messages.ts";
import type { ICMPv6Message } from "./icmpv6_messages.ts";
import type { IPv4Header } from "./ipv4.ts";
import type { IPv6Header } from "./ipv6.ts";
import type { PseudoHeader } from "./pseudo_header.ts";
import {
  BY_IP_PROTOCOL,
  type DecodedLayer,
  type Protocol,
  PROTOCOLS,
} from "./registry.ts";

/** Where a layer stands in the packet. */
export interface LayerPosition {
  /** Octets from the start of the packet. */
  readonly offset: number;
  /** Octets of the header; of a `data` layer, all there are. */
  readonly length: number;
  /**
   * What the IP header outside contributes to this layer's checksum. Absent
   * where it is outermost, or not all of its payload is there, as in fragments.
   */
  readonly outside?: PseudoHeader;
}

/** An IPv4 header. */
export interface IPv4DissectedLayer extends LayerPosition {
  /** Tells it from the other layers. */
  readonly protocol: "ipv4";
  /** The header, decoded. */
  readonly header: IPv4Header;
}

/** An IPv6 header and its extension headers. */
export interface IPv6DissectedLayer extends LayerPosition {
  /** Tells it from the other layers. */
  readonly protocol: "ipv6";
  /** The header, decoded. */
  readonly header: IPv6Header;
}

/** An ICMP message; the packet that an error quotes is part of it. */
export interface ICMPv4DissectedLayer extends LayerPosition {
  /** Tells it from the other layers. */
  readonly protocol: "icmpv4";
  /** The message, decoded. */
  readonly header: ICMPv4Message;
}

/** An ICMPv6 message; the packet that an error quotes is part of it. */
export interface ICMPv6DissectedLayer extends LayerPosition {
  /** Tells it from the other layers. */
  readonly protocol: "icmpv6";
  /** The message, decoded. */
  readonly header: ICMPv6Message;
}

/** Octets that no known protocol claims. */
export interface DataDissectedLayer extends LayerPosition {
  /** Tells it from the other layers. */
  readonly protocol: "data";
}

/** One layer of a dissected packet; `protocol` tells which. */
export type DissectedLayer = HeaderLayer | DataDissectedLayer;

/** A layer with a header. */
export type HeaderLayer =
  | IPv4DissectedLayer
  | IPv6DissectedLayer
  | ICMPv4DissectedLayer
  | ICMPv6DissectedLayer;

/** A packet taken apart. */
export interface Dissection {
  /** The layers, outermost first. */
  readonly layers: readonly DissectedLayer[];
  /** All that is wrong with them; offsets from the start of the packet. */
  readonly problems: readonly Problem[];
}

/** Deeper nesting than any honest tunnel; hostile octets end here. */
const MAX_LAYERS = 16;

/**
 * Takes a packet that begins with its IPv4 or IPv6 header apart. Never throws.
 * Raw octets in the headers share the input's memory.
 *
 * @example
 * ```ts
 * import { dissect } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { layers, problems } = dissect(
 *   Uint8Array.fromHex("4500001636dd000080fd000001010164010101014869"),
 * );
 * assertEquals(layers.map((layer) => layer.protocol), ["ipv4", "data"]);
 * assertEquals(problems, [{
 *   layer: "ipv4",
 *   field: "checksum",
 *   offset: 10,
 *   reason: "0x0000 [incorrect, should be 0xfea7]",
 * }]);
 * ```
 */
export function dissect(bytes: Uint8Array): Dissection {
  const layers: DissectedLayer[] = [];
  const problems: Problem[] = [];
  let offset = 0;
  let end = bytes.length;
  let protocol: keyof typeof PROTOCOLS | undefined = bytes[0] >>> 4 === 6
    ? "ipv6"
    : "ipv4";
  let outside: PseudoHeader | undefined;
  while (protocol !== undefined && layers.length < MAX_LAYERS) {
    let decoded: DecodedLayer<HeaderLayer["header"]>;
    try {
      decoded = PROTOCOLS[protocol].decode(
        bytes.subarray(offset, end),
        outside,
      );
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      problems.push(moved(error, offset));
      break;
    }
    const { headerLength, payloadLength, addresses } = decoded;
    layers.push({
      protocol,
      offset,
      length: headerLength,
      header: decoded.header,
      ...(outside === undefined ? {} : { outside }),
      // Each protocol decodes its own header, which the compiler cannot see.
    } as HeaderLayer);
    for (const problem of decoded.problems) {
      problems.push(moved(problem, offset));
    }
    offset += headerLength;
    end = offset + payloadLength;
    outside = addresses === undefined ? undefined : {
      source: addresses.source,
      destination: addresses.destination,
      length: payloadLength,
    };
    protocol = decoded.ipProtocol === undefined
      ? undefined
      : BY_IP_PROTOCOL[decoded.ipProtocol];
  }
  if (offset < end) {
    layers.push({ protocol: "data", offset, length: end - offset });
  }
  return { layers, problems };
}

/** A layer in words: a line for the whole, and its fields in wire order. */
export interface LayerDescription {
  /** Such as `Internet Protocol Version 4, Src: 1.1.1.100, Dst: 1.1.1.1`. */
  readonly title: string;
  /** The fields; none for a `data` layer. */
  readonly fields: readonly Field[];
}

/**
 * Describes a layer of a dissected packet field by field.
 *
 * @param bytes the whole packet, as {@linkcode dissect} was given it
 *
 * @example
 * ```ts
 * import { describeLayer, dissect } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.fromHex("4500001636dd000080fdfea701010164010101014869");
 * const { fields } = describeLayer(bytes, dissect(bytes).layers[0]);
 * const ttl = fields.find((field) => field.name === "ttl");
 * assertEquals([ttl?.label, ttl?.text], ["Time to Live", "128"]);
 * ```
 */
export function describeLayer(
  bytes: Uint8Array,
  layer: DissectedLayer,
): LayerDescription {
  if (layer.protocol === "data") {
    return { title: `Data (${layer.length} bytes)`, fields: [] };
  }
  const { offset, header, outside } = layer;
  const { title, describe }: Protocol<typeof header> =
    PROTOCOLS[layer.protocol];
  const end = outside === undefined ? bytes.length : offset + outside.length;
  return {
    title: title(header),
    fields: describe(bytes.subarray(offset, end), header, outside),
  };
}

function moved({ layer, field, offset, reason }: Problem, by: number): Problem {
  return { layer, field, offset: offset + by, reason };
}
