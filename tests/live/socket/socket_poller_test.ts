import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { type RawSocket, SocketUnavailableError } from "../../../mod.ts";
import { liveTest } from "../live.ts";
import {
  nextTexts,
  octets,
  openIn,
  pair,
  payloadText,
  RECEIVER,
  SOON,
  turn,
} from "./socket_support.ts";

await liveTest(
  "RawSocket.receive() on 200 sockets at once ends for each as it should",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "receiver");
    const address = (i: number) => `127.0.1.${i + 1}`;
    const controllers = Array.from(
      { length: 200 },
      () => new AbortController(),
    );
    const sockets = controllers.map((_, i) =>
      openIn(lab, "receiver", { bindAddress: address(i) })
    );
    const ends = sockets.map(async (socket, i) => {
      const { signal } = controllers[i];
      // A quarter each: a packet, too late, aborted, closed.
      const timeoutMs = i % 4 === 1 ? i / 4 : SOON.timeoutMs + i;
      try {
        return payloadText(await socket.receive({ timeoutMs, signal }));
      } catch (error) {
        return error instanceof Error ? error.message : error;
      }
    });
    await turn();
    // Backwards, and the three kinds mixed.
    for (let i = 199; i >= 0; i--) {
      if (i % 4 === 0) sender.send(octets(`for ${i}`), address(i));
      if (i % 4 === 2) controllers[i].abort(`aborted ${i}`);
      if (i % 4 === 3) sockets[i].close();
      if (i % 20 === 0) await turn();
    }
    assertEquals(
      await Promise.all(ends),
      sockets.map((_, i) =>
        [
          `for ${i}`,
          `nothing arrived within ${i / 4} ms`,
          `aborted ${i}`,
          "the socket is closed",
        ][i % 4]
      ),
    );
    for (const socket of sockets) socket.close();
  },
);

await liveTest(
  "RawSocket.receive() hears of packets for a socket that began to wait last",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using silent = openIn(lab, "receiver", { protocol: 254 });
    const never = silent.receive().catch((error) => error);
    for (let i = 0; i < 50; i++) {
      // Turns with nothing to do, so that the process sleeps in between.
      await turn();
      using receiver = openIn(lab, "receiver");
      const waiting = receiver.receive(SOON);
      await turn();
      sender.send(octets(`${i}`), RECEIVER);
      assertEquals(payloadText(await waiting), `${i}`);
    }
    silent.close();
    assert(await never instanceof SocketUnavailableError);
  },
);

await liveTest(
  "RawSocket.close() tells all who wait, before anything else happens",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    const socket = openIn(lab, "receiver");
    const order: string[] = [];
    const note = (name: string) => (error: unknown) => {
      order.push(name);
      return error;
    };
    const waiting = [
      socket.receive().then(note("wrong"), note("receive")),
      socket.receiveBatch(SOON).then(note("wrong"), note("receiveBatch")),
      socket.receive({ signal: new AbortController().signal })
        .then(note("wrong"), note("receive with a signal")),
    ];
    const iterating = (async () => {
      for await (const _ of socket) order.push("wrong");
      order.push("for await");
    })();
    await turn();
    setTimeout(note("next turn"), 0);
    socket.close();
    for (const error of await Promise.all(waiting)) {
      assert(error instanceof SocketUnavailableError);
    }
    await iterating;
    await turn();
    assertEquals(order, [
      "receive",
      "receiveBatch",
      "receive with a signal",
      "for await",
      "next turn",
    ]);
  },
);

await liveTest(
  "RawSocket for await over a closed socket ends at once",
  ["lab"],
  async () => {
    await using lab = await pair();
    const socket = openIn(lab, "receiver");
    socket.close();
    for await (const _ of socket) throw new Error("gave a packet");
  },
);

await liveTest(
  "RawSocket for await hides no error but that of closing",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    sender.send(octets("hello"), RECEIVER);
    const packets = receiver[Symbol.asyncIterator]();
    await packets.next();
    const reason = new Error("something else");
    const error = await assertRejects(() => packets.throw(reason));
    assertStrictEquals(error, reason);
    assertEquals(receiver.isClosed, false);
  },
);

/**
 * A flood without an end: whoever takes a packet has another one sent. Ends
 * when a timer that was set before has come to its turn.
 */
async function untilTimerFires(
  sender: RawSocket,
  receive: (more: () => boolean) => Promise<void>,
): Promise<void> {
  let fired = false;
  let received = 0;
  for (let i = 0; i < 128; i++) sender.send(octets("flood"), RECEIVER);
  const timer = setTimeout(() => fired = true, 1);
  await receive(() => {
    assertLess(++received, 1_000_000, "the event loop did not turn");
    sender.send(octets("flood"), RECEIVER);
    return !fired;
  });
  clearTimeout(timer);
}

await liveTest(
  "RawSocket lets the event loop turn during a flood",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    const ways: ((socket: RawSocket, more: () => boolean) => Promise<void>)[] =
      [
        async (socket, more) => {
          for await (const _ of socket) if (!more()) break;
        },
        async (socket, more) => {
          do await socket.receive(SOON); while (more());
        },
        async (socket, more) => {
          for (;;) {
            const batch = await socket.receiveBatch(SOON);
            for (const _ of batch) if (!more()) return;
          }
        },
      ];
    for (const way of ways) {
      using receiver = openIn(lab, "receiver");
      await untilTimerFires(sender, (more) => way(receiver, more));
    }
  },
);

await liveTest(
  "RawSocket.receive() works on a descriptor's number that was waited for before",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    for (let i = 0; i < 20; i++) {
      const first = openIn(lab, "receiver");
      const closed = first.receive().catch((error) => error);
      await turn();
      first.close();
      using second = openIn(lab, "receiver");
      sender.send(octets(`${i}`), RECEIVER);
      assertEquals(await nextTexts(second, 1), [`${i}`]);
      assert(await closed instanceof SocketUnavailableError);
    }
  },
);
