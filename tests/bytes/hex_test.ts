import { assertEquals, assertThrows } from "@std/assert";
import { parseHex } from "../../lib/bytes/hex.ts";
import { renderHexdump } from "../../lib/render/packet/tree.ts";
import { randomBytes, randomInt, seededRandom } from "../random.ts";

Deno.test("parseHex() reads octets however they are written", () => {
  const GOOD: [text: string, hex: string][] = [
    ["", ""],
    [" \n\t", ""],
    ["48656c", "48656c"],
    ["DE:AD:be:ef", "deadbeef"],
    ["00 ff\r\n01", "00ff01"],
    ["0x4500, 0x1,0xff,", "450001ff"],
    ["\\x45\\x00\\xFF", "4500ff"],
    ["4500 0021 36c8", "4500002136c8"],
    ["4500 00 21", "45000021"],
    // Two digits before a colon are no offset.
    ["00:00:00:00", "00000000"],
    ["00 00  |..|", "0000"],
    // hexdump -C, its last line the end's offset
    [
      "00000000  45 00 00 16 36 dd 00 00  80 fd fe a7 01 01 01 64  |E...6......d|\n" +
      "00000010  01 01 01 01 48 69                                 |....Hi|\n" +
      "00000016\n",
      "4500001636dd000080fdfea701010164010101014869",
    ],
    // xxd, with text that looks like digits
    [
      "00000000: 6162 6364 6566 6162 6364 6566 6162 6364  abcdefabcdefabcd\n" +
      "00000010: 6162                                     ab\n",
      "61626364656661626364656661626364" + "6162",
    ],
    // tcpdump -x and -X
    ["\t0x0000:  4500 0016 36dd\n\t0x0006:  80fd", "4500001636dd80fd"],
    ["\t0x0000:  4500 0016 ab                    E...ab", "45000016ab"],
    // Wireshark and tshark -x
    ["0000   45 00 00 16 36 dd 00 00   E...6...", "4500001636dd0000"],
    ["0000  45 00 00 16 36 dd 00 00  80 fd   ab cd", "4500001636dd000080fd"],
  ];
  for (const [text, hex] of GOOD) {
    assertEquals(parseHex(text).toHex(), hex, text);
  }
});

Deno.test("parseHex() reads the hexdumps that are shown here", () => {
  const random = seededRandom(71);
  for (let i = 0; i < 2000; i++) {
    const octets = randomBytes(random, randomInt(random, 0, 70));
    assertEquals(parseHex(renderHexdump(octets).join("\n")), octets);
    assertEquals(parseHex(octets.toHex()), octets);
  }
});

Deno.test("parseHex() points at what it cannot read", () => {
  const BAD: [text: string, ...lines: string[]][] = [
    [
      "4500zz",
      'hex line 1, column 5: "z" is no hexadecimal digit',
      "  4500zz",
      "      ^",
    ],
    [
      "45 00\n 0 1",
      "hex line 2, column 2: this digit is alone: an octet has two",
      "   0 1",
      "   ^",
    ],
    [
      "486",
      "hex line 1, column 3: this digit is alone: an octet has two",
      "  486",
      "    ^",
    ],
    [
      "0x0000:  4500\n0x0010:  4500",
      "hex line 2, column 3: the offset is 0010, 0002 wanted",
      "  0x0010:  4500",
      "    ^",
    ],
    [
      "0000: 4500\n0000: 4500",
      "hex line 2, column 1: another packet begins: give one at a time",
      "  0000: 4500",
      "  ^",
    ],
    [
      "00000000  00 00\n*",
      "hex line 2, column 1: lines are left out here: `hexdump -v` shows all of them",
      "  *",
      "  ^",
    ],
    [
      "45\x1b[2J",
      'hex line 1, column 3: "\ufffd" is no hexadecimal digit',
      "  45\ufffd[2J",
      "    ^",
    ],
    [
      "00".repeat(50) + "x" + "00".repeat(50),
      'hex line 1, column 101: "x" is no hexadecimal digit',
      `  0${"00".repeat(17)}x${"00".repeat(17)}`,
      `  ${" ".repeat(35)}^`,
    ],
    ["👍", 'hex line 1, column 1: "👍" is no hexadecimal digit', "  👍", "  ^"],
  ];
  for (const [text, ...lines] of BAD) {
    const error = assertThrows(() => parseHex(text), SyntaxError);
    assertEquals(error.message.split("\n"), lines);
  }
});

Deno.test("parseHex() either reads anything or says why not", () => {
  const random = seededRandom(72);
  const CHARACTERS = "0123456789abcdefx\\ :,|*\n\tzé";
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from(
      { length: randomInt(random, 0, 30) },
      () => CHARACTERS[randomInt(random, 0, CHARACTERS.length - 1)],
    ).join("");
    try {
      parseHex(text);
    } catch (error) {
      assertEquals((error as Error).name, "SyntaxError", text);
    }
  }
});
