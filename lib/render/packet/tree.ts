/**
 * A dissected packet as the tree that Wireshark shows.
 *
 * @module
 */

import { counted } from "../../wire/errors.ts";
import {
  describeLayer,
  type DissectedLayer,
  type Dissection,
  type PacketTrailer,
} from "../../wire/packet/dissect.ts";
import type { Field } from "../../wire/field.ts";
import { wrap } from "../wrap.ts";

const INDENT = "    ";
const PER_LINE = 16;

/** How a tree is drawn. */
export interface TreeStyle {
  /** Before each line, where it stands in the packet, and how long it is. */
  readonly offsets?: boolean;
  /** What each line begins with; default nothing. */
  readonly indent?: string;
}

/**
 * Every layer with its fields, one a line, at most 80 columns; data, and what is
 * behind all layers, as a hexdump; what is wrong with the packet last.
 *
 * With `offsets` each line begins with the octet, the bit within it, and the
 * width in bits: ` 6.1    1` is the second bit of the seventh octet.
 */
export function renderTree(
  bytes: Uint8Array,
  { layers, problems, trailer }: Dissection,
  { offsets = false, indent = "" }: TreeStyle = {},
): string[] {
  const gutter: Gutter = offsets
    ? (...place) => indent + placeOf(...place)
    : () => indent;
  const lines: string[] = offsets ? [`${indent}octet.bit   bits`] : [];
  const dump = (octets: Uint8Array) => {
    for (const line of renderHexdump(octets)) lines.push(indent + line);
  };
  for (const layer of layers) addLayer(lines, bytes, layer, gutter, dump);
  if (trailer !== undefined) addTrailer(lines, bytes, trailer, gutter, dump);
  for (const { layer, field, offset, reason } of problems) {
    const text = `[Problem: ${layer} ${field} at ${offset}: ${reason}]`;
    lines.push(...wrap(indent, text));
  }
  return lines;
}

/** What a line begins with, by bits from the packet's start. */
type Gutter = (bitOffset: number, bitWidth: number) => string;
type Dump = (octets: Uint8Array) => void;

function placeOf(bitOffset: number, bitWidth: number): string {
  const place = `${bitOffset >> 3}.${bitOffset % 8}`;
  return `${place.padStart(9)}${`${bitWidth}`.padStart(7)}  `;
}

// A packet has dozens of lines: each goes where it belongs at once.
function addLayer(
  lines: string[],
  bytes: Uint8Array,
  layer: DissectedLayer,
  gutter: Gutter,
  dump: Dump,
): void {
  const { offset, length } = layer;
  const octets = bytes.subarray(offset, offset + length);
  const { title, fields } = describeLayer(bytes, layer);
  const inPacket: Gutter = (bitOffset, bitWidth) =>
    gutter(offset * 8 + bitOffset, bitWidth);
  lines.push(...wrap("", title, inPacket(0, length * 8)));
  for (const field of fields) addField(lines, field, octets, inPacket, INDENT);
  if (layer.protocol === "data") dump(octets);
}

function addTrailer(
  lines: string[],
  bytes: Uint8Array,
  { offset, length, fcsLength }: PacketTrailer,
  gutter: Gutter,
  dump: Dump,
): void {
  const end = offset + length;
  const fcsAt = end - fcsLength;
  const padding = bytes.subarray(offset, fcsAt);
  const fcs = bytes.subarray(fcsAt, end);
  const add = (at: number, { length }: Uint8Array, text: string) =>
    lines.push(...wrap("", text, gutter(at * 8, length * 8)));
  if (padding.length > 0) {
    add(offset, padding, `Trailer (${counted(padding.length, "byte")})`);
    dump(padding);
  }
  if (fcs.length > 0) {
    add(fcsAt, fcs, `Frame Check Sequence: 0x${fcs.toHex()} [unverified]`);
  }
}

function addField(
  lines: string[],
  field: Field,
  octets: Uint8Array,
  gutter: Gutter,
  indent: string,
): void {
  const { bitOffset, bitWidth, label, text, parts = [] } = field;
  const pattern = bitPattern(field, octets);
  const name = `${label}: ${text}`;
  const line = pattern === undefined ? name : `${pattern} = ${name}`;
  lines.push(...wrap(indent, line, gutter(bitOffset, bitWidth)));
  for (const part of parts) {
    addField(lines, part, octets, gutter, indent + INDENT);
  }
}

/** Every octet as ` 0a`, and as a character. */
const HEX: string[] = [];
const ASCII: string[] = [];
/** Its bits, as `0000 1010`. */
const BITS: string[] = [];
/** Those of other fields, as many as stand in a line. */
const OTHERS = ".... ".repeat(16);
for (let octet = 0; octet < 256; octet++) {
  const bits = octet.toString(2).padStart(8, "0");
  HEX.push(` ${octet.toString(16).padStart(2, "0")}`);
  ASCII.push(octet < 0x20 || octet > 0x7e ? "." : String.fromCharCode(octet));
  BITS.push(`${bits.slice(0, 4)} ${bits.slice(4)}`);
}

/** `.1.. ....`: which bits of its octets a field is, unless it is all of them. */
function bitPattern(field: Field, octets: Uint8Array): string | undefined {
  const first = field.bitOffset >> 3;
  const end = field.bitOffset + field.bitWidth;
  if (field.bitOffset % 8 === 0 && end % 8 === 0) return undefined;
  let bits = BITS[octets[first] ?? 0];
  for (let i = first + 1; i * 8 < end; i++) bits += ` ${BITS[octets[i] ?? 0]}`;
  const others = OTHERS.slice(0, bits.length);
  // Behind every fourth bit is a blank.
  const place = (bit: number) => bit + (bit >> 2);
  const from = place(field.bitOffset - first * 8);
  const to = place(end - first * 8 - 1) + 1;
  return others.slice(0, from) + bits.slice(from, to) + others.slice(to);
}

/**
 * Sixteen octets a line: offset, hexadecimal, and ASCII with a dot for what is
 * none. No line is wider than 73 columns.
 */
export function renderHexdump(octets: Uint8Array): string[] {
  const lines: string[] = [];
  for (let offset = 0; offset < octets.length; offset += PER_LINE) {
    const end = Math.min(octets.length, offset + PER_LINE);
    let hex = `${offset.toString(16).padStart(4, "0")} `;
    const width = hex.length + 3 * PER_LINE;
    let ascii = "";
    for (let i = offset; i < end; i++) {
      hex += HEX[octets[i]];
      ascii += ASCII[octets[i]];
    }
    lines.push(`${hex.padEnd(width)}   ${ascii}`);
  }
  return lines;
}
