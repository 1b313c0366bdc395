/**
 * Which addresses are nobody's on the Internet: what is sent there can at
 * worst disturb one's own network.
 *
 * @module
 */

import { type Family, isIPv4, parseIPv4, parseIPv6 } from "./address.ts";
import { type CIDR, cidrContains, parseCIDR } from "./cidr.ts";

/**
 * How far an address reaches.
 *
 * @category Addresses
 */
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

/** A block, and as much of its addresses' octets as is fixed. */
interface Block {
  readonly scope: AddressScope;
  readonly cidr: CIDR;
  readonly octets: Uint8Array;
  readonly mask: Uint8Array;
}

const parsed: Partial<Record<Family, Block[]>> = {};

/** Those of a family, parsed when first needed: scripts are to start at once. */
function blocksOf(family: Family): Block[] {
  return parsed[family] ??= BLOCKS.flatMap(([scope, text]) => {
    if (text.includes(":") !== (family === 6)) return [];
    const cidr = parseCIDR(text);
    const { address, prefixLength } = cidr;
    const whole = family === 4
      ? Uint8Array.from(address.split("."), Number)
      : parseIPv6(address);
    const octets = whole.subarray(0, Math.ceil(prefixLength / 8));
    const mask = octets.map((_, i) =>
      0xff << Math.max(0, 8 * (i + 1) - prefixLength)
    );
    return [{ scope, cidr, octets, mask }];
  });
}

/**
 * How far a range of addresses reaches: `public` unless all of it lies in one
 * block that is set aside for something else.
 *
 * @category Addresses
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
  const block = blocksOf(isIPv4(first) ? 4 : 6).find(({ cidr }) =>
    cidrContains(cidr, first) && cidrContains(cidr, last)
  );
  return block?.scope ?? "public";
}

/**
 * Whether an address is public, as {@linkcode addressScope} tells: so fast that
 * it can be asked of every packet.
 *
 * @param octets have the address in them, in network order
 */
export function isPublicAt(
  octets: Uint8Array,
  offset: number,
  family: Family,
): boolean {
  for (const { octets: fixed, mask } of blocksOf(family)) {
    let i = 0;
    while (i < fixed.length && (octets[offset + i] & mask[i]) === fixed[i]) i++;
    if (i === fixed.length) return false;
  }
  return true;
}

/**
 * Whether a text is a multicast address (RFC 5771 §3: 224.0.0.0/4; RFC 4291
 * §2.7: ff00::/8), with or without a zone.
 *
 * @category Addresses
 *
 * @example
 * ```ts
 * import { isMulticast } from "raw4";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isMulticast("224.0.0.1") && isMulticast("ff02::1%eth0"));
 * assertFalse(isMulticast("255.255.255.255"));
 * ```
 */
export function isMulticast(address: string): boolean {
  return isIPv4(address)
    ? parseIPv4(address) >>> 28 === 0xe
    : /^ff[0-9a-f]{2}:/i.test(address);
}
