/**
 * Zones of scoped IPv6 addresses (RFC 4007 §11): `fe80::1%eth0`.
 *
 * @module
 */

import { familyOf, isIPv6, parseIPv6 } from "./address.ts";

/** The address alone: headers and name servers know no zones. */
export function withoutZone(address: string): string {
  return address.split("%", 1)[0];
}

/** An address's zone; `undefined` if it has none. */
export function zoneOf(address: string): string | undefined {
  const at = address.indexOf("%");
  return at < 0 ? undefined : address.slice(at + 1);
}

/**
 * Whether an address is one on every link, so that a zone alone tells which is
 * meant: link-local ones, and multicast within an interface or a link (RFC 4291
 * §2.5.6 and §2.7).
 *
 * @param address with or without a zone
 */
export function needsZone(address: string): boolean {
  const plain = withoutZone(address);
  if (!/^f/i.test(plain) || !isIPv6(plain)) return false;
  const [first, second] = parseIPv6(plain);
  if (first === 0xff) return (second & 0xf) === 1 || (second & 0xf) === 2;
  return first === 0xfe && (second & 0xc0) === 0x80;
}

/**
 * Asserts that an address has no zone where it can have none.
 *
 * @param address with or without a zone
 * @throws {RangeError} if one that means the same on every link has one
 */
export function checkZone(address: string): void {
  const zone = zoneOf(address);
  if (zone === undefined || needsZone(address)) return;
  const plain = withoutZone(address);
  if (familyOf(plain) === undefined) return;
  throw new RangeError(
    `${plain} is no link-local address, and so has no zone: leave out ` +
      JSON.stringify(`%${zone}`),
  );
}
