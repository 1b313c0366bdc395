/**
 * Measures raw4 against what people would use instead, and prints one table.
 * Packets stay on loopback.
 *
 * @module
 */

import { benchCapture } from "./capture.ts";
import { benchDissect } from "./dissect.ts";
import { benchPackets } from "./packets.ts";
import { benchPing } from "./ping.ts";
import { benchReceive } from "./receive.ts";
import { compileReference } from "./reference.ts";
import type { Row } from "./row.ts";
import { benchSend } from "./send.ts";
import { benchSweep } from "./sweep.ts";
import { benchStart } from "./start.ts";
import { benchTrace } from "./trace.ts";

const rows: Row[] = [];
const reference = await compileReference();
if (reference === undefined) {
  console.log("No C compiler here (cc): sending and receiving are left out.");
} else {
  rows.push(...await benchSend(reference));
  rows.push(...await benchReceive(reference));
}
rows.push(...await benchPackets());
rows.push(...await benchCapture());
rows.push(...await benchDissect());
rows.push(...await benchSweep());
rows.push(...await benchPing());
rows.push(...await benchTrace());
rows.push(...await benchStart());

console.table(rows.map(({ ratio, wanted, ...row }) => ({
  ...row,
  ratio: ratio?.toFixed(2) ?? "",
  "at least": wanted?.toFixed(2) ?? "",
})));
