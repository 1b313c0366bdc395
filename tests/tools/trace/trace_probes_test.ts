/** What probes are on the wire, and what is refused before any is sent. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { TraceRenderer } from "../../../lib/render/tools/trace.ts";
import { traceIn } from "../../../lib/tools/trace/traceroute.ts";
import {
  type Family,
  internetChecksum,
  pseudoHeaderSum,
  traceroute,
  type TracerouteOptions,
} from "../../../mod.ts";
import { FakeTraceWorld, type PathHop, REFUSAL } from "./trace_world.ts";

const SILENT: PathHop[] = [{ answers: [null] }];
const TARGET = { 4: "10.9.9.2", 6: "2001:db8:9:9::2" } as const;
const SOURCE = { 4: "10.9.1.1", 6: "2001:db8:9:1::1" } as const;

/** The packets that go out where nobody answers. */
async function sent(
  family: Family,
  options: TracerouteOptions,
): Promise<Uint8Array[]> {
  const world = new FakeTraceWorld({ hops: SILENT, hasTarget: false });
  const all = { maxHops: 4, timeoutMs: 20, ...options };
  await traceIn(world, TARGET[family], all).result;
  assertEquals(world.sent.map(({ ttl }) => ttl).slice(0, 12).sort(), [
    ...[1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4],
  ]);
  return world.sent.map(({ bytes }) => bytes);
}

/** How many values some octets have over all packets. */
function values(packets: Uint8Array[], from: number, to: number): number {
  return new Set(packets.map((bytes) => bytes.subarray(from, to).toHex())).size;
}

const METHODS = ["icmp", "udp", "tcp", "raw"] as const;
const HEADER = { 4: 20, 6: 40 } as const;
const PROTOCOL = { icmp: { 4: 1, 6: 58 }, udp: 17, tcp: 6, raw: 253 } as const;

for (const family of [4, 6] as const) {
  const header = HEADER[family];
  for (const method of METHODS) {
    const number = PROTOCOL[method];
    const protocol = typeof number === "number" ? number : number[family];
    for (const flow of ["paris", "classic"] as const) {
      Deno.test(`${method} probes, ${flow}, IPv${family}, are sound`, async () => {
        const packets = await sent(family, { method, flow });
        const size = header + (method === "tcp" ? 20 : 40);
        const outside = method === "icmp" && family === 4 ? 0 : pseudoHeaderSum(
          { source: SOURCE[family], destination: TARGET[family] },
          protocol,
          size - header,
        );
        for (const bytes of packets) {
          assertEquals(bytes.length, size);
          assertEquals(bytes[family === 4 ? 9 : 6], protocol);
          if (method === "raw") continue;
          assertEquals(internetChecksum(bytes.subarray(header), outside), 0);
        }
        // None is like another in what is quoted for certain.
        assertEquals(values(packets, header, header + 8), 12);
        if (family === 4) assertEquals(values(packets, 4, 6), 12);
        else assertEquals(values(packets, 0, 4), 1, "one flow label");
      });
    }
  }

  Deno.test(`Paris probes are one flow, classic ones are not, IPv${family}`, async () => {
    const count = async (
      options: TracerouteOptions,
      from: number,
      to: number,
    ) => {
      const packets = await sent(family, options);
      return values(packets, header + from, header + to);
    };
    // Type, code, checksum and identifier; ports; ports.
    assertEquals(await count({ method: "icmp" }, 0, 6), 1);
    assertEquals(await count({ method: "udp" }, 0, 4), 1);
    assertEquals(await count({ method: "tcp" }, 0, 4), 1);
    const flow = "classic";
    assertEquals(await count({ method: "icmp", flow }, 0, 6), 12);
    assertEquals(await count({ method: "udp", flow }, 2, 4), 12);
    assert(await count({ method: "tcp", flow }, 0, 2) > 6);
  });

  Deno.test(`Paris probes to a server are one flow, IPv${family}`, async () => {
    const reply = { from: TARGET[family], afterMs: 20, code: 0 };
    const hops = [...SILENT, { answers: [reply] }];
    const world = new FakeTraceWorld({ hops, hasTarget: true });
    const options = { method: "udp", port: 53, maxHops: 4 } as const;
    const trace = await traceIn(world, TARGET[family], options).result;
    assertEquals([trace.isReached, trace.hops.length], [true, 2]);
    const packets = world.sent.map(({ bytes }) => bytes);
    // Of the first twelve nine are answered; then six go out alone.
    assertEquals(packets.length, 12 + 6);
    assertEquals(values(packets, header, header + 4), 1);
    const times = world.sent.slice(12).map(({ atMs }) => atMs);
    assertEquals(new Set(times).size, 6);
    // To a name server all are queries (RFC 1035 §4.1.1).
    for (const bytes of packets) assertEquals(bytes[header + 10] & 0x80, 0);
  });

  Deno.test(`options are in the packets, IPv${family}`, async () => {
    const [first] = await sent(family, {
      method: "udp",
      port: 53,
      packetSize: 101,
      trafficClass: 0xb9,
    });
    assertEquals(first.length, 101);
    assertEquals(
      first.subarray(header + 2, header + 4).toHex(),
      "0035",
    );
    const trafficClass = family === 4
      ? first[1]
      : (first[0] & 15) << 4 | first[1] >> 4;
    assertEquals(trafficClass, 0xb9);
    const [raw] = await sent(family, { method: "raw", protocol: 132 });
    assertEquals(raw[family === 4 ? 9 : 6], 132);
  });
}

