import { assertEquals, assertThrows } from "@std/assert";
import { InvalidArgumentError } from "@commander-js/extra-typings";
import { packetRate, shard } from "../../../lib/cli/options/sweep_options.ts";

Deno.test("packetRate() takes any number above 0, and max", () => {
  const good: [string, number][] = [
    ["1", 1],
    ["5000", 5000],
    ["0.5", 0.5],
    [".25", 0.25],
    ["max", Infinity],
  ];
  for (const [text, rate] of good) assertEquals(packetRate(text), rate, text);
  const bad = [
    ...["", "0", "0.0", "-1", "+1", "1.", "1e3", "0x10", "1 ", "1,000"],
    ...["Infinity", "NaN", "MAX", "fast"],
  ];
  for (const text of bad) {
    assertThrows(
      () => packetRate(text),
      InvalidArgumentError,
      "packets a second, above 0",
      JSON.stringify(text),
    );
  }
});

Deno.test("shard() is as it is written, from 1 to the count", () => {
  const good: [string, number, number][] = [
    ["1/1", 1, 1],
    ["1/4", 1, 4],
    ["4/4", 4, 4],
    ["4294967296/4294967296", 2 ** 32, 2 ** 32],
  ];
  for (const [text, index, count] of good) {
    assertEquals(shard(text), { index, count }, text);
  }
  const bad = [
    ...["", "1", "/", "1/", "/2", "0/2", "3/2", "0/0", "-1/2", "1/-2"],
    ...["1.5/2", "1/2/3", " 1/2", "1 / 2", "a/b", "1/4294967297"],
  ];
  for (const text of bad) {
    assertThrows(
      () => shard(text),
      InvalidArgumentError,
      "i/n, i from 1 to n",
      JSON.stringify(text),
    );
  }
});
