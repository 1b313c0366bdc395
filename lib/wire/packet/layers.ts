/**
 * What packets are built from: for each protocol a function that makes a layer
 * for `buildPacket`, by the protocol's name.
 *
 * They stand apart from the rows of the registry, so that a script that only
 * reads packets carries no encoder with it. What a packet is made of in JSON
 * finds them by their names here, too.
 *
 * A checksum covers the addresses of the IP layer directly outside, or before an
 * Authentication Header; without one it is 0, unless given.
 *
 * @module
 */

export { icmpv4, type ICMPv4LayerFields } from "../icmp/icmpv4_protocol.ts";
export { icmpv6, type ICMPv6LayerFields } from "../icmp/icmpv6_protocol.ts";
export { igmp, type IGMPLayerFields } from "../igmp/igmp_protocol.ts";
export { ipv4, type IPv4LayerFields } from "../ipv4/ipv4_protocol.ts";
export { ipv6, type IPv6LayerFields } from "../ipv6/ipv6_protocol.ts";
export { arp } from "../link/arp_protocol.ts";
export { ethernet } from "../link/ethernet_protocol.ts";
export {
  sll,
  sll2,
  type SLL2LayerFields,
  type SLLLayerFields,
} from "../link/linux_cooked_protocol.ts";
export { loopback } from "../link/loopback.ts";
export { ospf } from "../routing/ospf_protocol.ts";
export { sctp } from "../transport/sctp_protocol.ts";
export { tcp } from "../transport/tcp_protocol.ts";
export { udp } from "../transport/udp.ts";
export { ah, type AHLayerFields } from "../tunnel/ah.ts";
export { gre, type GRELayerFields } from "../tunnel/gre_protocol.ts";
