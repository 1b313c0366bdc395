import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertRejects,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { TimeoutExceeded } from "../../../mod.ts";
import { liveTest } from "../live.ts";
import {
  nextTexts,
  numbers,
  openIn,
  pair,
  payloadText,
  sendNumbers,
  SOON,
  turn,
} from "./socket_support.ts";

await liveTest(
  "RawSocket.receive() serves those who wait in the order in which they asked",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver", { receiveBufferBytes: 2 ** 24 });
    const served: string[] = [];
    const calls = numbers(0, 500).map(async (i) => {
      const text = payloadText(await receiver.receive(SOON));
      served.push(i);
      return text;
    });
    await turn();
    sendNumbers(sender, 0, 500);
    assertEquals(await Promise.all(calls), numbers(0, 500));
    assertEquals(served, numbers(0, 500));
  },
);

await liveTest(
  "RawSocket.receive() lets nobody push in, and forgets nobody",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    const first = receiver.receive(SOON);
    sendNumbers(sender, 0, 2);
    // The packets are there already, but it was not the first to ask.
    const second = receiver.receive(SOON);
    assertEquals(payloadText(await second), "1");
    assertEquals(payloadText(await first), "0");
    // One packet for three: the others go on waiting.
    const three = [1, 2, 3].map(() => receiver.receive(SOON));
    for (const [i, each] of three.entries()) {
      sendNumbers(sender, i, 1);
      assertEquals(payloadText(await each), `${i}`);
      await turn();
    }
  },
);

await liveTest(
  "RawSocket.receive() gives no packet to those who gave up",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from(
      { length: 90 },
      (_, i) =>
        receiver.receive([SOON, { timeoutMs: 1 }, { signal }][i % 3])
          .then(payloadText, (error) => error),
    );
    const early = await Promise.all(calls.filter((_, i) => i % 3 === 1));
    for (const error of early) assertInstanceOf(error, TimeoutExceeded);
    controller.abort("no longer wanted");
    const aborted = await Promise.all(calls.filter((_, i) => i % 3 === 2));
    assertEquals(aborted, Array(30).fill("no longer wanted"));
    sendNumbers(sender, 0, 31);
    const served = await Promise.all(calls.filter((_, i) => i % 3 === 0));
    assertEquals(served, numbers(0, 30));
    assertEquals(await nextTexts(receiver, 1), ["30"]);
  },
);

await liveTest(
  "RawSocket.receive() with an aborted signal rejects with its reason, and takes nothing",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    const reason = new Error("enough");
    sendNumbers(sender, 0, 2);
    await nextTexts(receiver, 1);
    const signal = AbortSignal.abort(reason);
    for (const method of ["receive", "receiveBatch"] as const) {
      const error = await assertRejects(() => receiver[method]({ signal }));
      assertStrictEquals(error, reason);
    }
    assertEquals(await nextTexts(receiver, 1), ["1"]);
    // During the wait, and with a time limit that is left behind.
    const controller = new AbortController();
    const waiting = receiver.receive({ ...SOON, signal: controller.signal });
    await turn();
    controller.abort(reason);
    assertStrictEquals(await assertRejects(() => waiting), reason);
    // Too late: it is over.
    const late = new AbortController();
    sendNumbers(sender, 2, 1);
    await receiver.receive({ ...SOON, signal: late.signal });
    late.abort();
  },
);

await liveTest(
  "RawSocket.receive() without a packet throws TimeoutExceeded, with the time",
  ["lab"],
  async () => {
    await using lab = await pair();
    using receiver = openIn(lab, "receiver");
    const calls = [
      (timeoutMs: number) => receiver.receive({ timeoutMs }),
      (timeoutMs: number) => receiver.receiveBatch({ timeoutMs }),
      async (timeoutMs: number) => await receiver.receiveSync({ timeoutMs }),
    ];
    for (const call of calls) {
      for (const timeoutMs of [0, 1, 20.5]) {
        const before = performance.now();
        const error = await assertRejects(
          () => call(timeoutMs),
          TimeoutExceeded,
        );
        assertEquals(error.timeoutMs, timeoutMs);
        assertEquals(error.message, `nothing arrived within ${timeoutMs} ms`);
        // Timers count in whole milliseconds.
        assert(performance.now() - before >= Math.floor(timeoutMs) - 1);
      }
    }
  },
);

