import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  AsyncSocket,
  ICMPRequest,
  ICMPv4Socket,
  ICMPv6Socket,
  SocketUnavailableError,
  TimeoutExceeded,
} from "../../../mod.ts";
import { pairUp } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { reply, Responder } from "../responder.ts";

const request = (to: string, sequence: number) =>
  new ICMPRequest(to, { id: 0x777, sequence });

await liveTest(
  "AsyncSocket: a thousand requests at once",
  ["lab"],
  async () => {
    for (const Socket of [ICMPv4Socket, ICMPv6Socket]) {
      using socket = new AsyncSocket(new Socket());
      const to = Socket === ICMPv4Socket ? "127.0.0.1" : "::1";
      const requests = Array.from({ length: 1000 }, (_, i) => request(to, i));
      for (const one of requests) socket.send(one);
      const replies = await Promise.all(
        requests.map((one) => socket.receive(one, { timeoutMs: 20_000 })),
      );
      assertEquals(
        replies.map(({ sequence }) => sequence),
        requests.map(({ sequence }) => sequence),
      );
      assert(replies.every(({ isDuplicate }) => !isDuplicate));
    }
  },
);

await liveTest("AsyncSocket: its properties are those of what it wraps", [
  "lab",
], () => {
  const inner = new ICMPv4Socket({ address: "127.0.0.1" });
  using socket = new AsyncSocket(inner);
  assertEquals(socket.address, "127.0.0.1");
  assertEquals(socket.isPrivileged, true);
  assertEquals(socket.isClosed, false);
  assertEquals(socket.family, 4);
  assertEquals(socket.ignored, inner.ignored);
  assertEquals(socket.socket, inner);
  assertEquals([socket.blocking, socket.broadcast], [false, false]);
  socket.blocking = true;
  socket.broadcast = true;
  assertEquals([inner.blocking, inner.broadcast], [true, true]);
  socket.close();
  for (
    const use of [
      () => socket.family,
      () => socket.ignored,
      () => socket.blocking,
      () => socket.blocking = false,
      () => socket.broadcast,
      () => socket.broadcast = false,
    ]
  ) assertThrows(use, SocketUnavailableError);
  using six = new AsyncSocket(new ICMPv6Socket());
  assertEquals(six.broadcast, false);
  assertThrows(() => six.broadcast = true, RangeError, "IPv6");
});

await liveTest(
  "AsyncSocket: detached, the socket goes on without it",
  ["lab"],
  async () => {
    const socket = new AsyncSocket(new ICMPv4Socket());
    const waiting = socket.receive(request("127.0.0.1", 1));
    using inner = socket.detach();
    await assertRejects(() => waiting, SocketUnavailableError);
    assertEquals([socket.isClosed, socket.socket], [true, null]);
    assertEquals(inner.isClosed, false);
    assertThrows(() => socket.detach(), SocketUnavailableError);
    const one = request("127.0.0.1", 2);
    assertThrows(() => socket.send(one), SocketUnavailableError);
    assertThrows(() => socket.address, SocketUnavailableError);
    await assertRejects(() => socket.receive(), SocketUnavailableError);
    socket.close();
    assertEquals(inner.isClosed, false);
    inner.send(one);
    assertEquals(inner.receive(one).sequence, 2);
  },
);

await liveTest(
  "AsyncSocket: detached, it takes nothing from the socket any more",
  ["lab"],
  async () => {
    const socket = new AsyncSocket(new ICMPv4Socket());
    const waiting = socket.receive(request("127.0.0.1", 1));
    using inner = socket.detach();
    const one = request("127.0.0.1", 2);
    inner.send(one);
    // Before the one who waited has heard of it.
    assertEquals(inner.receive(one, { timeoutMs: 1000 }).sequence, 2);
    await assertRejects(() => waiting, SocketUnavailableError);
  },
);

await liveTest(
  "AsyncSocket: with timeoutMs 0 it gives an answer that is there",
  ["lab"],
  async () => {
    using socket = new AsyncSocket(new ICMPv4Socket());
    for (let i = 0; i < 200; i++) {
      const one = request("127.0.0.1", i);
      socket.send(one);
      assertEquals((await socket.receive(one, { timeoutMs: 0 })).sequence, i);
    }
  },
);

