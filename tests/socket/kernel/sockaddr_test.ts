import { assertEquals, assertThrows } from "@std/assert";
import { libc } from "../../../lib/ffi/libc.ts";
import {
  checkAddress,
  fromSockaddr,
  sockaddrSize,
  toSockaddr,
} from "../../../lib/socket/kernel/sockaddr.ts";

libc(); // Opened here, or the first test to need it would seem to leak it.

/** Where no socket is needed, since no zone has a name. */
const NO_SOCKET = -1;

/** `struct sockaddr_in` and `struct sockaddr_in6` on a little-endian machine. */
const CASES: [address: string, family: 4 | 6, hex: string][] = [
  ["1.1.1.100", 4, "0200" + "0000" + "01010164" + "00".repeat(8)],
  ["255.255.255.255", 4, "02000000ffffffff" + "00".repeat(8)],
  ["0.0.0.0", 4, "02" + "00".repeat(15)],
  ["::", 6, "0a" + "00".repeat(27)],
  [
    "2001:db8::1",
    6,
    "0a00" + "0000" + "00000000" + "20010db8000000000000000000000001" +
    "00000000",
  ],
  [
    "fe80::1%258",
    6,
    "0a00" + "0000" + "00000000" + "fe800000000000000000000000000001" +
    "02010000",
  ],
  [
    "fe80::1%2147483647",
    6,
    "0a00" + "0000" + "00000000" + "fe800000000000000000000000000001" +
    "ffffff7f",
  ],
];

Deno.test("toSockaddr() and fromSockaddr() are each other's reverse", () => {
  for (const [address, family, hex] of CASES) {
    const bytes = toSockaddr(address, family, NO_SOCKET);
    assertEquals(bytes.toHex(), hex);
    assertEquals(bytes.length, sockaddrSize(family));
    assertEquals(fromSockaddr(bytes, 0, family), address);
    // The kernel writes it somewhere inside a larger buffer.
    const larger = new Uint8Array(100).fill(0xa5);
    larger.set(bytes, 33);
    assertEquals(fromSockaddr(larger.subarray(30), 3, family), address);
  }
});

Deno.test("toSockaddr() refuses what is no address of the family", () => {
  const bad: [string, 4 | 6][] = [
    ["", 4],
    ["1.1.1", 4],
    ["::1", 4],
    ["1.1.1.1%1", 4],
    ["1.1.1.1%lo", 4],
    ["", 6],
    ["1.1.1.1", 6],
    ["%1", 6],
  ];
  for (const [address, family] of bad) {
    assertThrows(() => toSockaddr(address, family, NO_SOCKET), RangeError);
    assertThrows(() => checkAddress(address, family), RangeError);
  }
});

Deno.test("toSockaddr() refuses a zone that is no interface", () => {
  const zones = [
    "",
    "0",
    "2147483648",
    "4294967297",
    "-1",
    "1.5",
    "nowhere0",
    "a-name-longer-than-any",
    "x".repeat(50),
    "lo%lo",
    "lo%",
  ];
  const socket = libc().socket(2, 2, 0);
  try {
    for (const zone of zones) {
      const address = `fe80::1%${zone}`;
      assertThrows(
        () => toSockaddr(address, 6, socket),
        RangeError,
        `the zone ${JSON.stringify(zone)} is no interface of this host`,
      );
      checkAddress(address, 6); // Only a socket knows its zones.
    }
    const lo = toSockaddr("fe80::1%lo", 6, socket);
    assertEquals(fromSockaddr(lo, 0, 6), "fe80::1%1");
  } finally {
    libc().close(socket);
  }
});