Deno.test("a probe has the don't-fragment flag where the MTU is looked for", async () => {
  const [plain] = await sent(4, {});
  const [long] = await sent(4, { discoverMTU: true });
  assertEquals([plain[6], long[6], long.length], [0, 0x40, 1500]);
});

Deno.test("a trace that is ended tells what it has, and what is on its way", async () => {
  const answer = { from: "10.9.1.2", afterMs: 1 };
  const hops = [{ answers: [answer, answer, null] }, { answers: [null] }];
  const world = new FakeTraceWorld({ hops, hasTarget: false });
  const end = new AbortController();
  const run = traceIn(world, TARGET[4], {
    maxHops: 3,
    signal: end.signal,
  });
  world.alarm = { atMs: 2, ring: () => end.abort() };
  const renderer = new TraceRenderer();
  const lines: string[] = [];
  for await (const event of run) {
    assert(event.type !== "timeout");
    lines.push(...renderer.lines(event));
  }
  const trace = await run.result;
  assertEquals(trace.hops.map(({ fates }) => fates), [
    ["answered", "answered", "pending"],
    ["pending", "pending", "pending"],
    ["pending", "pending", "pending"],
  ]);
  const losses = trace.hops.map(({ packetLoss }) => packetLoss);
  assertEquals(losses, [0, undefined, undefined]);
  assertEquals([...lines.slice(1), ...renderer.end(trace)], [
    " 1  10.9.1.2  1.000 ms  1.000 ms ?",
    " 2  ? ? ?",
    " 3  ? ? ?",
    "ended while 7 probes were still on the way (?)",
  ]);
  assertEquals([trace.isReached, world.closed], [false, 1]);
});

Deno.test("what has come by the end of a trace counts, looked at or not", async () => {
  const answer = { from: TARGET[4], afterMs: 1 };
  const hops = [{ answers: [answer, answer, answer] }];
  const world = new FakeTraceWorld({ hops, hasTarget: true });
  const end = new AbortController();
  world.alarm = { atMs: 1, ring: () => end.abort() };
  const { isReached, hops: [{ fates }] } = await traceIn(world, TARGET[4], {
    maxHops: 1,
    signal: end.signal,
  }).result;
  assertEquals([isReached, fates], [true, Array(3).fill("answered")]);
});

Deno.test("probes wait where no more may leave, and all of them are sent", async () => {
  const near = [{ from: "10.9.1.2", afterMs: 5 }];
  const target = { answers: [{ from: TARGET[4], afterMs: 9 }] };
  const routers = [{ answers: near }, { answers: near, mtu: 100, claims: 1 }];
  for (
    const [options, router] of [
      [{ concurrency: 1024 }, routers[0]],
      [{ concurrency: 1 }, routers[0]],
      // What is too long is sent again, which counts, too.
      [{ concurrency: 1024, discoverMTU: true }, routers[1]],
    ] as const
  ) {
    const hops = [router, ...SILENT, target];
    const world = new FakeTraceWorld({ hops, hasTarget: true });
    // Ten within any tenth of a second.
    const tenAgo = () => world.sent.at(-10)?.atMs ?? -Infinity;
    world.roomMs = () => Math.max(0, tenAgo() + 100 - world.nowMs);
    const tracing = traceIn(world, TARGET[4], { probes: 10, ...options });
    const { hops: found, isReached } = await tracing.result;
    assertEquals(isReached, true);
    assertEquals(found.map(({ packetsSent }) => packetsSent), [10, 10, 10]);
    assertEquals(found[2].answers.every((answer) => answer), true);
    const moments = world.sent.map(({ atMs }) => atMs);
    for (const [i, moment] of moments.entries()) {
      assert(moment - (moments[i - 10] ?? -Infinity) >= 100, `${moments}`);
    }
  }
});

