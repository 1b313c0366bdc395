/**
 * Measures raw4 against what people would use instead, and prints one table.
 * Packets stay on loopback, and in labs.
 *
 *     deno task bench             everything, for some minutes
 *     deno task bench send sweep  these parts alone
 *     deno task bench --json      as JSON, the machine first
 *     deno task bench --keep      writes the table to RESULTS.md, too
 *     deno task bench --install   installs what it compares with (Debian)
 *
 * @module
 */

import { benchCapture } from "./capture.ts";
import { benchDissect } from "./dissect.ts";
import { benchPage } from "./page.ts";
import { benchPackets } from "./packets.ts";
import { benchPing } from "./ping.ts";
import { benchReceive } from "./receive.ts";
import type { Row } from "./frame/row.ts";
import { benchSend } from "./send.ts";
import { benchSniff } from "./sniff.ts";
import { benchSpoof } from "./spoof.ts";
import { benchSweep } from "./sweep.ts";
import { benchStart } from "./start.ts";
import {
  keptRatios,
  machineText,
  tableText,
  thisMachine,
  worseRows,
} from "./frame/table.ts";
import { benchTrace } from "./trace.ts";

const PARTS: Readonly<Record<string, () => Promise<Row[]>>> = {
  send: benchSend,
  receive: benchReceive,
  spoof: benchSpoof,
  packets: benchPackets,
  capture: benchCapture,
  dissect: benchDissect,
  sniff: benchSniff,
  sweep: benchSweep,
  ping: benchPing,
  trace: benchTrace,
  start: benchStart,
  page: benchPage,
};
const FLAGS = ["--json", "--keep", "--install"];
const KEPT = `${import.meta.dirname}/RESULTS.md`;

const flags = Deno.args.filter((word) => FLAGS.includes(word));
const given = Deno.args.filter((word) => !FLAGS.includes(word));
const unknown = given.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(
    `no such part: ${unknown.join(", ")} (there are: ` +
      `${Object.keys(PARTS).join(", ")}; and ${FLAGS.join(", ")})`,
  );
  Deno.exit(2);
}
const names = given.length > 0 ? given : Object.keys(PARTS);

const machine = await thisMachine();
// All temporary files are made in here, and go with it, whatever happens.
const folder = await Deno.makeTempDir({ prefix: "raw4-bench-" });
Deno.env.set("TMPDIR", folder);
const rows: Row[] = [];
try {
  for (const name of names) rows.push(...await PARTS[name]());
} finally {
  await Deno.remove(folder, { recursive: true });
}

const kept = await Deno.readTextFile(KEPT).catch(() => "");
const table = `${machineText(machine)}\n\n${tableText(rows)}\n`;
console.log(
  flags.includes("--json") ? JSON.stringify({ machine, rows }) : table,
);
for (const line of worseRows(rows, keptRatios(kept))) console.error(line);
if (flags.includes("--keep")) {
  const command = ["deno task bench", ...given, "--keep"].join(" ");
  // What is said of the goals is nobody's but the reader's.
  const [notes = ""] = /\n## [^]*$/.exec(kept) ?? [];
  const text = `# What was measured\n\nBy \`${command}\`, on ${table}${notes}`;
  await Deno.writeTextFile(KEPT, text);
}
