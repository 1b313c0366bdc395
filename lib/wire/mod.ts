/**
 * Packets: built from layers, taken apart, explained.
 *
 * {@linkcode buildPacket} and {@linkcode dissect} are where to begin; beneath them
 * there is one codec a protocol, such as {@linkcode encodeIPv4} and
 * {@linkcode decodeIPv4}. All of it is pure, and runs in a browser.
 *
 * What is left out of a header is computed, what is given is written as it is. A
 * value out of range is a `RangeError`; octets that cannot be decoded are a
 * {@linkcode PacketError}.
 *
 * @example
 * ```ts
 * import { buildPacket, describeLayer, dissect, ipv4 } from "raw4/packets";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "1.1.1.100", destination: "1.1.1.1", protocol: 253 }),
 *   "Hello World!",
 * );
 * const { layers, problems } = dissect(packet);
 * assertEquals(layers.map((layer) => layer.protocol), ["ipv4", "data"]);
 * assertEquals(problems, []);
 * assertEquals(
 *   describeLayer(packet, layers[0]).title,
 *   "Internet Protocol Version 4, Src: 1.1.1.100, Dst: 1.1.1.1",
 * );
 * ```
 *
 * @module
 */

// Building, dissecting, describing
export { buildPacket, type PacketPart } from "./packet/build.ts";
export * from "./packet/dissect.ts";
export * from "./packet/layers.ts";
export type {
  Decoded,
  Given,
  LayerDescription,
  PacketLayer,
  WithoutPayload,
  WithoutProtocol,
} from "./packet/protocol.ts";
export type {
  BuiltProtocol,
  NamedHeaders,
  ProtocolHeaders,
  ProtocolName,
} from "./packet/registry.ts";
export type { Field } from "./field.ts";
export { type FieldMeaning, fieldMeaning } from "./meaning/field_meaning.ts";
export { PacketError, type Problem, Raw4Error } from "./errors.ts";

// In plain data, for JSON
export * from "./json/packet_json.ts";
export { packetFromJSON } from "./json/packet_from_json.ts";
export * from "./json/set_field.ts";

// Checksums, step by step
export * from "./packet/checksum_steps.ts";

// Fragments
export * from "./packet/fragment.ts";
export * from "./packet/reassembler.ts";

// IP
export {
  decodeIPv4,
  encodeIPv4,
  IPV4_MAX_HEADER_LENGTH,
  IPV4_MAX_LENGTH,
  IPV4_MIN_HEADER_LENGTH,
  type IPv4Fields,
  type IPv4Header,
} from "./ipv4/ipv4.ts";
export * from "./ipv4/ipv4_options.ts";
export {
  decodeIPv6,
  encodeIPv6,
  IPV6_HEADER_LENGTH,
  IPV6_MAX_PAYLOAD_LENGTH,
  type IPv6Fields,
  type IPv6Header,
} from "./ipv6/ipv6.ts";
export type {
  IPv6AuthenticationHeader,
  IPv6ExtensionFields,
  IPv6ExtensionHeader,
  IPv6FragmentHeader,
  IPv6OptionsHeader,
  IPv6RoutingHeader,
} from "./ipv6/ipv6_extensions.ts";
export { ipProtocolName } from "./ip_protocols.ts";

// ICMP, IGMP and OSPF
export { decodeICMPv4, encodeICMPv4 } from "./icmp/icmpv4.ts";
export type {
  ICMPv4AddressMask,
  ICMPv4DestinationUnreachable,
  ICMPv4Echo,
  ICMPv4Fields,
  ICMPv4Head,
  ICMPv4Information,
  ICMPv4Message,
  ICMPv4ParameterProblem,
  ICMPv4Redirect,
  ICMPv4Router,
  ICMPv4RouterAdvertisement,
  ICMPv4RouterSolicitation,
  ICMPv4SourceQuench,
  ICMPv4TimeExceeded,
  ICMPv4Timestamp,
  ICMPv4Unknown,
} from "./icmp/icmpv4_messages.ts";
export { decodeICMPv6, encodeICMPv6 } from "./icmp/icmpv6.ts";
export type {
  ICMPv6Echo,
  ICMPv6ExtensibleError,
  ICMPv6Fields,
  ICMPv6Head,
  ICMPv6Message,
  ICMPv6NeighborAdvertisement,
  ICMPv6NeighborSolicitation,
  ICMPv6PacketTooBig,
  ICMPv6ParameterProblem,
  ICMPv6Redirect,
  ICMPv6RouterAdvertisement,
  ICMPv6RouterSolicitation,
  ICMPv6Unknown,
} from "./icmp/icmpv6_messages.ts";
export * from "./icmp/ndp_options.ts";
export { icmpv4Name, icmpv6Name } from "./icmp/icmp_names.ts";
export {
  type DecodedICMPExtensions,
  decodeICMPExtensions,
  describeICMPExtensionObject,
  encodeICMPExtensions,
  type ICMPExtensionObject,
  type ICMPExtensionsFields,
  type LocatedICMPExtensionObject,
} from "./icmp/icmp_extensions.ts";

