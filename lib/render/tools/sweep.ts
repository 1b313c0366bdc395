/**
 * What sweeping shows: a line for each host, and objects for `--json`.
 *
 * @module
 */

import type { SweepSummary } from "../../tools/sweep/merge.ts";
import type {
  SweepAlive,
  SweepFailed,
  SweepProgress,
  SweepUnreachable,
} from "../../tools/sweep/sweep_types.ts";
import type { CSVTable } from "../csv.ts";
import { escapeText, jsonLine } from "../text.ts";
import { formatSeconds, timedLine, toMicroseconds } from "../timestamp.ts";
import { wrap } from "../wrap.ts";

/** A row for each address of which something is known. */
export const SWEEP_TABLE: CSVTable = {
  rows: ["alive", "unreachable", "failed"],
  columns: [
    ...["type", "address", "roundTripMs", "ttl", "from", "description"],
    "reason",
  ],
};

/** How events are to be shown. */
export interface SweepStyle {
  /** Only the addresses of those that answer. */
  readonly aliveOnly?: boolean;
  /** One JSON object a line. */
  readonly json?: boolean;
}

/** A finding as a line; `undefined` if it is not to be shown. */
export function renderSweep(
  event: SweepAlive | SweepUnreachable | SweepFailed,
  { aliveOnly, json }: SweepStyle,
): string | undefined {
  if (aliveOnly && event.type !== "alive") return undefined;
  if (event.type === "failed") {
    const { type, address, error } = event;
    // Lines count them in the end.
    return json
      ? timedLine({ type, address, reason: error.message })
      : undefined;
  }
  if (json) {
    // By hand, for there may be hundreds of thousands a second.
    const { time, ...facts } = event;
    const timestamp = formatSeconds(time);
    return jsonLine(
      event.type === "alive"
        ? {
          ...facts,
          /** From handing the request over until the kernel received the reply. */
          roundTripMs: toMicroseconds(event.roundTripMs),
          timestamp,
        }
        : { ...facts, timestamp },
    );
  }
  if (event.type === "unreachable") {
    const { address, from, description } = event;
    return `${address} is unreachable (${description}, says ${from})`;
  }
  const { address, roundTripMs, ttl } = event;
  if (aliveOnly) return address;
  return `${address} is alive (${roundTripMs.toFixed(2)} ms, ttl ${ttl})`;
}

/** As it was written, and safe on a terminal. */
const ALIVE =
  /^\{"type":"alive","address":"[\da-f.:]+","roundTripMs":[\d.e-]+,"ttl":\d+,"timestamp":"[-\d:.TZ]+"\}$/;

/** What lines say of a finding, beside its address. */
const SAID = {
  alive: ["roundTripMs", "ttl"],
  unreachable: ["description", "from"],
};

/**
 * A finding that was shown as JSON, shown again.
 *
 * @throws {RangeError} if it is none
 */
export function renderSweepLine(
  line: string,
  style: SweepStyle,
): string | undefined {
  if (style.json && ALIVE.test(line)) return line;
  try {
    const event = JSON.parse(line);
    if (event.type === "failed" || style.json) {
      const isWanted = style.json &&
        (event.type === "alive" || !style.aliveOnly);
      return isWanted ? jsonLine(event) : undefined;
    }
    const said: readonly string[] = SAID[event.type as keyof typeof SAID];
    if (said.some((key) => event[key] === undefined)) throw new RangeError();
    return escapeText(renderSweep(event, style) ?? "") || undefined;
  } catch {
    throw new RangeError(`no finding of a sweep: ${line}`);
  }
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
  result: SweepSummary,
  { json }: SweepStyle,
): string[] {
  const { failure, shard, ...figures } = result;
  if (json) {
    const share = `${shard.index}/${shard.count}`;
    const reason = failure?.message ?? null;
    const rest = { ...figures, failure: reason };
    return [timedLine({ type: "summary", shard: share, ...rest })];
  }
  const { total, sent, unsent, alive, unreachable, refused, dropped } = figures;
  const parts = [
    `${count(total)} ${total === 1 ? "address" : "addresses"}`,
    `${count(sent)} sent`,
    ...(unsent > 0 ? [`${count(unsent)} of them could not leave`] : []),
    `${count(alive)} alive`,
    ...(unreachable > 0 ? [`${count(unreachable)} unreachable`] : []),
    ...(refused > 0
      ? [`${count(refused)} ${refused === 1 ? "reply" : "replies"} refused`]
      : []),
    ...(dropped ? [`${count(dropped)} dropped: try a lower rate`] : []),
    `${(figures.durationMs / 1000).toFixed(2)} s`,
  ];
  return wrap("", parts.join(", "));
}

/**
 * Reads a summary that {@linkcode renderSweepResult} has made as JSON;
 * `undefined` if it was cut off, whatever was written behind it.
 *
 * @throws {RangeError} if it is none
 */
export function parseSweepSummary(line: string): SweepSummary | undefined {
  const summary = parsed(line);
  if (summary === undefined) return undefined;
  const { shard, failure, type: _, timestamp: __, ...rest } = summary;
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(shard)?.map(Number) ?? [];
  const areTold = FIGURES.every((key) => Number.isFinite(rest[key]));
  const isShare = index >= 1 && index <= count;
  if (!isShare || !areTexts(rest.ranges) || !areTold) {
    throw new RangeError("no summary of a share: of another version's, maybe");
  }
  return {
    ...rest,
    shard: { index, count },
    failure: failure === null ? undefined : { message: `${failure}` },
  };
}

function parsed(line: string) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function areTexts(values: unknown): boolean {
  return Array.isArray(values) && values.length > 0 &&
    values.every((value) => typeof value === "string");
}

/** What is added up where shares are joined. */
const FIGURES = [
  ...["total", "asked", "sent", "unsent", "alive", "unreachable", "refused"],
  "durationMs",
];

/** With commas; `toLocaleString` would first load its tables, for 8 ms. */
function count(number: number): string {
  return `${number}`.replace(/\B(?=(\d{3})+$)/g, ",");
}
