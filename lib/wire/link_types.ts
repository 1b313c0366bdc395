/**
 * Link types: what the packets of a capture begin with, by the numbers that
 * capture files hold ("Link-Layer Header Types", tcpdump.org).
 *
 * @module
 */

/** Four octets of address family in the capturing host's byte order. */
export const LINK_TYPE_NULL = 0;
/** Ethernet, without the frame check sequence. */
export const LINK_TYPE_ETHERNET = 1;
/** Packets begin with their IPv4 or IPv6 header. */
export const LINK_TYPE_RAW = 101;
/** Four octets of address family in network byte order, as OpenBSD has. */
export const LINK_TYPE_LOOP = 108;
/** Linux "cooked" capture, version 1: what `tcpdump -i any` once wrote. */
export const LINK_TYPE_LINUX_SLL = 113;
/** Packets begin with their IPv4 header. */
export const LINK_TYPE_IPV4 = 228;
/** Packets begin with their IPv6 header. */
export const LINK_TYPE_IPV6 = 229;
/** Linux "cooked" capture, version 2: what `tcpdump -i any` writes. */
export const LINK_TYPE_LINUX_SLL2 = 276;

const NAMES: Readonly<Record<number, string>> = {
  [LINK_TYPE_NULL]: "NULL",
  [LINK_TYPE_ETHERNET]: "EN10MB",
  [LINK_TYPE_RAW]: "RAW",
  [LINK_TYPE_LOOP]: "LOOP",
  [LINK_TYPE_LINUX_SLL]: "LINUX_SLL",
  [LINK_TYPE_IPV4]: "IPV4",
  [LINK_TYPE_IPV6]: "IPV6",
  [LINK_TYPE_LINUX_SLL2]: "LINUX_SLL2",
};

/**
 * The name of a link type as tcpdump writes it, or `undefined` for one that is
 * not known here.
 *
 * @example
 * ```ts
 * import { LINK_TYPE_ETHERNET, linkTypeName } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linkTypeName(LINK_TYPE_ETHERNET), "EN10MB");
 * ```
 */
export function linkTypeName(linkType: number): string | undefined {
  return NAMES[linkType];
}
