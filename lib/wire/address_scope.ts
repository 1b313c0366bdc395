/**
 * Which addresses are nobody's on the Internet: what is sent there can at
 * worst disturb one's own network.
 *
 * @module
 */

import { type CIDR, cidrContains, parseCIDR } from "./address.ts";

/** How far an address reaches. */
export type AddressScope =
  | "loopback"
  | "private"
  | "linkLocal"
  | "documentation"
  | "public";

const BLOCKS: readonly (readonly [AddressScope, string])[] = [
  ["loopback", "127.0.0.0/8"],
  ["loopback", "::1/128"],
  // RFC 1918 §3
  ["private", "10.0.0.0/8"],
  ["private", "172.16.0.0/12"],
  ["private", "192.168.0.0/16"],
  // RFC 6598: between a carrier and its customers
  ["private", "100.64.0.0/10"],
  // RFC 4193
  ["private", "fc00::/7"],
  ["linkLocal", "169.254.0.0/16"],
  ["linkLocal", "fe80::/10"],
  // RFC 5737
  ["documentation", "192.0.2.0/24"],
  ["documentation", "198.51.100.0/24"],
  ["documentation", "203.0.113.0/24"],
  // RFC 2544: for measurements of network devices
  ["documentation", "198.18.0.0/15"],
  // RFC 3849
  ["documentation", "2001:db8::/32"],
];

/** The same, parsed when they are first needed: scripts are to start at once. */
let parsed: (readonly [AddressScope, CIDR])[] | undefined;

/**
 * How far a range of addresses reaches: `public` unless all of it lies in one
 * block that is set aside for something else.
 *
 * @param first an IPv4 or IPv6 address, without a zone
 * @param last the last of the range, of the same family; default a range of one
 * @throws {RangeError} if one of them is no address
 *
 * @example
 * ```ts
 * import { addressScope } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(addressScope("10.9.0.5"), "private");
 * assertEquals(addressScope("9.255.255.255", "10.0.0.0"), "public");
 * ```
 */
export function addressScope(
  first: string,
  last: string = first,
): AddressScope {
  parsed ??= BLOCKS.map(([scope, block]) => [scope, parseCIDR(block)]);
  const block = parsed.find(([, block]) =>
    cidrContains(block, first) && cidrContains(block, last)
  );
  return block?.[0] ?? "public";
}
