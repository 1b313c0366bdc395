/**
 * The layers inside IP, besides ICMP, for {@linkcode buildPacket}. Checksums
 * cover the addresses of the IP layer directly outside; without one they are 0,
 * unless given.
 *
 * @module
 */

import type { PacketLayer } from "./build.ts";
import { encodeTCP, type TCPFields } from "./tcp.ts";
import { encodeUDP, type UDPFields } from "./udp.ts";

/**
 * A UDP header for {@linkcode buildPacket} (RFC 768).
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, ipv4, udp } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
 *   udp({ sourcePort: 40000, destinationPort: 7 }),
 *   "Hi",
 * );
 * assertEquals(packet.subarray(20).toHex(), "9c400007000a97254869");
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function udp(fields: UDPFields): PacketLayer {
  return {
    protocol: "udp",
    ipProtocol: 17,
    encode: (payload, _inner, outer) =>
      encodeUDP(fields, payload, outer?.addresses),
  };
}

/**
 * A TCP header for {@linkcode buildPacket} (RFC 9293 §3.1).
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, encodeTCPOptions, ipv6, tcp } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv6({ source: "2001:db8::1", destination: "2001:db8::2" }),
 *   tcp({
 *     sourcePort: 40000,
 *     destinationPort: 80,
 *     syn: true,
 *     options: encodeTCPOptions([{ kind: "maximumSegmentSize", size: 1440 }]),
 *   }),
 * );
 * assertEquals(packet.length, 40 + 24);
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function tcp(fields: TCPFields): PacketLayer {
  return {
    protocol: "tcp",
    ipProtocol: 6,
    encode: (payload, _inner, outer) =>
      encodeTCP(fields, payload, outer?.addresses),
  };
}
