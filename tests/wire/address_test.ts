import { isIPv6 as nodeIsIPv6 } from "node:net";
import {
  assert,
  assertEquals,
  assertLess,
  assertNotMatch,
  assertThrows,
} from "@std/assert";
import {
  cidrAddresses,
  cidrContains,
  familyOf,
  formatIPv4,
  formatIPv6,
  isIPv4,
  isIPv6,
  parseCIDR,
  parseIPv4,
  parseIPv6,
} from "../../lib/wire/mod.ts";
import { randomBytes, randomInt, seededRandom } from "../random.ts";

const GOOD_IPV4: [text: string, value: number][] = [
  ["0.0.0.0", 0],
  ["0.0.0.1", 1],
  ["1.1.1.100", 0x01010164],
  ["10.20.30.40", 0x0a141e28],
  ["127.0.0.1", 0x7f000001],
  ["128.0.0.0", 0x80000000],
  ["255.255.255.255", 0xffffffff],
];

// deno-fmt-ignore
const BAD_IPV4 = [
  "", " ", ".", "...", "1", "1.1", "1.1.1", "1.1.1.", ".1.1.1", "1..1.1",
  "1.2.3.4.", ".1.2.3.4", "1.2.3.4.5", "256.0.0.1", "1.1.1.256", "1.1.1.1000",
  "4294967296", "99999999999.1.1.1", "01.1.1.1", "1.1.1.00", "1.1.1.010",
  "0x7f.0.0.1", "0x7f000001", "2130706433", "a.b.c.d", "1.2.3.4 ", " 1.2.3.4",
  "1.2.3.4\n", "1.2.3.4\0", "1.2. 3.4", "１.1.1.1", "1．1.1.1", "١.1.1.1",
  "+1.1.1.1", "-1.1.1.1", "1.1.1.-1", "1e1.1.1.1", "1.1.1.1/32", "1.1.1.1:80",
  "1,1,1,1", "::1", "::1.2.3.4", "localhost",
];

