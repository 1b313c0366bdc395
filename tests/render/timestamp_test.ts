import { assertEquals, assertThrows } from "@std/assert";
import {
  formatSeconds,
  formatTimestamp,
  parseTimestamp,
  timeOfDay,
} from "../../lib/render/timestamp.ts";
import { liveTest, run } from "../live/live.ts";
import { randomInt, seededRandom } from "../random.ts";

/** Nanoseconds since 1970, and how they are written. */
const INSTANTS: [timestampNs: bigint, text: string][] = [
  [0n, "1970-01-01T00:00:00.000000000Z"],
  [1n, "1970-01-01T00:00:00.000000001Z"],
  [999_999_999n, "1970-01-01T00:00:00.999999999Z"],
  [1459291722_432656000n, "2016-03-29T22:48:42.432656000Z"],
  [1767323045_678901234n, "2026-01-02T03:04:05.678901234Z"],
  [4294967295_000000001n, "2106-02-07T06:28:15.000000001Z"],
  // Before 1970 the second is the one before, not the one nearer to it.
  [-1n, "1969-12-31T23:59:59.999999999Z"],
  [-500_000_000n, "1969-12-31T23:59:59.500000000Z"],
  [-1_000_000_000n, "1969-12-31T23:59:59.000000000Z"],
  [-1_000_000_001n, "1969-12-31T23:59:58.999999999Z"],
  [-11_676_096_000_000000000n, "1600-01-01T00:00:00.000000000Z"],
  [-62_167_219_200_000000000n, "0000-01-01T00:00:00.000000000Z"],
  [-62_167_219_200_000000001n, "-000001-12-31T23:59:59.999999999Z"],
  // Both ends of the four digits, of JavaScript's Date, and of 64 bits.
  [253_402_300_799_999999999n, "9999-12-31T23:59:59.999999999Z"],
  [253_402_300_800_000000000n, "+010000-01-01T00:00:00.000000000Z"],
  [8_640_000_000_000_000000000n, "+275760-09-13T00:00:00.000000000Z"],
  [8_640_000_000_000_000000001n, "+275760-09-13T00:00:00.000000001Z"],
  [-8_640_000_000_001_000000000n, "-271821-04-19T23:59:59.000000000Z"],
  [(2n ** 63n - 1n) * 10n ** 9n, "+292277026596-12-04T15:30:07.000000000Z"],
  [-(2n ** 63n) * 10n ** 9n, "-292277022657-01-27T08:29:52.000000000Z"],
  [(2n ** 64n - 1n) * 10n ** 9n, "+584554051223-11-09T07:00:15.000000000Z"],
];

Deno.test("formatSeconds() rounds to microseconds, also into the next second", () => {
  const table: [time: number, text: string][] = [
    [0, "1970-01-01T00:00:00.000000Z"],
    [0.0000004, "1970-01-01T00:00:00.000000Z"],
    [1767323045.678901, "2026-01-02T03:04:05.678901Z"],
    [1767323045.000009, "2026-01-02T03:04:05.000009Z"],
    [1767323045.9999997, "2026-01-02T03:04:06.000000Z"],
    [1767323044.5, "2026-01-02T03:04:04.500000Z"],
  ];
  for (const [time, text] of table) assertEquals(formatSeconds(time), text);
});

Deno.test("formatTimestamp() writes RFC 3339 with nine digits, of any year", () => {
  for (const [timestampNs, text] of INSTANTS) {
    assertEquals(formatTimestamp(timestampNs), text);
  }
});

Deno.test("formatTimestamp() tells instants of one second, and of those beside it", () => {
  for (const [timestampNs, text] of INSTANTS) {
    for (const step of [1n, 1_000_000_000n]) {
      for (const other of [timestampNs - step, timestampNs + step]) {
        assertEquals(parseTimestamp(formatTimestamp(other)), other);
      }
      assertEquals(formatTimestamp(timestampNs), text);
    }
  }
});

Deno.test("parseTimestamp() reads what formatTimestamp() writes, and less", () => {
  for (const [timestampNs, text] of INSTANTS) {
    assertEquals(parseTimestamp(text), timestampNs);
  }
  assertEquals(parseTimestamp("1970-01-01T00:00:01Z"), 1_000_000_000n);
  assertEquals(parseTimestamp("1970-01-01T00:00:00.5Z"), 500_000_000n);
  assertEquals(parseTimestamp("2024-02-29T00:00:00Z"), 1709164800_000000000n);
  for (
    const text of [
      "",
      "yesterday",
      "2026-13-01T00:00:00Z",
      "2026-02-29T00:00:00Z",
      "2026-01-02T24:00:00Z",
      "2026-01-02T03:04:05",
      "2026-01-02T03:04:05.1234567890Z",
      "10000-01-01T00:00:00Z",
      "+1000000000000-01-01T00:00:00Z",
    ]
  ) {
    assertThrows(() => parseTimestamp(text), RangeError, `is "${text}"`);
  }
});

Deno.test("timeOfDay() is of the second before, where it is before 1970", () => {
  // Whatever the time zone here: its offsets are whole minutes by now.
  const second = (timestampNs: bigint) => timeOfDay(timestampNs).slice(6);
  assertEquals(second(1_700_000_000_123_456_789n), "20.123456");
  assertEquals(second(1_700_000_000_000_000_999n), "20.000000");
  const ago = -12_622_780_800n * 1_000_000_000n * 100n;
  assertEquals(second(ago - 1n), "59.999999");
  assertEquals(second(10n ** 30n + 7_000n).length, "59.999999".length);
});

await liveTest(
  "formatTimestamp() writes what date(1) does, whatever the year",
  ["date"],
  async () => {
    const random = seededRandom(0xda7e);
    const seconds = Array.from({ length: 400 }, (_, i) => {
      const farthest = 10 ** (9 + i % 8);
      return BigInt(randomInt(random, -farthest, farthest));
    });
    const { stdout } = await run(
      ["date", "-u", "-f", "-", "+%Y %m-%dT%H:%M:%S"],
      { input: seconds.map((second) => `@${second}\n`).join("") },
    );
    const theirs = stdout.trimEnd().split("\n").map((line) => {
      const [year, rest] = line.split(" ");
      return `${Number(year)}-${rest}`;
    });
    const ours = seconds.map((second) => {
      const text = formatTimestamp(second * 1_000_000_000n);
      const [, year, rest] = /^([+-]?\d+)-(.*)\.0{9}Z$/.exec(text)!;
      return `${Number(year)}-${rest}`;
    });
    assertEquals(ours, theirs);
  },
);
