/** Sweeps that are ended anywhere, and go on in another process. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { planSweep } from "../../../lib/tools/sweep/sweep.ts";
import { Sweeper } from "../../../lib/tools/sweep/sweeper.ts";
import { Targets } from "../../../lib/tools/sweep/targets.ts";
import {
  Run,
  type SweepEvent,
  type SweepOptions,
  type SweepResult,
  type SweepState,
} from "../../../mod.ts";
import { FakeSweepWorld, reply } from "./sweep_world.ts";

const RANGES = ["10.0.0.0/21"];
/** A host in three, after a while. */
const isAlive = (address: string) => Number(address.split(".")[3]) % 3 === 0;

/** What a process has seen that lost its life in the middle. */
interface Life {
  readonly requests: FakeSweepWorld["requests"];
  readonly alive: string[];
  /** What was kept last. */
  readonly state: SweepState | undefined;
  readonly result: SweepResult | undefined;
}

/** @param checkpoints the life ends with what comes after so many */
async function live(options: SweepOptions, checkpoints: number): Promise<Life> {
  const plan = planSweep(new Targets(RANGES), {
    checkpoints: true,
    ...options,
  });
  const world = new FakeSweepWorld((request) =>
    isAlive(request.address) ? [{ ...reply(request), afterMs: 300 }] : []
  );
  const run = new Run<SweepEvent, SweepResult>((context) =>
    new Sweeper(
      { ...plan, socket: { ...plan.socket, identifier: 1 } },
      context,
      world,
    ).run()
  );
  const alive: string[] = [];
  let state: SweepState | undefined;
  let left = checkpoints;
  for await (const event of run) {
    if (event.type === "alive") alive.push(event.address);
    if (event.type !== "checkpoint") continue;
    // Killed before it was kept.
    if (left-- === 0) {
      return { requests: world.requests, alive, state, result: undefined };
    }
    state = JSON.parse(JSON.stringify(event.state));
  }
  return { requests: world.requests, alive, state, result: await run };
}

for (
  const options of [
    { rate: 400 },
    { rate: 400, shuffle: true, seed: 3, shard: { index: 1, count: 2 } },
    { rate: 400, retries: 2 },
    { rate: Infinity },
  ]
) {
  Deno.test(`a sweep goes on where it was ended: ${JSON.stringify(options)}`, async () => {
    const asked = new Map<string, number>();
    const alive = new Set<string>();
    let resume: SweepState | undefined;
    let result: SweepResult | undefined;
    let lives = 0;
    while (result === undefined) {
      // The last one lives as long as it takes.
      const life = await live({ ...options, resume }, lives < 9 ? 4 : Infinity);
      lives++;
      for (const address of life.alive) alive.add(address);
      for (const { address } of life.requests) {
        asked.set(address, (asked.get(address) ?? 0) + 1);
      }
      // What this life has sent, and the next one will send again, for all that
      // it knows.
      const again = life.requests.filter(({ atMs }) =>
        atMs < life.requests.at(-1)!.atMs - 1000
      );
      resume = life.state;
      result = life.result;
      if (result !== undefined || options.retries) continue;
      const { place } = resume!;
      const order = planSweep(new Targets(RANGES), options);
      const done = new Set(
        Array.from({ length: place }, (_, place) => order.indexAt(place)),
      );
      for (const { address } of again) {
        const [, , third, last] = address.split(".").map(Number);
        assert(done.has(third * 256 + last), `${address} was sent too early`);
      }
    }
    const { total } = planSweep(new Targets(RANGES), options);
    assertEquals(asked.size, total, "each has been asked");
    const living = [...asked.keys()].filter(isAlive);
    assertEquals([...alive].sort(), living.sort(), "and each that lives found");
    assertEquals([result.asked, result.alive], [total, living.length]);
    assertEquals(lives, 10);
  });
}

Deno.test("a sweep does not send more than a second ahead of what is kept", async () => {
  const plan = planSweep(new Targets(RANGES), {
    rate: 1000,
    checkpoints: true,
  });
  const world = new FakeSweepWorld(() => []);
  const run = new Run<SweepEvent, SweepResult>((context) =>
    new Sweeper(
      { ...plan, socket: { ...plan.socket, identifier: 1 } },
      context,
      world,
    ).run()
  );
  let isKept = false;
  for await (const event of run) {
    if (event.type !== "checkpoint" || isKept) continue;
    // A disk that is very slow.
    await world.clock.sleep(5000, new AbortController().signal);
    const first = world.requests[0].atMs;
    const last = world.requests.at(-1)!.atMs;
    assert(last - first < 1000, `${last - first} ms`);
    isKept = true;
  }
  assertEquals(world.requests.length, 2048);
});

Deno.test("sweep() refuses to go on with another sweep", async () => {
  const { state } = await live({ rate: 400 }, 2);
  for (
    const [options, says] of [
      [{ seed: 1, shuffle: true }, "the order of one: ascending"],
      [{ shard: { index: 1, count: 2 } }, "the number of shares"],
    ] as const
  ) {
    const resuming = { ...options, resume: state };
    assertThrows(
      () => planSweep(new Targets(RANGES), resuming),
      RangeError,
      says,
    );
  }
  const on = (link: number) =>
    new Targets(["fe80::1-fe80::9%eth0"], () => link);
  const { share } = planSweep(on(2), {});
  const resume = { ...state!, ...share };
  planSweep(on(2), { resume });
  assertThrows(
    () => planSweep(on(3), { resume }),
    RangeError,
    "its link-local ranges are on other interfaces",
  );
});
