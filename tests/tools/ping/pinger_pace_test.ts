import { assert, assertEquals } from "@std/assert";
import { echoing, FakeWorld } from "./fake_world.ts";

/** When the requests to each host went out. */
function timesByHost(world: FakeWorld): Map<string, number[]> {
  const times = Map.groupBy(world.sent, (sent) => sent.destination);
  return new Map([...times].map(([host, sent]) => [
    host,
    sent.map(({ atMs }) => atMs),
  ]));
}

const hostsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 0xff}`);

Deno.test("one host is sent a request each interval", async () => {
  for (const intervalMs of [1, 2, 5, 10, 200, 1000, 86_400_000]) {
    const world = new FakeWorld(echoing(0.5));
    await world.ping(["10.0.0.1"], { count: 8, intervalMs }).result;
    const times = world.sent.map(({ atMs }) => atMs);
    const wanted = Array.from({ length: 8 }, (_, i) => i * intervalMs);
    assertEquals(times, wanted, `interval ${intervalMs}`);
    assertEquals(world.sent.map(({ sequence }) => sequence), [
      ...[1, 2, 3, 4, 5, 6, 7, 8],
    ]);
  }
});

Deno.test("many hosts are spread over the interval, each at its own pace", async () => {
  const world = new FakeWorld(echoing(30));
  const hosts = hostsOf(500);
  await world.ping(hosts, { count: 4, intervalMs: 1000 }).result;
  assertEquals(world.sent.length, 2000);
  // 500 a second: in any 10 ms no more than those of 10 ms and the slack.
  for (let from = 0; from < 4000; from += 10) {
    const burst = world.sent.filter(({ atMs }) =>
      atMs >= from && atMs < from + 10
    );
    assert(burst.length <= 10, `${burst.length} in 10 ms from ${from}`);
  }
  for (const [host, times] of timesByHost(world)) {
    for (let i = 1; i < times.length; i++) {
      const gap = times[i] - times[i - 1];
      // What is due within 5 ms is sent at once, so that we wake less often.
      assert(Math.abs(gap - 1000) <= 5, `${host}: ${gap} ms`);
    }
  }
});

Deno.test("many hosts cost no wake-up each", async () => {
  const world = new FakeWorld(echoing(30));
  let sleeps = 0;
  const { sleep } = world.clock;
  world.clock.sleep = (ms, signal) => {
    sleeps++;
    return sleep(ms, signal);
  };
  await world.ping(hostsOf(1000), { count: 3, intervalMs: 1000 }).result;
  // 3,000 requests, and 1,000 hosts that are done with.
  assert(sleeps < 2500, `${sleeps} sleeps`);
});

Deno.test("a process that was stopped goes on at its pace, without a burst", async () => {
  const world = new FakeWorld(echoing(1));
  world.at(2050, () => world.nowMs += 1234);
  await world.ping(["10.0.0.1"], { count: 30, intervalMs: 100 }).result;
  const times = world.sent.map(({ atMs }) => atMs);
  const gaps = times.slice(1).map((time, i) => time - times[i]);
  assertEquals(gaps.filter((gap) => gap < 100), []);
  assertEquals(gaps.filter((gap) => gap > 100).length, 1, `${gaps}`);
});

Deno.test("a little lateness is made up for, and does not add up", async () => {
  const world = new FakeWorld(echoing(1));
  const { sleep } = world.clock;
  world.clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    world.nowMs += 7;
  };
  await world.ping(["10.0.0.1"], { count: 11, intervalMs: 100 }).result;
  const last = world.sent.at(-1)!.atMs;
  assert(last >= 1000 && last <= 1020, `${last} ms`);
});

Deno.test("an interval of 0 gives way to answers, and to the signal", async () => {
  const abort = new AbortController();
  const world = new FakeWorld(echoing(0));
  const run = world.ping(["10.0.0.1"], {
    count: Infinity,
    intervalMs: 0,
    signal: abort.signal,
  });
  let replies = 0;
  for await (const event of run) {
    if (event.type === "reply" && ++replies === 100) abort.abort();
  }
  const [host] = await run.result;
  assertEquals(host.packetsReceived >= 100, true);
  assert(host.packetsSent - host.packetsReceived <= 10);
});

Deno.test("no more hosts are pinged at a time than concurrency", async () => {
  for (const concurrency of [1, 3, 10, 1000]) {
    const world = new FakeWorld(echoing(20));
    const hosts = hostsOf(50);
    const run = world.ping(hosts, {
      count: 2,
      intervalMs: 100,
      concurrency,
    });
    let atATime = 0;
    let most = 0;
    for await (const { type } of run) {
      if (type === "start") most = Math.max(most, ++atATime);
      if (type === "host") atATime--;
    }
    assertEquals(most, Math.min(concurrency, 50));
    const results = await run.result;
    assertEquals(results.map(({ name }) => name), hosts);
    assert(results.every((host) => host.packetsReceived === 2));
  }
});

Deno.test("an interval of 0 follows the answers, and 10 ms of silence", async () => {
  const table: [afterMs: number, times: number[]][] = [
    [3, [0, 3, 6, 9, 12]],
    [0.5, [0, 0.5, 1, 1.5, 2]],
    // The second is sent for want of an answer, which then hastens nothing.
    [25, [0, 10, 20, 30, 40]],
    [NaN, [0, 10, 20, 30, 40]],
  ];
  for (const [afterMs, times] of table) {
    const world = new FakeWorld(isNaN(afterMs) ? () => [] : echoing(afterMs));
    await world.ping(["10.0.0.1"], { count: 5, intervalMs: 0 }).result;
    assertEquals(world.sent.map(({ atMs }) => atMs), times, `${afterMs} ms`);
  }
});

Deno.test("a short interval is kept, however late its timers are", async () => {
  const table: [intervalMs: number, lateMs: number][] = [
    [1, 1.5],
    [1, 12],
    [0.1, 1.5],
    [2, 15],
    [10, 15],
  ];
  for (const [intervalMs, lateMs] of table) {
    const world = new FakeWorld(echoing(0.1));
    const { sleep } = world.clock;
    world.clock.sleep = async (ms, signal) => {
      await sleep(ms, signal);
      world.nowMs += lateMs;
    };
    await world.ping(["10.0.0.1"], { count: 1000, intervalMs }).result;
    const last = world.sent.at(-1)!.atMs;
    const wanted = 999 * intervalMs;
    const shown = `${intervalMs} ms, ${lateMs} late: ${last}`;
    assert(last >= wanted - 5 && last <= wanted + lateMs + 20, shown);
  }
});

Deno.test("a short interval that was stopped is followed by a short burst", async () => {
  const world = new FakeWorld(echoing(0.1));
  world.at(50.5, () => world.nowMs += 10_000);
  await world.ping(["10.0.0.1"], { count: 200, intervalMs: 1 }).result;
  const times = world.sent.map(({ atMs }) => atMs);
  const burst = Math.max(
    ...Map.groupBy(times, (time) => time).values().map(({ length }) => length),
  );
  assert(burst <= 22, `${burst} at once`);
});

Deno.test("an interval of 0 follows near answers without a timer between", async () => {
  const world = new FakeWorld(echoing(0));
  world.isNear = true;
  let sleeps = 0;
  const { sleep } = world.clock;
  world.clock.sleep = (ms, signal) => {
    sleeps++;
    return sleep(ms, signal);
  };
  const options = { count: 5000, intervalMs: 0 };
  const [host] = await world.ping(["10.0.0.1"], options).result;
  assertEquals(host.packetsReceived, 5000);
  assert(sleeps < 10, `${sleeps} sleeps`);
});

Deno.test("many hosts that are sent to at once find room for their answers", async () => {
  const world = new FakeWorld(echoing(0));
  world.isNear = true;
  world.at(500, () => world.nowMs += 10_000);
  const hosts = await world.ping(hostsOf(10_000), { count: 3 }).result;
  assert(hosts.every(({ packetsReceived }) => packetsReceived === 3));
  assert(world.mostUnread < 100, `${world.mostUnread} unread`);
});
