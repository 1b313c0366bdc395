import { assertEquals } from "@std/assert";
import { wrap, wrapCommand } from "../../lib/render/wrap.ts";

const SHORT = "deno run --allow-ffi scripts/sniff.ts";

/** Commands, and their lines. */
const COMMANDS: [command: string, lines: string[]][] = [
  [SHORT, [`  ${SHORT}`]],
  // 80 columns, and one more.
  [SHORT + " ".padEnd(41, "x"), [`  ${SHORT + " ".padEnd(41, "x")}`]],
  [SHORT + " ".padEnd(42, "x"), [`  ${SHORT} \\`, `    ${"x".repeat(41)}`]],
  [
    `${SHORT} -I eth0 --filter 'icmp and host 10.9.0.5' --explain`,
    [
      `  ${SHORT} -I eth0 --filter \\`,
      "    'icmp and host 10.9.0.5' --explain",
    ],
  ],
];

Deno.test("wrapCommand() goes on as a shell does, and never within quotes", () => {
  for (const [command, lines] of COMMANDS) {
    assertEquals(wrapCommand(command, "  "), lines);
  }
});

Deno.test("wrap() breaks what is wider than 80 columns, and nothing else", () => {
  for (
    const [indent, gutter] of [["", ""], ["    ", ""], ["  ", "  6.1    1 "]]
  ) {
    const room = 80 - indent.length - gutter.length;
    for (let length = 60; length < 100; length++) {
      const text = "word  ".repeat(20).slice(0, length - 1) + "x";
      const shown = wrap(indent, text, gutter);
      assertEquals(shown.length, length <= room ? 1 : 2, `${length}`);
      assertEquals(shown[0].startsWith(gutter + indent + "word  "), true);
      assertEquals(shown.every((line) => line.length <= 80), true);
      if (length <= room) assertEquals(shown[0], gutter + indent + text);
    }
  }
});
