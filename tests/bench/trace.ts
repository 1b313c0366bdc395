/**
 * Tracing over 15 routers, five of them silent, whole processes, against
 * traceroute and icmplib, which must find the same hops.
 *
 * @module
 */

import { chain } from "../../lib/lab/topology/chain.ts";
import { runProgram, tryProgram } from "../../lib/lab/command.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { findRung } from "../../lib/lab/rung.ts";
import { isInstalled } from "./peers/installed.ts";
import { alternate, type Sample } from "./frame/rounds.ts";
import type { Row } from "./frame/row.ts";
import { milliseconds, timed } from "./frame/timed.ts";

const ROUNDS = 30;
const ROUTERS = 15;
const TARGET = "10.9.16.2";
const SILENT = [3, 4, 7, 11, 14];
const THEIRS = ["traceroute", "-n", "-I", "-q", "3", "-N", "64", TARGET];
const MTR = ["mtr", "-r", "-n", "-c", "1", TARGET];
const BOTH = ["bare Deno + traceroute", "theirs"] as const;
const SHOWN = { show: milliseconds };
const ALLOWED = { ...SHOWN, wanted: 1 / 1.2 };
const NOTHING: Sample = { rate: 1 };
/** Prints its seconds, and the hops, of which it leaves the silent ones out. */
const ICMPLIB = `
import time, icmplib
start = time.time()
hops = icmplib.traceroute("${TARGET}", count=3)
print(time.time() - start)
for hop in hops: print(hop.distance, hop.address)
`;

export async function benchTrace(): Promise<Row[]> {
  const canCompare = await findRung() === "namespaces" &&
    await isInstalled("traceroute");
  if (!canCompare) return [];
  const folder = await Deno.makeTempDir();
  const root = `${import.meta.dirname}/../../`;
  const deno = Deno.execPath();
  await runProgram(deno, ["run", "-A", `${root}scripts/bundle.ts`, folder]);
  await Deno.writeTextFile(`${folder}/empty.js`, "");
  const run = [deno, "run", "--allow-ffi"];
  const empty = [...run, `${folder}/empty.js`];
  const ours = [...run, `${folder}/traceroute.js`, "-n", TARGET];
  try {
    return [...await benchFast(empty, ours), await benchSlow(empty, ours)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** On cables that take no time. */
async function benchFast(
  nothing: readonly string[],
  command: readonly string[],
): Promise<Row[]> {
  await using lab = await Lab.up(chain(ROUTERS, { silent: SILENT }));
  await assertSameHops(lab, command);
  const hasMtr = await isInstalled("mtr");
  const rounds = await alternate(ROUNDS, {
    ours: inLab(lab, command),
    theirs: oneByOne(inLab(lab, nothing), inLab(lab, THEIRS)),
    mtr: hasMtr ? inLab(lab, MTR) : () => NOTHING,
  });
  const work = "traceroute.js, 16 hops, 5 silent (ratio: at most 1.2 times)";
  const rows = [rounds.row(work, "ours", BOTH, ALLOWED)];
  if (hasMtr) {
    rows.push(rounds.row("the same", "ours", ["mtr -r -c 1", "mtr"], SHOWN));
  }
  const python = lab.inside("host", ["/usr/bin/python3", "-c", ICMPLIB]);
  const printed = await tryProgram(python[0], python.slice(1));
  if (printed === undefined) return rows;
  const ms = 1000 * Number(printed.split("\n")[0]);
  return [...rows, {
    work: "the same",
    raw4: milliseconds(rounds.median("ours")),
    reference: `icmplib ${Math.round(ms)} ms`,
    ratio: ms * rounds.median("ours") / 1000,
    wanted: 50,
  }];
}

/**
 * The same with routers 20 ms apart, there and back: it waits for the silent
 * ones as long as traceroute does, and cannot be faster.
 */
async function benchSlow(
  nothing: readonly string[],
  command: readonly string[],
): Promise<Row> {
  const slow = Object.fromEntries(
    Array.from({ length: ROUTERS + 1 }, (_, cable) => [cable + 1, 10]),
  );
  await using lab = await Lab.up(chain(ROUTERS, { silent: SILENT, slow }));
  const rounds = await alternate(2, {
    ours: inLab(lab, command),
    theirs: oneByOne(inLab(lab, nothing), inLab(lab, THEIRS)),
  });
  const work = "the same, routers 20 ms apart (ratio: at most 1.2 times)";
  return rounds.row(work, "ours", BOTH, ALLOWED);
}

/** Runs a command inside the first host. */
function inLab(lab: Lab, command: readonly string[]): () => Promise<Sample> {
  return () => timed(command, 1, (it) => lab.inside("host", it));
}

/** Two, one after the other. */
function oneByOne(...runs: (() => Promise<Sample>)[]): () => Promise<Sample> {
  return async () => {
    let [seconds, cpuSeconds] = [0, 0];
    for (const run of runs) {
      const sample = await run();
      seconds += 1 / sample.rate;
      cpuSeconds += sample.cpuSeconds ?? 0;
    }
    return { rate: 1 / seconds, cpuSeconds };
  };
}

async function screen(lab: Lab, command: readonly string[]): Promise<string> {
  const [program, ...args] = lab.inside("host", command);
  return await runProgram(program, args);
}

/** Fast, but not because less is found. */
async function assertSameHops(
  lab: Lab,
  ours: readonly string[],
): Promise<void> {
  const hops = async (command: readonly string[]) =>
    (await screen(lab, command)).replaceAll(/ [\d.]+ ms/g, "");
  const [found, wanted] = [await hops(ours), await hops(THEIRS)];
  if (found === wanted) return;
  throw new Error(`not the same hops:\n${found}\n${wanted}`);
}
