import { assertEquals } from "@std/assert";
import { wrapCommand } from "../../lib/render/wrap.ts";

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
