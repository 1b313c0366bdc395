/**
 * A header as the bit diagram that RFCs draw, with its values filled in.
 *
 * @module
 */

import type { Field } from "../../wire/field.ts";
import { BITS_PER_ROW, type DiagramCell, diagramRows } from "./diagram_rows.ts";

const SCALE = [
  " 0                   1                   2                   3",
  " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1",
];

/**
 * Draws 32 bits a row, 65 columns wide: above in each box the field's name, in
 * short where it must be, below its value. A field of several rows is one box.
 *
 * @param octets the header that `fields` describe
 */
export function renderDiagram(
  octets: Uint8Array,
  fields: readonly Field[],
): string[] {
  const lines = [...SCALE];
  for (const row of diagramRows(octets, fields)) {
    const isInside = row.every(({ isContinued }) => isContinued);
    if (!isInside) lines.push(drawRule(row), drawRow(row, labelOf));
    lines.push(drawRow(row, valueOf));
  }
  return [...lines, "+-".repeat(BITS_PER_ROW) + "+"];
}

/** Open above what goes on. */
function drawRule(row: readonly DiagramCell[]): string {
  const parts = row.map(({ bitWidth, isContinued }) =>
    isContinued ? "+".padEnd(2 * bitWidth) : "+-".repeat(bitWidth)
  );
  const drawn = row.reduce((sum, { bitWidth }) => sum + bitWidth, 0);
  return parts.join("") + "+-".repeat(BITS_PER_ROW - drawn) + "+";
}

function labelOf(cell: DiagramCell): string {
  const { label, abbreviation, path, bitWidth, isContinued } = cell;
  if (isContinued) return "";
  const room = roomFor(bitWidth);
  if (label.length <= room) return label;
  return abbreviation ?? path.at(-1)?.slice(0, room) ?? "";
}

function valueOf({ text, value, bitWidth }: DiagramCell): string {
  return text.length <= roomFor(bitWidth) ? text : value;
}

/** Columns inside a box: two for each bit, less the border. */
function roomFor(bitWidth: number): number {
  return 2 * bitWidth - 1;
}

function drawRow(
  row: readonly DiagramCell[],
  text: (cell: DiagramCell) => string,
): string {
  const boxes = row.map((cell) => centre(text(cell), roomFor(cell.bitWidth)));
  return `|${boxes.join("|")}|`;
}

function centre(text: string, width: number): string {
  const left = (width - text.length) >> 1;
  return (" ".repeat(left) + text).padEnd(width);
}
