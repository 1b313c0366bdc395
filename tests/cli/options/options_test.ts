import { assertEquals, assertThrows } from "@std/assert";
import { InvalidArgumentError } from "@commander-js/extra-typings";
import {
  hexOctets,
  integer,
  ipProtocol,
  ipv4Address,
  isAddress,
  linkType,
} from "../../../lib/cli/options/options.ts";

Deno.test("integer() reads decimal and hexadecimal numbers in range", () => {
  const GOOD: [text: string, value: number][] = [
    ["0", 0],
    ["255", 255],
    ["007", 7],
    ["0x2e", 46],
    ["0XFF", 255],
  ];
  for (const [text, value] of GOOD) {
    assertEquals(integer(0, 255)(text), value);
  }
});

Deno.test("integer() refuses everything else, and tells the range", () => {
  const BAD = [
    ...["", " ", "-1", "256", "1.5", "1e2", "0x", "0x100", "0b1", "+5", " 5"],
    ...["five", "5 ", "NaN", "Infinity", "٣", "9".repeat(400)],
  ];
  for (const text of BAD) {
    assertThrows(
      () => integer(0, 255)(text),
      InvalidArgumentError,
      "Wanted: a whole number from 0 to 255.",
      text,
    );
  }
});

Deno.test("ipv4Address() takes four decimal octets, and nothing else", () => {
  assertEquals(ipv4Address("1.1.1.100"), "1.1.1.100");
  const BAD = [
    ...["", "1.1.1", "1.1.1.1.1", "1.1.1.256", "01.1.1.1", "0x1.1.1.1", "::1"],
    ...["localhost", "1.1.1.1 ", "1.1.1.1/24", "16843009"],
  ];
  for (const text of BAD) {
    assertThrows(
      () => ipv4Address(text),
      InvalidArgumentError,
      "Wanted: an IPv4 address, four decimal octets such as 1.1.1.1.",
      text,
    );
  }
});

Deno.test("ipProtocol() takes names, in any case, and numbers", () => {
  const GOOD = { icmp: 1, TCP: 6, udp: 17, "0": 0, "0xff": 255 };
  for (const [text, number] of Object.entries(GOOD)) {
    assertEquals(ipProtocol(text), number);
  }
  for (const text of ["", "ospf", "256", "-1", "constructor", "__proto__"]) {
    assertThrows(
      () => ipProtocol(text),
      InvalidArgumentError,
      "Wanted: icmp, igmp, tcp, udp, gre, icmp6, sctp, or a number from 0 to 255.",
      text,
    );
  }
});

Deno.test("hexOctets() reads digits, and points at what is none", () => {
  assertEquals(hexOctets("DE:AD 0xbe").toHex(), "deadbe");
  assertThrows(
    () => hexOctets("48 6g"),
    InvalidArgumentError,
    'hex line 1, column 5: "g" is no hexadecimal digit\n  48 6g\n      ^',
  );
});

Deno.test("linkType() takes names, and numbers", () => {
  const GOOD = {
    ...{ raw: 101, ethernet: 1, Ethernet: 1, loopback: 0, null: 0, loop: 108 },
    ...{ "linux-sll": 113, "linux-sll2": 276, "LINUX-SLL2": 276 },
    ...{ ipv4: 228, ipv6: 229, "0": 0, "276": 276, "65535": 65_535 },
  };
  for (const [text, number] of Object.entries(GOOD)) {
    assertEquals(linkType(text), number);
  }
  const BAD = ["", "wifi", "-1", "65536", "1.5", "0x1", "constructor"];
  for (const text of BAD) {
    assertThrows(
      () => linkType(text),
      InvalidArgumentError,
      "Wanted: raw, ethernet, linux-sll, linux-sll2, loopback,",
    );
  }
});

Deno.test("isAddress() tells addresses, with a zone or not, from interfaces", () => {
  for (const text of ["1.1.1.1", "::1", "fe80::1%eth0", "fe80::1%2"]) {
    assertEquals(isAddress(text), true, text);
  }
  for (const text of ["eth0", "eth0.5", "", "1.1.1", "%eth0"]) {
    assertEquals(isAddress(text), false, text);
  }
});
