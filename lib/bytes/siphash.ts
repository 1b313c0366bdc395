/**
 * HalfSipHash-2-4: a keyed hash of short messages, made of 32-bit words, which
 * JavaScript computes fast. Without the key nobody can tell a message's hash.
 *
 * Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and the
 * authors' reference code for the half-width variant.
 *
 * @module
 */

/**
 * Hashes a message.
 *
 * @param key two words of 32 bits
 * @param message any length
 * @param hash two words of 32 bits, which the hash is written to
 */
export function halfSipHash(
  key: Uint32Array,
  message: Uint8Array,
  hash: Uint32Array,
): void {
  let v0 = key[0];
  let v1 = key[1] ^ 0xee;
  let v2 = key[0] ^ 0x6c796765;
  let v3 = key[1] ^ 0x74656462;
  const { length } = message;
  const whole = length & ~3;
  // Each word takes two rounds; four and four more finish the two halves.
  const compressed = 2 * ((whole >> 2) + 1);
  let word = 0;
  for (let round = 0; round < compressed + 8; round++) {
    if (round < compressed) {
      if ((round & 1) === 0) {
        word = wordAt(message, 2 * round, whole);
        v3 ^= word;
      }
    } else if (round === compressed) {
      v2 ^= 0xee;
    } else if (round === compressed + 4) {
      hash[0] = v1 ^ v3;
      v1 ^= 0xdd;
    }
    v0 = (v0 + v1) | 0;
    v1 = (v1 << 5 | v1 >>> 27) ^ v0;
    v0 = v0 << 16 | v0 >>> 16;
    v2 = (v2 + v3) | 0;
    v3 = (v3 << 8 | v3 >>> 24) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = (v3 << 7 | v3 >>> 25) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = (v1 << 13 | v1 >>> 19) ^ v2;
    v2 = v2 << 16 | v2 >>> 16;
    if (round < compressed && (round & 1) === 1) v0 ^= word;
  }
  hash[1] = v1 ^ v3;
}

/** A little-endian word; the last holds the rest, and the length uppermost. */
function wordAt(message: Uint8Array, at: number, whole: number): number {
  if (at < whole) {
    return message[at] | message[at + 1] << 8 | message[at + 2] << 16 |
      message[at + 3] << 24;
  }
  let word = message.length << 24;
  for (let i = at; i < message.length; i++) word |= message[i] << 8 * (i - at);
  return word;
}
