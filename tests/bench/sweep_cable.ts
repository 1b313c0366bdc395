/**
 * Sweeping a /16 behind a cable, of which all but one address answer, so that
 * each program waits its second for that one: against ZMap, masscan and fping.
 *
 * @module
 */

import { runProgram } from "../../lib/lab/command.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { findRung } from "../../lib/lab/rung.ts";
import { UNLIMITED_ERRORS } from "../../lib/lab/topology/host_setup.ts";
import type { Topology } from "../../lib/lab/topology/topology.ts";
import { isInstalled } from "./peers/installed.ts";
import { median } from "./frame/rounds.ts";
import type { Row } from "./frame/row.ts";

const ROUNDS = 5;
const RANGE = "10.77.0.0/16";
const ADDRESSES = 65_535;

const CABLE: Topology = {
  name: "sweep",
  description: "a host on a cable, behind which a /16 answers but for one",
  hosts: ["near", "far"],
  links: [{
    ends: [
      { host: "near", port: { device: "eth0", addresses: ["10.9.1.1/24"] } },
      { host: "far", port: { device: "eth0", addresses: ["10.9.1.2/24"] } },
    ],
  }],
  setup: {
    near: { ip: [`route add ${RANGE} via 10.9.1.2`] },
    far: {
      sysctl: UNLIMITED_ERRORS,
      ip: [
        `route add local ${RANGE} dev lo`,
        "route add blackhole 10.77.99.99/32 table local",
      ],
    },
  },
};

/** Runs a command; prints the seconds it took, and those on processors. */
const MEASURE = `
import resource, subprocess, sys, time
start = time.monotonic()
subprocess.run(sys.argv[1:], stdin=-3, stdout=-3, stderr=-3)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.monotonic() - start, used.ru_utime + used.ru_stime)
`;

/** What a command took, and how many of the addresses it found. */
interface Outcome {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly found: number;
}

export async function benchSweepCable(): Promise<Row[]> {
  if (await findRung() !== "namespaces") return [];
  await using lab = await Lab.up(CABLE);
  const script = `${import.meta.dirname}/../../scripts/sweep.ts`;
  const folder = await Deno.makeTempDir();
  const output = `${folder}/found`;
  const router = await linkAddress(lab);
  // Each writes what it finds into the file, by a shell where it cannot itself.
  const shell = (command: string) => ["sh", "-c", `${command} > ${output}`];
  const commands: Record<string, readonly string[]> = {
    raw4: shell(
      `${Deno.execPath()} run --allow-ffi ${script} ${RANGE} ` +
        "--rate max --timeout 1 --alive-only",
    ),
    zmap: [
      ...["zmap", "-M", "icmp_echoscan", "-i", "eth0", "-G", router],
      ...["-r", "0", "-c", "1", "-q", "-b", "/dev/null", "-o", output, RANGE],
    ],
    fping: shell(`fping -a -q -r 0 -i 0 -t 1000 -g ${RANGE}`),
    // Its receiving thread may never end.
    masscan: [
      ...["timeout", "-s", "KILL", "8"],
      ...["masscan", "--ping", RANGE, "--rate", "10000000", "--wait", "1"],
      ...["--interface", "eth0", "--router-mac", router, "-oL", output],
    ],
  };
  const outcomes: Record<string, Outcome[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, command] of Object.entries(commands)) {
      const program = name === "raw4" ? "sh" : name;
      if (!await isInstalled(program)) continue;
      await Deno.writeTextFile(output, "");
      const measured = ["/usr/bin/python3", "-c", MEASURE, ...command];
      const [enter, ...args] = lab.inside("near", measured);
      const printed = await runProgram(enter, args);
      const [seconds, cpuSeconds] = printed.split(" ").map(Number);
      const found = addressesIn(await Deno.readTextFile(output));
      if (found === 0) throw new Error(`found nobody: ${command.join(" ")}`);
      (outcomes[name] ??= []).push({ seconds, cpuSeconds, found });
    }
  }
  const ours = middle(outcomes.raw4);
  const peers: [name: string, wanted?: number][] = [
    ["zmap", 1 / 1.3],
    ["fping", 3],
    ["masscan"],
  ];
  return peers.filter(([name]) => name in outcomes).map(([name, wanted]) => {
    const theirs = middle(outcomes[name]);
    const row = {
      work: `sweep.ts of a /16 over a cable, ${ADDRESSES} answer`,
      raw4: told(ours),
      reference: `${name} ${told(theirs)}`,
      cpuSeconds: [ours.cpuSeconds, theirs.cpuSeconds],
    };
    return wanted === undefined
      // It finds what it finds until it is ended, by who does not wait for it.
      ? {
        ...row,
        reference: `${name} finds ${theirs.found.toLocaleString("en")}`,
        cpuSeconds: [ours.cpuSeconds, undefined],
      }
      : { ...row, ratio: theirs.seconds / ours.seconds, wanted };
  });
}

function told({ seconds, found }: Outcome): string {
  return `${seconds.toFixed(2)} s, ${found.toLocaleString("en")} found`;
}

/** The medians; of what was found, the least. */
function middle(outcomes: readonly Outcome[]): Outcome {
  const of = (key: keyof Outcome) => outcomes.map((outcome) => outcome[key]);
  return {
    seconds: median(of("seconds")),
    cpuSeconds: median(of("cpuSeconds")),
    found: Math.min(...of("found")),
  };
}

/** Addresses of the range in a text, each counted once. */
function addressesIn(text: string): number {
  return new Set(text.match(/\b10\.77\.\d+\.\d+\b/g)).size;
}

/** Of the far end, once it has been asked for: ZMap and masscan need it. */
async function linkAddress(lab: Lab): Promise<string> {
  const run = (...command: string[]) => {
    const [program, ...args] = lab.inside("near", command);
    return runProgram(program, args);
  };
  await run("ping", "-c", "1", "10.9.1.2");
  const known = await run("ip", "neighbour", "show", "10.9.1.2");
  return /lladdr (\S+)/.exec(known)![1];
}
