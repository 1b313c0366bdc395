/**
 * The names of IP protocol numbers, after the registry of IANA ("Assigned
 * Internet Protocol Numbers"): the ones met on a wire today.
 *
 * @module
 */

/** Those that headers and tools here compute or follow. */
export const IP_PROTOCOL = {
  ICMP: 1,
  IGMP: 2,
  IPV4: 4,
  TCP: 6,
  UDP: 17,
  IPV6: 41,
  GRE: 47,
  AH: 51,
  ICMPV6: 58,
  /** Reserved, so a socket of it receives nothing that is in use (raw(7)). */
  RAW: 255,
} as const;

/** ICMP of either version, by the family. */
export const ICMP_PROTOCOL = {
  4: IP_PROTOCOL.ICMP,
  6: IP_PROTOCOL.ICMPV6,
} as const;

const NAMES: Readonly<Record<number, string>> = {
  0: "HOPOPT",
  1: "ICMP",
  2: "IGMP",
  4: "IPv4",
  6: "TCP",
  8: "EGP",
  9: "IGP",
  17: "UDP",
  27: "RDP",
  33: "DCCP",
  41: "IPv6",
  43: "IPv6-Route",
  44: "IPv6-Frag",
  46: "RSVP",
  47: "GRE",
  50: "ESP",
  51: "AH",
  58: "IPv6-ICMP",
  59: "IPv6-NoNxt",
  60: "IPv6-Opts",
  88: "EIGRP",
  89: "OSPFIGP",
  94: "IPIP",
  97: "ETHERIP",
  103: "PIM",
  108: "IPComp",
  112: "VRRP",
  115: "L2TP",
  132: "SCTP",
  136: "UDPLite",
  137: "MPLS-in-IP",
  // RFC 3692 §2.1 set these two aside; the pair of scripts speaks the first.
  253: "experimentation and testing",
  254: "experimentation and testing",
  255: "Reserved",
};

/**
 * The name of an IP protocol number, or `undefined` where it is rare or
 * unassigned.
 *
 * @category IPv4
 *
 * @example
 * ```ts
 * import { ipProtocolName } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ipProtocolName(17), "UDP");
 * ```
 */
export function ipProtocolName(number: number): string | undefined {
  return NAMES[number];
}
