/**
 * A header as the bit diagram that RFCs draw, with its values filled in.
 *
 * @module
 */

import type { Field } from "../wire/field.ts";

const BITS_PER_ROW = 32;
const RULE = "+-".repeat(BITS_PER_ROW) + "+";
const SCALE = [
  " 0                   1                   2                   3",
  " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1",
];

/** One box of the diagram; what is wider than a row has a value for each. */
interface Cell {
  readonly bitWidth: number;
  readonly label: string;
  readonly values: readonly string[];
}

/**
 * Draws 32 bits a row, 65 columns wide: above in each box the field's name, in
 * short where it must be, below its value.
 *
 * @param octets the header that `fields` describe
 */
export function renderDiagram(
  octets: Uint8Array,
  fields: readonly Field[],
): string[] {
  const lines = [...SCALE, RULE];
  let row: Cell[] = [];
  let bits = 0;
  for (const cell of fields.flatMap((field) => cells(field, octets))) {
    row.push(cell);
    bits += cell.bitWidth;
    if (bits % BITS_PER_ROW !== 0) continue;
    lines.push(drawRow(row, (cell) => cell.label));
    for (const i of row[0].values.keys()) {
      lines.push(drawRow(row, (cell) => cell.values[i]));
    }
    lines.push(RULE);
    row = [];
  }
  return lines;
}

function cells(field: Field, octets: Uint8Array): Cell[] {
  const { parts, bitOffset, bitWidth } = field;
  if (bitWidth > BITS_PER_ROW) {
    const start = bitOffset / 8;
    const values: string[] = [];
    for (let at = start; at < start + bitWidth / 8; at += 4) {
      values.push(octets.subarray(at, at + 4).toHex());
    }
    return [{ bitWidth, label: field.label, values }];
  }
  // Parts that fill their field replace it.
  const filled = parts?.reduce((sum, part) => sum + part.bitWidth, 0);
  if (parts !== undefined && filled === bitWidth) {
    return parts.flatMap((part) => cells(part, octets));
  }
  const room = roomFor(bitWidth);
  const { label, abbreviation, name, text } = field;
  return [{
    bitWidth,
    label: label.length <= room ? label : abbreviation ?? name.slice(0, room),
    values: [text.length <= room ? text : rawValue(octets, field)],
  }];
}

/** Columns inside a box: two for each bit, less the border. */
function roomFor(bitWidth: number): number {
  return 2 * Math.min(bitWidth, BITS_PER_ROW) - 1;
}

function rawValue(
  octets: Uint8Array,
  { bitOffset, bitWidth }: Field,
): string {
  let value = 0;
  for (let bit = bitOffset; bit < bitOffset + bitWidth; bit++) {
    value = value * 2 + (octets[bit >> 3] >> (7 - bit % 8) & 1);
  }
  if (bitWidth < 16) return `${value}`;
  return `0x${value.toString(16).padStart(bitWidth / 4, "0")}`;
}

function drawRow(row: readonly Cell[], text: (cell: Cell) => string): string {
  const boxes = row.map((cell) => centre(text(cell), roomFor(cell.bitWidth)));
  return `|${boxes.join("|")}|`;
}

function centre(text: string, width: number): string {
  const left = (width - text.length) >> 1;
  return (" ".repeat(left) + text).padEnd(width);
}
