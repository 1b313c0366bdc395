/**
 * A header's bit diagram as pure data: rows of 32 bits, cut into cells.
 *
 * @module
 */

import { type Field, hex } from "../../wire/field.ts";

/** As RFCs draw headers. */
export const BITS_PER_ROW = 32;

/** What stands in one row of a diagram, of a field or of a part of one. */
export interface DiagramCell {
  /** Bits from the start of the header. */
  readonly bitOffset: number;
  /** Width in bits, up to 32. */
  readonly bitWidth: number;
  /** The field's name in its RFC; empty between fields. */
  readonly label: string;
  /** The same for a narrow cell, where the field has one. */
  readonly abbreviation?: string;
  /** The field's value for people; of a field of several cells, their octets. */
  readonly text: string;
  /** The bits as a number: in hexadecimal from 16 bits on. */
  readonly value: string;
  /** The names that lead to the field; none between fields. */
  readonly path: readonly string[];
  /** Whether an earlier cell begins the field. */
  readonly isContinued: boolean;
}

/** A field that has cells of its own. */
interface Leaf {
  readonly field: Pick<Field, "label" | "abbreviation" | "name" | "text">;
  readonly path: readonly string[];
  readonly bitOffset: number;
  readonly bitWidth: number;
}

/**
 * Cuts a header into rows of 32 bits, and these into cells, in wire order. What
 * is between fields has a cell without a name; the last row may be shorter.
 *
 * @param octets the header that `fields` describe
 */
export function diagramRows(
  octets: Uint8Array,
  fields: readonly Field[],
): DiagramCell[][] {
  const rows: DiagramCell[][] = [];
  for (const leaf of withoutGaps(fields.flatMap((field) => leaves(field)))) {
    const end = Math.min(leaf.bitOffset + leaf.bitWidth, octets.length * 8);
    for (let at = leaf.bitOffset; at < end;) {
      const row = Math.floor(at / BITS_PER_ROW);
      const next = Math.min(end, (row + 1) * BITS_PER_ROW);
      (rows[row] ??= []).push(cellOf(leaf, octets, at, next - at));
      at = next;
    }
  }
  return rows;
}

function cellOf(
  { field, path, bitOffset, bitWidth }: Leaf,
  octets: Uint8Array,
  at: number,
  width: number,
): DiagramCell {
  const { label, abbreviation } = field;
  const isWhole = width === bitWidth;
  const isOctets = at % 8 === 0 && width % 8 === 0;
  const value = bits(octets, at, width);
  return {
    ...{ bitOffset: at, bitWidth: width, label, abbreviation },
    text: isWhole || !isOctets
      ? field.text
      : octets.subarray(at / 8, (at + width) / 8).toHex(),
    value: width < 16 ? `${value}` : hex(value, Math.ceil(width / 4)),
    path,
    isContinued: at > bitOffset,
  };
}

/** Parts that fill a field of up to 32 bits replace it. */
function leaves(field: Field, path: readonly string[] = []): Leaf[] {
  const { name, parts, bitOffset, bitWidth } = field;
  const here = [...path, name];
  const filled = parts?.reduce((sum, part) => sum + part.bitWidth, 0);
  return parts !== undefined && filled === bitWidth && bitWidth <= BITS_PER_ROW
    ? parts.flatMap((part) => leaves(part, here))
    : [{ field, path: here, bitOffset, bitWidth }];
}

const NONE = { name: "", label: "", text: "" };

/** In wire order, without overlaps, and with nameless ones in between. */
function* withoutGaps(found: readonly Leaf[]): Generator<Leaf> {
  let end = 0;
  for (const leaf of found.toSorted((a, b) => a.bitOffset - b.bitOffset)) {
    const { bitOffset, bitWidth } = leaf;
    if (bitOffset > end) {
      const gap = bitOffset - end;
      yield { field: NONE, path: [], bitOffset: end, bitWidth: gap };
    }
    if (bitOffset >= end) yield leaf;
    end = Math.max(end, bitOffset + bitWidth);
  }
}

function bits(octets: Uint8Array, bitOffset: number, bitWidth: number): number {
  let value = 0;
  for (let bit = bitOffset; bit < bitOffset + bitWidth; bit++) {
    value = value * 2 + (octets[bit >> 3] >> (7 - bit % 8) & 1);
  }
  return value;
}
