/**
 * Sweeping loopback, whole processes, against fping and icmplib's multiping.
 *
 * @module
 */

import { runProgram, tryProgram } from "../../lib/lab/command.ts";
import { compileReference } from "./peers/reference.ts";
import { isInstalled } from "./peers/installed.ts";
import { alternate } from "./frame/rounds.ts";
import { perSecond, type Row } from "./frame/row.ts";
import { benchSweepCable } from "./sweep_cable.ts";
import { timed } from "./frame/timed.ts";

const ROUNDS = 5;
const ADDRESSES = 65_536;
/** So many take icmplib some seconds. */
const ICMPLIB_ADDRESSES = 1024;
/** As `Deno.Command` starts it; the figure is what it prints. */
const MULTIPING = `
import ipaddress, time, icmplib
addresses = [str(a) for a in ipaddress.ip_network("127.0.0.0/22")]
start = time.time()
hosts = icmplib.multiping(addresses, count=1, interval=0, timeout=1)
assert all(host.is_alive for host in hosts)
print(len(addresses) / (time.time() - start))
`;

export async function benchSweep(): Promise<Row[]> {
  const scripts = `${import.meta.dirname}/../../scripts/`;
  const dist = await Deno.makeTempDir();
  const deno = [Deno.execPath(), "run"];
  await runProgram(Deno.execPath(), [
    ...["run", "--allow-all", `${scripts}bundle.ts`, dist],
  ]);
  const sweep = (range: string, script = `${scripts}sweep.ts`) => [
    ...[...deno, "--allow-ffi", script, range],
    ...["--rate", "max", "--alive-only"],
  ];
  const range = "127.0.0.0/16";
  const fping = ["fping", "-q", "-c1", "-i", "0", "-g", range];
  const c = await compileReference("sweep");
  if (!await isInstalled("fping") || c === undefined) return [];
  const rounds = await alternate(ROUNDS, {
    fping: () => timed(fping, ADDRESSES),
    sweep: () => timed(sweep(range), ADDRESSES),
    bundled: () => timed(sweep(range, `${dist}/sweep.js`), ADDRESSES),
    c: () => timed([c, `${ADDRESSES}`], ADDRESSES),
  });
  const work = `sweep.ts ${range}, whole process`;
  const theirs = ["fping -i 0", "fping"] as const;
  const kernel = ["C that only sends and receives", "c"] as const;
  const rows: Row[] = [
    rounds.row(work, "sweep", theirs, { wanted: 3 }),
    rounds.row("the same, bundled", "bundled", theirs),
    rounds.row("the same, bundled", "bundled", kernel, { wanted: 1 / 1.3 }),
  ];
  const printed = await tryProgram("/usr/bin/python3", ["-c", MULTIPING]);
  if (printed !== undefined) {
    rows.push({
      work: "the same",
      raw4: perSecond(rounds.median("sweep")),
      reference: `icmplib ${ICMPLIB_ADDRESSES} hosts ${
        Math.round(Number(printed))
      }/s`,
      ratio: rounds.median("sweep") / Number(printed),
      wanted: 20,
    });
  }
  const [small, large] = [
    await peakKiB(sweep("127.0.0.0/16")),
    await peakKiB(sweep("127.0.0.0/12")),
  ];
  rows.push({
    work: "peak memory of a /12 (ratio: at most 1.1 times a /16's)",
    raw4: `${Math.round(large / 1024)} MiB`,
    reference: `/16 ${Math.round(small / 1024)} MiB`,
    ratio: small / large,
    wanted: 1 / 1.1,
  });
  return [...rows, ...await benchSweepCable()];
}

/** The most memory that a command had, as the kernel tells its parent. */
async function peakKiB([program, ...args]: readonly string[]): Promise<number> {
  const measure = "import resource, subprocess, sys; " +
    "subprocess.run(sys.argv[1:], stdout=-3, stderr=-3); " +
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
  const printed = await tryProgram("python3", [
    "-c",
    measure,
    program,
    ...args,
  ]);
  return Number(printed);
}
