/**
 * Sweeping a made-up network: what counts, what is refused, and the pace.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { socketError } from "../../../lib/socket/errors.ts";
import { planSweep } from "../../../lib/tools/sweep/sweep.ts";
import { Sweeper } from "../../../lib/tools/sweep/sweeper.ts";
import { Targets } from "../../../lib/tools/sweep/targets.ts";
import {
  encodeICMPv4,
  encodeIPv4,
  internetChecksum,
  Run,
  sweep,
  type SweepEvent,
  type SweepOptions,
  type SweepResult,
} from "../../../mod.ts";
import {
  FakeSweepWorld,
  type Message,
  type Network,
  reply,
  withChecksum,
} from "./sweep_world.ts";

const IDENTIFIER = 0x1234;

interface Swept {
  readonly world: FakeSweepWorld;
  readonly events: SweepEvent[];
  readonly result: SweepResult;
}

async function sweepWorld(
  ranges: string[],
  network: Network,
  options: SweepOptions = {},
  refuses: FakeSweepWorld["refuses"] = () => undefined,
): Promise<Swept> {
  const plan = planSweep(new Targets(ranges), options);
  const socket = { ...plan.socket, identifier: IDENTIFIER };
  const world = new FakeSweepWorld(network);
  world.refuses = refuses;
  const run = new Run<SweepEvent, SweepResult>(
    (context) => new Sweeper({ ...plan, socket }, context, world).run(),
    options.signal,
  );
  const events: SweepEvent[] = [];
  for await (const event of run) events.push(event);
  return { world, events, result: await run.result };
}

/** A copy with one octet changed, and a right checksum. */
function altered({ address, bytes }: Message, at: number): Message {
  const copy = bytes.slice();
  copy[at] ^= 1;
  return { address, bytes: withChecksum(copy) };
}

/** @param length octets that it quotes of the request */
function unreachable(
  request: Message,
  from: string,
  length = request.bytes.length,
): Message {
  const quoted = encodeIPv4({
    source: "10.255.0.1",
    destination: request.address,
    protocol: 1,
  }, request.bytes.subarray(0, length));
  const bytes = encodeICMPv4({
    kind: "destinationUnreachable",
    code: 1,
    quoted,
  });
  return { address: from, bytes };
}

Deno.test("sweep() asks every address once, and tells who answers", async () => {
  const isThere = ({ address }: Message) =>
    Number(address.split(".")[3]) % 3 === 0;
  for (const shuffle of [false, true]) {
    const { world, events, result } = await sweepWorld(
      ["10.0.0.0/25"],
      (request) => isThere(request) ? [reply(request)] : [],
      { shuffle },
    );
    const asked = world.requests.map(({ address }) => address);
    assertEquals(asked.length, 128);
    assertEquals(new Set(asked).size, 128);
    assertEquals(asked[1] === "10.0.0.1", !shuffle);
    const alive = events.filter((event) => event.type === "alive");
    assertEquals(alive.length, 43);
    for (const { address, roundTripMs, ttl } of alive) {
      assert(isThere({ address, bytes: new Uint8Array() }));
      assertEquals([Math.round(roundTripMs), ttl], [1, 61]);
    }
    assertEquals(
      [result.total, result.sent, result.alive, result.refused],
      [128, 128, 43, 0],
    );
  }
});

const FORGERIES: Readonly<Record<string, (request: Message) => Message>> = {
  "another source": (r) => ({ ...reply(r), address: "10.0.0.200" }),
  "a neighbour's source": (r) => ({ ...reply(r), address: "10.0.0.8" }),
  "another type": (r) => altered(reply(r), 0),
  "another identifier": (r) => altered(reply(r), 5),
  "another sequence": (r) => altered(reply(r), 7),
  "another place": (r) => altered(reply(r), 8),
  "a place beyond": (r) => altered(reply(r), 11),
  "a neighbour's place and sequence": (r) => ({
    ...altered(altered(reply(r), 8), 7),
    address: "10.0.0.6",
  }),
  "another time": (r) => altered(reply(r), 15),
  "another system time": (r) => altered(reply(r), 23),
  "another hash": (r) => altered(reply(r), 30),
  "a wrong checksum": (r) => {
    const { address, bytes } = reply(r);
    bytes[2] ^= 1;
    return { address, bytes };
  },
  "too short": (r) => {
    const { address, bytes } = reply(r);
    return { address, bytes: withChecksum(bytes.subarray(0, 34)) };
  },
  "too long": (r) => {
    const { address, bytes } = reply(r);
    return { address, bytes: withChecksum(Uint8Array.of(...bytes, 0, 0)) };
  },
  "a header alone": (r) => ({
    address: r.address,
    bytes: withChecksum(new Uint8Array(8)),
  }),
  "nothing": (r) => ({ address: r.address, bytes: new Uint8Array() }),
};