Deno.test("a probe that could not leave is sent, and lost", async () => {
  const hops = [1, 2, 3].map((hop) => ({
    answers: [{ from: `10.9.${hop}.2`, afterMs: hop }],
  }));
  const world = new FakeTraceWorld({ hops, hasTarget: true });
  world.refuses = (ttl) => ttl === 2;
  const run = traceIn(world, "10.9.3.2", {});
  const failed: unknown[] = [];
  for await (const event of run) {
    assert(event.type !== "timeout");
    if (event.type !== "failed") continue;
    const json = new TraceRenderer({ format: "json" }).lines(event);
    const { timestamp, ...facts } = JSON.parse(json.join());
    assert(timestamp.endsWith("Z"));
    failed.push(facts);
  }
  const reason = REFUSAL.message;
  assertEquals(
    failed,
    [1, 2, 3].map((probe) => ({ type: "failed", distance: 2, probe, reason })),
  );
  const trace = await run.result;
  assertEquals(trace.isReached, true);
  assertEquals(trace.hops.map((hop) => hop.address), [
    "10.9.1.2",
    "",
    "10.9.3.2",
  ]);
  const [, { fates, packetsSent, packetLoss, failure }] = trace.hops;
  assertEquals(fates, ["failed", "failed", "failed"]);
  assertEquals([packetsSent, packetLoss, failure], [3, 1, REFUSAL]);
});

Deno.test("where no probe can leave, the first hop is the last", async () => {
  const world = new FakeTraceWorld({ hops: SILENT, hasTarget: false });
  world.refuses = () => true;
  const { hops, isReached } = await traceIn(world, TARGET[4], {}).result;
  assertEquals([hops.length, isReached, world.nowMs], [1, false, 0]);
  assertEquals([hops[0].failure, hops[0].packetLoss], [REFUSAL, 1]);
});

const BAD: [TracerouteOptions, string][] = [
  [{ firstHop: 0 }, "firstHop must be a whole number from 1 to 255, but is 0"],
  [
    { firstHop: 9, maxHops: 8 },
    "maxHops must be a whole number from 9 to 255, but is 8",
  ],
  [{ maxHops: 256 }, "maxHops must be a whole number from 1 to 255"],
  [{ probes: 11 }, "probes must be a whole number from 1 to 10"],
  [{ concurrency: 0 }, "concurrency must be a whole number from 1 to 1024"],
  [{ port: 65_536 }, "port must be a whole number from 0 to 65535"],
  [{ protocol: 256 }, "protocol must be a whole number from 0 to 255"],
  [{ trafficClass: -1 }, "trafficClass must be a whole number from 0 to 255"],
  [{ timeoutMs: -1 }, "timeoutMs must be from 0 to 2147483647, but is -1"],
  [{ timeoutMs: NaN }, "timeoutMs must be from 0"],
  [{ packetSize: 31 }, "packetSize must be a whole number from 32 to 65535"],
  [{ method: "tcp", packetSize: 60 }, "a SYN carries nothing"],
  [{ method: "tcp", discoverMTU: true }, "a SYN carries nothing"],
  [{ discoverMTU: true, packetSize: 60 }, "exclude each other"],
  [
    { method: "sctp" as "raw" },
    "method must be one of icmp, udp, tcp, raw, but is sctp",
  ],
  [{ flow: "dublin" as "paris" }, "flow must be one of paris, classic"],
];

Deno.test("an option out of range is refused before anything is sent", async () => {
  for (const [options, message] of BAD) {
    assertThrows(() => traceroute("127.0.0.1", options), RangeError, message);
  }
  const world = new FakeTraceWorld({ hops: SILENT, hasTarget: false });
  const refused = (destination: string, options: TracerouteOptions) =>
    assertRejects(
      () => traceIn(world, destination, options).result,
      RangeError,
    );
  await refused("1.1.1", {});
  await refused("10.9.1.2", { family: 6 });
  await refused("10.9.1.2", { source: "::1" });
  await refused("::1", { packetSize: 50 });
  assertEquals([world.opened.length, world.sent.length], [0, 0]);
});

Deno.test("the address of many hosts is not traced", async () => {
  const world = new FakeTraceWorld({ hops: SILENT, hasTarget: false });
  world.routeTo = () => ({
    source: SOURCE[4],
    mtu: 1500,
    ttl: 64,
    discoversMTU: true,
    isBroadcast: true,
  });
  await assertRejects(
    () => traceIn(world, "10.9.1.255", {}).result,
    RangeError,
    "10.9.1.255 is the address of many hosts, not of one",
  );
  assertEquals([world.opened.length, world.sent.length], [0, 0]);
});

Deno.test("what a router refuses is an error of its hop", async () => {
  const refusal = { from: "10.9.2.2", afterMs: 2, type: 3, code: 13 };
  const hops = [
    { answers: [{ from: "10.9.1.2", afterMs: 1 }] },
    { answers: [refusal, refusal, null] },
  ];
  const world = new FakeTraceWorld({ hops, hasTarget: false });
  const trace = await traceIn(world, TARGET[4], {}).result;
  assertEquals(trace.hops.map((hop) => hop.errors), [[], [{
    from: "10.9.2.2",
    type: 3,
    code: 13,
    description:
      "destination unreachable: communication administratively prohibited",
    count: 2,
  }]]);
});
