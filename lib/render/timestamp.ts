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
