/**
 * Instants as text.
 *
 * @module
 */

/**
 * Nanoseconds since 1970 as RFC 3339 writes them, in UTC with all nine digits:
 * `2026-01-02T03:04:05.678901234Z`.
 */
export function formatTimestamp(timestampNs: bigint): string {
  const ms = Number(timestampNs / 1_000_000n);
  const rest = `${timestampNs % 1_000_000n}`.padStart(6, "0");
  return new Date(ms).toISOString().replace("Z", `${rest}Z`);
}

/**
 * The reverse; of the digits behind the point there may be fewer.
 *
 * @throws {RangeError} if it is no such text, or before 1970
 */
export function parseTimestamp(text: string): bigint {
  const [, second, digits = ""] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text) ?? [];
  const ms = second === undefined ? NaN : Date.parse(`${second}Z`);
  if (ms >= 0) return BigInt(ms) * 1_000_000n + BigInt(digits.padEnd(9, "0"));
  throw new RangeError(
    "a timestamp must be such as 2026-01-02T03:04:05.678901234Z, but is " +
      JSON.stringify(text),
  );
}
