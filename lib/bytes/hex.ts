/**
 * Octets out of hexadecimal text, as people have it at hand: bare digits, what
 * programming languages write, or a dump.
 *
 * @module
 */

/** An offset, and what must be behind it: a colon, or an octet by itself. */
const OFFSET = /^\s*(?:0x)?([0-9a-f]{4,8})(?::(?:\s+|$)|\s+(?=[0-9a-f]{2}\b))/i;
/** How a dump ends where no octet is left. */
const END_OFFSET = /^\s*([0-9a-f]{4,8})\s*$/i;
const BETWEEN = /[\s:,]+/y;
const DIGITS = /(?:0x|\\x)?([0-9a-f]+)/iy;
/** Dumps show eight octets, and a gap of two blanks, and eight octets. */
const HALF_LINE = 8;
/** Of a long line, what is shown to both sides of what is wrong. */
const SHOWN = 35;

/**
 * Reads octets in hexadecimal, two digits each. Between them may stand blanks,
 * colons and commas, before them `0x` (then one digit is enough) or `\x`.
 *
 * Lines may begin with their offset, as those of hexdump, xxd, tcpdump and
 * Wireshark do; then what follows the octets after a gap is the ASCII column.
 * An offset has at least four digits and counts the octets before it: `0000 00`
 * is one octet.
 *
 * @category Packets
 * @throws {SyntaxError} at what cannot be read, with that line and a caret
 *
 * @example
 * ```ts
 * import { parseHex } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const octets = Uint8Array.of(0x48, 0x69, 0x21);
 * assertEquals(parseHex("486921"), octets);
 * assertEquals(parseHex("0x48, 0x69, 0x21"), octets);
 * assertEquals(parseHex("00000000  48 69 21    |Hi!|"), octets);
 * ```
 */
export function parseHex(text: string): Uint8Array<ArrayBuffer> {
  const octets: number[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    const fail: Fail = (column, reason) => {
      const message = `line ${index + 1}, column ${column + 1}: ${reason}`;
      throw new SyntaxError(`hex ${message}\n${pointAt(line, column)}`);
    };
    const start = offsetEnd(line, octets.length, fail);
    if (start === undefined) continue;
    readLine(line, start, octets, fail);
  }
  return Uint8Array.from(octets);
}

/** Throws; where it is called, nothing comes after. */
type Fail = (column: number, reason: string) => never;

/** Where the octets begin, if there are any. */
function offsetEnd(
  line: string,
  before: number,
  fail: Fail,
): number | undefined {
  const end = END_OFFSET.exec(line);
  if (end !== null && before > 0 && parseInt(end[1], 16) === before) return;
  const [whole, digits] = OFFSET.exec(line) ?? [];
  if (whole === undefined) return 0;
  const offset = parseInt(digits, 16);
  if (offset === before) return whole.length;
  if (!whole.includes(":")) return 0;
  const wanted = before.toString(16).padStart(digits.length, "0");
  return fail(
    line.indexOf(digits),
    offset === 0
      ? "another packet begins: give one at a time"
      : `the offset is ${digits}, ${wanted} wanted`,
  );
}

function readLine(
  line: string,
  start: number,
  octets: number[],
  fail: Fail,
): void {
  const before = octets.length;
  for (let at = start; at < line.length;) {
    const [gap] = match(BETWEEN, line, at) ?? [""];
    const isDump = start > 0 && at > start;
    if (isDump && endsOctets(gap, octets.length - before)) return;
    at += gap.length;
    if (at === line.length) return;
    const [whole, digits] = match(DIGITS, line, at) ?? [];
    if (whole === undefined) {
      if (line[at] === "|" && octets.length > before) return;
      return fail(at, unreadable(line, at));
    }
    const isOne = digits.length === 1 && whole.length > 1;
    if (digits.length % 2 !== 0 && !isOne) {
      const next = at + whole.length;
      return next < line.length && match(BETWEEN, line, next) === null
        ? fail(next, unreadable(line, next))
        : fail(next - 1, "this digit is alone: an octet has two");
    }
    for (let i = 0; i < digits.length; i += 2) {
      octets.push(parseInt(digits.slice(i, i + 2), 16));
    }
    at += whole.length;
  }
}

/** Whether what follows a gap is the ASCII column of a dump. */
function endsOctets(gap: string, count: number): boolean {
  const blanks = gap.search(/[:,]|$/);
  return blanks > 2 || (blanks === 2 && count !== HALF_LINE);
}

function unreadable(line: string, at: number): string {
  if (line[at] === "*") {
    return "lines are left out here: `hexdump -v` shows all of them";
  }
  const character = String.fromCodePoint(line.codePointAt(at)!);
  return `${JSON.stringify(visible(character))} is no hexadecimal digit`;
}

/** The line, or what is near the place, and a caret below it. */
function pointAt(line: string, column: number): string {
  const start = Math.max(0, column - SHOWN);
  const shown = visible(line.slice(start, column + SHOWN));
  return `  ${shown}\n  ${" ".repeat(column - start)}^`;
}

/** With a mark for each character that a terminal might not just show. */
function visible(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "\ufffd");
}

function match(pattern: RegExp, text: string, at: number) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
