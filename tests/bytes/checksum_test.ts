import { assertEquals } from "@std/assert";
import {
  expectedChecksum,
  explainChecksum,
  internetChecksum,
  onesComplementSum,
  onesComplementSumOfWords,
} from "../../lib/bytes/checksum.ts";
import { randomBytes, randomInt, seededRandom } from "../random.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const full = (length: number) => new Uint8Array(length).fill(0xff);

/**
 * The sum by another way than adding words: 2^16 is 1 modulo 2^16 - 1, so the
 * octets as one long number leave the folded sum as their remainder. Only
 * zeros sum to 0; every other multiple of 2^16 - 1 is 0xffff.
 */
function referenceSum(octets: Uint8Array, initial = 0): number {
  const hex = initial.toString(16) +
    octets.toHex().padEnd(Math.ceil(octets.length / 2) * 4, "0");
  const number = BigInt(`0x${hex}`);
  const sum = Number(number % 0xffffn);
  return sum === 0 && number !== 0n ? 0xffff : sum;
}

/** Octets, the initial sum, and their sum. */
const SUMS: [name: string, octets: Uint8Array, initial: number, sum: number][] =
  [
    ["RFC 1071 §3", bytes("0001f203f4f5f6f7"), 0, 0xddf2],
    ["nothing", bytes(""), 0, 0],
    ["nothing, after a sum", bytes(""), 0xffff, 0xffff],
    ["one octet", bytes("01"), 0, 0x0100],
    ["three octets", bytes("000102"), 0, 0x0201],
    ["odd, the last octet carries", bytes("ffffff"), 0, 0xff00],
    ["zeros", new Uint8Array(1000), 0, 0],
    ["one carry", bytes("ffff0001"), 0, 1],
    ["a carry that carries", bytes("ffffffff0001"), 0, 1],
    ["a carry from the initial sum", bytes("0001"), 0xffff, 1],
    ["65,535 octets of 0xff", full(65_535), 0, 0xff00],
    ["65,535 octets of 0xff, after a sum", full(65_535), 0xffff, 0xff00],
    ["1 MiB of 0xff", full(2 ** 20), 0, 0xffff],
    ["1 MiB and an octet of 0xff", full(2 ** 20 + 1), 0xffff, 0xff00],
  ];

Deno.test("onesComplementSum() and internetChecksum() of known octets", () => {
  for (const [name, octets, initial, sum] of SUMS) {
    assertEquals(onesComplementSum(octets, initial), sum, name);
    assertEquals(internetChecksum(octets, initial), 0xffff - sum, name);
    assertEquals(referenceSum(octets, initial), sum, `${name}, reference`);
  }
});

Deno.test("onesComplementSum() equals an independent reference", () => {
  const random = seededRandom(1071);
  const lengths = [32_767, 32_768, 32_769, 65_534, 65_535, 65_536, 100_001];
  for (let i = 0; i < 5000; i++) lengths.push(randomInt(random, 0, 100));
  for (const length of lengths) {
    const octets = randomBytes(random, length);
    const initial = randomInt(random, 0, 0xffff);
    assertEquals(onesComplementSum(octets), referenceSum(octets));
    assertEquals(
      onesComplementSum(octets, initial),
      referenceSum(octets, initial),
    );
  }
});

Deno.test("onesComplementSum() reads a subarray at any offset", () => {
  const around = randomBytes(seededRandom(1), 64);
  for (let start = 0; start < 8; start++) {
    for (let end = start; end < around.length; end++) {
      assertEquals(
        onesComplementSum(around.subarray(start, end)),
        onesComplementSum(around.slice(start, end)),
      );
    }
  }
});

/** RFC 1071 §4.1's loop, over `length` octets from `start` on. */
function plainSum(octets: Uint8Array, start: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i += 2) {
    const low = i + 1 < length ? octets[start + i + 1] : 0;
    sum += octets[start + i] * 256 + low;
  }
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

Deno.test("onesComplementSum() equals the plain loop at every length and alignment", () => {
  const random = seededRandom(4);
  const ofOnes = full(600);
  const lengths = Array.from({ length: 201 }, (_, length) => length);
  for (let length = 240; length < 300; length++) lengths.push(length);
  for (let start = 0; start < 16; start++) {
    const around = randomBytes(random, 600);
    for (const length of lengths) {
      for (const octets of [around, ofOnes]) {
        const piece = octets.subarray(start, start + length);
        const sum = plainSum(octets, start, length);
        assertEquals(onesComplementSum(piece), sum, `${start} ${length}`);
        const longer = octets.subarray(start);
        assertEquals(onesComplementSum(longer, 0, length), sum);
      }
    }
  }
});

Deno.test("onesComplementSum() of even pieces goes on to that of the whole", () => {
  const random = seededRandom(2);
  for (let i = 0; i < 1000; i++) {
    const whole = randomBytes(random, randomInt(random, 0, 200));
    let sum = 0;
    for (let start = 0; start < whole.length;) {
      const end = start + 2 * randomInt(random, 0, 20);
      sum = onesComplementSum(whole.subarray(start, end), sum);
      start = end;
    }
    assertEquals(sum, onesComplementSum(whole));
  }
});

