/**
 * Where a packet goes beside its destination: a source route.
 *
 * @module
 */

import { formatIPv6 } from "../address.ts";
import { IPV4_MIN_HEADER_LENGTH, OFFSET as IPV4 } from "../ipv4/ipv4.ts";
import { decodeIPv4Options } from "../ipv4/ipv4_options.ts";
import { IPV6_HEADER_LENGTH, OFFSET as IPV6 } from "../ipv6/ipv6.ts";
import { decodeExtensions } from "../ipv6/ipv6_extensions.ts";

/** Octets of a routing header's data before its addresses (RFC 8200 §4.4). */
const ROUTING_DATA = 4;

/**
 * The addresses of a packet's source route: of the options of IPv4 (RFC 791
 * §3.1), or the routing headers of IPv6 (RFC 8200 §4.4). Whatever is wrong with
 * the packet besides, they are where a router would look for them.
 *
 * @param packet from the IP header on
 */
export function sourceRoute(packet: Uint8Array): string[] {
  return packet[0] >>> 4 === 4 ? routeOfIPv4(packet) : routeOfIPv6(packet);
}

function routeOfIPv4(packet: Uint8Array): string[] {
  const end = (packet[IPV4.VERSION_IHL] & 0x0f) * 4;
  const options = packet.subarray(IPV4_MIN_HEADER_LENGTH, end);
  return decodeIPv4Options(options).options.flatMap(({ option }) =>
    option.kind === "looseSourceRoute" || option.kind === "strictSourceRoute"
      ? option.addresses
      : []
  );
}

function routeOfIPv6(packet: Uint8Array): string[] {
  const behind = packet.subarray(IPV6_HEADER_LENGTH);
  const { extensionHeaders } = decodeExtensions(
    behind,
    packet[IPV6.NEXT_HEADER],
  );
  return extensionHeaders.flatMap((extension) => {
    if (extension.kind !== "routing") return [];
    const addresses = extension.data.subarray(ROUTING_DATA);
    return Array.from(
      { length: Math.floor(addresses.length / 16) },
      (_, i) => formatIPv6(addresses, 16 * i),
    );
  });
}
