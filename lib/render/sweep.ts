/**
 * What sweeping shows: a line for each host, and objects for `--json`.
 *
 * @module
 */

import type {
  SweepAlive,
  SweepProgress,
  SweepResult,
  SweepUnreachable,
} from "../tools/sweep_types.ts";
import { jsonLine } from "./text.ts";
import { wrap } from "./wrap.ts";

/** How events are to be shown. */
export interface SweepStyle {
  /** Only the addresses of those that answer. */
  readonly aliveOnly?: boolean;
  /** One JSON object a line. */
  readonly json?: boolean;
}

/** A finding as a line; `undefined` if it is not to be shown. */
export function renderSweep(
  event: SweepAlive | SweepUnreachable,
  { aliveOnly, json }: SweepStyle,
): string | undefined {
  if (aliveOnly && event.type !== "alive") return undefined;
  if (json) return jsonLine(event);
  if (event.type === "unreachable") {
    const { address, from, description } = event;
    return `${address} is unreachable (${description}, says ${from})`;
  }
  const { address, roundTripMs, ttl } = event;
  if (aliveOnly) return address;
  return `${address} is alive (${roundTripMs.toFixed(2)} ms, ttl ${ttl})`;
}

/** How far it is, in less than a line. */
export function renderProgress(progress: SweepProgress): string {
  const { sent, total, alive, elapsedMs } = progress;
  const share = Math.min(100, Math.floor(sent / total * 100));
  return `${share}% of ${count(total)}, ${count(alive)} alive, ` +
    `${(elapsedMs / 1000).toFixed(1)} s`;
}

/** The result in lines. */
export function renderSweepResult(
  result: SweepResult,
  { json }: SweepStyle,
): string[] {
  const { failure, ...figures } = result;
  if (json) {
    const reason = failure?.message ?? null;
    return [jsonLine({ type: "summary", ...figures, failure: reason })];
  }
  const { total, sent, unsent, alive, unreachable, refused, dropped } = figures;
  const parts = [
    `${count(total)} ${total === 1 ? "address" : "addresses"}`,
    `${count(sent)} sent`,
    `${count(alive)} alive`,
    ...(unreachable > 0 ? [`${count(unreachable)} unreachable`] : []),
    ...(refused > 0 ? [`${count(refused)} replies refused`] : []),
    ...(dropped > 0 ? [`${count(dropped)} dropped: try a lower rate`] : []),
    `${(figures.durationMs / 1000).toFixed(2)} s`,
  ];
  return [
    parts.join(", "),
    ...(failure === undefined
      ? []
      : wrap("", `${count(unsent)} not sent; the first: ${failure.message}`)),
  ];
}

/** With commas; `toLocaleString` would first load its tables, for 8 ms. */
function count(number: number): string {
  return `${number}`.replace(/\B(?=(\d{3})+$)/g, ",");
}
