/**
 * Instants as text, and what happened then as JSON.
 *
 * @module
 */

import { jsonLine } from "./text.ts";

/**
 * The calendar repeats itself, days of the week included, after 400 years of
 * 146,097 days. So a date far from ours is one that JavaScript's Date knows, in
 * another year.
 */
const CYCLE_YEARS = 400;
const CYCLE_NS = 146_097n * 86_400n * 1_000_000_000n;
const NANOSECONDS_PER_MS = 1_000_000n;
const NANOSECONDS_PER_SECOND = 1_000_000_000;

/** The first cycle is that of 1970 to 2369. */
const FIRST_YEAR = 1970;

/** Files count no year of more than twelve digits. */
const TIMESTAMP =
  /^(\d{4}|[+-]\d{6,12})(-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;

/**
 * Tells the second that an instant is in, and the nine digits behind it. The
 * text of the second is kept: of many instants most are in that of the last.
 */
class SecondText {
  readonly #textOf: (date: Date, cycles: number) => string;
  #startNs = 0n;
  #text: string | undefined;

  /** @param textOf the text of a second, of so many cycles after its date */
  constructor(textOf: (date: Date, cycles: number) => string) {
    this.#textOf = textOf;
  }

  of(timestampNs: bigint): string {
    let ns = Number(timestampNs - this.#startNs);
    if (this.#text === undefined || ns < 0 || ns >= NANOSECONDS_PER_SECOND) {
      ns = Number(timestampNs % BigInt(NANOSECONDS_PER_SECOND));
      if (ns < 0) ns += NANOSECONDS_PER_SECOND;
      this.#startNs = timestampNs - BigInt(ns);
      this.#text = this.#textOf(...inFirstCycle(this.#startNs));
    }
    return `${this.#text}.${`${ns}`.padStart(9, "0")}`;
  }
}

/** A second as the one at the same time of the first cycle. */
function inFirstCycle(startNs: bigint): [date: Date, cycles: number] {
  let cycles = startNs / CYCLE_NS;
  let ns = startNs % CYCLE_NS;
  if (ns < 0n) {
    ns += CYCLE_NS;
    cycles--;
  }
  return [new Date(Number(ns / NANOSECONDS_PER_MS)), Number(cycles)];
}

const UTC = new SecondText((date, cycles) => {
  const text = date.toISOString().slice(0, -".000Z".length);
  if (cycles === 0) return text;
  return yearText(date.getUTCFullYear() + cycles * CYCLE_YEARS) + text.slice(4);
});

const LOCAL = new SecondText((date) =>
  [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((value) => `${value}`.padStart(2, "0")).join(":")
);

/**
 * Nanoseconds since 1970 as RFC 3339 writes them, in UTC with all nine digits:
 * `2026-01-02T03:04:05.678901234Z`. Years before 0 and after 9999 have a sign
 * and six digits or more, as in ISO 8601's expanded form.
 */
export function formatTimestamp(timestampNs: bigint): string {
  return `${UTC.of(timestampNs)}Z`;
}

/** The second that was told last, for many are told in one. */
let told = { second: NaN, text: "" };

/** The same of seconds since 1970, which tell microseconds. */
export function formatSeconds(time: number): string {
  const microseconds = Math.round(time * 1e6);
  const second = Math.floor(microseconds / 1e6);
  if (second !== told.second) {
    const text = new Date(second * 1000).toISOString().slice(0, -"000Z".length);
    told = { second, text };
  }
  const digits = `${microseconds - second * 1e6}`.padStart(6, "0");
  return `${told.text}${digits}Z`;
}

/**
 * The reverse of both; of the digits behind the point there may be fewer.
 *
 * @throws {RangeError} if it is no such text
 */
export function parseTimestamp(text: string): bigint {
  const [, year, rest, digits = ""] = TIMESTAMP.exec(text) ?? [];
  const cycles = Math.floor((Number(year) - FIRST_YEAR) / CYCLE_YEARS);
  const near = `${Number(year) - cycles * CYCLE_YEARS}${rest}`;
  const ms = year === undefined ? NaN : Date.parse(`${near}Z`);
  // A 30th of February would be one of the next month.
  if (ms >= 0 && new Date(ms).toISOString().startsWith(near)) {
    return BigInt(cycles) * CYCLE_NS + BigInt(ms) * NANOSECONDS_PER_MS +
      BigInt(digits.padEnd(9, "0"));
  }
  throw new RangeError(
    "a timestamp must be such as 2026-01-02T03:04:05.678901234Z, but is " +
      JSON.stringify(text),
  );
}

/** `hh:mm:ss.µµµµµµ`, in this machine's time zone. */
export function timeOfDay(timestampNs: bigint): string {
  return LOCAL.of(timestampNs).slice(0, -3);
}

function yearText(year: number): string {
  const digits = `${Math.abs(year)}`;
  return year >= 0 && year <= 9999
    ? digits.padStart(4, "0")
    : `${year < 0 ? "-" : "+"}${digits.padStart(6, "0")}`;
}

/**
 * A line of JSON with its `timestamp`; times in milliseconds keep three digits
 * behind the point, since what is below a microsecond is the clocks' noise.
 *
 * @param time seconds since 1970; default now
 */
export function timedLine(value: object, time = Date.now() / 1000): string {
  return jsonLine({ ...value, timestamp: formatSeconds(time) }, inMicroseconds);
}

function inMicroseconds(key: string, value: unknown): unknown {
  return typeof value === "number" && key.endsWith("Ms")
    ? toMicroseconds(value)
    : value;
}

/** Milliseconds with three digits behind the point. */
export function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
