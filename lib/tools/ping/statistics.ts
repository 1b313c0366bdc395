/**
 * Figures over a series of measurements.
 *
 * All are `undefined` for an empty series.
 *
 * @module
 */

/** The arithmetic mean. */
export function mean(values: readonly number[]): number | undefined {
  return values.length === 0
    ? undefined
    : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The standard deviation of the whole series, as iputils' `mdev`. */
export function standardDeviation(
  values: readonly number[],
): number | undefined {
  const middle = mean(values);
  if (middle === undefined) return undefined;
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2))!);
}

/**
 * The value that a share of the series does not exceed (nearest rank).
 *
 * @param share 0–1; 0.5 for the median
 */
export function percentile(
  values: readonly number[],
  share: number,
): number | undefined {
  // Numbers alone are sorted many times as fast.
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/**
 * The mean of the differences between neighbours, as icmplib's jitter; 0 for a
 * series of one.
 */
export function jitter(values: readonly number[]): number | undefined {
  if (values.length === 1) return 0;
  return mean(values.slice(1).map((value, i) => Math.abs(value - values[i])));
}