for (const [what, forge] of Object.entries(FORGERIES)) {
  Deno.test(`sweep() refuses a reply with ${what}`, async () => {
    const { result, events } = await sweepWorld(
      ["10.0.0.4-10.0.0.11"],
      (request) => request.address === "10.0.0.7" ? [forge(request)] : [],
    );
    assertEquals([result.alive, result.refused], [0, 1]);
    assertEquals(events.filter(({ type }) => type === "alive"), []);
  });
}

Deno.test("sweep() refuses replies to an earlier run, and counts none twice", async () => {
  const earlier: Message[] = [];
  await sweepWorld(["10.0.0.0/29"], (request) => {
    earlier.push(reply(request));
    return [];
  });
  const { result, events } = await sweepWorld(["10.0.0.0/29"], (request) => [
    earlier.shift()!,
    reply(request),
    reply(request),
  ]);
  assertEquals(result.alive, 8);
  // The last ones may come after the end.
  assert(result.refused >= 7);
  assertEquals(events.filter(({ type }) => type === "alive").length, 8);
});

Deno.test("sweep() reports errors about its own requests alone, once", async () => {
  const { result, events } = await sweepWorld(
    ["10.0.0.0/30"],
    (request) => {
      const error = unreachable(request, "10.255.0.9");
      if (request.address === "10.0.0.1") return [error, error];
      if (request.address === "10.0.0.2") {
        return [unreachable(altered(request, 30), "10.255.0.9")];
      }
      const other = encodeICMPv4({
        kind: "echoRequest",
        identifier: 9,
        sequence: 1,
        payload: new Uint8Array(28),
      });
      return request.address === "10.0.0.3"
        ? [unreachable({ ...request, bytes: other }, "10.255.0.9")]
        : [];
    },
  );
  assert(events[0].type === "unreachable" && events[0].time > 1.7e9);
  assertEquals(events, [{
    type: "unreachable",
    address: "10.0.0.1",
    from: "10.255.0.9",
    icmpType: 3,
    icmpCode: 1,
    description: "destination unreachable: host unreachable",
    time: events[0].time,
  }, ...events.slice(1)]);
  assertEquals(
    [result.unreachable, result.refused, result.alive],
    [1, 1, 0],
  );
});

Deno.test("sweep() takes a reply of any code, as ping does", async () => {
  const { result } = await sweepWorld(
    ["10.0.0.1"],
    (request) => [altered(reply(request), 1)],
  );
  assertEquals([result.alive, result.refused], [1, 0]);
});

const SHUFFLED = { shuffle: true, shard: { index: 1, count: 3 } };

Deno.test("sweep() takes errors that quote eight octets (RFC 792)", async () => {
  for (const options of [{}, { shuffle: true }, SHUFFLED]) {
    const { world, result, events } = await sweepWorld(
      ["10.0.0.0/26", "10.0.9.7"],
      (request) => [unreachable(request, "10.255.0.9", 8)],
      options,
    );
    const asked = world.requests.map(({ address }) => address);
    const told = events.flatMap((event) =>
      event.type === "unreachable" ? event.address : []
    );
    assertEquals(told.sort(), asked.sort());
    assertEquals([result.unreachable, result.refused], [result.total, 0]);
  }
});

Deno.test("sweep() takes redirects and source quench for no errors", async () => {
  const { result } = await sweepWorld(["10.0.0.1"], (request) => {
    const { address, bytes } = unreachable(request, "10.255.0.9");
    // RFC 792: source quench, and redirect.
    const advice = [4, 5].map((type) => {
      const copy = bytes.slice();
      copy[0] = type;
      return { address, bytes: withChecksum(copy) };
    });
    return advice;
  });
  assertEquals([result.unreachable, result.alive, result.refused], [0, 0, 0]);
});

/** What somebody quotes who has not seen the request, but others of the run. */
const LIES: Readonly<Record<string, (request: Message) => Message>> = {
  "another sequence": (r) => altered(r, 7),
  "another checksum": ({ address, bytes }) => {
    const copy = bytes.slice();
    copy[3] ^= 1;
    return { address, bytes: copy };
  },
  "the request of a neighbour": (r) => ({ ...r, address: "10.0.0.6" }),
  "the request of nobody": (r) => ({ ...r, address: "10.0.1.6" }),
};

for (const [what, lie] of Object.entries(LIES)) {
  Deno.test(`sweep() refuses an error that quotes ${what}`, async () => {
    for (const length of [8, 36]) {
      if (length === 36 && what === "another checksum") continue;
      const { result, events } = await sweepWorld(
        ["10.0.0.4-10.0.0.11"],
        (request) =>
          request.address === "10.0.0.7"
            ? [unreachable(lie(request), "10.255.0.9", length)]
            : [],
      );
      assertEquals([result.unreachable, result.refused], [0, 1]);
      assertEquals(events.filter(({ type }) => type === "unreachable"), []);
    }
  });
}

