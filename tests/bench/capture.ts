/**
 * Reading capture files, each in a process of its own.
 *
 * @module
 */

import { runProgram } from "../../lib/lab/command.ts";
import {
  encodePcapHeader,
  encodePcapngInterface,
  encodePcapngPacket,
  encodePcapngSection,
  encodePcapRecord,
  LINK_TYPE_ETHERNET,
} from "../../mod.ts";
import { alternate, type Sample } from "./frame/rounds.ts";
import { perSecond, type Row } from "./frame/row.ts";
import { timed } from "./frame/timed.ts";
import { isInstalled } from "./peers/installed.ts";

const PACKETS = 1_000_000;
const ROUNDS = 3;
const BYTES = new Uint8Array(60);

const FORMATS = {
  pcap: {
    head: [encodePcapHeader(LINK_TYPE_ETHERNET)],
    encode: encodePcapRecord,
  },
  pcapng: {
    head: [encodePcapngSection(), encodePcapngInterface(LINK_TYPE_ETHERNET)],
    encode: encodePcapngPacket,
  },
} as const;

/** What others do with the file, at the least. */
const PEERS = {
  capinfos: (path: string) => ["-c", path],
  tshark: (path: string) => [
    ...["-n", "-r", path, "-T", "fields", "-e", "frame.number"],
  ],
  tcpdump: (path: string) => ["-Z", "root", "-r", path, "-w", "/dev/null"],
};

export async function benchCapture(): Promise<Row[]> {
  const folder = await Deno.makeTempDir();
  const rows: Row[] = [];
  for (const format of ["pcap", "pcapng"] as const) {
    const path = `${folder}/whole.${format}`;
    await writeFile(path, format, PACKETS);
    await writeFile(`${folder}/tenth`, format, PACKETS / 10);
    const whole = await readFile(path);
    const tenth = await readFile(`${folder}/tenth`);
    const measurements: Record<string, () => Promise<number | Sample>> = {
      steady: async () => (await readFile(path)).rate,
      whole: () => timed(reading(path), PACKETS),
    };
    const peers: string[] = [];
    for (const [name, args] of Object.entries(PEERS)) {
      if (!await isInstalled(name)) continue;
      peers.push(name);
      measurements[name] = () => timed([name, ...args(path)], PACKETS);
    }
    const rounds = await alternate(ROUNDS, measurements);
    const work = `readCapture, ${format}, whole process`;
    rows.push(...peers.map((name) => {
      const wanted = name === "tshark" ? 1 : undefined;
      return rounds.row(work, "whole", [name, name], { wanted });
    }));
    rows.push({
      work: `readCapture, ${format}, once it runs`,
      raw4: perSecond(rounds.median("steady")),
      reference: "",
    }, {
      work: `readCapture, ${format}: memory`,
      raw4: `${megabytes(whole.peakKB)} at most`,
      reference: `a tenth of the file: ${megabytes(tenth.peakKB)}`,
      ratio: tenth.peakKB / whole.peakKB,
      wanted: 0.8,
    });
  }
  await Deno.remove(folder, { recursive: true });
  return rows;
}

async function writeFile(
  path: string,
  format: keyof typeof FORMATS,
  packets: number,
): Promise<void> {
  const { head, encode } = FORMATS[format];
  using file = await Deno.create(path);
  const writer = file.writable.getWriter();
  for (const part of head) await writer.write(part);
  const AT_ONCE = 1000;
  for (let i = 0; i < packets; i += AT_ONCE) {
    const parts = Array.from({ length: AT_ONCE }, (_, j) =>
      encode({
        timestampNs: 1_700_000_000_000_000_000n + BigInt(i + j),
        bytes: BYTES,
      }));
    await writer.write(new Uint8Array(await new Blob(parts).arrayBuffer()));
  }
}

/** The command that reads a file. */
function reading(path: string): string[] {
  const script = `${import.meta.dirname}/read_capture.ts`;
  return [Deno.execPath(), "run", "--allow-all", script, path];
}

/** What a process of ours says of reading a file. */
async function readFile(
  path: string,
): Promise<{ rate: number; peakKB: number }> {
  const [program, ...args] = reading(path);
  return JSON.parse(await runProgram(program, args));
}

function megabytes(kilobytes: number): string {
  return `${Math.round(kilobytes / 1000)} MB`;
}
