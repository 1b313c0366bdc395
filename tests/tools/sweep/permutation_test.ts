import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { BitSet } from "../../../lib/tools/sweep/bit_set.ts";
import { Pace } from "../../../lib/socket/time.ts";
import { Permutation } from "../../../lib/tools/sweep/permutation.ts";
import { planSweep } from "../../../lib/tools/sweep/sweep.ts";
import { Targets } from "../../../lib/tools/sweep/targets.ts";

Deno.test("Permutation has every number once, for every count", () => {
  for (const count of [1, 2, 3, 4, 5, 7, 8, 9, 255, 256, 257, 1000, 65_536]) {
    for (const seed of [0, 1, 0xffff_ffff]) {
      const permutation = new Permutation(count, seed);
      const seen = new Set<number>();
      for (let i = 0; i < count; i++) {
        const number = permutation.at(i);
        seen.add(number);
        assert(permutation.placeOf(number) === i);
      }
      assertEquals(seen.size, count);
      assert(Math.max(...[...seen].slice(0, 1000)) < count);
    }
  }
});

Deno.test("Permutation reaches up to 2^32", () => {
  const permutation = new Permutation(2 ** 32, 5);
  for (const place of [0, 1, 2 ** 31, 2 ** 32 - 1]) {
    const number = permutation.at(place);
    assert(Number.isInteger(number) && number >= 0 && number < 2 ** 32);
  }
});

Deno.test("Permutation follows from its seed, and shuffles", () => {
  const order = (seed: number) => {
    const permutation = new Permutation(1000, seed);
    return Array.from({ length: 1000 }, (_, i) => permutation.at(i));
  };
  assertEquals(order(1), order(1));
  assertNotEquals(order(1), order(2));
  const neighbours = order(3).filter((n, i, all) =>
    Math.abs(n - all[i - 1]) === 1
  );
  assert(neighbours.length < 20, `${neighbours.length} neighbours`);
});

Deno.test("planSweep() divides addresses into disjoint, complete shards", () => {
  const targets = new Targets(["10.0.0.0-10.0.3.20", "fd00::/124"]);
  for (const shuffle of [false, true]) {
    for (const count of [1, 2, 3, 7, 2000]) {
      const seen: number[] = [];
      for (let index = 1; index <= count; index++) {
        const plan = planSweep(targets, {
          shuffle,
          seed: 9,
          shard: { index, count },
        });
        for (let i = 0; i < plan.total; i++) seen.push(plan.indexAt(i));
        const places = seen.slice(-plan.total).map(plan.placeOf);
        assert(plan.total === 0 || places.every((place, i) => place === i));
      }
      assertEquals(
        seen.sort((a, b) => a - b),
        Array.from({ length: targets.count }, (_, i) => i),
      );
    }
  }
});

Deno.test("BitSet tells what is new, and counts it", () => {
  const set = new BitSet();
  for (const number of [0, 7, 8, 65_535, 65_536, 2 ** 32 - 1]) {
    assert(!set.has(number));
    assert(set.add(number));
    assert(!set.add(number));
    assert(set.has(number));
  }
  assertEquals(set.size, 6);
});

Deno.test("Pace lets through what the rate allows, and makes up for little", () => {
  let now = 0;
  const pace = new Pace(1000, () => now);
  assertEquals(pace.take(512), 1);
  assertEquals(pace.take(512), 0);
  assertEquals(pace.delayMs, 1);
  now += 5;
  assertEquals(pace.take(3), 3);
  assertEquals(pace.take(512), 2);
  now += 10_000;
  assertEquals(pace.take(512), 20);
  assertEquals(new Pace(Infinity, () => now).take(512), 512);
  const slow = new Pace(0.001, () => now);
  assertEquals([slow.take(9), slow.take(9), slow.delayMs], [1, 0, 60_000]);
});
