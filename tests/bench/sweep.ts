/**
 * Sweeping loopback, whole processes, against fping and icmplib's multiping.
 *
 * @module
 */

import { runProgram, tryProgram } from "../../lib/lab/command.ts";
import { compileReference } from "./reference.ts";
import { bestRates, perSecond, type Row } from "./row.ts";

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
  const scripts = new URL("../../scripts/", import.meta.url).pathname;
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
  if (await tryProgram("fping", ["-v"]) === undefined) return [];
  const c = await compileReference("sweep");
  const best = await bestRates(ROUNDS, {
    fping: () => timed(fping),
    sweep: () => timed(sweep(range)),
    bundled: () => timed(sweep(range, `${dist}/sweep.js`)),
    c: () => c === undefined ? 0 : timed([c, `${ADDRESSES}`]),
  });
  const rows: Row[] = [{
    work: `sweep.ts ${range}, whole process`,
    raw4: perSecond(best.sweep),
    reference: `fping -i 0 ${perSecond(best.fping)}`,
    ratio: best.sweep / best.fping,
    wanted: 3,
  }, {
    work: "the same, bundled",
    raw4: perSecond(best.bundled),
    reference: `fping -i 0 ${perSecond(best.fping)}`,
    ratio: best.bundled / best.fping,
  }];
  if (c !== undefined) {
    rows.push({
      work: "the same, against what the kernel takes",
      raw4: perSecond(best.sweep),
      reference: `C ${perSecond(best.c)}`,
      ratio: best.sweep / best.c,
    });
  }
  const printed = await tryProgram("/usr/bin/python3", ["-c", MULTIPING]);
  if (printed !== undefined) {
    rows.push({
      work: "the same",
      raw4: perSecond(best.sweep),
      reference: `icmplib ${ICMPLIB_ADDRESSES} hosts ${
        Math.round(Number(printed))
      }/s`,
      ratio: best.sweep / Number(printed),
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
  return rows;
}

/** Addresses a second at which a command is done with all of the /16. */
async function timed([program, ...args]: readonly string[]): Promise<number> {
  const start = performance.now();
  await new Deno.Command(program, { args, stdout: "null", stderr: "null" })
    .output();
  return ADDRESSES / (performance.now() - start) * 1000;
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