Deno.test("no two requests have the same first eight octets", async () => {
  const seen = new Set<string>();
  for (let run = 0; run < 3; run++) {
    const { world } = await sweepWorld(["10.0.0.0/24"], () => []);
    for (const { bytes } of world.requests) {
      assertEquals(internetChecksum(bytes), 0);
      seen.add(bytes.subarray(0, 8).toHex());
    }
  }
  assertEquals(seen.size, 3 * 256);
});

Deno.test("sweep() asks again only who has not answered", async () => {
  const asked = new Map<string, number>();
  const { result } = await sweepWorld(["10.0.0.0/28"], (request) => {
    const times = (asked.get(request.address) ?? 0) + 1;
    asked.set(request.address, times);
    const host = Number(request.address.split(".")[3]);
    return host < 4 || (host === 9 && times === 2) ? [reply(request)] : [];
  }, { retries: 2 });
  assertEquals(result.alive, 5);
  assertEquals(result.sent, 16 + 12 + 11);
  assertEquals([asked.get("10.0.0.1"), asked.get("10.0.0.9")], [1, 2]);
});

Deno.test("sweep() counts what cannot leave as sent, and lost", async () => {
  const error = socketError({ syscall: "sendmmsg", errno: 1, action: "send" });
  let times = 0;
  const { world, result, events } = await sweepWorld(
    ["10.0.0.1-10.0.0.4"],
    (request) => [reply(request)],
    { retries: 2 },
    // The cable is out the first time, and for one of them for ever.
    (address) => times++ < 4 || address === "10.0.0.3" ? error : undefined,
  );
  const failed = events.filter((event) => event.type === "failed");
  assertEquals(
    failed.map(({ address }) => address),
    ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.3", "10.0.0.3"],
  );
  assertEquals(failed[0].error, error);
  const { sent, unsent, alive, failure } = result;
  assertEquals([sent, unsent, alive, failure], [9, 6, 3, error]);
  assertEquals(world.requests.length, 3);
});

Deno.test("sweep() keeps to its rate, and ends when all have answered", async () => {
  const { world, result } = await sweepWorld(
    ["10.0.0.0/24"],
    (request) => [reply(request)],
    { rate: 100, timeoutMs: 60_000 },
  );
  for (const [i, { atMs }] of world.requests.entries()) {
    // What a pause of 20 ms lets through at once is 2.
    assert(i <= atMs / 10 + 2, `${i} sent by ${atMs} ms`);
  }
  assert(result.durationMs > 2500 && result.durationMs < 4000);
});

Deno.test("sweep() tells sane round trips while the clock is set", async () => {
  for (const stepNs of [3_600_000_000_000n, -3_600_000_000_000n]) {
    const world = new FakeSweepWorld((request) => {
      world.stepNs = stepNs;
      return [{ ...reply(request), afterMs: 8 }];
    });
    const plan = planSweep(new Targets(["10.0.0.1"]), {});
    const socket = { ...plan.socket, identifier: IDENTIFIER };
    const run = new Run<SweepEvent, SweepResult>((context) =>
      new Sweeper({ ...plan, socket }, context, world).run()
    );
    const roundTrips: number[] = [];
    for await (const event of run) {
      if (event.type === "alive") {
        roundTrips.push(Math.round(event.roundTripMs));
      }
    }
    assertEquals(roundTrips, [8]);
  }
});

Deno.test("sweep() ends with what was found when it is aborted", async () => {
  const stop = new AbortController();
  let count = 0;
  const { result } = await sweepWorld(["10.0.0.0/16"], (request) => {
    if (++count === 50) stop.abort();
    return [reply(request)];
  }, { signal: stop.signal });
  assertEquals(result.total, 65_536);
  assert(result.sent >= 50 && result.sent < 100);
});

Deno.test("sweep() refuses bad input before it sends", () => {
  const bad: [SweepOptions, string][] = [
    [{ rate: 0 }, "rate"],
    [{ rate: NaN }, "rate"],
    [{ timeoutMs: -1 }, "timeoutMs"],
    [{ retries: 0.5 }, "retries"],
    [{ ttl: 0 }, "ttl"],
    [{ seed: -1 }, "seed"],
    [{ shard: { index: 0, count: 2 } }, "shard's index"],
    [{ shard: { index: 3, count: 2 } }, "shard's index"],
    [{ shard: { index: 0, count: 0 } }, "shard's count"],
  ];
  for (const [options, reason] of bad) {
    assertThrows(() => sweep(["127.0.0.1"], options), RangeError, reason);
  }
  assertThrows(() => sweep(["10.0.0.0/7"]), RangeError, "shard");
  sweep(["10.0.0.0/7"], { shard: { index: 1, count: 2 } });
});
