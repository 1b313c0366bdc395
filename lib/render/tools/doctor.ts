/**
 * What the doctor shows: a page of lines, and objects for `--json`.
 *
 * @module
 */

import type { Diagnosis } from "../../tools/doctor/diagnosis.ts";
import type { MachineFacts } from "../../tools/doctor/machine_facts.ts";
import { escapeQuoted, jsonLine } from "../text.ts";
import { wordsOf, wrapWords } from "../wrap.ts";

/** Told apart without colour, and by those who see none. */
const MARKS = { yes: "✓", no: "✗", unknown: "–" } as const;
const WORDS = { yes: "yes", no: "no", unknown: "not known" } as const;

/** Columns of what a line is about, and of what stands before it. */
const WHAT = 20;
const BEFORE = 4;

/** A page of at most 80 columns; what to do stands below what is wrong. */
export function renderDiagnosis(diagnosis: Diagnosis): string[] {
  const { sections, scripts, pairRuns } = diagnosis;
  return [
    ...sections.flatMap(({ title, findings }) => [
      title,
      ...findings.flatMap(({ what, mark, text, remedy }) => [
        ...row(`  ${MARKS[mark]} ${what.padEnd(WHAT)}`, text),
        ...(remedy === undefined ? [] : row(REMEDY, remedy)),
      ]),
      "",
    ]),
    "Scripts",
    ...scripts.flatMap(({ script, works, because }) =>
      row(
        `  ${MARKS[works]} ${script.padEnd(WHAT)}`,
        because === undefined ? WORDS[works] : `${WORDS[works]}, ${because}`,
      )
    ),
    "",
    pairRuns
      ? "The pair, send and receive, can run on this machine."
      : "The pair, send and receive, cannot run on this machine as it is.",
    "✓ yes   ✗ no, with what to do below   – not known, or not needed",
  ];
}

const REMEDY = `${" ".repeat(BEFORE)}→ `;

function row(first: string, text: string): string[] {
  const rest = " ".repeat(first.length);
  return wrapWords(wordsOf(escapeQuoted(text)), first, rest);
}

/** One line for each finding and script, and in the end all facts. */
export function diagnosisInJSON(
  { sections, scripts, pairRuns }: Diagnosis,
  facts: MachineFacts,
): string[] {
  return [
    ...sections.flatMap(({ title, findings }) =>
      findings.map((finding) =>
        jsonLine({ type: "finding", section: title, ...finding })
      )
    ),
    ...scripts.map((script) => jsonLine({ type: "script", ...script })),
    jsonLine({ type: "summary", pairRuns, facts }),
  ];
}