await liveTest(
  "RawSocket.receive() with timeoutMs 0 gives a packet that is there",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    const calls = [
      () => receiver.receive({ timeoutMs: 0 }),
      async () => (await receiver.receiveBatch({ timeoutMs: 0 }))[0],
      async () => await receiver.receiveSync({ timeoutMs: 0 }),
    ];
    for (const [i, call] of calls.entries()) {
      sendNumbers(sender, i, 1);
      for (let tries = 1;; tries++) {
        assertLess(tries, 10_000);
        const result = await call().catch((error) => error);
        if (result instanceof TimeoutExceeded) continue; // Still on its way.
        assertEquals(payloadText(result), `${i}`);
        break;
      }
    }
  },
);

await liveTest(
  "RawSocket.receive() with timeoutMs 0 gives all that is there, however much",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver", { receiveBufferBytes: 2 ** 24 });
    using witness = openIn(lab, "receiver", { receiveBufferBytes: 2 ** 24 });
    // More than is fetched without a turn of the event loop, 64 at a time.
    sendNumbers(sender, 0, 5000);
    await nextTexts(witness, 5000);
    const texts: string[] = [];
    while (texts.length < 5000) {
      const batch = await receiver.receiveBatch({ timeoutMs: 0 });
      texts.push(...batch.map(payloadText));
    }
    assertEquals(texts, numbers(0, 5000));
  },
);

await liveTest(
  "RawSocket.receive() refuses a timeoutMs out of range",
  ["lab"],
  async () => {
    await using lab = await pair();
    using receiver = openIn(lab, "receiver");
    for (const timeoutMs of [-1, NaN, Infinity, 2 ** 31]) {
      const message =
        `timeoutMs must be from 0 to 2147483647, but is ${timeoutMs}`;
      for (const method of ["receive", "receiveBatch"] as const) {
        await assertRejects(
          () => receiver[method]({ timeoutMs }),
          RangeError,
          message,
        );
      }
      assertThrows(
        () => receiver.receiveSync({ timeoutMs }),
        RangeError,
        message,
      );
    }
  },
);

await liveTest(
  "RawSocket.receiveBatch() gives all that is there, in order",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver", { receiveBufferBytes: 2 ** 24 });
    using witness = openIn(lab, "receiver", { receiveBufferBytes: 2 ** 24 });
    sendNumbers(sender, 0, 1000);
    await nextTexts(witness, 1000);
    const texts: string[] = [];
    let batches = 0;
    while (texts.length < 1000) {
      const batch = await receiver.receiveBatch(SOON);
      texts.push(...batch.map(payloadText));
      batches++;
    }
    assertEquals(texts, numbers(0, 1000));
    assertLess(batches, 100);
    // What receive() has left behind belongs to the next batch.
    sendNumbers(sender, 0, 3);
    await nextTexts(witness, 3);
    assertEquals(await nextTexts(receiver, 1), ["0"]);
    const rest: string[] = [];
    while (rest.length < 2) {
      rest.push(...(await receiver.receiveBatch(SOON)).map(payloadText));
    }
    assertEquals(rest, ["1", "2"]);
  },
);

await liveTest(
  "RawSocket gives every packet to for await, and leaves the rest after break",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    sendNumbers(sender, 0, 150);
    const texts: string[] = [];
    for await (const datagram of receiver) {
      texts.push(payloadText(datagram));
      if (texts.length === 100) break;
    }
    assertEquals(receiver.isClosed, false);
    assertEquals([...texts, ...await nextTexts(receiver, 50)], numbers(0, 150));
  },
);

await liveTest(
  "RawSocket.receivePast() takes what is there, and others wait for the next",
  ["lab"],
  async () => {
    await using lab = await pair();
    using sender = openIn(lab, "sender");
    using receiver = openIn(lab, "receiver");
    const waiting = receiver.receive(SOON);
    await turn();
    sendNumbers(sender, 0, 1);
    const taken: string[] = [];
    while (taken.length === 0) {
      taken.push(...receiver.receivePast().map(payloadText));
    }
    assertEquals(taken, ["0"]);
    assertEquals(receiver.receivePast(), []);
    sendNumbers(sender, 1, 1);
    assertEquals(payloadText(await waiting), "1");
  },
);
