/**
 * A dissected packet as the tree that Wireshark shows.
 *
 * @module
 */

import {
  describeLayer,
  type DissectedLayer,
  type Dissection,
} from "../wire/dissect.ts";
import type { Field } from "../wire/field.ts";
import { hexdump } from "./hexdump.ts";
import { wrap } from "./wrap.ts";

const INDENT = "    ";

/** How a tree is drawn. */
export interface TreeStyle {
  /** Before each line, where it stands in the packet, and how long it is. */
  readonly offsets?: boolean;
}

/**
 * Every layer with its fields, one a line, at most 80 columns; data as a
 * hexdump; what is wrong with the packet last.
 *
 * With `offsets` each line begins with the octet, the bit within it, and the
 * width in bits: ` 6.1    1` is the second bit of the seventh octet.
 */
export function renderTree(
  bytes: Uint8Array,
  { layers, problems }: Dissection,
  { offsets = false }: TreeStyle = {},
): string[] {
  const gutter = offsets ? placeOf : () => "";
  const lines = layers.flatMap((layer) => renderLayer(bytes, layer, gutter));
  for (const { layer, field, offset, reason } of problems) {
    const text = `[Problem: ${layer} ${field} at ${offset}: ${reason}]`;
    lines.push(...wrap("", text));
  }
  if (!offsets) return lines;
  return ["octet.bit   bits", ...lines];
}

/** What a line begins with, by bits from the packet's start. */
type Gutter = (bitOffset: number, bitWidth: number) => string;

function placeOf(bitOffset: number, bitWidth: number): string {
  const place = `${bitOffset >> 3}.${bitOffset % 8}`;
  return `${place.padStart(9)}${`${bitWidth}`.padStart(7)}  `;
}

function renderLayer(
  bytes: Uint8Array,
  layer: DissectedLayer,
  gutter: Gutter,
): string[] {
  const { offset, length } = layer;
  const octets = bytes.subarray(offset, offset + length);
  const { title, fields } = describeLayer(bytes, layer);
  const inPacket: Gutter = (bitOffset, bitWidth) =>
    gutter(offset * 8 + bitOffset, bitWidth);
  return [
    ...wrap("", title, inPacket(0, length * 8)),
    ...fields.flatMap((field) => renderField(field, octets, inPacket, INDENT)),
    ...(layer.protocol === "data" ? hexdump(octets) : []),
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
