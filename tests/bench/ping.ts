/**
 * Pinging: how much of a processor a thousand hosts take, how near the round
 * trips are to iputils', and whether ten thousand hosts lose anything.
 *
 * @module
 */

import { runProgram, tryProgram } from "../../lib/lab/command.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { findRung } from "../../lib/lab/rung.ts";
import { TOPOLOGIES } from "../../lib/lab/topology.ts";
import { percentile } from "../../lib/tools/statistics.ts";
import { multiping } from "../../mod.ts";
import type { Row } from "./row.ts";

const SCRIPT = new URL("../../scripts/ping.ts", import.meta.url).pathname;
const PING = [Deno.execPath(), "run", "--allow-ffi", SCRIPT];

export async function benchPing(): Promise<Row[]> {
  const rows = [await benchProcessor(), await benchManyHosts()];
  const canCompare = await findRung() === "namespaces" &&
    await tryProgram("ping", ["-V"]) !== undefined;
  return canCompare ? [...rows, await benchRoundTrip()] : rows;
}

/** Addresses of this host, all on loopback. */
function loopbackHosts(count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => `127.1.${i >> 8}.${i & 0xff}`,
  );
}

const WARM_UP_MS = 3000;
const MEASURED_MS = 6000;
const ALLOWED_SHARE = 0.1;

/** A thousand hosts, one echo a second each. */
async function benchProcessor(): Promise<Row> {
  const [program, ...args] = PING;
  const child = new Deno.Command(program, {
    args: [...args, "-q", ...loopbackHosts(1000)],
    stdout: "null",
  }).spawn();
  await pause(WARM_UP_MS);
  const [before, start] = [await processorMs(child.pid), performance.now()];
  await pause(MEASURED_MS);
  const used = await processorMs(child.pid) - before;
  const share = used / (performance.now() - start);
  child.kill("SIGKILL");
  await child.status;
  return {
    work: "ping.ts, 1,000 hosts, one echo a second each",
    raw4: `${(100 * share).toFixed(1)} % of a processor`,
    reference: `${100 * ALLOWED_SHARE} %`,
    ratio: ALLOWED_SHARE / share,
    wanted: 1,
  };
}

/** Time that a process has had on processors, in its own code and the kernel's. */
async function processorMs(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // proc(5): the 14th and 15th field; the second is a name in parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[14 - 3]) + Number(fields[15 - 3]);
  const perSecond = Number(await runProgram("getconf", ["CLK_TCK"]));
  return 1000 * ticks / perSecond;
}

/** Ten thousand hosts at once. */
async function benchManyHosts(): Promise<Row> {
  const names = loopbackHosts(10_000);
  const start = performance.now();
  const hosts = await multiping(names, {
    count: 1,
    intervalMs: 1000,
    concurrentTasks: names.length,
  }).result;
  const seconds = (performance.now() - start) / 1000;
  const alive = hosts.filter((host) => host.isAlive).length;
  return {
    work: "multiping of 10,000 hosts within a second",
    raw4: `${alive.toLocaleString("en")} alive, ${seconds.toFixed(1)} s`,
    reference: "10,000 sent",
    ratio: alive / names.length,
    wanted: 1,
  };
}

const ROUNDS = 5;
const REQUESTS = 200;
const TOLERANCE_US = 10;

/** The median round trip over a veth pair, by turns. */
async function benchRoundTrip(): Promise<Row> {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const ours: number[] = [];
  const theirs: number[] = [];
  const options = ["-c", `${REQUESTS}`, "-i", "0.005", "1.1.1.1"];
  const screen = (...command: string[]) => {
    const [program, ...args] = lab.inside("sender", [...command, ...options]);
    return runProgram(program, args);
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const line of (await screen(...PING, "--json")).trim().split("\n")) {
      const { roundTripMs } = JSON.parse(line);
      if (roundTripMs !== undefined) ours.push(1000 * roundTripMs);
    }
    for (const [, ms] of (await screen("ping")).matchAll(/time=([\d.]+)/g)) {
      theirs.push(1000 * Number(ms));
    }
  }
  const [us, their] = [ours, theirs].map((all) => percentile(all, 0.5));
  return {
    work: `median round trip over a cable (ratio: ${TOLERANCE_US} µs allowed)`,
    raw4: `${us.toFixed(1)} µs`,
    reference: `iputils ${their.toFixed(1)} µs`,
    ratio: (their + TOLERANCE_US) / us,
    wanted: 1,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
