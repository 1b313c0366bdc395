/**
 * What a benchmark reports, and how it is measured.
 *
 * @module
 */

/** One line of the table. */
export interface Row {
  /** What was done. */
  readonly work: string;
  /** How raw4 did, with its unit. */
  readonly raw4: string;
  /** What it is compared with, and how that did. */
  readonly reference: string;
  /** raw4 against the reference, so that more is better. */
  readonly ratio?: number;
  /** The least it should be. */
  readonly wanted?: number;
}

/**
 * Runs two measurements by turns and keeps the best of each, so that a
 * neighbour's load does not fall on one of them alone.
 *
 * @param rounds how often
 * @returns the best of each: the highest rates
 */
export async function bestRates<Name extends string>(
  rounds: number,
  measurements: Readonly<Record<Name, () => number | Promise<number>>>,
): Promise<Record<Name, number>> {
  const best = {} as Record<Name, number>;
  for (let round = 0; round < rounds; round++) {
    for (const name in measurements) {
      const rate = await measurements[name]();
      best[name] = Math.max(best[name] ?? 0, rate);
    }
  }
  return best;
}

/** A rate of packets a second as the table shows it. */
export function perSecond(rate: number): string {
  return `${Math.round(rate / 1000).toLocaleString("en")} k/s`;
}
