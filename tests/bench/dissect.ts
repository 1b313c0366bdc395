/**
 * A capture file as JSON, by `dissect.ts` and by tshark.
 *
 * @module
 */

import {
  buildPacket,
  encodePcapHeader,
  encodePcapRecord,
  ethernet,
  icmpv4,
  ipv4,
  LINK_TYPE_ETHERNET,
  tcp,
  udp,
} from "../../mod.ts";
import { runProgram } from "../../lib/lab/command.ts";
import { compileReference } from "./peers/reference.ts";
import { alternate } from "./frame/rounds.ts";
import { perSecond, type Row } from "./frame/row.ts";
import { timed } from "./frame/timed.ts";
import { isInstalled } from "./peers/installed.ts";

const PACKETS = 1_000_000;
const AT_ONCE = 1000;

const SCRIPT = `${import.meta.dirname}/../../scripts/dissect.ts`;
const ADDRESSES = { source: "192.0.2.1", destination: "192.0.2.2" };
const PORTS = { sourcePort: 40_000, destinationPort: 80 };
const LAYERS = [
  [udp(PORTS), "Hello World!"],
  [tcp({ ...PORTS, syn: true }), ""],
  [icmpv4({ kind: "echoRequest", identifier: 1 }), new Uint8Array(56)],
] as const;

/** Once each: tshark alone takes a minute or more. */
export async function benchDissect(): Promise<Row[]> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/whole.pcap`;
  await writeFile(path, PACKETS);
  // The heap is as large as it gets after some hundred thousand packets.
  await writeFile(`${folder}/third.pcap`, Math.round(PACKETS / 3));
  const dissect = (path: string) => [
    ...[Deno.execPath(), "run", "--allow-read", SCRIPT, path, "--json"],
  ];
  const ours = await measure(dissect(path));
  const third = await measure(dissect(`${folder}/third.pcap`));
  const theirs = await measure(["tshark", "-n", "-r", path, "-T", "json"]);
  const others = [...await linesRows(path), ...await libraryRows(path)];
  await Deno.remove(folder, { recursive: true });
  const rate = PACKETS / ours.seconds;
  return [{
    work: "dissect.ts --json, 1,000,000 packets, whole process",
    raw4: perSecond(rate),
    reference: theirs.code === 0
      ? `tshark -T json ${perSecond(PACKETS / theirs.seconds)}`
      : "",
    ratio: theirs.code === 0 ? theirs.seconds / ours.seconds : undefined,
    wanted: theirs.code === 0 ? 20 : undefined,
  }, {
    work: "dissect.ts --json: memory",
    raw4: `${megabytes(ours.peakKB)} at most`,
    reference: `a third of the file: ${megabytes(third.peakKB)}` +
      (theirs.code === 0 ? `, tshark: ${megabytes(theirs.peakKB)}` : ""),
    ratio: third.peakKB / ours.peakKB,
    wanted: 0.8,
  }, ...others];
}

const ROUNDS = 3;

/** One line a packet, by the whole process. */
async function linesRows(path: string): Promise<Row[]> {
  if (!await isInstalled("tcpdump")) return [];
  const lines = ["run", "--allow-read", SCRIPT, path, "--lines"];
  const rounds = await alternate(ROUNDS, {
    raw4: () => timed([Deno.execPath(), ...lines], PACKETS),
    tcpdump: () => timed(["tcpdump", "-Z", "root", "-nn", "-r", path], PACKETS),
  });
  const work = "dissect.ts --lines, 1,000,000 packets, whole process";
  const peer = ["tcpdump -nn -r", "tcpdump"] as const;
  return [rounds.row(work, "raw4", peer, { wanted: 0.5 })];
}

/** `readCapture` and `dissect`, without the start of the process. */
async function libraryRows(path: string): Promise<Row[]> {
  const program = await compileReference("read");
  if (program === undefined) return [];
  const reading = `${import.meta.dirname}/read_capture.ts`;
  const ours = ["run", "--allow-all", reading, path, "dissect"];
  const rounds = await alternate(ROUNDS, {
    raw4: async () => JSON.parse(await runProgram(Deno.execPath(), ours)).rate,
    libpcap: async () => Number(await runProgram(program, [path])),
  });
  const peer = ["C, libpcap, the same fields:", "libpcap"] as const;
  return [rounds.row("readCapture and dissect", "raw4", peer, {
    wanted: 1 / 3,
  })];
}

function megabytes(kilobytes: number): string {
  return `${Math.round(kilobytes / 1000)} MB`;
}

async function writeFile(path: string, packets: number): Promise<void> {
  const records = Array.from({ length: AT_ONCE }, (_, i) =>
    encodePcapRecord({
      timestampNs: 1_700_000_000_123_456_789n + BigInt(i),
      bytes: buildPacket(ethernet({}), ipv4(ADDRESSES), ...LAYERS[i % 3]),
    }));
  const piece = await new Blob(records).bytes();
  using file = await Deno.create(path);
  const writer = file.writable.getWriter();
  await writer.write(encodePcapHeader(LINK_TYPE_ETHERNET));
  for (let i = 0; i < packets; i += AT_ONCE) await writer.write(piece);
}

/** Runs a program, its output thrown away. */
async function measure(
  [program, ...args]: readonly string[],
): Promise<{ code: number; seconds: number; peakKB: number }> {
  const start = performance.now();
  // Only a parent is told of a process's memory, and Python tells it on.
  const { code, stdout } = await new Deno.Command("python3", {
    args: ["-c", PARENT, program, ...args],
    stderr: "null",
  }).output();
  const seconds = (performance.now() - start) / 1000;
  return { code, seconds, peakKB: Number(new TextDecoder().decode(stdout)) };
}

const PARENT = `
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
`;