/** Texts that are one address, the last of them canonical. */
// deno-fmt-ignore
const GOOD_IPV6: [octets: string, ...texts: string[]][] = [
  // RFC 4291 §2.2
  ["abcdef0123456789abcdef0123456789", "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"],
  ["20010db80000000000080800200c417a", "2001:DB8:0:0:8:800:200C:417A", "2001:DB8::8:800:200C:417A", "2001:db8::8:800:200c:417a"],
  ["ff010000000000000000000000000101", "FF01:0:0:0:0:0:0:101", "FF01::101", "ff01::101"],
  ["00000000000000000000000000000001", "0:0:0:0:0:0:0:1", "::0.0.0.1", "::1"],
  ["00000000000000000000000000000000", "0:0:0:0:0:0:0:0", "0::", "::0", "::"],
  ["0000000000000000000000000d014403", "0:0:0:0:0:0:13.1.68.3", "::13.1.68.3", "::d01:4403"],
  ["00000000000000000000ffff81903426", "0:0:0:0:0:FFFF:129.144.52.38", "::ffff:8190:3426", "::ffff:129.144.52.38"],
  // RFC 4291 §2.3
  ["20010db80000cd300000000000000000", "2001:0DB8:0000:CD30:0000:0000:0000:0000", "2001:0DB8::CD30:0:0:0:0", "2001:0DB8:0:CD30::", "2001:db8:0:cd30::"],
  ["20010db800000000000000000000cd30", "2001:0DB8::CD30", "2001:db8::cd30"],
  // RFC 5952 §2.1, §4.2.3: of equal runs, the first
  ["20010db8000000000001000000000001", "2001:db8:0:0:1:0:0:1", "2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1", "2001:db8::0:1:0:0:1", "2001:0db8::1:0:0:1", "2001:db8:0:0:1::1", "2001:db8:0000:0:1::1", "2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"],
  // RFC 5952 §4.2.1: as short as possible
  ["20010db8000000000000000000020001", "2001:db8:0:0:0:0:2:1", "2001:db8::0:2:1", "2001:db8::2:1"],
  // RFC 5952 §4.2.2: never for a single group
  ["20010db8000000010001000100010001", "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  // RFC 5952 §4.2.3: the longest run
  ["20010000000000010000000000000001", "2001:0:0:1:0:0:0:1", "2001::1:0:0:0:1", "2001:0:0:1::1"],
  // RFC 5952 §5
  ["00000000000000000000ffffc0000201", "0:0:0:0:0:ffff:192.0.2.1", "0::FFFF:192.0.2.1", "::ffff:192.0.2.1"],
  ["0000000000000000ffff0000c0000201", "::ffff:0:192.0.2.1", "::ffff:0:c000:201"],
  ["00000000000000000001ffffc0000201", "::1:ffff:192.0.2.1", "::1:ffff:c000:201"],
  ["00010002000300040005000601020304", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"],
  // "One or more groups": one at either end too.
  ["00010002000300040005000600070000", "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ["00000002000300040005000600070008", "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ["00010000000000000000000000000000", "1:0::", "1::"],
  ["00010000000300040005000601020304", "1::3:4:5:6:1.2.3.4", "1:0:3:4:5:6:102:304"],
  ["ffffffffffffffffffffffffffffffff", "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
];

// deno-fmt-ignore
const BAD_IPV6 = [
  "", " ", ":", ":::", "::::", "1", "1:", ":1", "1::2::3", "::1::", "1:::2",
  ":1::", "::1:", ":1:2:3:4:5:6:7", ":1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:",
  "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:", "1:2:3:4:5:6:7:8:9", "1::2:3:4:5:6:7:8",
  "::1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8::", "1:2:3:4:5:6:7:8::1::2",
  "1:2:3:4::5:6:7:8", "12345::",
  "00001::", "::g", "::-1", "::+1", "::0x1", "1: :2", " ::1", "::1 ", "::1\n",
  "fe80::1%eth0", "fe80::1%", "[::1]", "::1/128", "1.2.3.4", "::1.2.3",
  "::1.2.3.4.5", "::1.2.3.256", "::01.2.3.4", "1.2.3.4::", "::1.2.3.4:5",
  "1.2.3.4::1", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4",
  "1:2:3:4:5:6:1.2.3.4::", "1:2:3:4:5:6::1.2.3.4:1", "::１", "::\u212a",
  "2001:0DB8:0:CD3/60", "localhost",
];

Deno.test("parseIPv4() and formatIPv4() of good addresses", () => {
  for (const [text, value] of GOOD_IPV4) {
    assertEquals(parseIPv4(text), value);
    assertEquals(formatIPv4(value), text);
    assertEquals(formatIPv4(value | 0), text, "as a signed number");
    assertEquals([isIPv4(text), isIPv6(text), familyOf(text)], [
      true,
      false,
      4,
    ]);
  }
});

Deno.test("parseIPv4() refuses all else", () => {
  for (const text of BAD_IPV4) {
    assertThrows(() => parseIPv4(text), RangeError, "not an IPv4 address: ");
    assertEquals(isIPv4(text), false, text);
  }
});

Deno.test("parseIPv6() and formatIPv6() of good addresses", () => {
  for (const [hex, ...texts] of GOOD_IPV6) {
    for (const text of texts) {
      assertEquals(parseIPv6(text).toHex(), hex, text);
      assertEquals([isIPv6(text), familyOf(text)], [true, 6]);
    }
    assertEquals(formatIPv6(Uint8Array.fromHex(hex)), texts.at(-1));
    const around = Uint8Array.fromHex(`ffff${hex}ffff`);
    assertEquals(formatIPv6(around, 2), texts.at(-1));
    assertEquals(formatIPv6(around.subarray(1), 1), texts.at(-1));
  }
});

Deno.test("parseIPv6() refuses all else", () => {
  for (const text of BAD_IPV6) {
    assertThrows(() => parseIPv6(text), RangeError, "not an IPv6 address: ");
    assertEquals(isIPv6(text), false, text);
    assertEquals(familyOf(text), isIPv4(text) ? 4 : undefined);
  }
});

Deno.test("parseIPv4() and its fellows quote hostile text briefly and safely", () => {
  const hostile = "\x1b[2J\x07\x7f\u009b\n\u0000".padEnd(100_000, "x");
  for (const parse of [parseIPv4, parseIPv6, parseCIDR]) {
    const { message } = assertThrows(() => parse(hostile), RangeError);
    assertNotMatch(message, /\p{Cc}/u);
    assertLess(message.length, 300);
  }
  assertThrows(() => parseIPv4("\u009b"), RangeError, String.raw`"\u009b"`);
});

/** Octets of an address with runs of zeros, as addresses have. */
function randomIPv6(random: () => number): Uint8Array<ArrayBuffer> {
  const octets = randomBytes(random, 16);
  for (let i = 0; i < 16; i += 2) {
    if (random() < 0.5) octets.fill(0, i, i + 2);
    else if (random() < 0.3) octets[i] = 0;
  }
  if (random() < 0.1) octets.fill(0, 0, 10).fill(0xff, 10, 12);
  return octets;
}

Deno.test("formatIPv4() and formatIPv6() are read back as the same address", () => {
  const random = seededRandom(5952);
  for (let i = 0; i < 5000; i++) {
    const value = randomInt(random, 0, 0xffffffff);
    assertEquals(parseIPv4(formatIPv4(value)), value);
    const octets = randomIPv6(random);
    assertEquals(parseIPv6(formatIPv6(octets)), octets);
  }
});

// deno-fmt-ignore
const GOOD_CIDR: [text: string, canonical: string, inside: string[], outside: string[]][] = [
  ["10.9.8.7/8", "10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["9.255.255.255", "11.0.0.0", "::a00:1"]],
  ["192.0.2.129/25", "192.0.2.128/25", ["192.0.2.128", "192.0.2.255"], ["192.0.2.127", "192.0.3.128"]],
  ["255.255.255.255/0", "0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::"]],
  ["1.1.1.1/31", "1.1.1.0/31", ["1.1.1.0", "1.1.1.1"], ["1.1.1.2"]],
  ["1.1.1.1", "1.1.1.1/32", ["1.1.1.1"], ["1.1.1.0", "::ffff:1.1.1.1"]],
  ["2001:0DB8:0:CD30:123::/60", "2001:db8:0:cd30::/60", ["2001:db8:0:cd30::", "2001:db8:0:cd3f::1"], ["2001:db8:0:cd40::", "2001:db8:0:cd2f:ffff::"]],
  ["::1", "::1/128", ["::1", "0:0::1"], ["::", "::2", "0.0.0.1"]],
  ["ffff::/0", "::/0", ["::", "ffff::1"], ["0.0.0.0"]],
  ["::ffff:10.0.0.1/104", "::ffff:10.0.0.0/104", ["::ffff:10.9.9.9"], ["::ffff:11.0.0.0", "10.0.0.1"]],
];

Deno.test("parseCIDR() and cidrContains() of good blocks", () => {
  for (const [text, canonical, inside, outside] of GOOD_CIDR) {
    const block = parseCIDR(text);
    assertEquals(`${block.address}/${block.prefixLength}`, canonical);
    assertEquals(block.family, familyOf(block.address));
    assertEquals(parseCIDR(canonical), block);
    for (const address of inside) {
      assertEquals(cidrContains(block, address), true, address);
    }
    for (const address of outside) {
      assertEquals(cidrContains(block, address), false, address);
    }
  }
});

Deno.test("parseCIDR() and cidrContains() refuse all else", () => {
  for (
    const text of ["", "/", "/8", "10/8", "10.0.0/8", "host/8", "::1%1/64"]
  ) {
    assertThrows(() => parseCIDR(text), RangeError, "not a block of addresses");
  }
  // deno-fmt-ignore
  const lengths = ["", " ", "33", "128", "-1", "+8", "08", "8 ", "8.0", "1e1", "0x8", "8/8", "٨", "255.0.0.0"];
  for (const length of lengths) {
    const text = `10.0.0.0/${length}`;
    assertThrows(() => parseCIDR(text), RangeError, "number from 0 to 32");
  }
  assertThrows(() => parseCIDR("::/129"), RangeError, "to 128, but is 129");
  for (const text of ["", "10.0.0", "10.0.0.0/8", "host"]) {
    const block = parseCIDR("10.0.0.0/8");
    assertThrows(() => cidrContains(block, text), RangeError, "address");
  }
});

Deno.test("formatIPv6() tells addresses of the same words apart", () => {
  const texts = [
    "1:2:3:4::",
    "3:4:1:2::",
    "::1:2:3:4",
    "1:2::3:4",
    "::",
    "::1",
  ];
  for (let i = 0; i < 3; i++) {
    const written = texts.map((text) => formatIPv6(parseIPv6(text)));
    assertEquals(written, texts);
  }
});

Deno.test("parseIPv6() agrees with Node about mistyped addresses", () => {
  const random = seededRandom(6);
  const pieces = [
    ":",
    "::",
    "0",
    "1",
    "ffff",
    "12345",
    "g",
    "1.2.3.4",
    ".",
    "A",
  ];
  let good = 0;
  for (let i = 0; i < 50_000; i++) {
    const count = randomInt(random, 0, 16);
    const text = Array.from(
      { length: count },
      () => pieces[randomInt(random, 0, pieces.length - 1)],
    ).join("");
    const isGood = nodeIsIPv6(text);
    assertEquals(isIPv6(text), isGood, text);
    if (isGood) good++;
  }
  assert(good > 100);
});

Deno.test("cidrAddresses() goes through a block, carries included, and ends", () => {
  const BLOCKS: [block: string, addresses: string[]][] = [
    ["10.0.0.0", ["10.0.0.0"]],
    ["10.0.0.7/30", ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]],
    ["255.255.255.254/31", ["255.255.255.254", "255.255.255.255"]],
    ["2001:db8::ffff/127", ["2001:db8::fffe", "2001:db8::ffff"]],
  ];
  for (const [block, addresses] of BLOCKS) {
    assertEquals([...cidrAddresses(parseCIDR(block))], addresses);
  }
  const many = [...cidrAddresses(parseCIDR("10.9.0.0/22"))];
  assertEquals([many.length, many[256], many.at(-1)], [
    1024,
    "10.9.1.0",
    "10.9.3.255",
  ]);
  const [first, second] = cidrAddresses(parseCIDR("::/0"));
  assertEquals([first, second], ["::", "::1"]);
});
