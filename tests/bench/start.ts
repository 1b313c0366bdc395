/**
 * How long a bundled script takes to say what it does.
 *
 * @module
 */

import { runProgram } from "../../lib/lab/command.ts";
import { bestRates, type Row } from "./row.ts";

const ROUNDS = 30;

export async function benchStart(): Promise<Row[]> {
  const folder = await Deno.makeTempDir();
  const root = new URL("../../", import.meta.url).pathname;
  const deno = Deno.execPath();
  await runProgram(deno, ["run", "-A", `${root}scripts/bundle.ts`, folder]);
  await Deno.writeTextFile(`${folder}/empty.js`, "");
  const run = (...args: string[]) => async () => {
    const start = performance.now();
    await runProgram(deno, ["run", "--allow-ffi", ...args]);
    return 1000 / (performance.now() - start);
  };
  const best = await bestRates(ROUNDS, {
    empty: run(`${folder}/empty.js`),
    send: run(`${folder}/send.js`, "--help"),
    receive: run(`${folder}/receive.js`, "--help"),
  });
  await Deno.remove(folder, { recursive: true });
  return (["send", "receive"] as const).map((name) => ({
    work: `${name}.js --help (ratio: at most 2 times as long)`,
    raw4: `${(1000 / best[name]).toFixed(1)} ms`,
    reference: `empty file ${(1000 / best.empty).toFixed(1)} ms`,
    ratio: best[name] / best.empty,
    wanted: 0.5,
  }));
}
