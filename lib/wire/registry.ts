/**
 * Every protocol that can be dissected, one row each.
 *
 * @module
 */

import { gre, icmpv4, icmpv6, igmp, ipv4, ipv6 } from "./internet_protocols.ts";
import { arp, ethernet, loopback, sll, sll2 } from "./link_protocols.ts";
import type { Protocol, ProtocolHeaders, ProtocolName } from "./protocol.ts";
import { dhcp, dns, tcp, udp } from "./transport_protocols.ts";

/** By the name that a layer bears. */
export const PROTOCOLS: {
  readonly [Name in ProtocolName]: Protocol<ProtocolHeaders[Name]>;
} = {
  ethernet,
  sll,
  sll2,
  loopback,
  arp,
  ipv4,
  ipv6,
  icmpv4,
  icmpv6,
  udp,
  tcp,
  igmp,
  gre,
  dns,
  dhcp,
};
