import { assertEquals } from "@std/assert";
import { Beat } from "../../lib/socket/time.ts";

/** Keeps the moments of a beat, each with something to do; tells when. */
async function keep(
  intervalMs: number,
  work: readonly number[],
  { lateMs = 0 } = {},
): Promise<number[]> {
  let nowMs = 0;
  const clock = {
    now: () => nowMs,
    sleep(ms: number) {
      nowMs += ms + lateMs;
      return Promise.resolve();
    },
  };
  const beat = new Beat(intervalMs, clock);
  const moments: number[] = [];
  for (const ms of work) {
    await beat.next();
    moments.push(nowMs);
    nowMs += ms;
  }
  return moments;
}

Deno.test("Beat does not drift, however long its moments and late its timers", async () => {
  const moments = await keep(10, new Array(100).fill(3), { lateMs: 4 });
  assertEquals(moments.slice(0, 3), [0, 14, 24]);
  assertEquals(moments.at(-1), 99 * 10 + 4);
});

Deno.test("Beat makes up for nothing that was missed", async () => {
  assertEquals(await keep(10, [0, 35, 0, 0]), [0, 10, 45, 55]);
});

Deno.test("Beat without an interval waits for nothing", async () => {
  assertEquals(await keep(0, [5, 0, 5, 0]), [0, 5, 5, 10]);
});
