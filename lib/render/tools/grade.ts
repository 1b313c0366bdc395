/**
 * Graded evidence, as a table for people, or CSV and JSON for programs.
 *
 * @module
 */

import type { GradedEvidence, GradedStep } from "../../lesson/grade.ts";
import { csvRow } from "../csv.ts";
import { escapeText, jsonLine } from "../text.ts";
import { wrap } from "../wrap.ts";

/** What grading says, and what it does not. */
export const WHAT_IS_PROVED =
  "What this proves: the packets of a file meet the lesson's checks with the " +
  "values of its seed, and bear later times than the predictions. What it does " +
  "not: who made the file, and when. The student owns the machine, and can " +
  "write any packet, time and prediction into it; nothing is secret here.";

const HEADINGS = ["file", "lesson", "seed", "packets", "seen", "foretold"];

/** A table of all files, and below it what is not as it should be. */
export function renderGrades(graded: readonly GradedEvidence[]): string {
  const rows = [HEADINGS, ...graded.map(columnsOf)];
  const widths = HEADINGS.map((_, i) =>
    Math.max(...rows.map((row) => row[i].length))
  );
  const lines = rows.map((row) =>
    row.map((text, i) => text.padEnd(widths[i])).join("  ").trimEnd()
  );
  for (const { file, steps, remarks } of graded) {
    const notes = [
      ...steps.flatMap(stepNotes),
      ...remarks.map((remark) => `look: ${escapeText(remark)}`),
    ];
    if (notes.length === 0) continue;
    lines.push("", ...wrap("", `${escapeText(file)}:`));
    lines.push(...notes.flatMap((note) => wrap("  ", note)));
  }
  return [...lines, "", ...wrap("", WHAT_IS_PROVED), ""].join("\n");
}

function columnsOf(
  { file, lesson, seed, packets, steps }: GradedEvidence,
): string[] {
  return [
    ...[file, lesson, seed].map(escapeText),
    `${packets}`,
    outOf(steps, ({ isSeen }) => isSeen),
    outOf(steps, ({ isRight }) => isRight),
  ];
}

function outOf(
  steps: readonly GradedStep[],
  holds: (step: GradedStep) => boolean,
): string {
  return `${steps.filter(holds).length} of ${steps.length}`;
}

function stepNotes(step: GradedStep): string[] {
  const { id, isSeen, missing, prediction, answer, isRight } = step;
  const notes = isSeen ? [] : [`${id}: not seen: ${missing ?? "anything"}`];
  if (isRight) return notes;
  const right = answer === undefined ? "" : `, right is ${answer}`;
  const foretold = prediction === undefined
    ? "nothing was foretold"
    : `foretold was ${prediction}`;
  return [...notes, `${id}: ${foretold}${right}`].map(escapeText);
}

/** One line a file, for a spreadsheet; the first says what is in which column. */
export function renderGradesCSV(graded: readonly GradedEvidence[]): string {
  const rows = graded.map((one) => [
    ...[one.file, one.lesson, one.seed, one.packets],
    ...[one.steps.filter(({ isSeen }) => isSeen).length],
    ...[one.steps.filter(({ isRight }) => isRight).length],
    one.steps.length,
    one.remarks.join("; "),
  ]);
  const head = [...HEADINGS, "steps", "remarks"];
  return [head, ...rows].map((row) => `${csvRow(row)}\n`).join("");
}

/** One JSON object a line for each file. */
export function renderGradesJSON(graded: readonly GradedEvidence[]): string {
  return graded.map((one) => `${jsonLine(one)}\n`).join("");
}
