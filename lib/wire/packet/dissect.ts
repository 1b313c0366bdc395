/**
 * Octets into layers.
 *
 * {@linkcode dissect} never throws: a structural fault ends the walk, becomes
 * one of the `problems`, and what was decoded before it is kept.
 *
 * @module
 */

import { counted, PacketError, type Problem } from "../errors.ts";
import { LINK_TYPE_RAW } from "../link_types.ts";
import type { PseudoHeader } from "../pseudo_header.ts";
import type { Decoded, LayerDescription } from "./protocol.ts";
import { describePacketField, withRest } from "./quoted.ts";
import {
  announced,
  outermost,
  type ProtocolHeaders,
  type ProtocolName,
  protocolOf,
} from "./registry.ts";

/**
 * Where a layer stands in the packet.
 *
 * @category Packets
 */
export interface LayerPosition {
  /** Octets from the start of the packet. */
  readonly offset: number;
  /** Octets of the header; of a `data` layer, all there are. */
  readonly length: number;
  /**
   * What the innermost IP header outside contributes to this layer's checksum.
   * Absent where there is none, or not all of its payload is there, as in
   * fragments.
   */
  readonly outside?: PseudoHeader;
}

/**
 * A header of one protocol; `protocol` is its name.
 *
 * @category Packets
 */
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

/**
 * Octets that no known protocol claims.
 *
 * @category Packets
 */
export interface DataDissectedLayer extends LayerPosition {
  /** Tells it from the other layers. */
  readonly protocol: "data";
  /** The protocol whose header they begin, if a fragment ends within it. */
  readonly begins?: ProtocolName;
}

/**
 * One layer of a dissected packet; `protocol` tells which.
 *
 * @category Packets
 */
export type DissectedLayer = HeaderLayer | DataDissectedLayer;

/**
 * A layer with a header.
 *
 * @category Packets
 */
export type HeaderLayer = {
  [Name in ProtocolName]: ProtocolLayer<Name>;
}[ProtocolName];

/**
 * A packet taken apart.
 *
 * @category Packets
 */
export interface Dissection {
  /** The layers, outermost first. */
  readonly layers: readonly DissectedLayer[];
  /** All that is wrong with them; offsets from the start of the packet. */
  readonly problems: readonly Problem[];
  /** What is behind them, if there is anything. */
  readonly trailer?: PacketTrailer;
}

/**
 * Octets behind all that the layers' lengths tell of, such as the padding of a
 * short Ethernet frame.
 *
 * @category Packets
 */
export interface PacketTrailer {
  /** Octets from the start of the packet. */
  readonly offset: number;
  /** How many they are. */
  readonly length: number;
  /** How many of them, the last ones, are a frame check sequence. */
  readonly fcsLength: number;
}

/**
 * How a packet is to be dissected.
 *
 * @category Packets
 */
export interface DissectOptions {
  /**
   * What the packet begins with, as capture files number it; default
   * {@linkcode LINK_TYPE_RAW}: an IPv4 or IPv6 header.
   */
  readonly linkType?: number;
  /** Octets of frame check sequence at its end; default 0. */
  readonly fcsLength?: number;
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
 * @category Packets
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
  { linkType = LINK_TYPE_RAW, fcsLength = 0 }: DissectOptions = {},
): Dissection {
  const layers: DissectedLayer[] = [];
  const problems: Problem[] = [];
  let offset = 0;
  let end = Math.max(0, bytes.length - fcsLength);
  let protocol = firstProtocol(bytes, linkType);
  if (protocol === undefined) {
    const reason = `${linkType} is not known`;
    problems.push({ layer: "link", field: "linkType", offset, reason });
  }
  let octets = end === bytes.length ? bytes : bytes.subarray(0, end);
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
    const row = protocolOf(protocol);
    let decoded: Decoded<HeaderLayer["header"]>;
    try {
      decoded = row.decode(octets);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      if (isFragment && error.isCutShort) begins = protocol;
      else problems.push(moved(error, offset));
      break;
    }
    const { header, headerLength: length, payload, missing } = decoded;
    const payloadLength = payload.length;
    const layer = outside === undefined
      ? { protocol, offset, length, payloadLength, header }
      : { protocol, offset, length, payloadLength, header, outside };
    // Each protocol decodes its own header, which the compiler cannot see.
    layers.push(layer as HeaderLayer);
    // Within a fragment it is no problem that something is missing.
    const isCut: boolean = isFragment && missing > 0;
    const found = row.check?.(
      octets,
      isCut ? { ...decoded, missing: 0 } : decoded,
      outside,
      isFragment,
    );
    if (found !== undefined) {
      for (const problem of found) problems.push(moved(problem, offset));
    }
    octets = payload;
    offset += length;
    end = offset + payloadLength;
    const carried = row.carries?.(header);
    if (carried !== undefined) isFragment = carried.isFragment || isCut;
    const addresses = carried?.addresses ?? outside;
    outside = addresses === undefined || carried?.isFragment || missing > 0
      ? undefined
      : {
        source: addresses.source,
        destination: addresses.destination,
        length: payloadLength,
      };
    const next = row.next?.(header, payloadLength);
    protocol = next === undefined ? undefined : announced(next);
  }
  if (offset < end) {
    const data = { protocol: "data", offset, length: end - offset } as const;
    layers.push(begins === undefined ? data : { ...data, begins });
  }
  const length = bytes.length - end;
  if (length === 0) return { layers, problems };
  const ofFCS = Math.min(fcsLength, bytes.length);
  const trailer = { offset: end, length, fcsLength: ofFCS };
  return { layers, problems, trailer };
}

/**
 * The headers of a dissected packet by their protocol's name; of several of one
 * protocol, as in a tunnel, the outermost. Layers of `data` have none.
 *
 * @category Packets
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

function firstProtocol(
  bytes: Uint8Array,
  linkType: number,
): ProtocolName | undefined {
  if (linkType !== LINK_TYPE_RAW) return outermost(linkType);
  return bytes[0] >>> 4 === 6 ? "ipv6" : "ipv4";
}

/**
 * Describes a layer of a dissected packet field by field.
 *
 * @category Packets
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
    const octets = bytes.subarray(offset, offset + length);
    const start = begins === undefined
      ? undefined
      : protocolOf(begins).describeStart?.(octets);
    if (start !== undefined) {
      return { ...start, fields: withRest(start.fields, octets) };
    }
    const title = `Data (${counted(length, "byte")})`;
    return { title, fields: [] };
  }
  const { offset, length, payloadLength, header, outside } = layer;
  const row = protocolOf(layer.protocol);
  const end = offset + length + payloadLength;
  return {
    title: row.title(header, payloadLength),
    fields: row.describe(bytes.subarray(offset, end), header, outside)
      .map((field) => field.isPacket ? describePacketField(field) : field),
  };
}

function moved({ layer, field, offset, reason }: Problem, by: number): Problem {
  return { layer, field, offset: offset + by, reason };
}
