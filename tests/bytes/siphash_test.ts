/**
 * HalfSipHash-2-4 against the vectors of its authors' reference code.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { halfSipHash } from "../../lib/bytes/siphash.ts";

/**
 * Of the key 00 01 … 07 and the message 00 01 02 …, all of whole words: the
 * rows of the reference's `vectors_hsip64` for 0, 4, 8 … 60 octets.
 */
const VECTORS: readonly string[] = [
  "218d1f59b9b83cc8",
  "d5e78a175be52ea1",
  "edfee820bce4858c",
  "7bc71f9faef5c799",
  "7336aad25f7bf3b5",
  "1bf52b0a6feea7db",
  "70741045ae3fa6f1",
  "2d925ffb1e0016b5",
  "28709d46d811626c",
  "86d67a40ec4276dc",
  "5b38c81c67c8ae4c",
  "1e30f3ad27dcb15a",
  "a9eaa8c04ba93e3e",
  "02445a7998f550e1",
  "a1a492f942f15f1d",
  "d6762890bf26e460",
];

Deno.test("halfSipHash() gives the reference's hashes", () => {
  const key = Uint32Array.of(0x03020100, 0x07060504);
  for (const [words, expected] of VECTORS.entries()) {
    const octets = Uint8Array.from({ length: 4 * words }, (_, i) => i);
    const hash = new Int32Array(2);
    halfSipHash(key, new Int32Array(octets.buffer), hash);
    assertEquals(new Uint8Array(hash.buffer).toHex(), expected, `${words}`);
  }
});

Deno.test("halfSipHash() reads a message anywhere in its buffer", () => {
  const key = Uint32Array.of(1, 2);
  const [whole, part] = [new Int32Array(2), new Int32Array(2)];
  halfSipHash(key, Int32Array.of(3, -4), whole);
  halfSipHash(key, Int32Array.of(9, 3, -4, 9).subarray(1, 3), part);
  assertEquals(part, whole);
});
