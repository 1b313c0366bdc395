import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ENETUNREACH } from "../../../lib/ffi/errno.ts";
import { SocketError } from "../../../lib/socket/errors.ts";
import { traceIn } from "../../../lib/tools/trace/traceroute.ts";
import {
  watchIn,
  type WatchOptions,
} from "../../../lib/tools/trace/watch_route.ts";
import type { WatchedRoute, WatchEvent } from "../../../mod.ts";
import { FakeTraceWorld, type Path, type PathHop } from "./trace_world.ts";

const TARGET = "10.9.3.2";
/** A router that answers to those of its probes that it is told to. */
const hop = (number: number, ...answersMs: (number | null)[]): PathHop => ({
  answers: answersMs.map((afterMs) =>
    afterMs === null ? null : { from: `10.9.${number}.2`, afterMs }
  ),
});

/** Watches a route, which may be another in each round. */
async function watch(
  paths: readonly Path[],
  options: WatchOptions = {},
  { failing = [] }: { failing?: readonly number[] } = {},
): Promise<
  { route: WatchedRoute; events: WatchEvent[]; worlds: FakeTraceWorld[] }
> {
  let nowMs = 0;
  const worlds: FakeTraceWorld[] = [];
  const run = watchIn(
    {
      now: () => nowMs,
      sleep: (ms) => {
        nowMs += ms;
        return Promise.resolve();
      },
      trace(to, options) {
        const world = new FakeTraceWorld(
          paths[Math.min(worlds.length, paths.length) - 1] ?? paths[0],
        );
        if (failing.includes(worlds.length)) {
          world.routeTo = () => {
            throw new SocketError({
              syscall: "connect",
              errno: ENETUNREACH,
              action: `reach ${to}`,
            });
          };
        }
        worlds.push(world);
        return traceIn(world, to, options ?? {});
      },
    },
    TARGET,
    { rounds: paths.length, ...options },
  );
  const events: WatchEvent[] = [];
  for await (const event of run) events.push(event);
  // The first was made to have the options checked.
  return { route: await run, events, worlds: worlds.slice(1) };
}

Deno.test("watchRoute() adds rounds up", async () => {
  const round = (near: number | null, far: number | null): Path => ({
    hops: [hop(1, near), hop(2, null), hop(3, far)],
    hasTarget: true,
  });
  const { route, events, worlds } = await watch(
    [round(1, 10), round(null, 40), round(3, 10)],
  );
  const { hops, ...rest } = route;
  assertEquals(rest, { rounds: 3, isReached: true });
  assertEquals(
    hops.map((hop) => [
      ...[hop.distance, hop.addresses.join(), hop.packetsSent],
      ...[hop.packetsReceived, hop.packetLoss, hop.lastRttMs, hop.minRttMs],
      ...[hop.avgRttMs, hop.maxRttMs],
    ]),
    [
      [1, "10.9.1.2", 3, 2, 1 / 3, 3, 1, 2, 3],
      [2, "", 3, 0, 1, undefined, undefined, undefined, undefined],
      [3, TARGET, 3, 3, 0, 10, 10, 20, 40],
    ],
  );
  assertEquals(hops[0].stddevMs, 1);
  assertEquals(Math.round(hops[2].stddevMs! ** 2), 200);
  assertEquals(events.map(({ type }) => type), [
    ...["start", "round", "round", "round"],
  ]);
  // One to each, and none beyond the target, whose place is known by then.
  assertEquals(worlds[2].sent.map(({ ttl }) => ttl), [1, 2, 3]);
});

Deno.test("a target whose answer is lost is no further away for that", async () => {
  // Echoes to what goes further are answered all the same.
  const whole = { hops: [hop(1, 1), hop(3, 1)], hasTarget: true };
  const { route, worlds } = await watch([
    { hops: [hop(1, 1), hop(3, null, 1)], hasTarget: true },
    whole,
    { hops: [hop(1, 1), hop(3, null)], hasTarget: true },
  ]);
  assertEquals(
    route.hops.map((hop) => [hop.distance, hop.packetsSent, hop.packetLoss]),
    [[1, 3, 0], [2, 3, 2 / 3]],
  );
  assertEquals(worlds[2].sent.map(({ ttl }) => ttl), [1, 2]);
});

Deno.test("a route that gets longer is followed, and both ways are told", async () => {
  const short = { hops: [hop(1, 1), hop(3, 1)], hasTarget: true };
  const long = { hops: [hop(1, 1), hop(2, 1), hop(3, 1)], hasTarget: true };
  const { route } = await watch([short, long, long]);
  assertEquals(
    route.hops.map((hop) => [hop.addresses.join(), hop.isReached]),
    [["10.9.1.2", false], [`${TARGET},10.9.2.2`, false], [TARGET, true]],
  );
});

Deno.test("beyond the last that answers five are asked, and silence is told", async () => {
  const silent = { hops: [hop(1, 1)], hasTarget: false };
  const { route, worlds } = await watch([silent, silent]);
  assertEquals(worlds[0].sent.length, 30);
  assertEquals(worlds[1].sent.map(({ ttl }) => ttl), [1, 2, 3, 4, 5, 6]);
  assertEquals([route.hops.length, route.isReached], [6, false]);
});

Deno.test("watchRoute() asks each hop once a round, unless probes are given", async () => {
  const path: Path = { hops: [hop(1, 1)], hasTarget: true };
  for (const [probes, sent] of [[undefined, 2], [1, 2], [2, 4]] as const) {
    const { route } = await watch([path, path], { probes });
    assertEquals(route.hops[0].packetsSent, sent);
  }
});

Deno.test("watchRoute() checks its options before anything is sent", () => {
  const world = {
    now: () => 0,
    sleep: () => Promise.resolve(),
    trace: (to: string, options = {}) =>
      traceIn(new FakeTraceWorld({ hops: [], hasTarget: false }), to, options),
  };
  for (const wrong of [{ rounds: 0 }, { intervalMs: -1 }, { probes: 11 }]) {
    assertThrows(() => watchIn(world, TARGET, wrong), RangeError);
  }
});

Deno.test("watchRoute() counts a round in which nothing can leave, and goes on", async () => {
  const hops = [hop(1, 1), hop(2, 2), hop(3, 3)];
  const path: Path = { hops, hasTarget: true };
  const { route, events } = await watch([path, path, path], {}, {
    failing: [2],
  });
  assertEquals(route.rounds, 3);
  assertEquals(
    route.hops.map((hop) => [hop.packetsSent, hop.packetsReceived]),
    [[3, 2], [3, 2], [3, 2]],
  );
  assertEquals(events.map(({ type }) => type), [
    ...["start", "round", "failed", "round", "round"],
  ]);
});

Deno.test("watchRoute() ends where there is no route in the first round", async () => {
  const path: Path = { hops: [hop(1, 1)], hasTarget: true };
  await assertRejects(
    () => watch([path, path], {}, { failing: [1] }),
    SocketError,
    "unreachable",
  );
});
