import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type RawSocket, SocketUnavailableError } from "../../../mod.ts";
import { liveTest } from "../live.ts";
import { octets, openIn, pair, RECEIVER } from "./socket_support.ts";

const hello = octets("hello");

await liveTest(
  "SocketUnavailableError is what everything on a closed socket throws",
  ["lab"],
  async () => {
    await using lab = await pair();
    const socket = openIn(lab, "sender");
    // So that both have been used before, and have kept what they might reuse.
    await socket.sendMany([{ bytes: hello, destination: RECEIVER }]);
    socket.send(hello, RECEIVER);
    socket.close();
    const calls: ((socket: RawSocket) => unknown)[] = [
      (socket) => socket.send(hello, RECEIVER),
      (socket) => socket.receiveSync(),
      (socket) => socket.receiveSync({ timeoutMs: 0 }),
      (socket) => socket.dropped,
      (socket) => socket.attachFilter([{ code: 6, jt: 0, jf: 0, k: 0 }]),
    ];
    for (const call of calls) {
      const error = assertThrows(() => call(socket), SocketUnavailableError);
      assertEquals(error.message, "the socket is closed");
    }
    const packets = [{ bytes: hello, destination: RECEIVER }];
    const promises: ((socket: RawSocket) => Promise<unknown>)[] = [
      (socket) => socket.sendMany(packets),
      (socket) => socket.receive(),
      (socket) => socket.receive({ timeoutMs: 0 }),
      (socket) => socket.receiveBatch(),
    ];
    for (const call of promises) {
      await assertRejects(() => call(socket), SocketUnavailableError);
    }
    socket.close();
    assertEquals([socket.isClosed, socket.family], [true, 4]);
  },
);
