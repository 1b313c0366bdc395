/**
 * Received octets and text as something a terminal cannot be harmed by: no
 * control character, nothing invisible, nothing that turns the writing round.
 *
 * @module
 */

/** Control, format, unassigned and private characters, and line separators. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Nothing to escape: printable ASCII without a backslash. */
const PLAIN = /^[ -[\]-~]*$/;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
/** As long as the JSON of most packets is. */
const encoded = new Uint8Array(2 ** 14);

/**
 * Octets as text: UTF-8, with everything unprintable escaped (`\n`, `\x1b`,
 * `\u{202e}`), and so the backslash. Octets that are not UTF-8 are taken as
 * ASCII, those beyond it escaped one by one (`\xff`).
 */
export function printable(octets: Uint8Array): string {
  let text: string;
  try {
    text = utf8.decode(octets);
  } catch {
    return Array.from(
      octets,
      (octet) =>
        octet < 0x80
          ? escapeText(String.fromCharCode(octet))
          : escapeOctet(octet),
    ).join("");
  }
  return escapeText(text);
}

/** Text with everything unprintable escaped, and so the backslash. */
export function escapeText(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replaceAll("\\", "\\\\").replace(UNPRINTABLE, escapeCharacter);
}

/**
 * Our own sentences, which may repeat what somebody else has written: lines
 * stay lines, a backslash a backslash, and all else unprintable is escaped.
 */
export function escapeQuoted(text: string): string {
  return text.replace(
    UNPRINTABLE,
    (character) => character === "\n" ? character : escapeCharacter(character),
  );
}

/**
 * A value as one line of JSON in which everything unprintable is written as
 * `\uXXXX`, so that the line is safe on a terminal and parses to the same.
 *
 * @param replacer as `JSON.stringify` takes it
 */
export function jsonLine(
  value: unknown,
  replacer?: (key: string, value: unknown) => unknown,
): string {
  const text = JSON.stringify(value, replacer);
  if (isPlainJSON(text)) return text;
  return text.replace(
    UNPRINTABLE,
    (character) =>
      Array.from(
        { length: character.length },
        (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`,
      ).join(""),
  );
}

/**
 * Whether JSON, where a control character is escaped anyway, is printable ASCII.
 * It is nearly always, most of it hexadecimal, and this is told several times
 * as fast as what Unicode says of each character.
 */
function isPlainJSON(text: string): boolean {
  const { read, written } = encoder.encodeInto(text, encoded);
  return read === text.length && written === read && !text.includes("\x7f");
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0)!;
  if (code === 0x0a) return "\\n";
  if (code === 0x0d) return "\\r";
  if (code === 0x09) return "\\t";
  return code < 0x80 ? escapeOctet(code) : `\\u{${code.toString(16)}}`;
}

function escapeOctet(octet: number): string {
  return `\\x${octet.toString(16).padStart(2, "0")}`;
}
