/**
 * Packets from a description in plain data, as JSON has it.
 *
 * @module
 */

import { buildPacket } from "../packet/build.ts";
import * as layers from "../packet/layers.ts";
import type { PacketLayer } from "../packet/protocol.ts";
import {
  type BuiltProtocol,
  type ProtocolName,
  protocolOf,
  PROTOCOLS,
} from "../packet/registry.ts";
import { LINK_TYPE_RAW } from "../link_types.ts";
import type { ObjectShape } from "../shape.ts";
import {
  asKnown,
  asObject,
  type ObjectFields,
  readObject,
  wrongType,
} from "./read_object.ts";

/** Beside `layers`, what `packetToJSON`, dissecting, sniffing, forging write. */
const PACKET_NAMES = [
  ...["layers", "problems", "number", "numbers", "timestamp", "length"],
  ...["captured", "linkType", "fcsLength", "type", "device", "comment"],
  ...["direction", "summary", "bytes", "kernel"],
];
const LAYER_NAMES = ["protocol", "fields", "offset", "length", "offsets"];

/** Octets: hexadecimal, or text in UTF-8. */
const OCTETS: ObjectShape = { fields: { hex: "octets", text: "text" } };

/** By the name that a layer bears. */
const SHAPES: Readonly<Record<string, ObjectShape>> = {
  ...Object.fromEntries(
    (Object.keys(PROTOCOLS) as ProtocolName[]).flatMap((name) => {
      const { shape } = protocolOf(name);
      return shape === undefined ? [] : [[name, shape]];
    }),
  ),
  data: OCTETS,
  trailer: OCTETS,
};

/** The shapes see to it that each is given its own fields. */
const LAYERS: Readonly<
  Record<BuiltProtocol, (fields: never) => PacketLayer>
> = layers;

const utf8 = new TextEncoder();

/**
 * Builds a packet from a description: `{ layers: [{ ipv4: { … } }, …] }`, the
 * outermost first, each with the fields of `buildPacket`'s layer of that name.
 * What is left out is computed. Octets are hexadecimal text. `data` is
 * `{ hex }`, `{ text }`, or hexadecimal alone; `trailer`, the same, is put
 * behind the packet and counts for no length.
 *
 * What {@linkcode packetToJSON} returned is a description too, of the same
 * octets.
 *
 * @category Packets as JSON
 * @throws {TypeError} if the description is wrong: a name is unknown, a value
 * of another type, or what is left out can be computed from nowhere
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { dissect, packetFromJSON, packetToJSON } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = packetFromJSON({
 *   layers: [
 *     { ipv4: { source: "192.0.2.1", destination: "192.0.2.2" } },
 *     { udp: { destinationPort: 7 } },
 *     { data: { text: "Hi" } },
 *   ],
 * });
 * assertEquals(packet.length, 30);
 * assertEquals(packetFromJSON(packetToJSON(packet, dissect(packet))), packet);
 * ```
 */
export function packetFromJSON(description: unknown): Uint8Array<ArrayBuffer> {
  const given = asObject(description, "the packet");
  for (const name of Object.keys(given)) {
    asKnown(name, PACKET_NAMES, "the packet");
  }
  if (!Array.isArray(given.layers)) {
    throw wrongType("layers", "a list", given.layers);
  }
  const layers: (PacketLayer | Uint8Array)[] = [];
  const trailers: Uint8Array[] = [];
  for (const [i, value] of given.layers.entries()) {
    const { protocol, fields } = layerOf(value, `layers[${i}]`);
    if (protocol === "trailer") {
      trailers.push(octetsOf(fields));
    } else if (protocol === "data") {
      layers.push(octetsOf(fields));
    } else {
      const { payload, quoted, ...header } = fields;
      layers.push(LAYERS[protocol](header as never));
      // Of these a message has one, and it is all that follows.
      for (const octets of [payload, quoted]) {
        if (octets instanceof Uint8Array) layers.push(octets);
      }
    }
  }
  return buildPacket(buildPacket(...layers), ...trailers);
}

/**
 * What a described packet begins with: its `linkType`, or else what follows
 * from its outermost layer: a link layer, or an IP header.
 */
export function linkTypeFromJSON(description: unknown): number {
  const { layers, linkType } = asObject(description, "the packet");
  if (linkType !== undefined) {
    if (typeof linkType === "number") return linkType;
    throw wrongType("linkType", "a number", linkType);
  }
  if (!Array.isArray(layers) || layers.length === 0) return LINK_TYPE_RAW;
  const { protocol, fields } = layerOf(layers[0], "layers[0]");
  if (protocol === "data" || protocol === "trailer") return LINK_TYPE_RAW;
  const { linkTypeOf, linkTypes } = protocolOf(protocol);
  return linkTypeOf?.(fields as never) ?? linkTypes?.[0] ?? LINK_TYPE_RAW;
}

/** Either `{ ipv4: { … } }` or `{ protocol: "ipv4", fields: { … } }`. */
function layerOf(value: unknown, path: string): {
  readonly protocol: BuiltProtocol | "data" | "trailer";
  readonly fields: ObjectFields;
} {
  const layer = asObject(value, path);
  let protocol;
  let fields;
  if ("protocol" in layer) {
    for (const name of Object.keys(layer)) asKnown(name, LAYER_NAMES, path);
    ({ protocol, fields } = layer);
  } else {
    const names = Object.keys(layer);
    if (names.length !== 1) throw wrongType(path, "one protocol", value);
    protocol = names[0];
    fields = layer[protocol];
  }
  const known = asKnown(
    protocol,
    Object.keys(SHAPES),
    path,
  ) as BuiltProtocol | "data" | "trailer";
  const isData = known === "data" || known === "trailer";
  if (isData && typeof fields === "string") fields = { hex: fields };
  return {
    protocol: known,
    fields: readObject(fields, SHAPES[known], `${path} ${known}`),
  };
}

/** Both, if both are given. */
function octetsOf({ hex, text }: ObjectFields): Uint8Array {
  return buildPacket(
    hex instanceof Uint8Array ? hex : new Uint8Array(),
    utf8.encode(typeof text === "string" ? text : ""),
  );
}
