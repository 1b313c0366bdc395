import { assertEquals, assertThrows } from "@std/assert";
import { addressScope, isIPv4, parseIPv6 } from "../../mod.ts";
import { isPublicAt } from "../../lib/wire/address_scope.ts";

const octetsOf = (address: string) =>
  isIPv4(address) ? address.split(".").map(Number) : parseIPv6(address);

const CASES = [
  ["127.0.0.1", "loopback"],
  ["::1", "loopback"],
  ["10.255.255.255", "private"],
  ["172.15.255.255", "public"],
  ["172.16.0.0", "private"],
  ["172.31.255.255", "private"],
  ["172.32.0.0", "public"],
  ["192.168.0.0", "private"],
  ["192.169.0.0", "public"],
  ["100.64.0.0", "private"],
  ["100.128.0.0", "public"],
  ["fdff::1", "private"],
  ["169.254.1.1", "linkLocal"],
  ["fe80::1", "linkLocal"],
  ["fec0::1", "public"],
  ["192.0.2.255", "documentation"],
  ["192.0.3.0", "public"],
  ["198.51.100.1", "documentation"],
  ["203.0.113.1", "documentation"],
  ["198.19.255.255", "documentation"],
  ["2001:db8::1", "documentation"],
  ["2001:db9::", "public"],
  ["1.1.1.1", "public"],
  ["::ffff:127.0.0.1", "public"],
  ["::", "public"],
] as const;

Deno.test("addressScope() and isPublicAt() of each block, and just outside it", () => {
  for (const [address, scope] of CASES) {
    assertEquals(addressScope(address), scope, address);
    const octets = new Uint8Array(20);
    octets.set(octetsOf(address), 3);
    const isPublic = isPublicAt(octets, 3, isIPv4(address) ? 4 : 6);
    assertEquals(isPublic, scope === "public", address);
  }
});

Deno.test("addressScope() of a range is public unless one block holds it", () => {
  assertEquals(addressScope("10.0.0.0", "10.9.9.9"), "private");
  assertEquals(addressScope("10.0.0.0", "11.0.0.0"), "public");
  assertEquals(addressScope("10.0.0.0", "192.168.0.0"), "public");
  assertThrows(() => addressScope("host"), RangeError, "not an IPv6 address");
});
