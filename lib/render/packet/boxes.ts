/**
 * The boxes of a layer's bit diagram, each with the field that it is of.
 *
 * @module
 */

import { BITS_PER_ROW, type DiagramCell, diagramRows } from "./diagram_rows.ts";
import type { PlacedField, PlacedLayer } from "./placed_fields.ts";

/** Rows of a diagram at most; what is longer is data, and the dump shows it. */
const MOST_ROWS = 24;

/** A box. */
export interface Box {
  readonly cell: DiagramCell;
  /** Absent between fields. */
  readonly field: PlacedField | undefined;
  /** From 0. */
  readonly row: number;
  /** The first bit within the row. */
  readonly column: number;
  /** Whether the field is named here: in its widest part. */
  readonly isLabelled: boolean;
}

/** A diagram. */
export interface Boxes {
  readonly boxes: readonly Box[];
  readonly rows: number;
  /** Whether rows are left out at the end. */
  readonly isCut: boolean;
}

/** The boxes of a layer. */
export function boxesOf(bytes: Uint8Array, layer: PlacedLayer): Boxes {
  const { offset, length, fields } = layer;
  // Of data nothing more is drawn than what is shown.
  const end = offset + Math.min(length, (MOST_ROWS + 1) * BITS_PER_ROW / 8);
  const rows = diagramRows(
    bytes.subarray(offset, end),
    fields.filter(({ depth }) => depth === 0).map(({ field }) => field),
  );
  const boxes = rows.flatMap((cells, row) =>
    cells.map((cell) => ({
      ...{ cell, row, column: cell.bitOffset % BITS_PER_ROW },
      field: fieldOf(cell, layer),
    }))
  );
  const widest = new Map<PlacedField | undefined, number>();
  for (const { field, cell: { bitWidth } } of boxes) {
    widest.set(field, Math.max(bitWidth, widest.get(field) ?? 0));
  }
  const named = new Set<PlacedField | undefined>([undefined]);
  return {
    boxes: boxes.filter(({ row }) => row < MOST_ROWS).map((box) => {
      const { field, cell: { bitWidth } } = box;
      const isLabelled = !named.has(field) && bitWidth === widest.get(field);
      if (isLabelled) named.add(field);
      return { ...box, isLabelled };
    }),
    rows: Math.min(rows.length, MOST_ROWS),
    isCut: rows.length > MOST_ROWS,
  };
}

/**
 * A box's name and value, or what of them has room.
 *
 * @param room characters that fit into it
 */
export function textsIn({ cell, field }: Box, room: number) {
  const { label, abbreviation = "", value, path } = cell;
  const name =
    [label, abbreviation].find((one) => one !== "" && one.length <= room) ??
      (abbreviation || (path.at(-1) ?? "").slice(0, Math.max(1, room)));
  const text = field?.field.text ?? "";
  const shown = text.length <= room
    ? text
    : value.length <= room
    ? value
    : `${text.slice(0, Math.max(0, room - 1))}…`;
  return { name, text, shown };
}

/** By its names; of several so named, such as options, by where it is. */
function fieldOf(
  { path, bitOffset }: DiagramCell,
  { offset, fields }: PlacedLayer,
): PlacedField | undefined {
  const bit = offset * 8 + bitOffset;
  const name = path.join(".");
  return fields.find((field) =>
    field.path === name && field.start <= bit && bit < field.end
  );
}
