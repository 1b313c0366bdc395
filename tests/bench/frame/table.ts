/**
 * The table of a run: what machine it was, its rows, and which of them are
 * worse than those that are kept.
 *
 * @module
 */

import { runProgram } from "../../../lib/lab/command.ts";
import type { Row } from "./row.ts";

/** How much worse than the kept ratio is told. */
const WORSE = 0.95;

/** What a run's figures depend on. */
export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly kernel: string;
  readonly deno: string;
  /** Processes that wanted a processor in the minute before. */
  readonly load: number;
}

/** Asks what this machine is. */
export async function thisMachine(): Promise<Machine> {
  const cpu = await Deno.readTextFile("/proc/cpuinfo");
  const kernel = await runProgram("uname", ["-srm"]);
  const saying = (name: string) =>
    new RegExp(`^${name}\\s*: (.*)$`, "m").exec(cpu)?.[1] ?? "unknown";
  return {
    // Several generations of virtual machines share a name.
    processor: `${saying("model name")} (family ${saying("cpu family")}, ` +
      `model ${saying("model")}, ${saying("cpu MHz")} MHz)`,
    processors: navigator.hardwareConcurrency,
    kernel: kernel.trim(),
    deno: Deno.version.deno,
    load: Deno.loadavg()[0],
  };
}

/** The machine in a line. */
export function machineText(machine: Machine): string {
  const { processor, processors, kernel, deno, load } = machine;
  return `${processor}, ${processors} processors; ${kernel}; Deno ${deno}; ` +
    `load ${load.toFixed(1)} before`;
}

const COLUMNS = [
  ...["work", "raw4", "against", "ratio", "±", "at least", "CPU s"],
];

/** The table, in Markdown. */
export function tableText(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.work,
    row.raw4,
    row.reference,
    row.ratio?.toFixed(2) ?? "",
    row.spread === undefined ? "" : `${(100 * row.spread).toFixed(0)} %`,
    row.wanted?.toFixed(2) ?? "",
    cpuText(row.cpuSeconds ?? []),
  ]);
  const widths = COLUMNS.map((name, i) =>
    Math.max(name.length, ...cells.map((line) => line[i].length))
  );
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, i) => text.padEnd(widths[i])).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [COLUMNS, rule, ...cells].map(line).join("\n");
}

function cpuText(seconds: readonly (number | undefined)[]): string {
  if (seconds.every((value) => value === undefined)) return "";
  return seconds.map((value) => value?.toFixed(2) ?? "–").join(" / ");
}

/** The ratios of a table in Markdown, by work and reference's name. */
export function keptRatios(text: string): Map<string, number> {
  const kept = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, work, , against, ratio] = line.split("|").map((cell) =>
      cell.trim()
    );
    const key = keyOf(work, against);
    // Another machine's table may stand below.
    if (Number(ratio) > 0 && !kept.has(key)) kept.set(key, Number(ratio));
  }
  return kept;
}

/** A reference is the same one, however it did. */
function keyOf(work: string, against: string): string {
  return `${work}: ${against.replaceAll(/[\d.,]+/g, "#")}`;
}

/** Says of each row that is worse by 5 % than the kept one that it is. */
export function worseRows(
  rows: readonly Row[],
  kept: ReadonlyMap<string, number>,
): string[] {
  return rows.flatMap(({ work, reference, ratio }) => {
    const before = kept.get(keyOf(work, reference));
    if (ratio === undefined || before === undefined) return [];
    if (ratio >= WORSE * before) return [];
    return [
      `worse: ${work}: ${ratio.toFixed(2)}, and ${before.toFixed(2)} is kept`,
    ];
  });
}
