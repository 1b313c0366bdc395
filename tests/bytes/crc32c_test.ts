import { assertEquals } from "@std/assert";
import { crc32c } from "../../lib/bytes/crc32c.ts";

/**
 * The vectors of RFC 3720 appendix B.4, whose CRCs are given there in the order
 * of the wire, and the check value of the catalogues of CRCs.
 */
const VECTORS: readonly (readonly [octets: Uint8Array, wire: string])[] = [
  [new Uint8Array(32), "aa36918a"],
  [new Uint8Array(32).fill(0xff), "43aba862"],
  [Uint8Array.from({ length: 32 }, (_, i) => i), "4e79dd46"],
  [Uint8Array.from({ length: 32 }, (_, i) => 31 - i), "5cdb3f11"],
  [
    Uint8Array.fromHex(
      "01c00000000000000000000000000000140000000000040000000014" +
        "0000001828000000000000000200000000000000",
    ),
    "563a96d9",
  ],
  [new TextEncoder().encode("123456789"), "839206e3"],
  [new Uint8Array(), "00000000"],
];

/** As it goes over the wire, the lowest octet first. */
const wire = (crc: number) =>
  new Uint8Array(Uint32Array.of(crc).buffer).toHex();

Deno.test("crc32c() of known octets, whole and in pieces", () => {
  for (const [octets, expected] of VECTORS) {
    assertEquals(wire(crc32c(octets)), expected);
    for (let cut = 0; cut <= octets.length; cut++) {
      const first = crc32c(octets.subarray(0, cut));
      assertEquals(wire(crc32c(octets.subarray(cut), first)), expected);
    }
  }
});
