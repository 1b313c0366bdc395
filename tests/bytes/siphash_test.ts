/**
 * HalfSipHash-2-4 against the vectors of its authors' reference code.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { halfSipHash } from "../../lib/bytes/siphash.ts";

/** Of the key 00 01 … 07 and the message 00 01 02 …, by the message's length. */
const VECTORS: readonly (readonly [number, string])[] = [
  [0, "218d1f59b9b83cc8"],
  [1, "be552412f8387315"],
  [2, "064f39ef7c50eb57"],
  [3, "ce0f1a45f7060679"],
  [5, "cb9d7c3f2f3db580"],
  [6, "ce3e91358aa2bc25"],
  [7, "ff202728b07bc684"],
  [8, "edfee820bce4858c"],
  [9, "5b51cccc13888307"],
  [10, "95b0469f06a6f2ee"],
  [11, "ae26333994ddcd48"],
  [12, "7bc71f9faef5c799"],
  [13, "5a2352d75a0c3744"],
  [14, "3bb1a870eae8e658"],
  [15, "217d0bcb4e81c902"],
  [16, "7336aad25f7bf3b5"],
  [24, "70741045ae3fa6f1"],
  [36, "86d67a40ec4276dc"],
  [63, "2ea63c71bf326087"],
];

Deno.test("halfSipHash() gives the reference's hashes", () => {
  const key = Uint32Array.of(0x03020100, 0x07060504);
  for (const [length, expected] of VECTORS) {
    const message = Uint8Array.from({ length }, (_, i) => i);
    const hash = new Uint32Array(2);
    halfSipHash(key, message, hash);
    assertEquals(new Uint8Array(hash.buffer).toHex(), expected, `${length}`);
  }
});

Deno.test("halfSipHash() reads a message anywhere in its buffer", () => {
  const key = Uint32Array.of(1, 2);
  const [whole, part] = [new Uint32Array(2), new Uint32Array(2)];
  halfSipHash(key, Uint8Array.of(1, 2, 3, 4, 5), whole);
  const bytes = Uint8Array.of(9, 9, 9, 1, 2, 3, 4, 5, 9);
  halfSipHash(key, bytes.subarray(3, 8), part);
  assertEquals(part, whole);
});
