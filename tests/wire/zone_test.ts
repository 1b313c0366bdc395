import { assertEquals, assertThrows } from "@std/assert";
import { isMulticast } from "../../mod.ts";
import {
  checkZone,
  needsZone,
  withoutZone,
  zoneOf,
} from "../../lib/wire/zone.ts";

/** Addresses that are one on every link, and such as are not. */
const SCOPED: readonly (readonly [address: string, needs: boolean])[] = [
  ["fe80::1", true],
  ["FE80::1", true],
  ["febf:ffff::1", true],
  ["fec0::1", false],
  ["fe00::1", false],
  ["ff01::1", true],
  ["ff02::1", true],
  // Whatever the flags are (RFC 4291 §2.7).
  ["ff12::1", true],
  ["ff32::1", true],
  ["ff05::1", false],
  ["ff0e::1", false],
  ["::1", false],
  ["::", false],
  ["2001:db8::1", false],
  ["fc00::1", false],
  ["1.1.1.1", false],
  ["255.255.255.255", false],
  ["fe80", false],
  ["fe80.example", false],
  ["", false],
];

Deno.test("needsZone() knows what is one on every link, with a zone or not", () => {
  for (const [address, needs] of SCOPED) {
    assertEquals(needsZone(address), needs, address);
    assertEquals(needsZone(`${address}%eth0`), needs, address);
  }
});

Deno.test("zoneOf() and withoutZone() part an address at the first sign", () => {
  const table: [text: string, address: string, zone?: string][] = [
    ["fe80::1%eth0", "fe80::1", "eth0"],
    ["fe80::1%", "fe80::1", ""],
    ["fe80::1%a%b", "fe80::1", "a%b"],
    ["fe80::1", "fe80::1"],
    ["1.1.1.1", "1.1.1.1"],
  ];
  for (const [text, address, zone] of table) {
    assertEquals([withoutZone(text), zoneOf(text)], [address, zone]);
  }
});

Deno.test("checkZone() refuses a zone where there can be none, in words", () => {
  for (const [address, needs] of SCOPED) {
    checkZone(address);
    const zoned = `${address}%eth0`;
    // What is no address is nothing for it to say.
    if (needs || !/[:.]/.test(address) || address === "fe80.example") {
      checkZone(zoned);
      continue;
    }
    assertThrows(
      () => checkZone(zoned),
      RangeError,
      `${address} is no link-local address, and so has no zone: leave out ` +
        '"%eth0"',
    );
  }
});

Deno.test("isMulticast() is of both families, with a zone or not", () => {
  const table: [address: string, isGroup: boolean][] = [
    ["223.255.255.255", false],
    ["224.0.0.0", true],
    ["239.255.255.255", true],
    ["240.0.0.0", false],
    ["255.255.255.255", false],
    ["ff02::1", true],
    ["ff02::1%eth0", true],
    ["FF0E::1", true],
    ["fe80::1", false],
    ["::ff02", false],
    ["host", false],
  ];
  for (const [address, isGroup] of table) {
    assertEquals(isMulticast(address), isGroup, address);
  }
});
