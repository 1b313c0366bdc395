/**
 * What shares of a sweep have written: lines, one about each address.
 *
 * They are looked at as octets, since most of them are so several times before
 * they are needed as text.
 *
 * @module
 */

import { familyOf, parseIPv4, parseIPv6 } from "../../wire/address.ts";
import { withoutZone } from "../../wire/zone.ts";
import { ADDRESS_WORDS, type Targets } from "./targets.ts";

/** A file, which can be read from any place on, and as often as it takes. */
export interface ShareFile {
  /**
   * Its octets from one place on, up to another or its end, piece by piece,
   * each of which may be overwritten when the next is asked for.
   */
  read(from: number, to: number): AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** A part of one. */
export interface FilePart {
  readonly file: ShareFile;
  readonly from: number;
  readonly to: number;
}

/** What is called with a line's octets, without its end, and its place. */
export type LineVisit = (
  octets: Uint8Array<ArrayBuffer>,
  start: number,
  end: number,
  at: number,
) => void;

const NEWLINE = 0x0a;

/** Visits the lines of a part, which begins with one. */
export async function eachLine(
  { file, from, to }: FilePart,
  visit: LineVisit,
): Promise<void> {
  let rest = new Uint8Array();
  let at = from;
  for await (const piece of file.read(from, to)) {
    let octets = piece;
    if (rest.length > 0) {
      octets = new Uint8Array(rest.length + piece.length);
      octets.set(rest);
      octets.set(piece, rest.length);
    }
    let start = 0;
    let end = octets.indexOf(NEWLINE);
    while (end >= 0) {
      visit(octets, start, end, at + start);
      start = end + 1;
      end = octets.indexOf(NEWLINE, start);
    }
    at += start;
    rest = octets.slice(start);
  }
  if (rest.length > 0) visit(rest, 0, rest.length, at);
}

/** Whether octets from a place on are those of an ASCII text. */
export function hasTextAt(octets: Uint8Array, at: number, text: string) {
  for (let i = 0; i < text.length; i++) {
    if (octets[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** What may be told about an address; what tells most comes last. */
export const FINDING_TYPES = ["failed", "unreachable", "alive"] as const;

/** A line about an address: its type, and which; blanks are other programs'. */
const FINDING =
  /^\{"type": ?"(alive|unreachable|failed)",(?:.*?,)? ?"address": ?"([^"]+)"/;
/** How most lines begin. */
const BEGINNINGS = FINDING_TYPES.map((type) => `{"type":"${type}","address":"`);
/** Where types differ. */
const TYPE_AT = '{"type":"'.length;
const [CLOSING, QUOTE, DOT, ZERO] = [...'}".0'].map((c) => c.charCodeAt(0));

const utf8 = new TextDecoder();

/** Reads what a line is about. */
export class FindingReader {
  readonly #targets: Targets;
  readonly #words = new Int32Array(ADDRESS_WORDS);
  readonly #view = new DataView(this.#words.buffer);
  readonly #octets = new Uint8Array(this.#words.buffer);
  /** Which of the types the last line was of. */
  rank = 0;
  /** And which of the targets it was about. */
  index = 0;

  constructor(targets: Targets) {
    this.#targets = targets;
  }

  /**
   * Reads a line.
   *
   * @returns whether it is about an address: a summary is not, nor what was cut
   * off when a process was killed, whose address the next one has asked again
   * @throws {RangeError} if that is none of the targets
   */
  read(octets: Uint8Array, start: number, end: number): boolean {
    if (octets[end - 1] !== CLOSING) return false;
    const type = octets[start + TYPE_AT];
    const rank = BEGINNINGS.findIndex((text) =>
      text.charCodeAt(TYPE_AT) === type
    );
    // A quotation mark is there behind a blank.
    if (rank < 0 && type !== QUOTE) return false;
    const beginning = BEGINNINGS[rank];
    this.rank = rank;
    const isUsual = rank >= 0 && hasTextAt(octets, start, beginning) &&
      this.#readIPv4(octets, start + beginning.length);
    this.index = isUsual ? this.#targets.indexOf(this.#words, 4) : -1;
    if (this.index >= 0) return true;
    const line = utf8.decode(octets.subarray(start, end));
    const [, found, address] = FINDING.exec(line) ?? [];
    if (address === undefined) return false;
    this.rank = FINDING_TYPES.findIndex((type) => type === found);
    this.index = this.#indexOf(address);
    if (this.index >= 0) return true;
    throw new RangeError(`${address} is none of the sweep's addresses`);
  }

  /** Reads an address as it is usually written, up to the quotation mark. */
  #readIPv4(octets: Uint8Array, start: number): boolean {
    let address = 0;
    let at = start;
    for (let part = 1; part <= 4; part++) {
      const first = at;
      let value = 0;
      for (; octets[at] - ZERO >= 0 && octets[at] - ZERO <= 9; at++) {
        value = 10 * value + octets[at] - ZERO;
      }
      const digits = at - first;
      if (digits < 1 || digits > 3 || value > 255) return false;
      if (digits > 1 && octets[first] === ZERO) return false;
      if (octets[at++] !== (part < 4 ? DOT : QUOTE)) return false;
      address = address << 8 | value;
    }
    this.#view.setUint32(0, address >>> 0);
    return true;
  }

  /** Machines name the interface to a link differently: zones are left out. */
  #indexOf(text: string): number {
    const address = withoutZone(text);
    const family = familyOf(address);
    if (family === 4) this.#view.setUint32(0, parseIPv4(address));
    else if (family === 6) this.#octets.set(parseIPv6(address));
    else return -1;
    return this.#targets.indexOf(this.#words, family);
  }
}
