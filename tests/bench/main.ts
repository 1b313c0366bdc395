/**
 * Measures raw4 against what people would use instead, and prints one table.
 * Packets stay on loopback.
 *
 *     deno task bench             everything, for some minutes
 *     deno task bench send sweep  these parts alone
 *
 * @module
 */

import { benchCapture } from "./capture.ts";
import { benchDissect } from "./dissect.ts";
import { benchPackets } from "./packets.ts";
import { benchPing } from "./ping.ts";
import { benchReceive } from "./receive.ts";
import type { Row } from "./row.ts";
import { benchSend } from "./send.ts";
import { benchSniff } from "./sniff.ts";
import { benchSpoof } from "./spoof.ts";
import { benchSweep } from "./sweep.ts";
import { benchStart } from "./start.ts";
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
};

const names = Deno.args.length > 0 ? Deno.args : Object.keys(PARTS);
const unknown = names.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(
    `no such part: ${unknown.join(", ")} (there are: ` +
      `${Object.keys(PARTS).join(", ")})`,
  );
  Deno.exit(2);
}

// All temporary files are made in here, and go with it, whatever happens.
const folder = await Deno.makeTempDir({ prefix: "raw4-bench-" });
Deno.env.set("TMPDIR", folder);
const rows: Row[] = [];
try {
  for (const name of names) rows.push(...await PARTS[name]());
} finally {
  await Deno.remove(folder, { recursive: true });
}

console.table(rows.map(({ ratio, wanted, ...row }) => ({
  ...row,
  ratio: ratio?.toFixed(2) ?? "",
  "at least": wanted?.toFixed(2) ?? "",
})));
