/**
 * raw4: raw IPv4 and IPv6 packets from Deno, by calling libc through
 * `Deno.dlopen`.
 *
 * Importing this module needs no permission. Opening a socket needs
 * `--allow-ffi`, and root or CAP_NET_RAW; a ping socket, the system's leave.
 *
 * Where to begin: {@linkcode buildPacket} and {@linkcode dissect} for packets,
 * {@linkcode RawSocket} and {@linkcode PacketSocket} for the wire,
 * {@linkcode ping}, {@linkcode sweep} and {@linkcode sniff} for what others do
 * by a program, {@linkcode show} for what a packet is.
 *
 * Names are those of the RFCs. Milliseconds carry `Ms`, nanoseconds `Ns`;
 * lengths are in octets. What is left out of a header is computed, what is
 * given is written as it is. A value out of range is a `RangeError` that names
 * the field, the range and the value; what the network, the system or received
 * octets do wrong is a {@linkcode Raw4Error}.
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "1.1.1.100", destination: "1.1.1.1", protocol: 253 }),
 *   "Hello World!",
 * );
 * const { layers, problems } = dissect(packet);
 * assertEquals(layers.map((layer) => layer.protocol), ["ipv4", "data"]);
 * assertEquals(problems, []);
 * ```
 *
 * @module
 */

export * from "./lib/wire/mod.ts";
export * from "./lib/socket/mod.ts";
export * from "./lib/tools/mod.ts";
export * from "./lib/capture/mod.ts";
export * from "./lib/lab/mod.ts";
export * from "./lib/render/mod.ts";
export * from "./lib/lesson/mod.ts";
