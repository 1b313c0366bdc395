/**
 * EtherTypes, after the registry of IANA ("IEEE 802 Numbers"): the ones met on
 * a wire today.
 *
 * @module
 */

/** The EtherTypes that headers here compute or follow. */
export const ETHER_TYPE = {
  IPV4: 0x0800,
  ARP: 0x0806,
  TRANSPARENT_ETHERNET: 0x6558,
  RARP: 0x8035,
  CUSTOMER_VLAN: 0x8100,
  IPV6: 0x86dd,
  SERVICE_VLAN: 0x88a8,
  /** Before IEEE 802.1ad had a number: an outer tag of "QinQ" equipment. */
  OLD_SERVICE_VLAN: 0x9100,
} as const;

const NAMES: Readonly<Record<number, string>> = {
  0x0800: "IPv4",
  0x0806: "ARP",
  0x0842: "Wake on LAN",
  0x22f3: "TRILL",
  0x6558: "Transparent Ethernet bridging",
  0x8035: "RARP",
  0x8100: "802.1Q Virtual LAN",
  0x8137: "Netware IPX/SPX",
  0x86dd: "IPv6",
  0x8808: "MAC Control",
  0x8809: "Slow Protocols",
  0x880b: "PPP",
  0x8847: "MPLS label switched packet",
  0x8848: "MPLS multicast",
  0x8863: "PPPoE Discovery",
  0x8864: "PPPoE Session",
  0x888e: "802.1X Authentication",
  0x88a8: "802.1ad Provider Bridge (Q-in-Q)",
  0x88b5: "Local Experimental Ethertype 1",
  0x88b6: "Local Experimental Ethertype 2",
  0x88cc: "802.1 Link Layer Discovery Protocol (LLDP)",
  0x88e5: "802.1AE (MACsec)",
  0x88f7: "PTPv2 over Ethernet (IEEE1588)",
  0x9000: "Loopback",
  0x9100: "QinQ: old non-standard 802.1ad",
};

/**
 * The name of an EtherType as Wireshark words it, or `undefined` where it is
 * rare or unassigned.
 *
 * @category Links
 *
 * @example
 * ```ts
 * import { etherTypeName } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(etherTypeName(0x86dd), "IPv6");
 * ```
 */
export function etherTypeName(number: number): string | undefined {
  return NAMES[number];
}

/** The same for a description, whatever the number: `IPv4 (0x0800)`. */
export function etherTypeText(number: number): string {
  const digits = number.toString(16).padStart(4, "0");
  return `${NAMES[number] ?? "Unknown"} (0x${digits})`;
}
