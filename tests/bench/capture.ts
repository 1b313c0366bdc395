/**
 * Reading capture files, each in a process of its own.
 *
 * @module
 */

import { runProgram, tryProgram } from "../../lib/lab/command.ts";
import {
  encodePcapHeader,
  encodePcapngInterface,
  encodePcapngPacket,
  encodePcapngSection,
  encodePcapRecord,
  LINK_TYPE_ETHERNET,
} from "../../mod.ts";
import { bestRates, perSecond, type Row } from "./row.ts";

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

export async function benchCapture(): Promise<Row[]> {
  const folder = await Deno.makeTempDir();
  const rows: Row[] = [];
  for (const format of ["pcap", "pcapng"] as const) {
    const path = `${folder}/whole.${format}`;
    await writeFile(path, format, PACKETS);
    await writeFile(`${folder}/tenth`, format, PACKETS / 10);
    const whole = await readFile(path);
    const tenth = await readFile(`${folder}/tenth`);
    const best = await bestRates(ROUNDS, {
      raw4: async () => (await readFile(path)).rate,
      process: () => processRate(readFile(path)),
      tshark: () =>
        processRate(tryProgram("tshark", [
          ...["-n", "-r", path, "-T", "fields", "-e", "frame.number"],
        ])),
      tcpdump: () =>
        processRate(tryProgram("tcpdump", ["-r", path, "-w", "/dev/null"])),
    });
    rows.push({
      work: `readCapture, ${format} (ratio: whole process)`,
      raw4: `${perSecond(best.raw4)}, process ${perSecond(best.process)}`,
      reference: best.tshark > 0
        ? `tshark ${perSecond(best.tshark)}, tcpdump ${perSecond(best.tcpdump)}`
        : "",
      ratio: best.tshark > 0 ? best.process / best.tshark : undefined,
      wanted: best.tshark > 0 ? 1 : undefined,
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

/** What a process of ours says of reading a file. */
async function readFile(
  path: string,
): Promise<{ rate: number; peakKB: number }> {
  const script = new URL("./read_capture.ts", import.meta.url).pathname;
  return JSON.parse(
    await runProgram(Deno.execPath(), ["run", "--allow-all", script, path]),
  );
}

/** Packets a second, the start of the program included; 0 if it is missing. */
async function processRate(running: Promise<unknown>): Promise<number> {
  const start = performance.now();
  const done = await running;
  return done === undefined ? 0 : PACKETS / (performance.now() - start) * 1000;
}

function megabytes(kilobytes: number): string {
  return `${Math.round(kilobytes / 1000)} MB`;
}
