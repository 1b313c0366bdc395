/**
 * Tracing over 15 routers, five of them silent, whole processes, against
 * traceroute and icmplib, which must find the same hops.
 *
 * @module
 */

import { chain } from "../../lib/lab/chain.ts";
import { runProgram, tryProgram } from "../../lib/lab/command.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { findRung } from "../../lib/lab/rung.ts";
import { bestRates, type Row } from "./row.ts";

const ROUNDS = 30;
const ROUTERS = 15;
const TARGET = "10.9.16.2";
const SILENT = [3, 4, 7, 11, 14];
const THEIRS = ["traceroute", "-n", "-I", "-q", "3", "-N", "64", TARGET];
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
    await tryProgram("traceroute", ["--version"]) !== undefined;
  if (!canCompare) return [];
  const folder = await Deno.makeTempDir();
  const root = new URL("../../", import.meta.url).pathname;
  const deno = Deno.execPath();
  await runProgram(deno, ["run", "-A", `${root}scripts/bundle.ts`, folder]);
  await Deno.writeTextFile(`${folder}/empty.js`, "");
  const run = [deno, "run", "--allow-ffi"];
  const empty = [...run, `${folder}/empty.js`];
  const ours = [...run, `${folder}/traceroute.js`, "-n", TARGET];
  try {
    return [...await benchFast(empty, ours), await benchSlow(ours)];
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
  const best = await bestRates(ROUNDS, {
    empty: timed(lab, nothing),
    theirs: timed(lab, THEIRS),
    ours: timed(lab, command),
  });
  const [empty, theirs, ours] = [best.empty, best.theirs, best.ours]
    .map((rate) => 1000 / rate);
  const raw4 = `${ours.toFixed(1)} ms`;
  const rows: Row[] = [{
    work: "traceroute.js, 16 hops, 5 silent (ratio: at most 1.2 times)",
    raw4,
    reference: `bare Deno ${empty.toFixed(1)} + traceroute ${
      theirs.toFixed(1)
    } ms`,
    ratio: (empty + theirs) / ours,
    wanted: 1 / 1.2,
  }];
  const python = lab.inside("host", ["/usr/bin/python3", "-c", ICMPLIB]);
  const printed = await tryProgram(python[0], python.slice(1));
  if (printed === undefined) return rows;
  const seconds = Number(printed.split("\n")[0]);
  return [...rows, {
    work: "the same",
    raw4,
    reference: `icmplib ${seconds.toFixed(1)} s`,
    ratio: seconds * 1000 / ours,
    wanted: 50,
  }];
}

/** The same with routers 20 ms apart, there and back. */
async function benchSlow(command: readonly string[]): Promise<Row> {
  const slow = Object.fromEntries(
    Array.from({ length: ROUTERS + 1 }, (_, cable) => [cable + 1, 10]),
  );
  await using lab = await Lab.up(chain(ROUTERS, { silent: SILENT, slow }));
  const best = await bestRates(2, {
    theirs: timed(lab, THEIRS),
    ours: timed(lab, command),
  });
  return {
    work: "the same, routers 20 ms apart",
    raw4: `${(1 / best.ours).toFixed(2)} s`,
    reference: `traceroute ${(1 / best.theirs).toFixed(2)} s`,
    ratio: best.ours / best.theirs,
    wanted: 1,
  };
}

/** How often a second a command could be run inside the first host. */
function timed(lab: Lab, command: readonly string[]) {
  return async () => {
    const start = performance.now();
    await screen(lab, command);
    return 1000 / (performance.now() - start);
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
