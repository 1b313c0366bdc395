/**
 * Capturing 100,000 packets a second into a file, and what is lost of them, by
 * turns with tcpdump.
 *
 * @module
 */

import { tryProgram } from "../../lib/lab/command.ts";
import { compileReference, referenceRate } from "./peers/reference.ts";
import { perSecond, type Row } from "./frame/row.ts";

const PACKETS = 1_000_000;
/** Silence after which nothing more can come. */
const SILENCE_MS = 2000;

const SCRIPT = `${import.meta.dirname}/../../scripts/sniff.ts`;

interface Captured {
  readonly captured: number;
  readonly dropped: number;
}

export async function benchSniff(): Promise<Row[]> {
  const program = await compileReference("reference");
  if (program === undefined) return [];
  if (await tryProgram("tcpdump", ["--version"]) === undefined) return [];
  const folder = await Deno.makeTempDir();
  const file = `${folder}/sniffed.pcap`;
  let rate = 0;
  const send = async () => {
    rate = await referenceRate(program, "paced", PACKETS);
  };
  const theirs = await capture(
    ["tcpdump", "-Z", "root", "-n", "-i", "lo", "-w", file, "ip proto 253"],
    send,
    /(?<captured>\d+) packets captured[^]*?(?<dropped>\d+) packets dropped by k/,
  );
  const ours = await capture(
    [
      ...[Deno.execPath(), "run", "--allow-ffi", `--allow-write=${file}`],
      ...[SCRIPT, "-I", "lo", "--protocol", "253", "--write", file],
    ],
    send,
    /(?<captured>\d+) captured, \d+ octets, (?<dropped>\d+) dropped/,
  );
  await Deno.remove(folder, { recursive: true });
  return [{
    work: `sniff.ts --write, C sends ${perSecond(rate)} on loopback`,
    raw4: words(ours),
    reference: `tcpdump -w ${words(theirs)}`,
    ratio: ours.captured / theirs.captured,
    wanted: 1,
  }];
}

function words({ captured, dropped }: Captured): string {
  return `${captured.toLocaleString("en")} captured, ${dropped} dropped`;
}

/** Starts a program, sends when it listens, ends it, and reads its summary. */
async function capture(
  [program, ...args]: readonly string[],
  send: () => Promise<void>,
  summary: RegExp,
): Promise<Captured> {
  const child = new Deno.Command(program, {
    args,
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let said = "";
  let sending: Promise<void> | undefined;
  for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
    said += text;
    if (sending !== undefined || !said.includes("listening on")) continue;
    sending = (async () => {
      await send();
      await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
      child.kill("SIGINT");
    })();
  }
  await sending;
  await child.status;
  const found = summary.exec(said)?.groups;
  if (found === undefined) throw new Error(`no summary in: ${said}`);
  return { captured: Number(found.captured), dropped: Number(found.dropped) };
}
