import { assert, assertEquals } from "@std/assert";
import type { ICMPMessage } from "../../../lib/socket/icmp/icmp_message.ts";
import type { MultipingOptions, PingEvent } from "../../../mod.ts";
import {
  echoing,
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

Deno.test("what came in time is looked at before a request is given up", async () => {
  const world = new FakeWorld(echoing(10));
  world.isBusy = true;
  const run = world.ping(["10.0.0.1"], { timeoutMs: 1500 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), ["start", "reply 1", "host"]);
  assertEquals((await run.result)[0].rttsMs, [10]);
});

Deno.test("what has come by the end of a run counts, looked at or not", async () => {
  const world = new FakeWorld(echoing(10));
  world.isBusy = true;
  const ending = new AbortController();
  world.at(12, () => ending.abort());
  const run = world.ping(["10.0.0.1"], { count: 3, signal: ending.signal });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), ["start", "reply 1", "host"]);
  assertEquals((await run.result)[0].rttsMs, [10]);
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
  assertEquals([host.minRttMs, host.avgRttMs, host.maxRttMs], [
    undefined,
    undefined,
    undefined,
  ]);
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

Deno.test("the true reply may follow an error; a redirect is none", async () => {
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
        return [say(3, 1, sent.destination), { ...echo, afterMs: 700 }];
      default:
        // Of the last one, too, the reply is waited for.
        return [say(4, 0), say(3, 1), { ...echo, afterMs: 1900 }];
    }
  });
  const run = world.ping(["10.0.0.1"], { count: 5 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), [
    "start",
    "error 1",
    "error 2",
    "advice 3",
    "reply 3",
    "error 4",
    "reply 4",
    "advice 5",
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
    [[source, 3, 1, 2], [source, 11, 0, 1], ["10.0.0.1", 3, 1, 1]],
  );
});

Deno.test("an error alone ends no wait, and stands for its request", async () => {
  const world = new FakeWorld((sent) => {
    const { destination: source } = sent;
    const message = icmpError(sent, { source, type: 3, code: 1 });
    return [{ afterMs: 5, message }];
  });
  const run = world.ping(["10.0.0.1"], { count: 2, timeoutMs: 3000 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), ["start", "error 1", "error 2", "host"]);
  assertEquals((await run.result)[0].durationMs, 4000);
});

Deno.test("an error must quote what was sent, its checksum at least", async () => {
  const world = new FakeWorld((sent) => {
    const say = (checksum: number, payload: Uint8Array) => {
      const about = { source: "10.0.0.254", type: 3, code: 1 };
      const { quotedRequest, ...message } = icmpError(sent, about);
      const quoted = { ...quotedRequest!, checksum, payload };
      return { afterMs: 5, message: { ...message, quotedRequest: quoted } };
    };
    const { quotedRequest } = icmpError(sent, {
      source: "10.0.0.254",
      type: 3,
      code: 1,
    });
    const none = new Uint8Array();
    const { checksum } = quotedRequest!;
    return [
      say(checksum, none),
      say(checksum ^ 1, none),
      say(checksum ^ 1, sent.payload.subarray(0, 7)),
      // As a router leaves it that rewrites identifiers.
      say(checksum ^ 1, sent.payload.subarray(0, 8)),
      say(checksum, new Uint8Array(8)),
    ];
  });
  for (const host of ["10.0.0.1", "2001:db8::1"]) {
    const [found] = await world.ping([host]).result;
    assertEquals(found.errors.map(({ count }) => count), [2], host);
    assertEquals(found.refused.quoted, 3, host);
  }
});

