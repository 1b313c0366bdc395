/**
 * What the packets of a capture begin with: the numbers of the "Link-Layer
 * Header Types" registry of tcpdump.org, which pcap and pcapng files carry.
 *
 * They are the numbers of files. An operating system's own (`DLT_…`) differ in
 * a few, such as those of raw IP: 12 on Linux, 14 on OpenBSD, 101 in files.
 *
 * @module
 */

/**
 * BSD loopback: four octets of address family, in the writer's byte order.
 *
 * @category Links
 */
export const LINK_TYPE_NULL = 0;
/**
 * Ethernet, without preamble and usually without frame check sequence.
 *
 * @category Links
 */
export const LINK_TYPE_ETHERNET = 1;
/**
 * An IPv4 or IPv6 header, told apart by its version.
 *
 * @category Links
 */
export const LINK_TYPE_RAW = 101;
/**
 * OpenBSD loopback: four octets of address family, in network order.
 *
 * @category Links
 */
export const LINK_TYPE_LOOP = 108;
/**
 * Linux "cooked" capture: what its `any` interface gave until 2020.
 *
 * @category Links
 */
export const LINK_TYPE_LINUX_SLL = 113;
/**
 * An IPv4 header.
 *
 * @category Links
 */
export const LINK_TYPE_IPV4 = 228;
/**
 * An IPv6 header.
 *
 * @category Links
 */
export const LINK_TYPE_IPV6 = 229;
/**
 * Linux "cooked" capture, version 2: what its `any` interface gives.
 *
 * @category Links
 */
export const LINK_TYPE_LINUX_SLL2 = 276;

const NAMES: Readonly<Record<number, string>> = {
  [LINK_TYPE_NULL]: "BSD loopback",
  [LINK_TYPE_ETHERNET]: "Ethernet",
  9: "PPP",
  [LINK_TYPE_RAW]: "Raw IP",
  105: "IEEE 802.11",
  [LINK_TYPE_LOOP]: "OpenBSD loopback",
  [LINK_TYPE_LINUX_SLL]: "Linux cooked-mode capture v1",
  127: "IEEE 802.11 with radiotap header",
  195: "IEEE 802.15.4",
  201: "Bluetooth HCI H4",
  220: "Linux USB",
  227: "SocketCAN",
  [LINK_TYPE_IPV4]: "Raw IPv4",
  [LINK_TYPE_IPV6]: "Raw IPv6",
  253: "Linux netlink",
  [LINK_TYPE_LINUX_SLL2]: "Linux cooked-mode capture v2",
};

/**
 * The name of a link type, or `undefined` where it is rare or unassigned.
 *
 * @category Links
 *
 * @example
 * ```ts
 * import { LINK_TYPE_LINUX_SLL2, linkTypeName } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linkTypeName(LINK_TYPE_LINUX_SLL2), "Linux cooked-mode capture v2");
 * assertEquals(linkTypeName(1), "Ethernet");
 * ```
 */
export function linkTypeName(linkType: number): string | undefined {
  return NAMES[linkType];
}

/** Where the fields of a header of {@linkcode LINK_TYPE_LINUX_SLL2} stand. */
export const SLL2 = {
  PROTOCOL: 0,
  RESERVED: 2,
  INTERFACE_INDEX: 4,
  HARDWARE_TYPE: 8,
  PACKET_TYPE: 10,
  ADDRESS_LENGTH: 11,
  ADDRESS: 12,
  SIZE: 20,
} as const;