Deno.test("onesComplementSum() and its fellows leave the octets alone", () => {
  const octets = bytes("4500002002aa000080fd12340101016401010101ff");
  const before = octets.toHex();
  onesComplementSum(octets);
  internetChecksum(octets);
  expectedChecksum(octets, 10);
  explainChecksum(octets);
  assertEquals(octets.toHex(), before);
});

// Example 1 of the third seed, "Python - Socket - Raw IPv4": the sender's
// capture, where Wireshark says what should be there, and the receiver's.
const CAPTURED: [header: string, checksum: number][] = [
  ["4500002002aa000080fd00000101016401010101", 0x32d1],
  ["450000200a76000080fd00000101016401010101", 0x2b05],
];

Deno.test("internetChecksum() of captured IPv4 headers", () => {
  for (const [hex, checksum] of CAPTURED) {
    const header = bytes(hex);
    assertEquals(internetChecksum(header), checksum);
    header.set([checksum >>> 8, checksum & 0xff], 10);
    assertEquals(internetChecksum(header), 0, "its own checksum in place");
  }
});

Deno.test("expectedChecksum() does not depend on what the field holds", () => {
  for (const [hex, checksum] of CAPTURED) {
    for (const held of [[0, 0], [0xff, 0xff], [0x12, 0x34]]) {
      const header = bytes(hex);
      header.set(held, 10);
      assertEquals(expectedChecksum(header, 10), checksum);
    }
  }
});

Deno.test("expectedChecksum() makes the whole sum right, wherever the field is", () => {
  const random = seededRandom(3);
  for (let i = 0; i < 2000; i++) {
    const octets = randomBytes(random, randomInt(random, 2, 60));
    const initial = randomInt(random, 1, 0xffff);
    const offset = 2 * randomInt(random, 0, Math.floor(octets.length / 2) - 1);
    const checksum = expectedChecksum(octets, offset, initial);
    octets.set([checksum >>> 8, checksum & 0xff], offset);
    assertEquals(internetChecksum(octets, initial), 0);
  }
});

Deno.test("explainChecksum() shows RFC 1071 §3 as one would on paper", () => {
  assertEquals(explainChecksum(bytes("0001f203f4f5f6f7")), {
    steps: [
      { offset: 0, word: 0x0001, sum: 0x0001 },
      { offset: 2, word: 0xf203, sum: 0xf204 },
      { offset: 4, word: 0xf4f5, sum: 0x1e6f9 },
      { offset: 6, word: 0xf6f7, sum: 0x2ddf0 },
    ],
    folds: [{ carry: 2, low: 0xddf0, sum: 0xddf2 }],
    sum: 0xddf2,
    checksum: 0x220d,
  });
});

Deno.test("explainChecksum() of nothing, of an odd octet, of a double fold", () => {
  assertEquals(explainChecksum(bytes("")), {
    steps: [],
    folds: [],
    sum: 0,
    checksum: 0xffff,
  });
  assertEquals(explainChecksum(bytes("ab")).steps, [
    { offset: 0, word: 0xab00, sum: 0xab00 },
  ]);
  assertEquals(explainChecksum(bytes("ffffffff0001")).folds, [
    { carry: 1, low: 0xffff, sum: 0x10000 },
    { carry: 1, low: 0, sum: 1 },
  ]);
});

Deno.test("explainChecksum() agrees with internetChecksum(), step by step", () => {
  const random = seededRandom(4);
  for (let i = 0; i < 1000; i++) {
    const octets = randomBytes(random, randomInt(random, 0, 80));
    const { steps, folds, sum, checksum } = explainChecksum(octets);
    assertEquals(sum, onesComplementSum(octets));
    assertEquals(checksum, internetChecksum(octets));

    assertEquals(steps.length, Math.ceil(octets.length / 2));
    let running = 0;
    for (const [n, step] of steps.entries()) {
      const high = octets[2 * n];
      const low = 2 * n + 1 < octets.length ? octets[2 * n + 1] : 0;
      const word = high * 256 + low;
      running += word;
      assertEquals(step, { offset: 2 * n, word, sum: running });
    }
    for (const fold of folds) {
      assertEquals(fold.carry * 0x10000 + fold.low, running);
      assertEquals(fold.carry + fold.low, fold.sum);
      running = fold.sum;
    }
    assertEquals(running, sum, "the last folding leaves the sum");
  }
});

Deno.test("onesComplementSumOfWords() is the sum in this machine's order", () => {
  const random = seededRandom(1071);
  for (let i = 0; i < 1000; i++) {
    const words = randomInt(random, 0, 40);
    const octets = new Uint8Array(4 * (words + 2)).fill(0x5a);
    octets.set(randomBytes(random, 4 * words), 4);
    const inner = octets.subarray(4, 4 * words + 4);
    const all = new Int32Array(octets.buffer);
    const stored = Uint16Array.of(onesComplementSumOfWords(all, 1, words + 1));
    const sum = new DataView(stored.buffer).getUint16(0);
    assertEquals(sum, referenceSum(inner), inner.toHex());
  }
  const full = new Int32Array(32_768).fill(-1);
  assertEquals(onesComplementSumOfWords(full, 0, full.length), 0xffff);
});