Deno.test("nothing comes after a host's last word, and nothing changes it", async () => {
  const world = new FakeWorld((sent) => {
    const reply = { afterMs: 10, message: echoReply(sent) };
    const { destination: source } = sent;
    const error = icmpError(sent, { source, type: 3, code: 1 });
    const other = echoReply(sent, { source: "10.9.9.9" });
    if (source === "10.0.0.2") return [{ ...reply, afterMs: 900 }];
    return [
      reply,
      reply,
      { afterMs: 10, message: error },
      { afterMs: 10, message: other },
      { ...reply, afterMs: 300 },
    ];
  });
  const hosts = ["10.0.0.1", "10.0.0.2"];
  const run = world.ping(hosts, { intervalMs: 1 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map((event) => `${event.index} ${short(event)}`), [
    "0 start",
    "1 start",
    "0 reply 1",
    "0 host",
    "1 reply 1",
    "1 host",
  ]);
  const told = events.flatMap((event) =>
    event.type === "host" ? [event.host] : []
  );
  assertEquals(await run.result, told);
  assertEquals(figures(told[0]), {
    packetsSent: 1,
    packetsReceived: 1,
    duplicates: 0,
    lateReplies: 0,
  });
});

Deno.test("without a timeout something is waited for, and then two round trips", async () => {
  const table: [afterMs: number[], durationMs: number][] = [
    [[10, 10, 10], 2010],
    // The last is lost: the longest, twice, and the interval at least.
    [[800, 10, NaN], 2000 + 1600],
    [[10, 10, 5000], 2000 + 1000],
    [[10, NaN, 10], 2000 + 1000],
    // Nothing came before the last was sent.
    [[9000, NaN, NaN], 9000 + 18_000],
    [[NaN, NaN, 7000], 9000 + 14_000],
  ];
  for (const [afterMs, durationMs] of table) {
    const world = new FakeWorld((sent) => {
      const ms = afterMs[sent.sequence - 1];
      return isNaN(ms) ? [] : [{ afterMs: ms, message: echoReply(sent) }];
    });
    const timeoutMs = Infinity;
    const run = world.ping(["10.0.0.1"], { count: 3, timeoutMs });
    const [host] = await run.result;
    assertEquals(host.durationMs, durationMs, `${afterMs}`);
    assertEquals(host.lateReplies, 0);
  }
});

Deno.test("numbers on the wire begin anywhere where nothing else is to guess", async () => {
  const first = async (options: MultipingOptions) => {
    const world = new FakeWorld(echoing(1));
    const run = world.ping(["10.0.0.1"], { count: 3, ...options });
    const shown: number[] = [];
    for await (const event of run) {
      if (event.type === "reply") shown.push(event.sequence);
    }
    assertEquals(shown, [1, 2, 3]);
    const [start, ...rest] = world.sent.map(({ sequence }) => sequence);
    assertEquals(rest, [start + 1 & 0xffff, start + 2 & 0xffff]);
    return start;
  };
  assertEquals([await first({}), await first({ payloadSize: 8 })], [1, 1]);
  for (const options of [{ payloadSize: 7 }, { payload: new Uint8Array(56) }]) {
    const starts = new Set<number>();
    for (let i = 0; i < 20; i++) starts.add(await first(options));
    assert(starts.size > 15, `${[...starts]}`);
  }
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
  const isTold = ({ type }: PingEvent) => type !== "refused";
  assertEquals(events.filter(isTold).map(short), [
    "start",
    "reply 1",
    "reply 3",
    "timeout 2",
    "host",
  ]);
  // But none of them is hidden, if it is about a request of ours.
  const [host] = await run.result;
  const all = { source: 3, payload: 3, checksum: 3, sequence: 3, quoted: 3 };
  assertEquals(
    host.refused,
    {
      truncated: 0,
      ...Object.fromEntries(
        Object.entries(all).map(([reason, lies]) => [reason, lies * 1000]),
      ),
    } as typeof host.refused,
  );
  assertEquals(
    events.filter(({ type }) => type === "refused").length,
    15_000,
  );
});

Deno.test("a reply is refused for what is wrong with it, octet by octet", async () => {
  const world = new FakeWorld((sent) => {
    const { id, sequence, payload } = sent;
    const say = (changes: Partial<ICMPMessage>) => ({
      afterMs: 1,
      message: echoReply(sent, changes),
    });
    const bring = (...octets: number[]) =>
      say({ reply: { id, sequence, payload: Uint8Array.from(octets) } });
    return [
      bring(1, 2, 3, 4),
      bring(1, 2),
      bring(),
      bring(1, 9, 3),
      bring(1, 2, 3, 4, 5),
      say({ source: "10.9.9.9" }),
      say({ isChecksumRight: false }),
      say({ reply: { id, sequence: sequence + 9, payload } }),
      bring(0, 2, 3, 4),
    ].slice(1);
  });
  const payload = Uint8Array.of(1, 2, 3, 4);
  const run = world.ping(["10.0.0.1"], { payload });
  const events = await Array.fromAsync(run);
  const refused = events.filter((event) => event.type === "refused");
  assertEquals(
    refused.map(({ reason, sequence, altered }) => [
      reason,
      sequence,
      altered && Object.values(altered),
    ]),
    [
      ["truncated", 1, undefined],
      ["truncated", 1, undefined],
      ["payload", 1, [1, 2, 9]],
      ["payload", 1, [4, undefined, 5]],
      ["source", 1, undefined],
      ["checksum", 1, undefined],
      ["sequence", undefined, undefined],
      ["payload", 1, [0, 1, 0]],
    ],
  );
  const [host] = await run.result;
  assertEquals(host.refused, {
    source: 1,
    checksum: 1,
    truncated: 2,
    payload: 3,
    sequence: 1,
    quoted: 0,
  });
  assertEquals([host.isAlive, host.packetLoss], [false, 1]);
});

Deno.test("of several hosts each is told what is refused of it", async () => {
  const world = new FakeWorld((sent) => [
    { afterMs: 1, message: echoReply(sent, { source: "10.9.9.9" }) },
  ]);
  const names = ["10.0.0.1", "10.0.0.2", "10.0.0.1"];
  const run = world.ping(names, { count: 3, intervalMs: 10 });
  const refused: string[] = [];
  for await (const event of run) {
    if (event.type !== "refused") continue;
    refused.push(`${event.index} ${event.sequence}`);
  }
  assertEquals(
    refused.toSorted(),
    [0, 1, 2].flatMap((index) => [1, 2, 3].map((i) => `${index} ${i}`)),
  );
});

/** What a network that is not to be trusted answers, request by request. */
const LYING: Network = (sent) => {
  const answer = (changes: Partial<ICMPMessage> = {}, afterMs = 0) => ({
    afterMs,
    message: echoReply(sent, changes),
  });
  const { id, sequence, payload } = sent;
  const altered = payload.map((octet, i) => i === 40 ? octet ^ 1 : octet);
  switch (sent.number % 8) {
    case 1: // A duplicate at once, and one when much else has come.
      return [answer(), answer(), answer({ ttl: 60 }, 50)];
    case 2:
      return [answer({ reply: { id, sequence, payload: altered } }), answer()];
    case 3:
      return [answer({ isChecksumRight: false })];
    case 4:
      return [answer({ source: "10.0.0.77" }), answer()];
    case 5: // Too late.
      return [answer({}, 500)];
    case 6: {
      const { message } = answer();
      const { source } = message;
      const error = icmpError(sent, { source, type: 3, code: 1 });
      return [{ afterMs: 0, message: error }, answer()];
    }
    default:
      return [answer()];
  }
};

Deno.test("a flood counts the same, whether its replies are told or not", async () => {
  const flood = async (tellReplies: boolean) => {
    const world = new FakeWorld(LYING);
    world.isNear = true;
    const run = world.ping(["10.0.0.1"], {
      count: 800,
      intervalMs: 0,
      timeoutMs: 300,
      payload: new Uint8Array(56),
      tellReplies,
    });
    const told = (await Array.fromAsync(run)).map(({ type }) => type);
    const [host] = await run.result;
    const { rttsMs, durationMs: _, ...counted } = host;
    const others = told.filter((type) => type !== "reply");
    return { world, counted, replies: rttsMs.length, told, others };
  };
  const told = await flood(true);
  const untold = await flood(false);
  assertEquals(told.replies, 600);
  const { duplicates, lateReplies } = told.counted;
  assert(duplicates > 150 && lateReplies > 50, `${duplicates} ${lateReplies}`);
  assertEquals(told.counted.refused, {
    ...told.counted.refused,
    payload: 100,
    checksum: 100,
    source: 100,
  });
  assertEquals(untold.counted, told.counted);
  assertEquals(untold.replies, told.replies);
  assertEquals(untold.told, told.others);
  assertEquals(told.world.takenInPlace, 0);
  assert(untold.world.takenInPlace > 400, `${untold.world.takenInPlace}`);
});

Deno.test("who is not listened to makes no object of a reply", async () => {
  const world = new FakeWorld(echoing(0));
  world.isNear = true;
  const [host] = await world.ping(["10.0.0.1"], { count: 100, intervalMs: 0 });
  assertEquals(host.packetsReceived, 100);
  assert(world.takenInPlace > 50, `${world.takenInPlace}`);
});

Deno.test("a flood of many near hosts gives each its turn, and can be ended", async () => {
  const world = new FakeWorld(echoing(0));
  world.isNear = true;
  world.clock.now = () => world.nowMs += 0.01;
  const hosts = Array.from({ length: 100 }, (_, i) => `10.0.0.${i + 1}`);
  const ending = new AbortController();
  setImmediate(() => ending.abort());
  const results = await world.ping(hosts, {
    count: 1000,
    intervalMs: 0,
    signal: ending.signal,
  });
  const first = world.sent.slice(0, hosts.length);
  assertEquals(first.map(({ destination }) => destination), hosts);
  const sent = results.map(({ packetsSent }) => packetsSent);
  const [least, most] = [Math.min(...sent), Math.max(...sent)];
  assert(least > 1 && most - least < 3 && most < 1000, `${least}-${most}`);
});

Deno.test("of a host that failed nothing more is told, and others go on", async () => {
  let requests = 0;
  const world = new FakeWorld(() => {
    if (++requests === 3) throw new RangeError("that is too much");
    return [];
  });
  const run = world.ping(["10.0.0.1", "10.0.0.2"], {
    count: 2,
    timeoutMs: 5000,
  });
  const told = (await Array.fromAsync(run)).map((event) =>
    `${event.index} ${short(event)}`
  );
  assertEquals(told, [
    ...["0 start", "1 start", "0 failed", "0 host"],
    ...["1 timeout 1", "1 timeout 2", "1 host"],
  ]);
  const [failed, other] = await run;
  assertEquals([failed.packetsSent, other.packetsSent], [1, 2]);
});
