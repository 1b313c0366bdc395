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

/**
 * Every layer with its fields, one a line, at most 80 columns; data as a
 * hexdump; what is wrong with the packet last.
 */
export function renderTree(
  bytes: Uint8Array,
  { layers, problems }: Dissection,
): string[] {
  const lines = layers.flatMap((layer) => renderLayer(bytes, layer));
  for (const { layer, field, offset, reason } of problems) {
    lines.push(
      ...wrap("", `[Problem: ${layer} ${field} at ${offset}: ${reason}]`),
    );
  }
  return lines;
}

function renderLayer(bytes: Uint8Array, layer: DissectedLayer): string[] {
  const octets = bytes.subarray(layer.offset, layer.offset + layer.length);
  const { title, fields } = describeLayer(bytes, layer);
  return [
    ...wrap("", title),
    ...fields.flatMap((field) => renderField(field, octets, INDENT)),
    ...(layer.protocol === "data" ? hexdump(octets) : []),
  ];
}

function renderField(
  field: Field,
  octets: Uint8Array,
  indent: string,
): string[] {
  const pattern = bitPattern(field, octets);
  const name = `${field.label}: ${field.text}`;
  return [
    ...wrap(indent, pattern === undefined ? name : `${pattern} = ${name}`),
    ...(field.parts ?? []).flatMap((part) =>
      renderField(part, octets, indent + INDENT)
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
