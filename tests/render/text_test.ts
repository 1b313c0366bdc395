import { assert, assertEquals } from "@std/assert";
import {
  escapeQuoted,
  escapeText,
  jsonLine,
  printable,
} from "../../lib/render/text.ts";
import { randomBytes, randomInt, seededRandom } from "../random.ts";
import { hostileText } from "./packets.ts";

/** What has no business on a terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Zl}\p{Zp}]/u;

/** Text, and how it is shown. */
const ESCAPED: [text: string, shown: string][] = [
  ["", ""],
  ["Hello World!", "Hello World!"],
  ["Grüße, 世界 👍", "Grüße, 世界 👍"],
  ["a\nb", "a\\nb"],
  ["a\r\nb", "a\\r\\nb"],
  ["\ta", "\\ta"],
  ["\0", "\\x00"],
  ["\x1b[2J", "\\x1b[2J"],
  ["\x7f", "\\x7f"],
  ["\x9b31m", "\\u{9b}31m"],
  ["a\\nb", "a\\\\nb"],
  ["\u00ad", "\\u{ad}"],
  ["\u200b", "\\u{200b}"],
  ["\u2028\u2029", "\\u{2028}\\u{2029}"],
  ["evil\u202egpj.exe", "evil\\u{202e}gpj.exe"],
  ["\ufeffHi", "\\u{feff}Hi"],
  ["\u{e0041}", "\\u{e0041}"],
  ["\ue000\u{10ffff}", "\\u{e000}\\u{10ffff}"],
];

Deno.test("escapeText() escapes what is unprintable, and the backslash", () => {
  for (const [text, shown] of ESCAPED) assertEquals(escapeText(text), shown);
});

Deno.test("escapeQuoted() leaves lines and backslashes as they are", () => {
  for (const [text, shown] of ESCAPED) {
    const isLine = /[\\\n]/.test(text);
    if (!isLine) assertEquals(escapeQuoted(text), shown);
  }
  assertEquals(escapeQuoted("a\n\\b\r\x1b"), "a\n\\b\\r\\x1b");
});

Deno.test("printable() shows UTF-8 as escapeText() does", () => {
  for (const [text, shown] of ESCAPED) {
    assertEquals(printable(new TextEncoder().encode(text)), shown);
  }
});

/** Octets that are not UTF-8. */
const NOT_UTF8: [hex: string, shown: string][] = [
  ["ff", "\\xff"],
  ["48e96c6c6f", "H\\xe9llo"],
  ["c3", "\\xc3"],
  // "é" as it should be, spoilt by what follows.
  ["c3a9ff", "\\xc3\\xa9\\xff"],
  // A slash, a line feed and a surrogate in forms that UTF-8 forbids.
  ["c0af", "\\xc0\\xaf"],
  ["e0808a", "\\xe0\\x80\\x8a"],
  ["eda080", "\\xed\\xa0\\x80"],
  ["5cff1b0a0d09", "\\\\\\xff\\x1b\\n\\r\\t"],
];

Deno.test("printable() shows octets that are not UTF-8 one by one", () => {
  for (const [hex, shown] of NOT_UTF8) {
    assertEquals(printable(Uint8Array.fromHex(hex)), shown);
  }
});

Deno.test("printable() is safe and tells any two payloads apart", () => {
  const random = seededRandom(1);
  const shown = new Map<string, string>();
  for (let i = 0; i < 20_000; i++) {
    const octets = i % 2 === 0
      ? randomBytes(random, randomInt(random, 0, 12))
      : new TextEncoder().encode(hostileText(random));
    const text = printable(octets);
    assert(!UNPRINTABLE.test(text), octets.toHex());
    assertEquals(shown.get(text) ?? octets.toHex(), octets.toHex());
    shown.set(text, octets.toHex());
  }
});

Deno.test("jsonLine() is one safe line that parses to the same value", () => {
  const random = seededRandom(2);
  for (let i = 0; i < 20_000; i++) {
    const value = { text: hostileText(random), list: [i, null, true] };
    const line = jsonLine(value);
    assert(!UNPRINTABLE.test(line), line);
    assertEquals(JSON.parse(line), value);
  }
  const line = jsonLine({ a: "\x1b\u202e\u{e0041}é" });
  assertEquals(line, String.raw`{"a":"\u001b\u202e\udb40\udc41é"}`);
});

Deno.test("jsonLine() is safe whatever the length", () => {
  for (const end of ["", "a", "\x7f", "é", "\u009b", "\u202e", "\u{e0041}"]) {
    for (let length = 16_370; length < 16_390; length++) {
      const value = "x".repeat(length) + end;
      const line = jsonLine(value);
      assert(!UNPRINTABLE.test(line), `${length} ${JSON.stringify(end)}`);
      assertEquals(JSON.parse(line) === value, true);
    }
  }
});
