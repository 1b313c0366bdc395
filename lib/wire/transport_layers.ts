/**
 * The layers inside IP, besides ICMP, for {@linkcode buildPacket}. Checksums
 * cover the addresses of the IP layer directly outside; without one they are 0,
 * unless given.
 *
 * @module
 */

import type { PacketLayer, WithoutPayload } from "./build.ts";
import { encodeGRE, type GREFields } from "./gre.ts";
import { encodeIGMP } from "./igmp.ts";
import type { IGMPFields } from "./igmp_messages.ts";
import { etherTypeOf } from "./link_layers.ts";
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

/** The fields of an IGMP message; its payload is what the next layers are. */
export type IGMPLayerFields = WithoutPayload<IGMPFields>;

/**
 * An IGMP message for {@linkcode buildPacket} (RFC 3376).
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, igmp, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "224.0.0.1", ttl: 1 }),
 *   igmp({ kind: "query", group: "0.0.0.0" }),
 * );
 * assertEquals(packet.subarray(20).toHex(), "1164ee9b00000000");
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function igmp(fields: IGMPLayerFields): PacketLayer {
  return {
    protocol: "igmp",
    ipProtocol: 2,
    encode: (payload) => encodeIGMP({ ...fields, payload } as IGMPFields),
  };
}

/** The fields of a GRE layer; `protocol` follows from the next layer. */
export type GRELayerFields =
  & Omit<GREFields, "protocol">
  & Partial<Pick<GREFields, "protocol">>;

/**
 * A GRE header for {@linkcode buildPacket} (RFC 2784, RFC 2890).
 *
 * @example
 * ```ts
 * import { buildPacket, gre, icmpv4, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
 *   gre({ key: 7 }),
 *   ipv4({ source: "10.0.0.1", destination: "10.0.0.2" }),
 *   icmpv4({ kind: "echoRequest" }),
 * );
 * assertEquals(packet.subarray(20, 28).toHex(), "20000800" + "00000007");
 * ```
 */
export function gre(fields: GRELayerFields = {}): PacketLayer {
  return {
    protocol: "gre",
    ipProtocol: 47,
    encode(payload, inner) {
      const protocol = fields.protocol ??
        etherTypeOf(inner, "GRE protocol", "gre");
      return encodeGRE({ ...fields, protocol }, payload);
    },
  };
}
