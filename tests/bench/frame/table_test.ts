/** The table of a bench, read again. */

import { assert, assertEquals } from "@std/assert";
import { alternate } from "./rounds.ts";
import { perSecond } from "./row.ts";
import { keptRatios, tableText, worseRows } from "./table.ts";
import { timed } from "./timed.ts";

/** Rates of a run, two of each. */
async function run(ours: number, theirs: number) {
  const rates = [ours, ours * 1.5];
  const rounds = await alternate(3, {
    ours: () => ({ rate: rates.shift() ?? ours, cpuSeconds: 2 }),
    theirs: () => theirs,
  });
  return [rounds.row("work of 12 octets", "ours", ["a peer", "theirs"])];
}

Deno.test("a row is of the middle rounds, and of how far the others are", async () => {
  const [row] = await run(800_000, 1_000_000);
  assertEquals([row.raw4, row.reference], ["800 k/s", "a peer 1,000 k/s"]);
  assertEquals([row.ratio, row.spread], [0.8, 0]);
  assertEquals(row.cpuSeconds, [2, undefined]);
  assertEquals(perSecond(1_234_567), "1,235 k/s");
});

Deno.test("a row that is worse by 5 % than the kept one is named", async () => {
  const [ours, elsewhere] = [800_000, 990_000];
  const tables = await Promise.all(
    [ours, elsewhere].map(async (rate) =>
      tableText(await run(rate, 1_000_000))
    ),
  );
  const kept = keptRatios(tables.join("\n"));
  assertEquals(kept.size, 1);
  // On a machine that is twice as fast.
  assertEquals(worseRows(await run(1_560_000, 2_000_000), kept), []);
  assertEquals(worseRows(await run(1_500_000, 2_000_000), kept), [
    "worse: work of 12 octets: 0.75, and 0.80 is kept",
  ]);
});

Deno.test("a command's time is the shell's word, whatever it writes", async () => {
  const { rate, cpuSeconds } = await timed(["sh", "-c", "echo a b c; exit 1"]);
  assert(rate > 0 && cpuSeconds! >= 0, `${rate} ${cpuSeconds}`);
});
