/**
 * Packets as text, for those who try things out: each takes one as it was
 * built, received or read, and none prints.
 *
 * @module
 */

import { describeLayer, dissect } from "../../wire/packet/dissect.ts";
import { wrap } from "../wrap.ts";
import { renderDiagram } from "./diagram.ts";
import { renderHexdump, renderTree } from "./tree.ts";

/**
 * A packet to be shown: its octets, from an IP header on; or what sockets,
 * {@linkcode sniff} and {@linkcode readCapture} give, which may say what it
 * begins with.
 *
 * @category Packets
 */
export type ShowablePacket = Uint8Array | {
  /** Its octets. */
  readonly bytes: Uint8Array;
  /** What it begins with; default an IP header. */
  readonly linkType?: number;
};

/**
 * A packet as the tree that Wireshark shows: each layer with its fields, one a
 * line, data as a hexdump, and last what is wrong with it. No line is wider than
 * 80 columns, and nothing in it harms a terminal.
 *
 * @category Packets
 *
 * @example
 * ```ts
 * import { buildPacket, ipv4, show, udp } from "raw4";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "1.1.1.100", destination: "1.1.1.1" }),
 *   udp({ sourcePort: 1024, destinationPort: 2048 }),
 *   "Hello World!",
 * );
 * const text = show(packet);
 * assertStringIncludes(text, "\n    Protocol: UDP (17)\n");
 * assertStringIncludes(text, "\n0000  48 65 6c 6c 6f 20");
 * ```
 */
export function show(packet: ShowablePacket): string {
  const { bytes, linkType } = octetsOf(packet);
  return renderTree(bytes, dissect(bytes, { linkType })).join("\n");
}

/**
 * Sixteen octets a line: offset, hexadecimal, and ASCII, with a dot for what is
 * none. {@linkcode parseHex} reads it.
 *
 * @category Packets
 *
 * @example
 * ```ts
 * import { hexdump, parseHex } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const text = hexdump(Uint8Array.of(0x48, 0x69, 0x21));
 * assertEquals(text.replace(/ +/g, " "), "0000 48 69 21 Hi!");
 * assertEquals(parseHex(text), Uint8Array.of(0x48, 0x69, 0x21));
 * ```
 */
export function hexdump(packet: ShowablePacket): string {
  return renderHexdump(octetsOf(packet).bytes).join("\n");
}

/**
 * Each header of a packet as the bit diagram that RFCs draw, its values filled
 * in, 32 bits a row, below its name.
 *
 * @category Packets
 *
 * @example
 * ```ts
 * import { buildPacket, diagram, ipv4, tcp } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "1.1.1.100", destination: "1.1.1.1" }),
 *   tcp({ sourcePort: 1024, destinationPort: 80, syn: true }),
 * );
 * const [ip, segment] = diagram(packet).split("\n\n");
 * assertEquals(ip.split("\n")[3], "+-".repeat(32) + "+");
 * assertEquals(
 *   segment.split("\n")[5],
 *   "|             1024              |              80               |",
 * );
 * ```
 */
export function diagram(packet: ShowablePacket): string {
  const { bytes, linkType } = octetsOf(packet);
  return dissect(bytes, { linkType }).layers
    .filter(({ protocol }) => protocol !== "data")
    .map((layer) => {
      const { offset, length } = layer;
      const { title, fields } = describeLayer(bytes, layer);
      const octets = bytes.subarray(offset, offset + length);
      return [...wrap("", title), ...renderDiagram(octets, fields)].join("\n");
    })
    .join("\n\n");
}

function octetsOf(
  packet: ShowablePacket,
): { readonly bytes: Uint8Array; readonly linkType?: number } {
  return packet instanceof Uint8Array ? { bytes: packet } : packet;
}
