/**
 * Measurements by turns, and what they say of one another.
 *
 * @module
 */

import { perSecond, type Row } from "./row.ts";

/** One measurement. */
export interface Sample {
  /** How much was done a second. */
  readonly rate: number;
  /** Seconds of processors that it took, where they are known. */
  readonly cpuSeconds?: number;
}

/** How a row is made of two of the measurements. */
export interface RowOptions {
  /** The least that the ratio should be. */
  readonly wanted?: number;
  /** Shows a rate; default thousands a second. */
  readonly show?: (rate: number) => string;
}

/**
 * Runs measurements by turns, so that a neighbour's load falls on all of them.
 *
 * @param rounds how often
 */
export async function alternate<Name extends string>(
  rounds: number,
  measurements: Readonly<
    Record<Name, () => number | Sample | Promise<number | Sample>>
  >,
): Promise<Rounds<Name>> {
  const samples = {} as Record<Name, Sample[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name in measurements) {
      const made = await measurements[name]();
      const sample = typeof made === "number" ? { rate: made } : made;
      (samples[name] ??= []).push(sample);
    }
  }
  return new Rounds(samples);
}

/** What was measured, round by round. */
export class Rounds<Name extends string> {
  /** @param samples of each measurement, one a round */
  constructor(readonly samples: Readonly<Record<Name, readonly Sample[]>>) {}

  /** The rate of the middle round. */
  median(name: Name): number {
    return median(this.samples[name].map(({ rate }) => rate));
  }

  /**
   * Compares two: a round's figures with each other, so that what changes from
   * round to round does not count.
   */
  row(
    work: string,
    ours: Name,
    [label, theirs]: readonly [label: string, name: Name],
    { wanted, show = perSecond }: RowOptions = {},
  ): Row {
    const ratios = this.samples[ours].map(({ rate }, round) =>
      rate / this.samples[theirs][round].rate
    );
    return {
      work,
      raw4: show(this.median(ours)),
      reference: `${label} ${show(this.median(theirs))}`,
      ratio: median(ratios),
      spread: spread(ratios),
      wanted,
      cpuSeconds: [this.#cpuSeconds(ours), this.#cpuSeconds(theirs)],
    };
  }

  #cpuSeconds(name: Name): number | undefined {
    const known = this.samples[name]
      .map(({ cpuSeconds }) => cpuSeconds)
      .filter((seconds) => seconds !== undefined);
    return known.length > 0 ? median(known) : undefined;
  }
}

/** The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** How far half of the numbers are from the middle one, at most; of it. */
function spread(numbers: readonly number[]): number {
  const middle = median(numbers);
  return median(numbers.map((number) => Math.abs(number - middle))) / middle;
}
