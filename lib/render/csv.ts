/**
 * What JSON lines tell, as a table for spreadsheets (RFC 4180).
 *
 * @module
 */

import { escapeText } from "./text.ts";

/** Which lines are rows, and what is in their columns. */
export interface CSVTable {
  /** Types of lines. */
  readonly rows: readonly string[];
  /** Keys of theirs; what one lacks is empty. */
  readonly columns: readonly string[];
}

/**
 * A line of JSON as a row, as {@linkcode csvRow} makes it; `undefined` if it is
 * none.
 */
export function csvOf(
  { rows, columns }: CSVTable,
  line: string,
): string | undefined {
  const told = JSON.parse(line);
  return rows.includes(told.type)
    ? csvRow(columns.map((key) => told[key]))
    : undefined;
}

/** A row; its end is CR and LF, of which the latter is left out as of any line. */
export function csvRow(values: readonly unknown[]): string {
  return `${values.map(cell).join(",")}\r`;
}

/** Nothing that a spreadsheet would calculate, or a terminal be harmed by. */
function cell(value: unknown): string {
  if (typeof value !== "string") {
    return Array.isArray(value) ? cell(value.join(" ")) : `${value ?? ""}`;
  }
  const text = escapeText(value).replace(/^[=+\-@]/, "'$&");
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
