/**
 * Runs the tests where all of them can run: as root, or as root of a user
 * namespace, or as far as that goes without. Many of them are run in shares, by
 * processes side by side, for most of the time a test waits.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { tryProgram } from "../lib/lab/command.ts";
import { runHere } from "../lib/lab/restart.ts";
import { findRung, inUserNamespace } from "../lib/lab/rung.ts";
import { ROOT } from "./live/live.ts";

const SHARES = 4;
/** Of the tests alone: who runs a script need not fetch what they use. */
const LOCK = ["--frozen", `--lock=${ROOT}tests/deno.lock`];
const TOTALS = ["passed", "failed", "ignored"];

/** The files of tests at a path, in it if it is a folder. */
function testsAt(path: string): string[] {
  if (!Deno.statSync(path).isDirectory) return [path];
  return [...Deno.readDirSync(path)]
    .filter(({ name, isDirectory }) => isDirectory || name.endsWith("_test.ts"))
    .flatMap(({ name }) => testsAt(`${path}/${name}`));
}

const isNamespaced = await findRung() === "user-namespace";
function testing(paths: readonly string[]): string[] {
  const test = ["test", "--allow-all", "--doc", ...LOCK, ...paths];
  const command = [Deno.execPath(), ...test];
  return isNamespaced ? inUserNamespace(command) : command;
}

/** Runs a share, showing its lines whole, and counts up what it counted. */
async function runShare(
  paths: readonly string[],
  totals: Map<string, number>,
): Promise<number> {
  const [program, ...args] = testing(paths);
  const child = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const show = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    const lines = stream.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    for await (const line of lines) {
      console.log(line);
      if (!/\| \d+ passed/.test(line)) continue;
      for (const name of TOTALS) {
        const count = Number(new RegExp(`(\\d+) ${name}`).exec(line)?.[1] ?? 0);
        totals.set(name, (totals.get(name) ?? 0) + count);
      }
    }
  };
  await Promise.all([show(child.stdout), show(child.stderr)]);
  return (await child.status).code;
}

// Fetches the packages, and what `deno bundle` needs: there is no way to them
// from within a namespace. Where that fails the tests will tell.
const warmUp = ["bundle", "--quiet", `${ROOT}scripts/send.ts`];
await tryProgram(Deno.execPath(), warmUp);

const all = Deno.args.length === 0;
const files = (all ? [`${ROOT}tests`] : Deno.args).flatMap((path) => {
  const found = testsAt(path);
  // The examples in documentation, as in lib.
  return found.length > 0 ? found : [path];
}).sort();
const cached = files.filter((path) => path.endsWith(".ts"));
await tryProgram(
  Deno.execPath(),
  ["cache", "--quiet", "--no-check", ...LOCK, ...cached],
);
if (files.length < SHARES) Deno.exit(await runHere(testing(files)));

const shares = Array.from({ length: SHARES }, (): string[] => []);
// Neighbours, which take about as long, go to different shares.
files.forEach((path, i) => shares[i % SHARES].push(path));
if (all) shares[0].push(`${ROOT}mod.ts`, `${ROOT}lib`);
const totals = new Map<string, number>();
const codes = await Promise.all(
  shares.map((paths) => runShare(paths, totals)),
);
const counts = TOTALS.map((name) => `${totals.get(name) ?? 0} ${name}`);
console.log(`\nin all: ${counts.join(", ")}`);
Deno.exit(Math.max(...codes));
