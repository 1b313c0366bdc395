/**
 * Pinging: how much of a processor a thousand hosts take, how near the round
 * trips are to iputils', how fast it floods, and whether ten thousand hosts lose
 * anything, and take longer than by fping.
 *
 * @module
 */

import { runProgram } from "../../lib/lab/command.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { findRung } from "../../lib/lab/rung.ts";
import { TOPOLOGIES } from "../../lib/lab/topology/catalogue.ts";
import { isInstalled } from "./peers/installed.ts";
import { multiping } from "../../mod.ts";
import { alternate, median } from "./frame/rounds.ts";
import type { Row } from "./frame/row.ts";
import { timed } from "./frame/timed.ts";

const SCRIPT = `${import.meta.dirname}/../../scripts/ping.ts`;
const PING = [Deno.execPath(), "run", "--allow-ffi", SCRIPT];

export async function benchPing(): Promise<Row[]> {
  const rows = [await benchProcessor(), await benchManyHosts()];
  const canCompare = await findRung() === "namespaces" &&
    await isInstalled("ping");
  if (await isInstalled("fping")) rows.push(await benchAgainstFping());
  if (!canCompare) return rows;
  await using lab = await Lab.up(TOPOLOGIES.pair);
  for (const intervalMs of [10, 5]) {
    rows.push(await benchRoundTrip(lab, intervalMs));
  }
  return [...rows, await benchFlood(lab)];
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
    concurrency: names.length,
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

/** Five requests to each of ten thousand hosts, a second apart, and all at once. */
async function benchAgainstFping(): Promise<Row> {
  const hosts = loopbackHosts(10_000);
  const rounds = await alternate(2, {
    raw4: () => timed([...PING, "-q", "-c", "5", ...hosts]),
    fping: () => timed(["fping", "-q", "-i0", "-c5", ...hosts]),
  });
  const work = "ping.ts, 10,000 hosts, five echoes a second apart";
  return rounds.row(work, "raw4", ["fping -i 0", "fping"], {
    wanted: 0.7,
    show: (rate) => `${(1 / rate).toFixed(1)} s`,
  });
}

const ROUNDS = 5;
const REQUESTS = 200;
const TOLERANCE_US = 5;
/** So many that V8 has compiled what it takes while most are still to come. */
const FLOOD = 200_000;

/** What iputils calls a flood, by turns: each tells how long it took. */
async function benchFlood(lab: Lab): Promise<Row> {
  const rates = async (...ping: string[]) => {
    const options = ["-f", "-q", "-c", `${FLOOD}`, "1.1.1.1"];
    const [program, ...args] = lab.inside("sender", [...ping, ...options]);
    const [, ms] = /time (\d+)ms/.exec(await runProgram(program, args))!;
    return FLOOD / Number(ms) * 1000;
  };
  const rounds = await alternate(ROUNDS, {
    raw4: () => rates(...PING),
    iputils: () => rates("ping"),
  });
  const peer = ["iputils", "iputils"] as const;
  return rounds.row("ping.ts -f over a cable", "raw4", peer, { wanted: 0.8 });
}

/**
 * The median round trip over a veth pair, by turns.
 *
 * @param intervalMs below 10 iputils does not sleep, which takes a processor
 */
async function benchRoundTrip(lab: Lab, intervalMs: number): Promise<Row> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const pace = ["-i", `${intervalMs / 1000}`];
  const options = ["-c", `${REQUESTS}`, ...pace, "1.1.1.1"];
  const screen = (...command: string[]) => {
    const [program, ...args] = lab.inside("sender", [...command, ...options]);
    return runProgram(program, args);
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const line of (await screen(...PING, "--json")).trim().split("\n")) {
      const { roundTripMs } = JSON.parse(line);
      if (typeof roundTripMs === "number") ours.push(1000 * roundTripMs);
    }
    for (const [, ms] of (await screen("ping")).matchAll(/time=([\d.]+)/g)) {
      theirs.push(1000 * Number(ms));
    }
  }
  const [us, their] = [ours, theirs].map(median);
  return {
    work: `median round trip over a cable, one each ${intervalMs} ms ` +
      `(ratio: ${TOLERANCE_US} µs allowed)`,
    raw4: `${us.toFixed(1)} µs`,
    reference: `iputils ${their.toFixed(1)} µs`,
    ratio: (their + TOLERANCE_US) / us,
    wanted: 1,
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
