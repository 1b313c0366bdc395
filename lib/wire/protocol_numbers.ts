/**
 * The numbers by which what is outside announces a protocol.
 *
 * @module
 */

import { ETHER_TYPE } from "./ether_types.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_IPV4,
  LINK_TYPE_IPV6,
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
} from "./link_types.ts";
import type { ProtocolName } from "./protocol.ts";

/** By the number in an IP header. */
export const BY_IP_PROTOCOL: Readonly<Record<number, ProtocolName>> = {
  1: "icmpv4",
  2: "igmp",
  4: "ipv4",
  6: "tcp",
  17: "udp",
  41: "ipv6",
  47: "gre",
  58: "icmpv6",
};

/** By the EtherType in a link-layer header, or in that of a tunnel. */
export const BY_ETHER_TYPE: Readonly<Record<number, ProtocolName>> = {
  [ETHER_TYPE.IPV4]: "ipv4",
  [ETHER_TYPE.ARP]: "arp",
  [ETHER_TYPE.TRANSPARENT_ETHERNET]: "ethernet",
  [ETHER_TYPE.IPV6]: "ipv6",
};

/** By the link type of a capture; raw IP is told by its version. */
export const BY_LINK_TYPE: Readonly<Record<number, ProtocolName>> = {
  [LINK_TYPE_NULL]: "loopback",
  [LINK_TYPE_ETHERNET]: "ethernet",
  [LINK_TYPE_LOOP]: "loopback",
  [LINK_TYPE_LINUX_SLL]: "sll",
  [LINK_TYPE_IPV4]: "ipv4",
  [LINK_TYPE_IPV6]: "ipv6",
  [LINK_TYPE_LINUX_SLL2]: "sll2",
};

/** By either UDP port: 53 and 5353 are names, 67 and 68 configuration. */
export const BY_UDP_PORT: Readonly<Record<number, ProtocolName>> = {
  53: "dns",
  67: "dhcp",
  68: "dhcp",
  5353: "dns",
};
