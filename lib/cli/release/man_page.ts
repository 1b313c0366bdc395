/**
 * Manual pages, as man(7) has them.
 *
 * @module
 */

import { EXIT } from "../exit.ts";
import type { ScriptDefinition } from "./definition.ts";

/** What exit codes mean, in the order of a manual. */
const EXIT_STATUS: readonly (readonly [number, string])[] = [
  [EXIT.DONE, "Done."],
  [
    EXIT.NO,
    "The network's answer was no: no reply, unreachable, timed out.",
  ],
  [EXIT.USAGE, "Bad input or usage; nothing was sent."],
  [EXIT.NOT_PERMITTED, "Not permitted, by Deno or by the system."],
  [EXIT.SYSTEM, "The system refused."],
];

/**
 * The manual page `raw4-NAME.1`.
 *
 * @param release its version, and the day it was made, as `2026-11-29`
 */
export function manPage(
  { name, flags, description, options, examples, ...rest }: ScriptDefinition,
  release: { readonly version: string; readonly date: string },
): string {
  const usages = rest.arguments.map(({ usage }) => ` ${roman(usage)}`);
  const [summary, ...details] = description.split("\n");
  const lines = [
    `.TH RAW4\\-${name.toUpperCase()} 1 ${release.date} "raw4 ${release.version}"`,
    ".SH NAME",
    `raw4\\-${name} \\- ${roman(summary.replace(/[.,:]$/, ""))}`,
    ".SH SYNOPSIS",
    `.B ${name}.js`,
    `[options]${usages.join("")}`,
    ".SH DESCRIPTION",
    roman(summary),
    ...details.flatMap((line) => [".PP", roman(line)]),
    ".PP",
    `${name}.js is started as it is, or by`,
    `.BR "deno run ${roman(flags)} ${name}.js" .`,
    ...sectionOf(
      "ARGUMENTS",
      rest.arguments.map(({ usage, description }) => [usage, description]),
    ),
    ...sectionOf(
      "OPTIONS",
      options.map(({ flags, description }) => [flags, description]),
    ),
    ".SH EXIT STATUS",
    ...EXIT_STATUS.flatMap(([code, text]) => paragraph(`${code}`, text)),
    ".SH EXAMPLES",
    ...examples.flatMap(([args, what], i) => [
      ...(i === 0 ? [] : [".PP"]),
      `${roman(what)}:`,
      ".PP",
      ".nf",
      `    ./${name}.js ${roman(args)}`.trimEnd(),
      ".fi",
    ]),
  ];
  return lines.join("\n") + "\n";
}

function sectionOf(
  title: string,
  items: readonly (readonly [term: string, text: string])[],
): string[] {
  if (items.length === 0) return [];
  return [
    `.SH ${title}`,
    ...items.flatMap(([term, text]) => paragraph(term, text)),
  ];
}

function paragraph(term: string, text: string): string[] {
  return [".TP", `\\fB${roman(term)}\\fR`, roman(text)];
}

/** Text as roff shows it unchanged. */
function roman(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq").replaceAll("`", "\\(ga").replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti").replaceAll('"', "\\(dq").replaceAll("…", "...")
    .replaceAll("–", "\\(en").replace(/^\./, "\\&.");
}
