/**
 * Sent versus wire, side by side.
 *
 * @module
 */

import type {
  ComparedField,
  ComparedValue,
  Comparison,
} from "../../compare/comparison.ts";
import { escapeText } from "../text.ts";
import { wrap } from "../wrap.ts";

const MARKS = { filled: "+", overwritten: "!", left: " " } as const;
const LABEL_WIDTH = 21;
const COLUMN_WIDTH = 18;

/**
 * A table of at most 80 columns: each field as it was given, as it left, and as
 * it arrived. `+` is what the kernel filled in, `!` what it overwrote, `~` what
 * changed on the way; below are the rules.
 */
export function renderWire(comparison: Comparison): string[] {
  const { fields, here, there, headerIncluded } = comparison;
  const columns: Column[] = [
    {
      title: headerIncluded ? "sent" : "given",
      value: (field) => field.sent,
      mark: () => " ",
      nothing: "-",
    },
    {
      title: here.isSeen ? `left ${escapeText(here.device ?? "")}` : "left",
      value: (field) => field.left,
      mark: ({ kernel }) => kernel === undefined ? " " : MARKS[kernel],
      nothing: "-",
    },
    ...(there === undefined ? [] : [{
      title: `arrived ${there.host}`,
      value: (field: ComparedField) => field.arrived,
      mark: ({ way }: ComparedField) => way === "changed" ? "~" : " ",
      nothing: there.isSeen ? "(not captured)" : "-",
    }]),
  ];
  const heading = columns.map(({ title }) => cell(` ${title}`));
  return [
    row("  Field", heading),
    ...fields.map((field) =>
      row(
        `  ${field.label}`,
        columns.map(({ value, mark, nothing }) =>
          cell(mark(field) + (value(field)?.text ?? nothing))
        ),
      )
    ),
    "",
    ...legend(fields),
    ...fields.flatMap(ruleLines),
    ...notes(comparison),
  ];
}

interface Column {
  readonly title: string;
  readonly value: (field: ComparedField) => ComparedValue | undefined;
  readonly mark: (field: ComparedField) => string;
  /** Where there is no value. */
  readonly nothing: string;
}

function cell(text: string): string {
  return text.slice(0, COLUMN_WIDTH).padEnd(COLUMN_WIDTH + 1);
}

function row(label: string, cells: readonly string[]): string {
  return (label.padEnd(LABEL_WIDTH) + cells.join("")).trimEnd();
}

function legend(fields: readonly ComparedField[]): string[] {
  const is = (what: string) => fields.some(({ kernel }) => kernel === what);
  const words = [
    is("filled") ? "+ the kernel filled in" : undefined,
    is("overwritten") ? "! the kernel overwrote" : undefined,
    fields.some(({ way }) => way === "changed")
      ? "~ changed on the way"
      : undefined,
  ].filter((word) => word !== undefined);
  return words.length === 0
    ? []
    : [words.join("   "), "All else was left as it was."];
}

function ruleLines({ label, rules }: ComparedField): string[] {
  return rules.flatMap((rule) => wrap("  ", `${label}: ${rule}`));
}

function notes({ here, there, isFragmented }: Comparison): string[] {
  const notes: string[] = [];
  if (!here.isSeen) {
    notes.push(
      "It was not seen leaving" +
        (here.device ? ` by ${escapeText(here.device)}` : "") +
        ": it waits for an ARP answer, or a firewall of this host dropped it. " +
        "--why finds out.",
    );
  } else if (there?.isSeen === false) {
    notes.push(
      `It was not seen arriving at ${there.host}: it was lost on the way. ` +
        "--why finds out.",
    );
  } else if (there === undefined && here.device !== "lo") {
    notes.push("What arrives can be seen in a lab, where all hosts are here.");
  }
  if (isFragmented) {
    notes.push("It left in fragments, the first of which is shown.");
  }
  return notes.flatMap((note) => wrap("", note));
}
