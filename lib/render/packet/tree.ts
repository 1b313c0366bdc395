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
  const dump = (octets: Uint8Array) =>
    renderHexdump(octets).map((line) => indent + line);
  const lines = layers.flatMap((layer) =>
    renderLayer(bytes, layer, gutter, dump)
  );
  if (trailer !== undefined) {
    lines.push(...renderTrailer(bytes, trailer, gutter, dump));
  }
  for (const { layer, field, offset, reason } of problems) {
    const text = `[Problem: ${layer} ${field} at ${offset}: ${reason}]`;
    lines.push(...wrap(indent, text));
  }
  if (!offsets) return lines;
  return [`${indent}octet.bit   bits`, ...lines];
}

/** What a line begins with, by bits from the packet's start. */
type Gutter = (bitOffset: number, bitWidth: number) => string;
type Dump = (octets: Uint8Array) => string[];

function placeOf(bitOffset: number, bitWidth: number): string {
  const place = `${bitOffset >> 3}.${bitOffset % 8}`;
  return `${place.padStart(9)}${`${bitWidth}`.padStart(7)}  `;
}

function renderLayer(
  bytes: Uint8Array,
  layer: DissectedLayer,
  gutter: Gutter,
  dump: Dump,
): string[] {
  const { offset, length } = layer;
  const octets = bytes.subarray(offset, offset + length);
  const { title, fields } = describeLayer(bytes, layer);
  const inPacket: Gutter = (bitOffset, bitWidth) =>
    gutter(offset * 8 + bitOffset, bitWidth);
  return [
    ...wrap("", title, inPacket(0, length * 8)),
    ...fields.flatMap((field) => renderField(field, octets, inPacket, INDENT)),
    ...(layer.protocol === "data" ? dump(octets) : []),
  ];
}

function renderTrailer(
  bytes: Uint8Array,
  { offset, length, fcsLength }: PacketTrailer,
  gutter: Gutter,
  dump: Dump,
): string[] {
  const end = offset + length;
  const fcsAt = end - fcsLength;
  const padding = bytes.subarray(offset, fcsAt);
  const fcs = bytes.subarray(fcsAt, end);
  const line = (at: number, { length }: Uint8Array, text: string) =>
    wrap("", text, gutter(at * 8, length * 8));
  return [
    ...(padding.length === 0 ? [] : [
      ...line(offset, padding, `Trailer (${counted(padding.length, "byte")})`),
      ...dump(padding),
    ]),
    ...(fcs.length === 0 ? [] : line(
      fcsAt,
      fcs,
      `Frame Check Sequence: 0x${fcs.toHex()} [unverified]`,
    )),
  ];
}

function renderField(
  field: Field,
  octets: Uint8Array,
  gutter: Gutter,
  indent: string,
): string[] {
  const { bitOffset, bitWidth, label, text, parts = [] } = field;
  const pattern = bitPattern(field, octets);
  const name = `${label}: ${text}`;
  return [
    ...wrap(
      indent,
      pattern === undefined ? name : `${pattern} = ${name}`,
      gutter(bitOffset, bitWidth),
    ),
    ...parts.flatMap((part) =>
      renderField(part, octets, gutter, indent + INDENT)
    ),
  ];
}

/** `.1.. ....`: which bits of its octets a field is, unless it is all of them. */
function bitPattern(field: Field, octets: Uint8Array): string | undefined {
  const first = field.bitOffset >> 3;
  const end = field.bitOffset + field.bitWidth;
  if (field.bitOffset % 8 === 0 && end % 8 === 0) return undefined;
  let pattern = "";
  for (let bit = first * 8; bit < (end + 7 & ~7); bit++) {
    if (bit > first * 8 && bit % 4 === 0) pattern += " ";
    pattern += bit < field.bitOffset || bit >= end
      ? "."
      : octets[bit >> 3] >> (7 - bit % 8) & 1;
  }
  return pattern;
}

/**
 * Sixteen octets a line: offset, hexadecimal, and ASCII with a dot for what is
 * none. No line is wider than 73 columns.
 */
export function renderHexdump(octets: Uint8Array): string[] {
  const lines: string[] = [];
  for (let offset = 0; offset < octets.length; offset += PER_LINE) {
    const line = [...octets.subarray(offset, offset + PER_LINE)];
    const hex = line.map((octet) => octet.toString(16).padStart(2, "0"));
    const ascii = line.map((octet) =>
      octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : "."
    );
    lines.push(
      `${offset.toString(16).padStart(4, "0")}  ` +
        `${hex.join(" ").padEnd(3 * PER_LINE)}  ${ascii.join("")}`,
    );
  }
  return lines;
}
