/**
 * Tries inputs in a thread of its own, which `main.ts` watches: what hangs
 * cannot say so itself.
 *
 * @module
 */

import { fuzz, FuzzFailure, type FuzzInput, type FuzzReport } from "./fuzz.ts";

/** What the worker is told. */
export interface FuzzOrder {
  readonly seed: number;
  readonly inputs: number;
  /** The number of the input being tried. */
  readonly progress: SharedArrayBuffer;
}

/** What it says in the end. */
export type FuzzOutcome =
  | { readonly report: FuzzReport }
  | { readonly failure: string; readonly input?: FuzzInput };

const self = globalThis as unknown as Worker;

self.onmessage = async ({ data }: MessageEvent<FuzzOrder>) => {
  const { seed, inputs, progress } = data;
  const counter = new Int32Array(progress);
  let outcome: FuzzOutcome;
  try {
    const onInput = (_: FuzzInput, number: number) => counter[0] = number;
    outcome = { report: await fuzz({ seed, inputs, onInput }) };
  } catch (error) {
    outcome = error instanceof FuzzFailure
      ? { failure: error.message, input: error.input }
      : { failure: `${error instanceof Error ? error.stack : error}` };
  }
  self.postMessage(outcome);
};
