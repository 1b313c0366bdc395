import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { socketError } from "../../../lib/socket/errors.ts";
import {
  multiping,
  type MultipingOptions,
  NameLookupError,
  type SocketError,
} from "../../../mod.ts";
import { echoing, echoReply, FakeWorld, figures, short } from "./fake_world.ts";

const ENETUNREACH = 101;

Deno.test("count Infinity goes on until aborted, and tells what was found", async () => {
  const abort = new AbortController();
  const world = new FakeWorld(echoing(10));
  world.at(70_000_500, () => abort.abort());
  const run = world.ping(["10.0.0.1"], {
    count: Infinity,
    signal: abort.signal,
  });
  const [host] = await run.result;
  // Beyond 65,536, where sequence numbers begin again.
  assertEquals(host.packetsSent, 70_001);
  assertEquals(host.packetsReceived, 70_001);
  assertEquals([host.duplicates, host.lateReplies], [0, 0]);
  assertEquals(world.closed, 1);
});

Deno.test("a request that cannot be sent is a failed event, and the next is tried", async () => {
  const error = socketError({
    syscall: "sendto",
    errno: ENETUNREACH,
    action: "send 64 octets",
  });
  let tries = 0;
  const world = new FakeWorld((sent) => {
    if (++tries === 2) throw error;
    return [{ afterMs: 1, message: echoReply(sent) }];
  });
  const run = world.ping(["10.0.0.1"], { count: 3 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), [
    "start",
    "reply 1",
    "failed 2",
    "reply 3",
    "host",
  ]);
  const [host] = await run.result;
  assertEquals([host.packetsSent, host.packetsReceived], [3, 2]);
  assertEquals((host.failure as SocketError).code, "ENETUNREACH");
});

Deno.test("a host that nothing can be sent to ends, and is not alive", async () => {
  const world = new FakeWorld(() => {
    throw socketError({
      syscall: "sendto",
      errno: ENETUNREACH,
      action: "send",
    });
  });
  const run = world.ping(["10.0.0.1", "10.0.0.2"], { count: 2 });
  const hosts = await run.result;
  for (const host of hosts) {
    assertEquals(figures(host).packetsSent, 2);
    assertEquals([host.isAlive, host.packetLoss], [false, 1]);
    assert(host.failure !== undefined);
  }
});

Deno.test("of nothing that was sent no share is lost", async () => {
  const [host] = await new FakeWorld(echoing(1)).ping(["1.1.1"]).result;
  assertEquals([host.packetsSent, host.packetLoss], [0, undefined]);
});

Deno.test("a host that the kernel knows no way to is sent nothing", async () => {
  const world = new FakeWorld(echoing(1));
  const { destinationOf } = world;
  world.destinationOf = (address, family) => {
    if (address !== "10.0.0.1") return destinationOf(address, family);
    const action = "find a route";
    throw socketError({ syscall: "connect", errno: ENETUNREACH, action });
  };
  const run = world.ping(["10.0.0.1", "10.0.0.2"]);
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), [
    "failed",
    "host",
    "start",
    "reply 1",
    "host",
  ]);
  const [none, other] = await run.result;
  assertEquals([none.packetsSent, none.address], [0, ""]);
  assertEquals([other.packetsSent, other.isAlive], [1, true]);
});

Deno.test("a family without a socket fails its hosts, once others are pinged", async () => {
  const world = new FakeWorld(echoing(1));
  const { open } = world;
  world.open = (family, options) => {
    if (family === 4) return open.call(world, family, options);
    const action = "open a raw socket";
    throw socketError({ syscall: "socket", errno: 97, action });
  };
  const hosts = await world.ping(["10.0.0.1", "::1"], { count: 2 }).result;
  assertEquals(hosts.map(({ packetsReceived }) => packetsReceived), [2, 0]);
  assertEquals((hosts[1].failure as SocketError).code, "EAFNOSUPPORT");
  await assertRejects(() => world.ping(["::1"]).result, Error, "raw socket");
});

Deno.test("a payload fits into the packets of each host's family", async () => {
  const world = new FakeWorld(echoing(1));
  const payloadSize = 65_527;
  const hosts = await world.ping(["10.0.0.1", "::1"], { payloadSize }).result;
  assertEquals(hosts.map(({ isAlive }) => isAlive), [false, true]);
  assertEquals(
    hosts[0].failure?.message,
    "payloadSize in IPv4 must be a whole number from 0 to 65507, but is 65527",
  );
});

Deno.test("a fault of ours is thrown, not hidden in a host", async () => {
  const world = new FakeWorld(() => {
    throw new TypeError("a fault");
  });
  await assertRejects(
    () => world.ping(["10.0.0.1"]).result,
    TypeError,
    "a fault",
  );
  assertEquals(world.closed, 1);
});

