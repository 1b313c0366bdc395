/**
 * What the dissector and the renderers need to know of a protocol.
 *
 * @module
 */

import type { ARPMessage } from "./arp.ts";
import type { DHCPSummary } from "./dhcp.ts";
import type { DNSSummary } from "./dns.ts";
import type { Problem } from "./errors.ts";
import type { EthernetHeader } from "./ethernet.ts";
import type { Field } from "./field.ts";
import type { GREHeader } from "./gre.ts";
import type { ICMPv4Message } from "./icmpv4_messages.ts";
import type { ICMPv6Message } from "./icmpv6_messages.ts";
import type { IGMPMessage } from "./igmp_messages.ts";
import type { IPv4Header } from "./ipv4.ts";
import type { IPv6Header } from "./ipv6.ts";
import type { LinuxSLL2Header, LinuxSLLHeader } from "./linux_cooked.ts";
import type { LoopbackHeader } from "./loopback.ts";
import type { AddressPair, PseudoHeader } from "./pseudo_header.ts";
import type { TCPHeader } from "./tcp.ts";
import type { UDPHeader } from "./udp.ts";

/** What is decoded of each protocol, by the name that its layer bears. */
export interface ProtocolHeaders {
  /** Ethernet, with VLAN tags and LLC. */
  readonly ethernet: EthernetHeader;
  /** Linux "cooked" capture, version 1. */
  readonly sll: LinuxSLLHeader;
  /** Linux "cooked" capture, version 2. */
  readonly sll2: LinuxSLL2Header;
  /** The loopback interface of BSD, macOS or Windows. */
  readonly loopback: LoopbackHeader;
  /** The Address Resolution Protocol. */
  readonly arp: ARPMessage;
  /** The Internet Protocol, version 4. */
  readonly ipv4: IPv4Header;
  /** The Internet Protocol, version 6. */
  readonly ipv6: IPv6Header;
  /** ICMP for IPv4. */
  readonly icmpv4: ICMPv4Message;
  /** ICMP for IPv6. */
  readonly icmpv6: ICMPv6Message;
  /** The User Datagram Protocol. */
  readonly udp: UDPHeader;
  /** The Transmission Control Protocol. */
  readonly tcp: TCPHeader;
  /** The Internet Group Management Protocol. */
  readonly igmp: IGMPMessage;
  /** Generic Routing Encapsulation. */
  readonly gre: GREHeader;
  /** The Domain Name System: what a message is. */
  readonly dns: DNSSummary;
  /** The Dynamic Host Configuration Protocol: what a message is. */
  readonly dhcp: DHCPSummary;
}

/** The name of a protocol that can be dissected, such as `ipv4`. */
export type ProtocolName = keyof ProtocolHeaders;

/** One that can be built as well: its header has all of its octets. */
export type BuiltProtocol = Exclude<ProtocolName, "dns" | "dhcp">;

/** How a header is decoded, checked and described. */
export interface Protocol<Header> {
  /** Its line above the fields, as Wireshark words it. */
  title(header: Header, payloadLength: number): string;
  /**
   * Reads one header; throws a `PacketError` for structural faults.
   *
   * @param outside of the IP header outside; absent where its payload is not
   * all there, so that no checksum of it can be checked
   * @param isFragment whether the octets are those of a first fragment: what
   * is missing at their end is no problem
   */
  decode(
    bytes: Uint8Array,
    outside?: PseudoHeader,
    isFragment?: boolean,
  ): DecodedLayer<Header>;
  /**
   * The header's fields in wire order.
   *
   * @param bytes header and payload
   */
  describe(bytes: Uint8Array, header: Header, outside?: PseudoHeader): Field[];
  /** The same of a header that ends too early, as far as it goes. */
  describeStart?(start: Uint8Array): LayerDescription;
}

/** A layer in words: a line for the whole, and its fields in wire order. */
export interface LayerDescription {
  /** Such as `Internet Protocol Version 4, Src: 1.1.1.100, Dst: 1.1.1.1`. */
  readonly title: string;
  /** The fields; none for a `data` layer but where it begins a header. */
  readonly fields: readonly Field[];
}

/** One header read by a {@linkcode Protocol}. */
export interface DecodedLayer<Header> {
  readonly header: Header;
  /** Octets of the header, which the payload follows. */
  readonly headerLength: number;
  /** Octets of payload that are there. */
  readonly payloadLength: number;
  /** What is wrong though it could be decoded; offsets from its first octet. */
  readonly problems: readonly Problem[];
  /** What the payload begins with, if it can be dissected further. */
  readonly next?: ProtocolName;
  /** Where an IP header's payload is from and to, if all of it is there. */
  readonly addresses?: AddressPair;
  /** Of IP: whether fragments are missing behind the payload. */
  readonly isFragment?: boolean;
}
