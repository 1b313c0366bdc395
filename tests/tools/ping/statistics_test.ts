import { assertAlmostEquals, assertEquals } from "@std/assert";
import {
  jitter,
  mean,
  percentile,
  standardDeviation,
} from "../../../lib/tools/ping/statistics.ts";
import { liveTest, run } from "../../live/live.ts";
import { randomInt, seededRandom } from "../../random.ts";

Deno.test("mean(), standardDeviation() and jitter() by hand", () => {
  const table: [
    values: number[],
    mean?: number,
    sd?: number,
    jitter?: number,
  ][] = [
    [[]],
    [[5], 5, 0, 0],
    [[3, 3, 3], 3, 0, 0],
    [[1, 3], 2, 1, 2],
    [[2, 4, 4, 4, 5, 5, 7, 9], 5, 2, 1],
    [[1, 2, 3, 4], 2.5, Math.sqrt(1.25), 1],
    [[4, 1, 3, 2], 2.5, Math.sqrt(1.25), 2],
    [[0, 10, 0, 10], 5, 5, 10],
  ];
  for (const [values, middle, deviation, change] of table) {
    const shown = JSON.stringify(values);
    assertEquals(mean(values), middle, shown);
    const found = standardDeviation(values);
    if (deviation === undefined) assertEquals(found, undefined);
    else assertAlmostEquals(found!, deviation, 1e-12, shown);
    assertEquals(jitter(values), change, shown);
  }
});

Deno.test("percentile() is the nearest rank", () => {
  // Wikipedia, "Percentile", the nearest-rank method, second example.
  const values = [3, 6, 7, 8, 8, 10, 13, 15, 16, 20];
  const table: [share: number, value: number][] = [
    [0, 3],
    [0.05, 3],
    [0.25, 7],
    [0.5, 8],
    [0.75, 15],
    [0.95, 20],
    [1, 20],
  ];
  for (const [share, value] of table) {
    assertEquals(percentile(values, share), value, `${share}`);
    assertEquals(percentile(values.toReversed(), share), value, `${share}`);
  }
  assertEquals(percentile([], 0.5), undefined);
  assertEquals(percentile([7], 0), 7);
  assertEquals(percentile([10, 9, 100], 1), 100);
});

Deno.test("percentile() leaves its input as it is", () => {
  const values = [3, 1, 2];
  percentile(values, 0.5);
  assertEquals(values, [3, 1, 2]);
});

const PYTHON = `
import json, statistics, sys
for line in sys.stdin:
    v = json.loads(line)
    d = [abs(a - b) for a, b in zip(v, v[1:])]
    print(json.dumps([statistics.fmean(v), statistics.pstdev(v),
        statistics.median_low(v), statistics.fmean(d) if d else 0]))
`;

await liveTest("the figures are those of Python's statistics", [
  "python3",
], async () => {
  const random = seededRandom(0x57a7);
  const series = Array.from({ length: 300 }, () => {
    const scale = 10 ** randomInt(random, -3, 4);
    const length = randomInt(random, 1, 100);
    return Array.from({ length }, () => random() * scale);
  });
  const { stdout } = await run(["python3", "-c", PYTHON], {
    input: series.map((values) => JSON.stringify(values)).join("\n"),
  });
  const expected = stdout.trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(expected.length, series.length);
  for (const [i, values] of series.entries()) {
    const ours = [
      mean(values),
      standardDeviation(values),
      percentile(values, 0.5),
      jitter(values),
    ];
    for (const [j, value] of ours.entries()) {
      const wanted = expected[i][j];
      assertAlmostEquals(value!, wanted, 1e-9 * Math.max(1, wanted));
    }
  }
});
