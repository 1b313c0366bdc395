/**
 * Octets into layers.
 *
 * {@linkcode dissect} never throws: a structural fault ends the walk, becomes
 * one of the `problems`, and what was decoded before it is kept.
 *
 * @module
 */

import { PacketError, type Problem } from "./errors.ts";
import { LINK_TYPE_RAW } from "./link_types.ts";
import type {
  DecodedLayer,
  LayerDescription,
  Protocol,
  ProtocolHeaders,
  ProtocolName,
} from "./protocol.ts";
import { BY_LINK_TYPE } from "./protocol_numbers.ts";
import type { PseudoHeader } from "./pseudo_header.ts";
import { PROTOCOLS } from "./registry.ts";

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

/** A header of one protocol; `protocol` is its name. */
export interface ProtocolLayer<Name extends ProtocolName>
  extends LayerPosition {
  /** Tells it from the other layers. */
  readonly protocol: Name;
  /** The header, decoded. */
  readonly header: ProtocolHeaders[Name];
  /**
   * Octets of payload that are there. The packet that an ICMP error quotes is
   * none: it is part of the message.
   */
  readonly payloadLength: number;
}

/** Octets that no known protocol claims. */
export interface DataDissectedLayer extends LayerPosition {
  /** Tells it from the other layers. */
  readonly protocol: "data";
  /** The protocol whose header they begin, if a fragment ends within it. */
  readonly begins?: ProtocolName;
}

/** One layer of a dissected packet; `protocol` tells which. */
export type DissectedLayer = HeaderLayer | DataDissectedLayer;

/** A layer with a header. */
export type HeaderLayer = {
  [Name in ProtocolName]: ProtocolLayer<Name>;
}[ProtocolName];

/** A packet taken apart. */
export interface Dissection {
  /** The layers, outermost first. */
  readonly layers: readonly DissectedLayer[];
  /** All that is wrong with them; offsets from the start of the packet. */
  readonly problems: readonly Problem[];
}

/** How a packet is to be dissected. */
export interface DissectOptions {
  /**
   * What the packet begins with, as capture files number it; default
   * {@linkcode LINK_TYPE_RAW}: an IPv4 or IPv6 header.
   */
  readonly linkType?: number;
}

/** Deeper nesting than any honest tunnel; hostile octets end here. */
const MAX_LAYERS = 16;

/**
 * Takes a packet apart. Never throws. Raw octets in the headers share the
 * input's memory.
 *
 * The upper layer of a later fragment is data. That of a first fragment is read
 * as far as it goes, its checksum unchecked, and what other fragments would
 * bring is no problem.
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
export function dissect(
  bytes: Uint8Array,
  { linkType = LINK_TYPE_RAW }: DissectOptions = {},
): Dissection {
  const layers: DissectedLayer[] = [];
  const problems: Problem[] = [];
  let offset = 0;
  let end = bytes.length;
  let protocol = outermost(bytes, linkType);
  if (protocol === undefined) {
    const reason = `${linkType} is not known`;
    problems.push({ layer: "link", field: "linkType", offset, reason });
  }
  let outside: PseudoHeader | undefined;
  let isFragment = false;
  let begins: ProtocolName | undefined;
  while (protocol !== undefined) {
    if (layers.length === MAX_LAYERS) {
      const reason =
        `is nested too deep: at most ${MAX_LAYERS} layers are read`;
      problems.push({ layer: protocol, field: "header", offset, reason });
      break;
    }
    let decoded: DecodedLayer<HeaderLayer["header"]>;
    try {
      decoded = PROTOCOLS[protocol].decode(
        offset === 0 ? bytes : bytes.subarray(offset, end),
        outside,
        isFragment,
      );
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      if (isFragment && error.isCutShort) begins = protocol;
      else problems.push(moved(error, offset));
      break;
    }
    const { header, headerLength: length, payloadLength, addresses } = decoded;
    // Each protocol decodes its own header, which the compiler cannot see.
    const layer = outside === undefined
      ? { protocol, offset, length, payloadLength, header }
      : { protocol, offset, length, payloadLength, header, outside };
    layers.push(layer as HeaderLayer);
    for (const problem of decoded.problems) {
      problems.push(moved(problem, offset));
    }
    offset += length;
    end = offset + payloadLength;
    outside = addresses === undefined ? undefined : {
      source: addresses.source,
      destination: addresses.destination,
      length: payloadLength,
    };
    isFragment = decoded.isFragment ?? isFragment;
    protocol = decoded.next;
  }
  if (offset < end) {
    const data = { protocol: "data", offset, length: end - offset } as const;
    layers.push(begins === undefined ? data : { ...data, begins });
  }
  return { layers, problems };
}

/**
 * The headers of a dissected packet by their protocol's name; of several of one
 * protocol, as in a tunnel, the outermost. Layers of `data` have none.
 *
 * @example
 * ```ts
 * import { dissect, headersOf } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { ipv4, udp, tcp } = headersOf(dissect(Uint8Array.fromHex(
 *   "4500001c0000000040117cce7f0000017f00000130390035000848c7",
 * )));
 * assertEquals([ipv4?.ttl, udp?.destinationPort, tcp], [64, 53, undefined]);
 * ```
 */
export function headersOf(
  { layers }: Dissection,
): { readonly [Name in ProtocolName]?: ProtocolHeaders[Name] } {
  return Object.fromEntries(
    layers.flatMap((layer) =>
      layer.protocol === "data" ? [] : [[layer.protocol, layer.header]]
    ).reverse(),
  );
}

function outermost(
  bytes: Uint8Array,
  linkType: number,
): ProtocolName | undefined {
  if (linkType !== LINK_TYPE_RAW) return BY_LINK_TYPE[linkType];
  return bytes[0] >>> 4 === 6 ? "ipv6" : "ipv4";
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
    const { offset, length, begins } = layer;
    const start = begins === undefined
      ? undefined
      : PROTOCOLS[begins].describeStart?.(
        bytes.subarray(offset, offset + length),
      );
    if (start !== undefined) return start;
    const title = `Data (${length} byte${length === 1 ? "" : "s"})`;
    return { title, fields: [] };
  }
  const { offset, length, payloadLength, header, outside } = layer;
  const { title, describe }: Protocol<typeof header> =
    PROTOCOLS[layer.protocol];
  const end = offset + length + payloadLength;
  return {
    title: title(header, payloadLength),
    fields: describe(bytes.subarray(offset, end), header, outside),
  };
}

function moved({ layer, field, offset, reason }: Problem, by: number): Problem {
  return { layer, field, offset: offset + by, reason };
}
