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
 * by a program.
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

export * from "./lib/bytes/checksum.ts";
export * from "./lib/bytes/hex.ts";
export * from "./lib/wire/address.ts";
export * from "./lib/wire/address_scope.ts";
export {
  answerARP,
  ARP_LENGTH,
  type ARPEthernetIPv4,
  type ARPFields,
  type ARPHead,
  type ARPMessage,
  type ARPOther,
  decodeARP,
  describeARP,
  encodeARP,
} from "./lib/wire/arp.ts";
export * from "./lib/wire/build.ts";
export * from "./lib/wire/dhcp.ts";
export * from "./lib/wire/dissect.ts";
export * from "./lib/wire/dns.ts";
export { PacketError, type Problem, Raw4Error } from "./lib/wire/errors.ts";
export { etherTypeName } from "./lib/wire/ether_types.ts";
export {
  type DecodedEthernet,
  decodeEthernet,
  encodeEthernet,
  ETHERNET_HEADER_LENGTH,
  type EthernetFields,
  type EthernetHeader,
  type LLCHeader,
  type SNAPHeader,
  type VLANTag,
  type VLANTagFields,
} from "./lib/wire/ethernet.ts";
export { describeEthernet } from "./lib/wire/ethernet_describe.ts";
export type { Field } from "./lib/wire/field.ts";
export type { Given } from "./lib/wire/given.ts";
export {
  type DecodedICMPExtensions,
  decodeICMPExtensions,
  encodeICMPExtensions,
  type ICMPExtensionObject,
  type ICMPExtensionsFields,
  type LocatedICMPExtensionObject,
} from "./lib/wire/icmp_extensions.ts";
export { describeICMPExtensionObject } from "./lib/wire/icmp_extensions_describe.ts";
export * from "./lib/wire/fragment.ts";
export { icmpv4Name, icmpv6Name } from "./lib/wire/icmp_names.ts";
export { decodeICMPv4, encodeICMPv4 } from "./lib/wire/icmpv4.ts";
export { describeICMPv4 } from "./lib/wire/icmpv4_describe.ts";
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
} from "./lib/wire/icmpv4_messages.ts";
export { decodeICMPv6, encodeICMPv6 } from "./lib/wire/icmpv6.ts";
export { describeICMPv6 } from "./lib/wire/icmpv6_describe.ts";
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
} from "./lib/wire/icmpv6_messages.ts";
export { ipProtocolName } from "./lib/wire/ip_protocols.ts";
export {
  type DecodedIPv4,
  decodeIPv4,
  encodeIPv4,
  IPV4_MAX_HEADER_LENGTH,
  IPV4_MAX_LENGTH,
  IPV4_MIN_HEADER_LENGTH,
  type IPv4Fields,
  type IPv4Header,
} from "./lib/wire/ipv4.ts";
export { describeIPv4 } from "./lib/wire/ipv4_describe.ts";
export * from "./lib/wire/ipv4_options.ts";
export type {
  Datagram,
  DatagramError,
  DatagramInfo,
} from "./lib/socket/datagram.ts";
export {
  type DecodedIPv6,
  decodeIPv6,
  encodeIPv6,
  IPV6_HEADER_LENGTH,
  IPV6_MAX_PAYLOAD_LENGTH,
  type IPv6Fields,
  type IPv6Header,
} from "./lib/wire/ipv6.ts";
export { describeIPv6 } from "./lib/wire/ipv6_describe.ts";
export type {
  IPv6AuthenticationHeader,
  IPv6ExtensionFields,
  IPv6ExtensionHeader,
  IPv6FragmentHeader,
  IPv6OptionsHeader,
  IPv6RoutingHeader,
} from "./lib/wire/ipv6_extensions.ts";
export {
  type DecodedGRE,
  decodeGRE,
  describeGRE,
  encodeGRE,
  type GREFields,
  type GREHeader,
} from "./lib/wire/gre.ts";
export { decodeIGMP, encodeIGMP } from "./lib/wire/igmp.ts";
export { describeIGMP } from "./lib/wire/igmp_describe.ts";
export type {
  IGMPFields,
  IGMPGroupMessage,
  IGMPGroupRecord,
  IGMPHead,
  IGMPMessage,
  IGMPQueryV3,
  IGMPReportV3,
  IGMPUnknown,
} from "./lib/wire/igmp_messages.ts";
export { arp, ethernet } from "./lib/wire/link_layers.ts";
export * from "./lib/wire/link_types.ts";
export * from "./lib/wire/linux_cooked.ts";
export {
  type DecodedLoopback,
  decodeLoopback,
  describeLoopback,
  encodeLoopback,
  LOOPBACK_HEADER_LENGTH,
  type LoopbackHeader,
} from "./lib/wire/loopback.ts";
export * from "./lib/wire/mac.ts";
export type { MPLSLabel } from "./lib/wire/mpls.ts";
export * from "./lib/wire/ndp_options.ts";
export type {
  DecodedOptions,
  LocatedOption,
  PaddingOption,
} from "./lib/wire/options.ts";
export { packetFromJSON } from "./lib/wire/packet_from_json.ts";
export * from "./lib/wire/packet_json.ts";
export type {
  BuiltProtocol,
  LayerDescription,
  ProtocolHeaders,
  ProtocolName,
} from "./lib/wire/protocol.ts";
export {
  type AddressPair,
  type PseudoHeader,
  pseudoHeaderSum,
} from "./lib/wire/pseudo_header.ts";
export * from "./lib/wire/reassembler.ts";
export {
  type DecodedTCP,
  decodeTCP,
  encodeTCP,
  TCP_MAX_HEADER_LENGTH,
  TCP_MIN_HEADER_LENGTH,
  type TCPFields,
  type TCPFlags,
  type TCPHeader,
} from "./lib/wire/tcp.ts";
export { describeTCP } from "./lib/wire/tcp_describe.ts";
export * from "./lib/wire/tcp_options.ts";
export * from "./lib/wire/transport_layers.ts";
export {
  type DecodedUDP,
  decodeUDP,
  describeUDP,
  encodeUDP,
  UDP_HEADER_LENGTH,
  UDP_MAX_LENGTH,
  type UDPFields,
  type UDPHeader,
} from "./lib/wire/udp.ts";
export {
  NameLookupError,
  SocketAddressError,
  SocketBroadcastError,
  SocketError,
  type SocketFailure,
  SocketPermissionError,
  SocketUnavailableError,
  TimeoutExceeded,
} from "./lib/socket/errors.ts";
export * from "./lib/socket/raw_socket.ts";
export * from "./lib/socket/ping_socket.ts";
export * from "./lib/socket/packet_socket.ts";
export type { Frame, FrameDirection } from "./lib/socket/frame.ts";
export * from "./lib/socket/capture_filter.ts";
export * from "./lib/socket/sending_socket.ts";
export type { SocketOptions } from "./lib/socket/socket_options.ts";
export * from "./lib/socket/receiving_socket.ts";
export { resolve, reverseResolve } from "./lib/socket/resolve.ts";
export * from "./lib/socket/route.ts";
export type { ReversePathFilter } from "./lib/socket/ip_settings.ts";
export * from "./lib/socket/rtnetlink.ts";
export * from "./lib/capture/errors.ts";
export * from "./lib/capture/packet.ts";
export * from "./lib/capture/pcap.ts";
export * from "./lib/capture/pcapng.ts";
export * from "./lib/capture/read_capture.ts";
export * from "./lib/tools/receive_messages.ts";
export {
  completeForged,
  forgedPacket,
  type ForgedPacketFields,
  type GivenPacket,
  readForged,
} from "./lib/tools/forged_packet.ts";
export { sendForged, type SendForgedOptions } from "./lib/tools/send_forged.ts";
export * from "./lib/tools/sent_versus_wire.ts";
export * from "./lib/tools/wire_comparison.ts";
export type { SeenFrame, SeenPacket } from "./lib/tools/seen_packets.ts";
export * from "./lib/tools/spoof.ts";
export * from "./lib/tools/reply_watch.ts";
export type { ChecksumFault } from "./lib/tools/checksum_fault.ts";
export * from "./lib/tools/reply_facts.ts";
export * from "./lib/tools/diagnose_reply.ts";
export type {
  ReplyCause,
  ReplyExplained,
  ReplyVerdict,
} from "./lib/tools/reply_verdict.ts";
export * from "./lib/tools/wire_tap.ts";
export * from "./lib/tools/send_messages.ts";
export type { ICMPErrorMessage } from "./lib/tools/matching.ts";
export * from "./lib/socket/async_socket.ts";
export type { IgnoredCounts } from "./lib/socket/echo_ledger.ts";
export type { Mismatch } from "./lib/socket/icmp_message.ts";
export * from "./lib/socket/icmp_reply.ts";
export * from "./lib/socket/icmp_request.ts";
export * from "./lib/socket/icmp_socket.ts";
export * from "./lib/socket/identifiers.ts";
export { Host, type HostError } from "./lib/tools/host.ts";
export * from "./lib/tools/ping.ts";
export * from "./lib/tools/ping_types.ts";
export { Run, type RunContext } from "./lib/tools/run.ts";
export type { PublicGuardOptions } from "./lib/tools/public_guard.ts";
export * from "./lib/tools/sniffer.ts";
export { sweep } from "./lib/tools/sweep.ts";
export * from "./lib/tools/sweep_types.ts";
export { Hop } from "./lib/tools/hop.ts";
export { traceroute } from "./lib/tools/traceroute.ts";
export * from "./lib/tools/trace_types.ts";
