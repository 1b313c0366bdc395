/**
 * HalfSipHash-2-4: a keyed hash of short messages, made of 32-bit words, which
 * JavaScript computes fast. Without the key nobody can tell a message's hash.
 *
 * Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and the
 * authors' reference code for the half-width variant.
 *
 * @module
 */

/** Blocks of zeros that finish the hash: two rounds each, for each half two. */
const FINAL_BLOCKS = 4;

/**
 * Hashes a message of whole words, each the little-endian value of its octets.
 *
 * @param key two words of 32 bits
 * @param message any number of words
 * @param hash two words of 32 bits, which the hash is written to
 */
export function halfSipHash(
  key: Uint32Array,
  message: Int32Array,
  hash: Int32Array,
): void {
  let v0 = key[0];
  let v1 = key[1] ^ 0xee;
  let v2 = key[0] ^ 0x6c796765;
  let v3 = key[1] ^ 0x74656462;
  const { length } = message;
  for (let block = 0; block <= length + FINAL_BLOCKS; block++) {
    // Behind the message comes its length in octets, uppermost in a word.
    const word = block < length
      ? message[block]
      : block === length
      ? 4 * length << 24
      : 0;
    if (block === length + 1) v2 ^= 0xee;
    if (block === length + 3) {
      hash[0] = v1 ^ v3;
      v1 ^= 0xdd;
    }
    v3 ^= word;
    // Two rounds; a loop over them takes half as long again.
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
    v0 ^= word;
  }
  hash[1] = v1 ^ v3;
}
