/**
 * A dissected packet as plain data, for JSON: what {@linkcode packetFromJSON}
 * builds the same octets from again.
 *
 * @module
 */

import {
  describeLayer,
  type DissectedLayer,
  type Dissection,
} from "../packet/dissect.ts";
import type { Problem } from "../errors.ts";
import type { Field } from "../field.ts";
import { type BuiltProtocol, protocolOf } from "../packet/registry.ts";

/**
 * What JSON can hold; of a decoded header, octets are hexadecimal text.
 *
 * @category Packets as JSON
 */
export type PlainValue =
  | number
  | boolean
  | string
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue };

/**
 * Where a field stands in its layer.
 *
 * @category Packets as JSON
 */
export interface FieldPosition {
  /** The name it has in the decoded header, such as `totalLength`. */
  readonly name: string;
  /** Bits from the start of the layer. */
  readonly bitOffset: number;
  /** Width in bits. */
  readonly bitWidth: number;
  /** The parts of a field that has any. */
  readonly parts?: readonly FieldPosition[];
}

/**
 * A layer as plain data.
 *
 * @category Packets as JSON
 */
export interface PlainLayer {
  /**
   * The protocol; `data` are octets that no known protocol claims, or one that
   * is only named, such as DNS, and `trailer` those behind all lengths, such as
   * an Ethernet frame's padding.
   */
  readonly protocol: BuiltProtocol | "data" | "trailer";
  /** Octets from the start of the packet. */
  readonly offset: number;
  /** Octets of the header, or of the data. */
  readonly length: number;
  /** As decoded; of data its octets, in `hex`. */
  readonly fields: { readonly [name: string]: PlainValue };
  /** In wire order, if they were asked for. */
  readonly offsets?: readonly FieldPosition[];
}

/**
 * A packet as plain data.
 *
 * @category Packets as JSON
 */
export interface PlainPacket {
  /** The layers, outermost first; together they have every octet. */
  readonly layers: readonly PlainLayer[];
  /** All that is wrong with them. */
  readonly problems: readonly Problem[];
}

/**
 * Makes plain data of a dissected packet.
 *
 * @category Packets as JSON
 * @param bytes the whole packet, as `dissect` was given it
 * @param options `offsets`: where each field stands; default false
 *
 * @example
 * ```ts
 * import { dissect, packetToJSON } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.fromHex("4500001636dd000080fdfea701010164010101014869");
 * const { layers } = packetToJSON(bytes, dissect(bytes));
 * assertEquals(layers[0].fields.source, "1.1.1.100");
 * assertEquals(layers[1], {
 *   protocol: "data",
 *   offset: 20,
 *   length: 2,
 *   fields: { hex: "4869" },
 * });
 * ```
 */
export function packetToJSON(
  bytes: Uint8Array,
  { layers, problems, trailer }: Dissection,
  { offsets = false }: { readonly offsets?: boolean } = {},
): PlainPacket {
  const plain = layers.map((layer) => plainLayer(bytes, layer, offsets));
  if (trailer !== undefined) {
    plain.push(octets(bytes, "trailer", trailer.offset, trailer.length));
  }
  return { layers: plain, problems };
}

function plainLayer(
  bytes: Uint8Array,
  layer: DissectedLayer,
  offsets: boolean,
): PlainLayer {
  const { offset, length } = layer;
  if (!isBuilt(layer)) return octets(bytes, "data", offset, length);
  const { protocol } = layer;
  const fields = plainFields(layer.header);
  if (!offsets) return { protocol, offset, length, fields };
  const described = describeLayer(bytes, layer).fields.map(position);
  return { protocol, offset, length, fields, offsets: described };
}

/** Whether the octets follow from the header. */
function isBuilt(
  layer: DissectedLayer,
): layer is Extract<DissectedLayer, { protocol: BuiltProtocol }> {
  return layer.protocol !== "data" &&
    protocolOf(layer.protocol).shape !== undefined;
}

function octets(
  bytes: Uint8Array,
  protocol: "data" | "trailer",
  offset: number,
  length: number,
): PlainLayer {
  const hex = bytes.subarray(offset, offset + length).toHex();
  return { protocol, offset, length, fields: { hex } };
}

/** All but the payload, which is the next layers. */
function plainFields(header: object): Record<string, PlainValue> {
  const values = header as Readonly<Record<string, HeaderValue>>;
  const fields: Record<string, PlainValue> = {};
  // Headers inherit nothing, and Object.entries() is several times as slow.
  for (const name in values) {
    if (name !== "payload") fields[name] = plain(values[name]);
  }
  return fields;
}

/** Headers hold nothing but these. */
type HeaderValue = number | boolean | string | object;

function plain(value: HeaderValue): PlainValue {
  if (typeof value !== "object") return value;
  if (value instanceof Uint8Array) return value.toHex();
  return Array.isArray(value) ? value.map(plain) : plainFields(value);
}

function position({ name, bitOffset, bitWidth, parts }: Field): FieldPosition {
  const place = { name, bitOffset, bitWidth };
  return parts === undefined ? place : { ...place, parts: parts.map(position) };
}
