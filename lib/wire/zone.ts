/**
 * Zones of scoped IPv6 addresses (RFC 4007 §11): `fe80::1%eth0`.
 *
 * @module
 */

/** The address alone: headers and name servers know no zones. */
export function withoutZone(address: string): string {
  return address.split("%", 1)[0];
}
