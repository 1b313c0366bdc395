/**
 * Packets as text: {@linkcode show} as the tree that Wireshark shows,
 * {@linkcode diagram} as RFCs draw headers, {@linkcode hexdump} octet by octet.
 * All of it is pure, and prints nothing. What is in a packet cannot harm the
 * terminal that it is shown on: it is escaped, where it is no plain text.
 *
 * `deno task repl` opens a shell that shows them as they are.
 *
 * @example
 * ```ts
 * import { buildPacket, ipv4 } from "raw4/packets";
 * import { diagram, hexdump, show } from "raw4/text";
 * import { assertEquals, assertMatch } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "1.1.1.100", destination: "1.1.1.1", protocol: 253 }),
 *   "Hello World!",
 * );
 * assertMatch(show(packet), /^Internet Protocol Version 4, Src: 1\.1\.1\.100/);
 * assertMatch(diagram(packet), /\|Version\|  IHL  \|/);
 * assertMatch(hexdump(packet), /^0000 {2}45 00 00 20 /);
 *
 * // What sockets and capture files give is shown as it is, too.
 * assertEquals(show({ bytes: packet, linkType: 101 }), show(packet));
 * ```
 *
 * @module
 */

export { diagram, hexdump, show, type ShowablePacket } from "./packet/show.ts";
