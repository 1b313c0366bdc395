import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  decodeIPv4,
  encodeIPv4,
  type IPv4Fields,
} from "../../../lib/wire/ipv4/ipv4.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);

/** Each field's place in RFC 791 §3.1, in bits, and its highest value. */
const NUMBERS: [
  field: keyof IPv4Fields,
  offset: number,
  width: number,
  max: number,
][] = [
  ["version", 0, 4, 15],
  ["headerLength", 4, 4, 60],
  ["dscp", 8, 6, 63],
  ["ecn", 14, 2, 3],
  ["totalLength", 16, 16, 65_535],
  ["identification", 32, 16, 65_535],
  ["fragmentOffset", 51, 13, 65_528],
  ["ttl", 64, 8, 255],
  ["protocol", 72, 8, 255],
  ["checksum", 80, 16, 65_535],
];

const NOTHING_SET: IPv4Fields = {
  version: 0,
  headerLength: 0,
  totalLength: 0,
  ttl: 0,
  protocol: 0,
  checksum: 0,
  destination: "0.0.0.0",
};

/** The header whose only bits set are `width` bits from `offset` on. */
function onlyBits(offset: number, width: number): string {
  const value = ((1n << BigInt(width)) - 1n) << BigInt(160 - offset - width);
  return value.toString(16).padStart(40, "0");
}

Deno.test("encodeIPv4() writes each field at minimum and maximum, and no other bit", () => {
  const cases: [object, string][] = [
    [{}, onlyBits(0, 0)],
    ...NUMBERS.map(([field, offset, width, max]): [object, string] => [
      { [field]: max },
      onlyBits(offset, width),
    ]),
    [{ reserved: true }, onlyBits(48, 1)],
    [{ dontFragment: true }, onlyBits(49, 1)],
    [{ moreFragments: true }, onlyBits(50, 1)],
    [{ source: "255.255.255.255" }, onlyBits(96, 32)],
    [{ destination: "255.255.255.255" }, onlyBits(128, 32)],
  ];
  for (const [fields, hex] of cases) {
    assertEquals(encodeIPv4({ ...NOTHING_SET, ...fields }).toHex(), hex);
  }
});

Deno.test("encodeIPv4() refuses each field beyond its range", () => {
  for (const [field, , , max] of NUMBERS) {
    for (const value of [-1, max + 1, 0.5, NaN, Infinity, 2 ** 32]) {
      assertThrows(
        () => encodeIPv4({ ...NOTHING_SET, [field]: value }),
        RangeError,
        `IPv4 ${field} must be a whole number from 0 to ${max}, but is ${value}`,
      );
    }
  }
  const bad: [object, string][] = [
    [{ headerLength: 22 }, "headerLength must be a multiple of 4, but is 22"],
    [{ fragmentOffset: 12 }, "fragmentOffset must be a multiple of 8, but is"],
    [{ source: "1.1" }, 'not an IPv4 address: "1.1"'],
    [{ destination: "" }, 'not an IPv4 address: ""'],
    [
      { options: new Uint8Array(41) },
      "IPv4 options, in octets, must be a " +
      "whole number from 0 to 40, but is 41",
    ],
  ];
  for (const [fields, message] of bad) {
    const encode = () => encodeIPv4({ ...NOTHING_SET, ...fields });
    assertThrows(encode, RangeError, message);
  }
});

Deno.test("encodeIPv4() takes 65,535 octets and refuses one more", () => {
  const fields = { destination: "1.1.1.1", protocol: 1 };
  const longest = encodeIPv4(fields, new Uint8Array(65_515).fill(0xa5));
  assertEquals(longest.subarray(0, 4).toHex(), "4500ffff");
  assert(longest.subarray(20).every((octet) => octet === 0xa5));
  assertEquals(decodeIPv4(longest).payload.length, 65_515);
  const options = new Uint8Array(37);
  const tooLong: [IPv4Fields, number, number][] = [
    [fields, 65_516, 65_536],
    [{ ...fields, totalLength: 20 }, 65_516, 65_536],
    [{ ...fields, options }, 65_476, 65_536],
  ];
  for (const [fields, payload, length] of tooLong) {
    assertThrows(
      () => encodeIPv4(fields, new Uint8Array(payload)),
      RangeError,
      `IPv4 header and payload, in octets, must be a whole number from 20 to 65535, but is ${length}`,
    );
  }
});

Deno.test("encodeIPv4() pads options with zeros to four octets", () => {
  for (let length = 0; length <= 40; length++) {
    const options = new Uint8Array(length).fill(0xa5);
    const fields = { destination: "1.1.1.1", protocol: 1, options };
    const packet = encodeIPv4(fields, bytes("5a5a"));
    const padded = "a5".repeat(length).padEnd(Math.ceil(length / 4) * 8, "0");
    assertEquals(packet.subarray(20).toHex(), `${padded}5a5a`);
    const { header, payload } = decodeIPv4(packet);
    assertEquals(header.headerLength, 20 + padded.length / 2);
    assertEquals([header.options.toHex(), payload.toHex()], [padded, "5a5a"]);
  }
});
