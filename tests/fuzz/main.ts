/**
 * Fuzzes everything that reads packets, files and text. The same seed is the
 * same run; the first input that something is wrong with ends it, exit 1.
 *
 *     deno task fuzz [inputs] [seed]
 *
 * @module
 */

import { fuzz, FuzzFailure, type FuzzInput } from "./fuzz.ts";
import type { FuzzOrder, FuzzOutcome } from "./worker.ts";

/** Not even a busy machine needs so long for one input. */
const PATIENCE_MS = 20_000;
const SHOWN_EVERY = 100_000;

const [inputs, seed] = [
  Deno.args[0] ?? 1_000_000,
  Deno.args[1] ?? Date.now() % 2 ** 32,
].map(Number);
if (!(inputs > 0 && seed >= 0)) {
  console.error("fuzz: wanted: [inputs] [seed], both whole numbers");
  Deno.exit(2);
}

console.log(`${inputs} inputs, seed ${seed}`);
const start = performance.now();
const outcome = await watch({
  seed,
  inputs,
  progress: new SharedArrayBuffer(4),
});
const seconds = (performance.now() - start) / 1000;
if ("failure" in outcome) {
  console.error(`${outcome.failure}\nseed ${seed}`);
  if (outcome.input !== undefined) console.error(describe(outcome.input));
  Deno.exit(1);
}
const { counts, corpus, features } = outcome.report;
for (const [kind, count] of Object.entries(counts)) {
  console.log(`${`${count}`.padStart(9)} × ${kind}`);
}
console.log(
  `no fault; ${features} different things seen, in ${corpus} packets kept; ` +
    `${seconds.toFixed(0)} s`,
);

/** Runs it in another thread, and ends it there if it hangs. */
async function watch(order: FuzzOrder): Promise<FuzzOutcome> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
  });
  const counter = new Int32Array(order.progress);
  let before = 0;
  let shown = 0;
  let since = performance.now();
  let timer: ReturnType<typeof setInterval> | undefined;
  const hangs = new Promise<number>((resolve) => {
    timer = setInterval(() => {
      const number = counter[0];
      if (number - shown >= SHOWN_EVERY) {
        shown = number - number % SHOWN_EVERY;
        console.log(`${`${shown}`.padStart(9)} tried`);
      }
      if (number !== before) since = performance.now();
      before = number;
      if (performance.now() - since > PATIENCE_MS) resolve(number);
    }, 200);
  });
  const ends = new Promise<FuzzOutcome>((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.postMessage(order);
  const outcome = await Promise.race([ends, hangs]);
  clearInterval(timer);
  worker.terminate();
  return typeof outcome === "number"
    ? await found(order.seed, outcome)
    : outcome;
}

/** The input of that number, which is not tried again. */
async function found(seed: number, number: number): Promise<FuzzOutcome> {
  const hung = new Error(`no end after ${PATIENCE_MS / 1000} s`);
  try {
    await fuzz({
      seed,
      inputs: number,
      onInput: (_, i) => {
        if (i === number) throw hung;
      },
    });
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error;
    return { failure: `input ${number}: ${hung.message}`, input: error.input };
  }
  return { failure: `input ${number}: ${hung.message}` };
}

function describe({ kind, octets, linkType }: FuzzInput): string {
  const link = linkType === undefined ? "" : `, link type ${linkType}`;
  return `${kind}${link}: ${octets.toHex()}`;
}
