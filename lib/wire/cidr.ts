/**
 * Blocks of IP addresses, by their prefix (RFC 4632, RFC 4291 §2.3).
 *
 * @module
 */

import {
  addressOctets,
  type Family,
  familyOf,
  formatIPv6,
  isIPv4,
  quote,
} from "./address.ts";
import { checkRange } from "./errors.ts";

/**
 * A block of addresses: all that share their first `prefixLength` bits.
 *
 * @category Addresses
 */
export interface CIDR {
  /** 4 or 6. */
  readonly family: Family;
  /** The block's first address, canonical. */
  readonly address: string;
  /** Leading bits that are fixed, 0–32 or 0–128. */
  readonly prefixLength: number;
}

/**
 * Parses a block of addresses, such as `10.0.0.0/8` (RFC 4632, RFC 4291 §2.3).
 * A lone address is a block of one. Bits after the prefix are cleared.
 *
 * @category Addresses
 * @throws {RangeError} if it is no address, or the length is out of range
 *
 * @example
 * ```ts
 * import { parseCIDR } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseCIDR("10.9.0.5/24"), {
 *   family: 4,
 *   address: "10.9.0.0",
 *   prefixLength: 24,
 * });
 * ```
 */
export function parseCIDR(text: string): CIDR {
  const slash = text.indexOf("/");
  const address = slash < 0 ? text : text.slice(0, slash);
  const family = familyOf(address);
  if (family === undefined) {
    throw new RangeError(
      `not a block of addresses: ${quote(text)} (wanted: an IPv4 or IPv6 ` +
        'address, "/" and a prefix length, such as 10.0.0.0/8)',
    );
  }
  const bits = family === 4 ? 32 : 128;
  const suffix = slash < 0 ? `${bits}` : text.slice(slash + 1);
  const prefixLength = checkRange(
    `the prefix length in ${quote(text)}`,
    /^(0|[1-9]\d{0,2})$/.test(suffix) ? Number(suffix) : NaN,
    0,
    bits,
  );
  const octets = addressOctets(address, family);
  for (let i = 0; i < octets.length; i++) {
    octets[i] &= octetMask(prefixLength - 8 * i);
  }
  return { family, address: fromOctets(octets), prefixLength };
}

/**
 * Whether an address lies in a block. An address of the other family never
 * does.
 *
 * @category Addresses
 * @throws {RangeError} if `address` is no address
 *
 * @example
 * ```ts
 * import { cidrContains, parseCIDR } from "raw4";
 * import { assert } from "@std/assert";
 *
 * assert(cidrContains(parseCIDR("10.0.0.0/8"), "10.9.0.5"));
 * ```
 */
export function cidrContains(block: CIDR, address: string): boolean {
  const family = isIPv4(address) ? 4 : 6;
  const octets = addressOctets(address, family);
  if (family !== block.family) return false;
  return addressOctets(block.address, family).every((octet, i) =>
    octet === (octets[i] & octetMask(block.prefixLength - 8 * i))
  );
}

/**
 * All addresses of a block, in ascending order, one at a time: the first and the
 * last, too, which in IPv4 are not for hosts as a rule.
 *
 * @category Addresses
 *
 * @example
 * ```ts
 * import { cidrAddresses, parseCIDR } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const block = parseCIDR("10.9.0.254/31");
 * assertEquals([...cidrAddresses(block)], ["10.9.0.254", "10.9.0.255"]);
 * ```
 */
export function* cidrAddresses(block: CIDR): Generator<string, void> {
  const { family, address, prefixLength } = block;
  const octets = addressOctets(address, family);
  for (;;) {
    yield fromOctets(octets);
    let i = octets.length - 1;
    // Where all bits that are not fixed are set, they are cleared, and one carried.
    for (; i >= 0; i--) {
      const fixed = octetMask(prefixLength - 8 * i);
      if ((octets[i] | fixed) !== 0xff) break;
      octets[i] &= fixed;
    }
    if (i < 0) return;
    octets[i]++;
  }
}

/** The mask of one octet in which `bits` leading bits are fixed. */
function octetMask(bits: number): number {
  return bits <= 0 ? 0 : bits >= 8 ? 0xff : (0xff << (8 - bits)) & 0xff;
}

function fromOctets(octets: Uint8Array): string {
  return octets.length === 4 ? octets.join(".") : formatIPv6(octets);
}
