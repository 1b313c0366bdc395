/**
 * Packets from a description in plain data, as JSON has it.
 *
 * @module
 */

import {
  buildPacket,
  icmpv4,
  type ICMPv4LayerFields,
  icmpv6,
  type ICMPv6LayerFields,
  ipv4,
  type IPv4LayerFields,
  ipv6,
  type IPv6LayerFields,
  type PacketLayer,
} from "./build.ts";
import type { ARPFields } from "./arp.ts";
import {
  loopback,
  sll,
  sll2,
  type SLL2LayerFields,
  type SLLLayerFields,
} from "./capture_layers.ts";
import {
  asKnown,
  asObject,
  type DescribedFields,
  readDescribed,
  wrongType,
} from "./described.ts";
import type { EthernetFields } from "./ethernet.ts";
import { LAYER_SHAPES } from "./layer_shapes.ts";
import { arp, ethernet } from "./link_layers.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
  LINK_TYPE_RAW,
} from "./link_types.ts";
import type { LoopbackHeader } from "./loopback.ts";
import type { BuiltProtocol } from "./protocol.ts";
import type { TCPFields } from "./tcp.ts";
import {
  gre,
  type GRELayerFields,
  igmp,
  type IGMPLayerFields,
  tcp,
  udp,
} from "./transport_layers.ts";
import type { UDPFields } from "./udp.ts";

/** Beside `layers`, what `packetToJSON`, dissecting and sniffing write. */
const PACKET_NAMES = [
  ...["layers", "problems", "number", "timestamp", "length", "captured"],
  ...["linkType", "type", "device", "direction", "summary", "bytes"],
];
const LAYER_NAMES = ["protocol", "fields", "offset", "length", "offsets"];

/** The shapes see to it that the fields are these. */
const MAKE: Readonly<
  Record<BuiltProtocol, (fields: DescribedFields) => PacketLayer>
> = {
  ethernet: (fields) => ethernet(fields as EthernetFields),
  sll: (fields) => sll(fields as unknown as SLLLayerFields),
  sll2: (fields) => sll2(fields as unknown as SLL2LayerFields),
  loopback: (fields) => loopback(fields as unknown as LoopbackHeader),
  arp: (fields) => arp(fields as unknown as ARPFields),
  ipv4: (fields) => ipv4(fields as unknown as IPv4LayerFields),
  ipv6: (fields) => ipv6(fields as unknown as IPv6LayerFields),
  icmpv4: (fields) => icmpv4(fields as unknown as ICMPv4LayerFields),
  icmpv6: (fields) => icmpv6(fields as unknown as ICMPv6LayerFields),
  udp: (fields) => udp(fields as unknown as UDPFields),
  tcp: (fields) => tcp(fields as unknown as TCPFields),
  igmp: (fields) => igmp(fields as unknown as IGMPLayerFields),
  gre: (fields) => gre(fields as GRELayerFields),
};

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
      layers.push(MAKE[protocol](header));
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
export function describedLinkType(description: unknown): number {
  const { layers, linkType } = asObject(description, "the packet");
  if (linkType !== undefined) {
    if (typeof linkType === "number") return linkType;
    throw wrongType("linkType", "a number", linkType);
  }
  if (!Array.isArray(layers) || layers.length === 0) return LINK_TYPE_RAW;
  const { protocol, fields } = layerOf(layers[0], "layers[0]");
  switch (protocol) {
    case "ethernet":
      return LINK_TYPE_ETHERNET;
    case "sll":
      return LINK_TYPE_LINUX_SLL;
    case "sll2":
      return LINK_TYPE_LINUX_SLL2;
    case "loopback":
      return fields.littleEndian ? LINK_TYPE_NULL : LINK_TYPE_LOOP;
    default:
      return LINK_TYPE_RAW;
  }
}

/** Either `{ ipv4: { … } }` or `{ protocol: "ipv4", fields: { … } }`. */
function layerOf(value: unknown, path: string): {
  readonly protocol: keyof typeof LAYER_SHAPES;
  readonly fields: DescribedFields;
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
    Object.keys(LAYER_SHAPES),
    path,
  ) as keyof typeof LAYER_SHAPES;
  const isData = known === "data" || known === "trailer";
  if (isData && typeof fields === "string") fields = { hex: fields };
  return {
    protocol: known,
    fields: readDescribed(fields, LAYER_SHAPES[known], `${path} ${known}`),
  };
}

/** Both, if both are given. */
function octetsOf({ hex, text }: DescribedFields): Uint8Array {
  return buildPacket(
    hex instanceof Uint8Array ? hex : new Uint8Array(),
    utf8.encode(typeof text === "string" ? text : ""),
  );
}
