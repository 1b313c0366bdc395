import { assertEquals, assertThrows } from "@std/assert";
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { hexOctets, integer, ipv4Address } from "../../lib/cli/options.ts";

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

Deno.test("hexOctets() reads digits, with blanks and colons between", () => {
  const GOOD: [text: string, octets: number[]][] = [
    ["", []],
    ["48656c", [0x48, 0x65, 0x6c]],
    ["DE:AD:be:ef", [0xde, 0xad, 0xbe, 0xef]],
    ["00 ff\n01", [0, 255, 1]],
  ];
  for (const [text, octets] of GOOD) {
    assertEquals([...hexOctets(text)], octets);
  }
});

Deno.test("hexOctets() says what is wrong with anything else", () => {
  const BAD: [text: string, reason: string][] = [
    ["4", "Wanted: two digits an octet, but there are 1."],
    ["48 6", "Wanted: two digits an octet, but there are 3."],
    ["4g", "Wanted: hexadecimal digits, such as 48656c6c6f."],
    ["0x48", "Wanted: hexadecimal digits, such as 48656c6c6f."],
    ["48,65", "Wanted: hexadecimal digits, such as 48656c6c6f."],
  ];
  for (const [text, reason] of BAD) {
    assertThrows(() => hexOctets(text), InvalidArgumentError, reason);
  }
});
