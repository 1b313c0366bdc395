/**
 * How long a script takes to say what it does, and to send one packet to this
 * host: beside a file with nothing in it.
 *
 * @module
 */

import { runProgram } from "../../lib/lab/command.ts";
import { alternate, type Sample } from "./frame/rounds.ts";
import type { Row } from "./frame/row.ts";
import { milliseconds, timed } from "./frame/timed.ts";

const ROUNDS = 30;

/** What is started, how, and how many times as long as an empty file at most. */
const STARTS: Readonly<
  Record<string, readonly [args: readonly string[], times: number]>
> = {
  "send.js --help": [["send.js", "--help"], 1.4],
  "receive.js --help": [["receive.js", "--help"], 1.4],
  "send.js, one packet": [["send.js", "127.0.0.1", "Hi"], 1.8],
  "send.ts --help": [
    [`${import.meta.dirname}/../../scripts/send.ts`, "--help"],
    2.5,
  ],
};

export async function benchStart(): Promise<Row[]> {
  const folder = await Deno.makeTempDir();
  const root = `${import.meta.dirname}/../../`;
  const deno = Deno.execPath();
  await runProgram(deno, ["run", "-A", `${root}scripts/bundle.ts`, folder]);
  await Deno.writeTextFile(`${folder}/empty.js`, "");
  const run = (file: string, ...args: readonly string[]) => () => {
    const path = file.startsWith("/") ? file : `${folder}/${file}`;
    return timed([deno, "run", "--allow-ffi", path, ...args]);
  };
  const starts = Object.entries(STARTS);
  const rounds = await alternate(ROUNDS, {
    empty: run("empty.js"),
    ...Object.fromEntries(
      starts.map(([work, [[file, ...args]]]) => [work, run(file, ...args)]),
    ),
  } as Readonly<Record<string, () => Promise<Sample>>>);
  await Deno.remove(folder, { recursive: true });
  return starts.map(([work, [, times]]) =>
    rounds.row(
      `${work} (ratio: at most ${times} times as long)`,
      work,
      ["empty file", "empty"],
      { wanted: 1 / times, show: milliseconds },
    )
  );
}
