import { assertEquals } from "@std/assert";
import { mergeByTime } from "../../lib/socket/ring/message_ring.ts";
import { randomInt, seededRandom } from "../random.ts";

/** Items of a queue, told apart, by their times. */
function queue(name: string, ...times: number[]) {
  return times.map((time, i) => ({
    name: `${name}${i}`,
    timestampNs: BigInt(time),
  }));
}

Deno.test("mergeByTime() goes by the times, and keeps what is of one queue in order", () => {
  const table: [some: number[], others: number[], wanted: string][] = [
    [[], [], ""],
    [[1, 3], [], "a0 a1"],
    [[], [1, 3], "b0 b1"],
    [[2, 4], [1, 3, 5], "b0 a0 b1 a1 b2"],
    [[2, 2], [2], "a0 a1 b0"],
    // The first of these was not noted when it came, but when it was read.
    [[2], [9, 3], "a0 b0 b1"],
    [[9, 2], [3], "b0 a0 a1"],
  ];
  for (const [some, others, wanted] of table) {
    const merged = mergeByTime(queue("a", ...some), queue("b", ...others));
    assertEquals(merged.map(({ name }) => name).join(" "), wanted);
  }
});

Deno.test("mergeByTime() of queues that are in order is what sorting gives", () => {
  const random = seededRandom(0x3e6e);
  for (let round = 0; round < 500; round++) {
    const times = () =>
      Array.from(
        { length: randomInt(random, 0, 9) },
        () => randomInt(random, 0, 20),
      ).sort((a, b) => a - b);
    const [some, others] = [queue("a", ...times()), queue("b", ...times())];
    assertEquals(
      mergeByTime(some, others),
      [...some, ...others].sort((a, b) =>
        Number(a.timestampNs - b.timestampNs)
      ),
    );
  }
});
