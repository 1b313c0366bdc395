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

/** New octets: so many zeros, to be written over, and `payload` behind them. */
export function spaceBefore(
  payload: Uint8Array | undefined,
  length: number,
): Uint8Array<ArrayBuffer> {
  if (payload === undefined) return new Uint8Array(length);
  const bytes = new Uint8Array(length + payload.length);
  bytes.set(payload, length);
  return bytes;
}

/** All of them, one behind the other, in new octets. */
export function join(
  ...parts: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
