/**
 * What holds for every packet, however bad.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import {
  describeLayer,
  dissect,
  type Dissection,
  type Field,
  packetFromJSON,
  packetToJSON,
} from "../../mod.ts";
import { renderChecksums } from "../../lib/render/packet/checksums.ts";
import { renderDissected } from "../../lib/render/packet/dissected.ts";
import { renderExplanation } from "../../lib/render/packet/explain.ts";
import { summarizePacket } from "../../lib/render/packet/packet_line.ts";
import { renderTree } from "../../lib/render/packet/tree.ts";
import { diagram } from "../../lib/render/packet/show.ts";
import { type Random, randomInt, randomOf } from "../random.ts";
import {
  assertSame,
  assertWithin,
  checkDecoder,
  DECODERS,
} from "./decoders.ts";
import type { TestPacket } from "../wire/protocol_packets.ts";

/** A dissector that goes round in circles ends at so many. */
const MAX_LAYERS = 17;
/** Anything that could turn, hide or rewrite what a terminal shows. */
const HARMFUL = /[^\P{Cc}\n]|\p{Cf}/u;
const NAMES = Object.keys(DECODERS);

/**
 * Asserts all of it.
 *
 * @returns what was new to see in it, for comparison with other packets
 */
export function checkPacket(random: Random, packet: TestPacket): string {
  const { bytes, linkType } = packet;
  const before = bytes.slice();
  const dissection = dissect(bytes, { linkType });
  checkLayers(bytes, dissection);
  checkJSON(bytes, dissection);
  checkScreens(packet, dissection);
  const found = checkDecoders(random, bytes, dissection);
  assertSame(bytes, before, "its input");
  return [...signature(dissection), ...found].join(" ");
}

function checkLayers(
  bytes: Uint8Array,
  { layers, problems }: Dissection,
): void {
  assert(layers.length <= MAX_LAYERS, `${layers.length} layers`);
  let end = 0;
  for (const layer of layers) {
    assertEquals(layer.offset, end, "layers follow one another");
    end += layer.length;
    const { fields } = describeLayer(bytes, layer);
    if (fields.length === 0) continue;
    let bits = 0;
    for (const field of fields) {
      const { name, bitOffset, bitWidth } = field;
      assertEquals(bitOffset, bits, `${layer.protocol} ${name} begins there`);
      bits += bitWidth;
      if (name === "quoted") checkQuoted(field);
    }
    assertEquals(bits, layer.length * 8, `${layer.protocol} ends there`);
  }
  assert(end <= bytes.length, "the last layer ends within the packet");
  for (const problem of problems) assertWithin(problem, bytes.length);
}

/** Whatever is quoted, no octet of it is left out once its header is read. */
function checkQuoted({ parts = [], bitOffset, bitWidth }: Field): void {
  if (parts.length === 0) return;
  let end = bitOffset;
  for (const part of parts) {
    assertEquals(part.bitOffset, end, `quoted ${part.name} begins there`);
    end += part.bitWidth;
    if (part.name === "payload") checkQuoted(part);
  }
  assertEquals(end, bitOffset + bitWidth, "the quoted packet ends there");
}

function checkJSON(bytes: Uint8Array, dissection: Dissection): void {
  const plain = packetToJSON(bytes, dissection);
  const again = packetFromJSON(JSON.parse(JSON.stringify(plain)));
  assertSame(again, bytes, "what is built from its JSON");
}

function checkScreens(
  { bytes, linkType }: TestPacket,
  dissection: Dissection,
): void {
  const packet = {
    number: 1,
    timestampNs: 0n,
    bytes,
    originalLength: bytes.length,
    linkType,
    interfaceIndex: 0,
  };
  const json = renderDissected(packet, { json: true, offsets: true });
  assertEquals(json.indexOf("\n"), json.length - 1, "JSON is one line");
  const lines = [
    ...renderExplanation(bytes, linkType),
    ...diagram({ bytes, linkType }).split("\n"),
    ...renderTree(bytes, dissection, { offsets: true }),
    ...renderChecksums(bytes, dissection),
  ];
  for (const line of lines) assert(line.length <= 80, `too wide: ${line}`);
  const line = summarizePacket(packet);
  assert(!line.includes("\n"), "a summary is one line");
  const text = [json, line, ...lines].join("\n");
  const harm = HARMFUL.exec(text);
  assert(harm === null, `prints ${JSON.stringify(harm?.[0])}`);
}

/** One that is meant for these octets, and one that is not. */
function checkDecoders(
  random: Random,
  bytes: Uint8Array,
  { layers }: Dissection,
): string[] {
  const start = randomInt(random, 0, bytes.length);
  const stray = randomOf(random, NAMES);
  checkDecoder(stray, bytes.subarray(start));
  const layer = layers.length === 0 ? undefined : randomOf(random, layers);
  if (layer === undefined || layer.protocol === "data") return [];
  const { protocol, offset, header } = layer;
  const found = [checkDecoder(protocol, bytes.subarray(offset))];
  if (protocol === "ipv4") {
    found.push(checkDecoder("fragments", bytes.subarray(offset)));
  }
  const lists = { ipv4: "IPv4", tcp: "TCP", icmpv6: "NDP" } as const;
  const list = lists[protocol as keyof typeof lists];
  if (
    list !== undefined && "options" in header &&
    header.options instanceof Uint8Array
  ) {
    found.push(checkDecoder(`${list} options`, header.options));
  }
  if ("extensions" in header && header.extensions !== undefined) {
    found.push(checkDecoder("ICMP extensions", header.extensions));
  }
  return found;
}

/** Which ways it took through the dissector, as far as one can tell. */
function signature({ layers, problems }: Dissection): string[] {
  return [
    ...layers.map(({ protocol, ...layer }) => {
      const header = "header" in layer ? layer.header : {};
      return "kind" in header ? `${protocol}:${header.kind}` : protocol;
    }),
    ...problems.map(({ layer, field }) => `!${layer}.${field}`),
  ];
}