Deno.test("a flood goes to no public host, unless it is meant", async () => {
  const pace = { count: 101, intervalMs: 9 };
  const hosts = ["10.0.0.1", "8.8.8.8"];
  const guarded = new FakeWorld(echoing(1));
  const [near, far] = await guarded.ping(hosts, pace).result;
  assertEquals([near.packetsSent, far.packetsSent], [101, 0]);
  assert(far.failure instanceof RangeError);
  assertStringIncludes(
    far.failure.message,
    "101 packets a second are more than a person needs, and 8.8.8.8 is public",
  );
  const paces = [
    { ...pace, allowPublic: true },
    { ...pace, intervalMs: 10 },
    { ...pace, count: 100 },
  ];
  for (const allowed of paces) {
    const run = new FakeWorld(echoing(1)).ping(hosts, allowed);
    assertEquals((await run.result)[1].failure, undefined);
  }
});

Deno.test("a name that is none is one host's failure, and no more", async () => {
  const world = new FakeWorld(echoing(1));
  const names = ["10.0.0.1", "no such name", "10.0.0.2", "1.1.1", "::1"];
  const run = world.ping(names, { family: 4 });
  const hosts = await run.result;
  assertEquals(hosts.map(({ name }) => name), names);
  assertEquals(
    hosts.map(({ isAlive }) => isAlive),
    [true, false, true, false, false],
  );
  assertEquals(
    hosts.map(({ failure }) => failure?.name),
    [undefined, "RangeError", undefined, "RangeError", "RangeError"],
  );
  assert(!hosts.some(({ failure }) => failure instanceof NameLookupError));
});

Deno.test("results are in input order, and told as they come", async () => {
  const world = new FakeWorld((sent) => {
    const last = Number(sent.destination.split(".")[3]);
    return [{ afterMs: 1000 - 100 * last, message: echoReply(sent) }];
  });
  const names = ["10.0.0.1", "10.0.0.5", "10.0.0.3", "10.0.0.9"];
  const run = world.ping(names, { intervalMs: 0 });
  const told: [string, number][] = [];
  for await (const event of run) {
    if (event.type === "host") told.push([event.name, world.nowMs]);
  }
  assertEquals(told, [
    ["10.0.0.9", 100],
    ["10.0.0.5", 500],
    ["10.0.0.3", 700],
    ["10.0.0.1", 900],
  ]);
  assertEquals((await run.result).map(({ name }) => name), names);
});

Deno.test("a host that is listed twice is two hosts", async () => {
  let number = 0;
  const world = new FakeWorld((sent) => [
    { afterMs: 10 * ++number, message: echoReply(sent) },
  ]);
  const names = ["10.0.0.1", "10.0.0.1", "10.0.0.1"];
  const hosts = await world.ping(names, { count: 2 }).result;
  for (const host of hosts) {
    assertEquals(figures(host), {
      packetsSent: 2,
      packetsReceived: 2,
      duplicates: 0,
      lateReplies: 0,
    });
  }
  assertEquals(hosts.map(({ rttsMs }) => rttsMs), [
    [10, 40],
    [20, 50],
    [30, 60],
  ]);
});

Deno.test("a multicast address is answered by many, each request once", async () => {
  const world = new FakeWorld((sent) =>
    ["10.0.0.1", "10.0.0.2", "10.0.0.3"].map((source, i) => ({
      afterMs: 1 + i,
      message: echoReply(sent, { source }),
    }))
  );
  const run = world.ping(["224.0.0.1"], { count: 2, timeoutMs: 500 });
  const events = await Array.fromAsync(run);
  assertEquals(events.map(short), [
    "start",
    "reply 1",
    "reply 1+",
    "reply 1+",
    "reply 2",
    "reply 2+",
    "reply 2+",
    "host",
  ]);
  const [host] = await run.result;
  assertEquals(figures(host), {
    packetsSent: 2,
    packetsReceived: 2,
    duplicates: 4,
    lateReplies: 0,
  });
});

Deno.test("any number of names may be bad", async () => {
  const world = new FakeWorld(echoing(1));
  const names = Array.from({ length: 50_000 }, () => "1.1.1.1%eth0");
  const hosts = await world.ping([...names, "10.0.0.1"]).result;
  assertEquals(
    hosts.filter(({ failure }) => failure !== undefined).length,
    50_000,
  );
  assertEquals(hosts.at(-1)!.isAlive, true);
});

Deno.test("breaking off ends the work, and closes the sockets", async () => {
  const world = new FakeWorld(echoing(1));
  const run = world.ping(["10.0.0.1", "::1"], { count: Infinity });
  for await (const event of run) if (event.type === "reply") break;
  const hosts = await run.result;
  assert(hosts[0].packetsSent < 5);
  assertEquals(world.closed, world.opened.length);
});

Deno.test("an address to send from decides the family, and sends to no other", async () => {
  const [host] = await multiping(["127.0.0.1"], { source: "::1" }).result;
  assertEquals([host.isAlive, host.packetsSent], [false, 0]);
  assert(host.failure instanceof RangeError, `${host.failure}`);
  const table: [MultipingOptions, string][] = [
    [{ source: "::1", family: 4 }, "cannot send from ::1 over IPv4"],
    [
      { source: "127.0.0.1", family: 6 },
      "cannot send from 127.0.0.1 over IPv6",
    ],
    [{ source: "127.0.0.1%lo" }, 'source is no address: "127.0.0.1%lo"'],
    [{ source: "host" }, 'source is no address: "host"'],
  ];
  for (const [options, reason] of table) {
    assertThrows(() => multiping([], options), RangeError, reason);
  }
});
