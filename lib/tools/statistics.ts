/**
 * Figures over a series of measurements.
 *
 * All are 0 for an empty series.
 *
 * @module
 */

/** The arithmetic mean. */
export function mean(values: readonly number[]): number {
  return values.length === 0
    ? 0
    : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The standard deviation of the whole series, as iputils' `mdev`. */
export function standardDeviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/**
 * The value that a share of the series does not exceed (nearest rank).
 *
 * @param share 0–1; 0.5 for the median
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** The mean of the differences between neighbours, as icmplib's jitter. */
export function jitter(values: readonly number[]): number {
  return mean(values.slice(1).map((value, i) => Math.abs(value - values[i])));
}
