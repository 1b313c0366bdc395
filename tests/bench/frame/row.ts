/**
 * What a benchmark reports.
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
  /** How far half of the rounds were from that, at most: 0.02 is 2 %. */
  readonly spread?: number;
  /** The least that the ratio should be. */
  readonly wanted?: number;
  /** Seconds on processors, of raw4 and of the reference, where known. */
  readonly cpuSeconds?: readonly (number | undefined)[];
}

/** A rate of packets a second as the table shows it. */
export function perSecond(rate: number): string {
  return `${Math.round(rate / 1000).toLocaleString("en")} k/s`;
}
