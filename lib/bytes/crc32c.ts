/**
 * CRC-32C, the cyclic redundancy check of Castagnoli's polynomial 0x1edc6f41,
 * as SCTP (RFC 9260 appendix A) and iSCSI (RFC 3720) use it: the lowest bit of
 * each octet first.
 *
 * @module
 */

/** The polynomial with its bits in reverse. */
const POLYNOMIAL = 0x82f63b78;

/** Of each octet; made when it is first wanted. */
let table: Int32Array | undefined;

/**
 * The CRC-32C of octets. That of pieces is had one after the other: the CRC of
 * one piece is `before` of the next.
 *
 * @param bytes any length, any alignment
 * @param before the CRC of the octets before them; default of none
 * @returns 0–0xffffffff; its lowest octet is the first on the wire of SCTP
 */
export function crc32c(bytes: Uint8Array, before = 0): number {
  table ??= makeTable();
  let crc = ~before;
  for (let i = 0; i < bytes.length; i++) {
    crc = table[(crc ^ bytes[i]) & 0xff] ^ crc >>> 8;
  }
  return ~crc >>> 0;
}

function makeTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, octet) => {
    let crc = octet;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc >>> 1 ^ (crc & 1 ? POLYNOMIAL : 0);
    }
    return crc;
  });
}
