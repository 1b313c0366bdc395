/**
 * Every protocol that can be dissected, one row each, and the numbers by which
 * they are found.
 *
 * @module
 */

import { ICMPV4 } from "../icmp/icmpv4_protocol.ts";
import type { ICMPv4Message } from "../icmp/icmpv4_messages.ts";
import { ICMPV6 } from "../icmp/icmpv6_protocol.ts";
import type { ICMPv6Message } from "../icmp/icmpv6_messages.ts";
import type { IGMPMessage } from "../igmp/igmp_messages.ts";
import { IGMP } from "../igmp/igmp_protocol.ts";
import type { IPv4Header } from "../ipv4/ipv4.ts";
import { IPV4 } from "../ipv4/ipv4_protocol.ts";
import type { IPv6Header } from "../ipv6/ipv6.ts";
import { IPV6 } from "../ipv6/ipv6_protocol.ts";
import type { ARPMessage } from "../link/arp.ts";
import { ARP } from "../link/arp_protocol.ts";
import type { EthernetHeader } from "../link/ethernet.ts";
import { ETHERNET } from "../link/ethernet_protocol.ts";
import type { LinuxSLL2Header, LinuxSLLHeader } from "../link/linux_cooked.ts";
import { LINUX_SLL, LINUX_SLL2 } from "../link/linux_cooked_protocol.ts";
import { LOOPBACK, type LoopbackHeader } from "../link/loopback.ts";
import { DHCP, type DHCPSummary } from "../names/dhcp.ts";
import { DNS, type DNSSummary } from "../names/dns.ts";
import type { OSPFMessage } from "../routing/ospf.ts";
import { OSPF } from "../routing/ospf_protocol.ts";
import type { SCTPHeader } from "../transport/sctp.ts";
import { SCTP } from "../transport/sctp_protocol.ts";
import type { TCPHeader } from "../transport/tcp.ts";
import { TCP } from "../transport/tcp_protocol.ts";
import { UDP, type UDPHeader } from "../transport/udp.ts";
import { AH, type AHHeader } from "../tunnel/ah.ts";
import type { GREHeader } from "../tunnel/gre.ts";
import { GRE } from "../tunnel/gre_protocol.ts";
import type { NextHeader, Protocol } from "./protocol.ts";

/**
 * Protocols of which a message is only named, and cannot be built.
 *
 * @category Packets
 */
export interface NamedHeaders {
  /** The Domain Name System: what a message is. */
  readonly dns: DNSSummary;
  /** The Dynamic Host Configuration Protocol: what a message is. */
  readonly dhcp: DHCPSummary;
}

/**
 * What is decoded of each protocol, by the name that its layer bears.
 *
 * @category Packets
 */
export interface ProtocolHeaders extends NamedHeaders {
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
  /** The Stream Control Transmission Protocol. */
  readonly sctp: SCTPHeader;
  /** The Internet Group Management Protocol. */
  readonly igmp: IGMPMessage;
  /** The Authentication Header behind one of IPv4. */
  readonly ah: AHHeader;
  /** Open Shortest Path First, version 2. */
  readonly ospf: OSPFMessage;
  /** Generic Routing Encapsulation. */
  readonly gre: GREHeader;
}

/**
 * The name of a protocol that can be dissected, such as `ipv4`.
 *
 * @category Packets
 */
export type ProtocolName = keyof ProtocolHeaders;

/**
 * One that can be built as well: its header has all of its octets.
 *
 * @category Packets
 */
export type BuiltProtocol = Exclude<ProtocolName, keyof NamedHeaders>;

/** By the name that a layer bears. */
export const PROTOCOLS = {
  ethernet: ETHERNET,
  sll: LINUX_SLL,
  sll2: LINUX_SLL2,
  loopback: LOOPBACK,
  arp: ARP,
  ipv4: IPV4,
  ipv6: IPV6,
  icmpv4: ICMPV4,
  icmpv6: ICMPV6,
  udp: UDP,
  tcp: TCP,
  sctp: SCTP,
  igmp: IGMP,
  ah: AH,
  ospf: OSPF,
  gre: GRE,
  dns: DNS,
  dhcp: DHCP,
} satisfies {
  readonly [Name in ProtocolName]: Protocol<ProtocolHeaders[Name]>;
};

/** A row whose header is known only once it has decoded one. */
export type AnyProtocol = Protocol<ProtocolHeaders[ProtocolName]>;

/** The row of a protocol, whichever it is. */
export function protocolOf(name: ProtocolName): AnyProtocol {
  // Each row is given what it decoded itself, which the compiler cannot see.
  return PROTOCOLS[name] as AnyProtocol;
}

const BY_IP_PROTOCOL = namesBy(({ ipProtocols }) => ipProtocols);
const BY_ETHER_TYPE = namesBy(({ etherTypes }) => etherTypes);
const BY_PORT = namesBy(({ ports }) => ports);
const BY_LINK_TYPE = namesBy(({ linkTypes }) => linkTypes);

function namesBy(
  numbersOf: (protocol: AnyProtocol) => readonly number[] | undefined,
): Readonly<Record<number, ProtocolName>> {
  const names: Record<number, ProtocolName> = {};
  for (const name of Object.keys(PROTOCOLS) as ProtocolName[]) {
    for (const number of numbersOf(protocolOf(name)) ?? []) {
      names[number] = name;
    }
  }
  return names;
}

/** The protocol that a header announces, if it is a known one. */
export function announced(
  { ipProtocol, etherType, ports }: NextHeader,
): ProtocolName | undefined {
  if (ipProtocol !== undefined) return BY_IP_PROTOCOL[ipProtocol];
  if (etherType !== undefined) return BY_ETHER_TYPE[etherType];
  const port = ports?.find((port) => BY_PORT[port] !== undefined);
  return port === undefined ? undefined : BY_PORT[port];
}

/** What captures of a link type begin with; raw IP is told by its version. */
export function outermost(linkType: number): ProtocolName | undefined {
  return BY_LINK_TYPE[linkType];
}