export type { MPLSLabel } from "./icmp/mpls.ts";
export { decodeIGMP, encodeIGMP } from "./igmp/igmp.ts";
export type {
  IGMPFields,
  IGMPGroupMessage,
  IGMPGroupRecord,
  IGMPHead,
  IGMPMessage,
  IGMPQueryV3,
  IGMPReportV3,
  IGMPUnknown,
} from "./igmp/igmp_messages.ts";
export {
  decodeOSPF,
  encodeOSPF,
  type OSPFFields,
  type OSPFHead,
  type OSPFHello,
  type OSPFMessage,
  type OSPFOther,
} from "./routing/ospf.ts";

// Transport, tunnels, and what they carry
export {
  decodeUDP,
  encodeUDP,
  UDP_HEADER_LENGTH,
  UDP_MAX_LENGTH,
  type UDPFields,
  type UDPHeader,
} from "./transport/udp.ts";
export {
  decodeTCP,
  encodeTCP,
  TCP_MAX_HEADER_LENGTH,
  TCP_MIN_HEADER_LENGTH,
  type TCPFields,
  type TCPFlags,
  type TCPHeader,
} from "./transport/tcp.ts";
export * from "./transport/tcp_options.ts";
export {
  decodeSCTP,
  encodeSCTP,
  type SCTPChunk,
  type SCTPChunkFields,
  type SCTPFields,
  type SCTPHeader,
} from "./transport/sctp.ts";
export {
  type AHFields,
  type AHHeader,
  decodeAH,
  encodeAH,
} from "./tunnel/ah.ts";
export {
  decodeGRE,
  encodeGRE,
  type GREFields,
  type GREHeader,
} from "./tunnel/gre.ts";
export { decodeDNS, describeDNS, type DNSSummary } from "./names/dns.ts";
export { decodeDHCP, describeDHCP, type DHCPSummary } from "./names/dhcp.ts";

// Links
export {
  type DecodedEthernet,
  decodeEthernet,
  encodeEthernet,
  ETHERNET_HEADER_LENGTH,
  type EthernetFields,
  type EthernetHeader,
  type VLANTag,
  type VLANTagFields,
} from "./link/ethernet.ts";
export type { LLCHeader, SNAPHeader } from "./link/llc.ts";
export {
  answerARP,
  ARP_LENGTH,
  type ARPEthernetIPv4,
  type ARPFields,
  type ARPHead,
  type ARPMessage,
  type ARPOther,
  decodeARP,
  encodeARP,
} from "./link/arp.ts";
export {
  decodeLinuxSLL,
  decodeLinuxSLL2,
  encodeLinuxSLL,
  encodeLinuxSLL2,
  LINUX_SLL2_HEADER_LENGTH,
  LINUX_SLL_HEADER_LENGTH,
  type LinuxSLL2Header,
  type LinuxSLLHeader,
} from "./link/linux_cooked.ts";
export {
  decodeLoopback,
  encodeLoopback,
  LOOPBACK_HEADER_LENGTH,
  type LoopbackHeader,
} from "./link/loopback.ts";
export { formatMAC, MAC_LENGTH, parseMAC } from "./link/mac.ts";
export {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_IPV4,
  LINK_TYPE_IPV6,
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
  LINK_TYPE_RAW,
  linkTypeName,
} from "./link_types.ts";
export { etherTypeName } from "./ether_types.ts";

// Addresses, options, checksums, octets
export {
  type Family,
  familyOf,
  formatIPv4,
  formatIPv6,
  isIPv4,
  isIPv6,
  parseIPv4,
  parseIPv6,
} from "./address.ts";
export { type CIDR, cidrAddresses, cidrContains, parseCIDR } from "./cidr.ts";
export {
  type AddressScope,
  addressScope,
  isMulticast,
} from "./address_scope.ts";
export type {
  DecodedOptions,
  LocatedOption,
  PaddingOption,
} from "./options.ts";
export {
  type AddressPair,
  type PseudoHeader,
  pseudoHeaderSum,
} from "./pseudo_header.ts";
export * from "../bytes/checksum.ts";
export * from "../bytes/hex.ts";
export { Shown } from "../bytes/shown.ts";
