import { assertEquals } from "@std/assert";
import {
  echoReply,
  FakeWorld,
  figures,
  icmpError,
  type Network,
  short,
} from "./fake_world.ts";

const silent: Network = () => [];
Deno.test("replies are timed, and counted", async () => {
  const world = new FakeWorld((sent) => [
    { afterMs: 10 * sent.sequence, message: echoReply(sent) },
  ]);
  const run = world.ping(["10.0.0.1"], { count: 3 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), [
    "start",
    "reply 1",
    "reply 2",
    "reply 3",
    "host",
  ]);
  const [host] = await run.result;
  assertEquals(host.rttsMs, [10, 20, 30]);
  const { minRttMs, avgRttMs, maxRttMs, p50Ms, p95Ms, jitterMs } = host;
  assertEquals({ minRttMs, avgRttMs, maxRttMs, p50Ms, p95Ms, jitterMs }, {
    minRttMs: 10,
    avgRttMs: 20,
    maxRttMs: 30,
    p50Ms: 20,
    p95Ms: 30,
    jitterMs: 10,
  });
  assertEquals([host.durationMs, host.replyTTL, host.isAlive], [
    2030,
    64,
    true,
  ]);
  assertEquals(host.packetLoss, 0);
  assertEquals(world.closed, world.opened.length);
});

Deno.test("no reply in time is a timeout, each request's own", async () => {
  const world = new FakeWorld(silent);
  const run = world.ping(["10.0.0.1"], { count: 3, timeoutMs: 1500 });
  const times: [string, number][] = [];
  for await (const event of run) times.push([short(event), world.nowMs]);
  assertEquals(times.slice(1), [
    ["timeout 1", 1500],
    ["timeout 2", 2500],
    ["timeout 3", 3500],
    ["host", 3500],
  ]);
  const [host] = await run.result;
  assertEquals([host.isAlive, host.packetLoss], [false, 1]);
  assertEquals([host.minRttMs, host.avgRttMs, host.maxRttMs], [0, 0, 0]);
});

Deno.test("late replies and duplicates are told, and not counted as received", async () => {
  const world = new FakeWorld((sent) => {
    const message = echoReply(sent);
    if (sent.sequence === 1) return [{ afterMs: 700, message }];
    const twice = [{ afterMs: 10, message }, { afterMs: 20, message }];
    return sent.sequence === 2 ? twice : [{ afterMs: 10, message }];
  });
  const run = world.ping(["10.0.0.1"], { count: 3, timeoutMs: 500 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), [
    "start",
    "timeout 1",
    "reply 1!",
    "reply 2",
    "reply 2+",
    "reply 3",
    "host",
  ]);
  const [host] = await run.result;
  assertEquals(figures(host), {
    packetsSent: 3,
    packetsReceived: 2,
    duplicates: 1,
    lateReplies: 1,
  });
  assertEquals(host.rttsMs, [10, 10]);
});

Deno.test("a late reply twice is late once, and then a duplicate", async () => {
  const world = new FakeWorld((sent) =>
    sent.sequence > 1 ? [{ afterMs: 1, message: echoReply(sent) }] : [
      { afterMs: 600, message: echoReply(sent) },
      { afterMs: 650, message: echoReply(sent) },
    ]
  );
  const run = world.ping(["10.0.0.1"], { count: 2, timeoutMs: 500 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), [
    "start",
    "timeout 1",
    "reply 1!",
    "reply 1+",
    "reply 2",
    "host",
  ]);
  const [host] = await run.result;
  assertEquals(figures(host), {
    packetsSent: 2,
    packetsReceived: 1,
    duplicates: 1,
    lateReplies: 1,
  });
});

Deno.test("errors settle a request; a redirect does not", async () => {
  const source = "10.0.0.254";
  const world = new FakeWorld((sent) => {
    const say = (type: number, code: number, from = source) => ({
      afterMs: 5,
      message: icmpError(sent, { source: from, type, code }),
    });
    const echo = { afterMs: 10, message: echoReply(sent) };
    switch (sent.sequence) {
      case 1:
        return [say(3, 1)];
      case 2:
        return [say(11, 0)];
      case 3:
        return [say(5, 1), echo];
      case 4:
        // From the host itself, which thinks better of it.
        return [say(3, 1, sent.destination), echo];
      default:
        // Of the last one, what comes behind a redirect is waited for.
        return [say(5, 1), echo];
    }
  });
  const run = world.ping(["10.0.0.1"], { count: 5 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), [
    "start",
    "error 1",
    "error 2",
    "error 3",
    "reply 3",
    "error 4",
    "reply 4",
    "error 5",
    "reply 5",
    "host",
  ]);
  const [host] = await run.result;
  assertEquals(figures(host), {
    packetsSent: 5,
    packetsReceived: 3,
    duplicates: 0,
    lateReplies: 0,
  });
  assertEquals(
    host.errors.map(({ from, type, code, count }) => [from, type, code, count]),
    [[source, 3, 1, 1], [source, 11, 0, 1], [source, 5, 1, 2], [
      "10.0.0.1",
      3,
      1,
      1,
    ]],
  );
});

Deno.test("lies change nothing, whatever their number", async () => {
  const world = new FakeWorld((sent) => {
    const { id, sequence, payload } = sent;
    const other = "10.9.9.9";
    const wrong = { id, sequence, payload: payload.map((octet) => octet ^ 1) };
    const lies = [
      echoReply(sent, { source: other }),
      echoReply(sent, { reply: wrong }),
      echoReply(sent, { isChecksumRight: false }),
      echoReply(sent, { reply: { id, sequence: sequence + 1, payload } }),
      echoReply(sent, { reply: { id: id + 1, sequence, payload } }),
      icmpError({ ...sent, destination: other }, {
        source: other,
        type: 3,
        code: 1,
      }),
      icmpError({ ...sent, id: id + 1 }, { source: other, type: 3, code: 1 }),
    ];
    const all = lies.flatMap((message) =>
      Array.from({ length: 1000 }, (_, i) => ({ afterMs: i / 100, message }))
    );
    return sequence === 2
      ? all
      : [...all, { afterMs: 5, message: echoReply(sent) }];
  });
  const run = world.ping(["10.0.0.1"], { count: 3 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), [
    "start",
    "reply 1",
    "reply 3",
    "timeout 2",
    "host",
  ]);
});