await liveTest("AsyncSocket: closed, both are, and whoever waits is told", [
  "lab",
], async () => {
  const inner = new ICMPv4Socket();
  const socket = new AsyncSocket(inner);
  const waiting = [1, 2].map((i) => socket.receive(request("127.0.0.1", i)));
  socket.close();
  socket.close();
  for (const one of waiting) {
    await assertRejects(() => one, SocketUnavailableError);
  }
  assertEquals([socket.isClosed, inner.isClosed], [true, true]);
  await assertRejects(() => socket.receive(), SocketUnavailableError);
});

await liveTest(
  "AsyncSocket: the socket closed behind its back",
  ["lab"],
  async () => {
    const inner = new ICMPv4Socket();
    const socket = new AsyncSocket(inner);
    const waiting = socket.receive(request("127.0.0.1", 1));
    inner.close();
    await assertRejects(() => waiting, SocketUnavailableError);
    assertEquals([socket.isClosed, socket.socket], [true, null]);
    await assertRejects(() => socket.receive(), SocketUnavailableError);
  },
);

await liveTest("AsyncSocket: timeouts, signals, and what is out of range", [
  "lab",
], async () => {
  using socket = new AsyncSocket(new ICMPv4Socket({ address: "127.0.0.9" }));
  const one = request("127.0.0.1", 1);
  await assertRejects(
    () => socket.receive(one, { timeoutMs: 20 }),
    TimeoutExceeded,
    "nothing arrived within 20 ms",
  );
  for (const timeoutMs of [-1, NaN, Infinity, 2 ** 31]) {
    await assertRejects(
      () => socket.receive(one, { timeoutMs }),
      RangeError,
      `timeoutMs must be from 0 to 2147483647, but is ${timeoutMs}`,
    );
  }
  const reason = new Error("enough");
  const abort = new AbortController();
  const waiting = socket.receive(one, { signal: abort.signal });
  abort.abort(reason);
  assertEquals(await waiting.catch((error) => error), reason);
  const late = socket.receive(one, { signal: abort.signal });
  assertEquals(await late.catch((error) => error), reason);
});

await liveTest("AsyncSocket: one waiter gives up, the others do not", [
  "lab",
  "nsenter",
  "sysctl",
], async () => {
  await using lab = await pairUp();
  const gaveUp = Promise.withResolvers<void>();
  await using _ = await Responder.start(
    lab,
    4,
    (request) =>
      request.sequence === 1
        ? [{ ...reply(request), after: gaveUp.promise }]
        : [{ ...reply(request), after: gaveUp.promise.then(() => {}) }],
  );
  using socket = new AsyncSocket(
    new ICMPv4Socket({ namespace: lab.namespace("sender") }),
  );
  const requests = [1, 2, 3].map((sequence) => request("1.1.1.1", sequence));
  for (const one of requests) socket.send(one);
  const outcomes = [20, 20_000, 20_000].map((timeoutMs, i) =>
    socket.receive(requests[i], { timeoutMs })
  );
  await assertRejects(() => outcomes[0], TimeoutExceeded);
  gaveUp.resolve();
  assertEquals((await outcomes[1]).sequence, 2);
  assertEquals((await outcomes[2]).sequence, 3);
  // What was given up came before them, and was counted.
  assertEquals(socket.socket!.ignored.late, 1);
});

await liveTest(
  "AsyncSocket: asked again after a timeout, it tells what was late",
  [
    "lab",
    "nsenter",
    "sysctl",
  ],
  async () => {
    await using lab = await pairUp();
    const gaveUp = Promise.withResolvers<void>();
    await using _ = await Responder.start(
      lab,
      4,
      (request) => [{ ...reply(request), after: gaveUp.promise }],
    );
    using socket = new AsyncSocket(
      new ICMPv4Socket({ namespace: lab.namespace("sender") }),
    );
    const one = request("1.1.1.1", 1);
    socket.send(one);
    const again = socket.receive(one, { timeoutMs: 20 })
      .catch(() => {
        gaveUp.resolve();
        return socket.receive(one, { timeoutMs: 20_000 });
      });
    assertEquals((await again).isLate, true);
  },
);

await liveTest("AsyncSocket: whatever comes goes to who asks for anything", [
  "lab",
], async () => {
  await using lab = await pairUp();
  using socket = new AsyncSocket(
    new ICMPv4Socket({ namespace: lab.namespace("sender") }),
  );
  const one = request("1.1.1.100", 1);
  const anything = socket.receive();
  socket.send(one);
  // Its own request comes first, since this host is the destination.
  const first = await anything;
  assertEquals([first.type, first.sequence], [8, 0]);
  assertEquals((await socket.receive(one)).type, 0);
});
