/**
 * Numbers of 16 and 32 bits in network order, the first octet uppermost.
 *
 * Nothing here checks a range: callers have checked that the octets are there
 * and that the value fits.
 *
 * @module
 */

/** The two octets at `offset`, 0–0xffff. */
export function get16(bytes: Uint8Array, offset: number): number {
  return bytes[offset] << 8 | bytes[offset + 1];
}

/** The four octets at `offset`, 0–0xffffffff. */
export function get32(bytes: Uint8Array, offset: number): number {
  return (get16(bytes, offset) << 16 | get16(bytes, offset + 2)) >>> 0;
}

/** Writes two octets at `offset`. */
export function put16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}

/** Writes four octets at `offset`. */
export function put32(bytes: Uint8Array, offset: number, value: number): void {
  put16(bytes, offset, value >>> 16);
  put16(bytes, offset + 2, value);
}
