import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import type { Lab } from "../../../lib/lab/lab.ts";
import { SocketError } from "../../../mod.ts";
import { liveTest } from "../live.ts";
import { octets, openIn, pair, RECEIVER, SOON } from "./socket_support.ts";

/** Sends packets that nobody fetches, and tells how many the socket has kept. */
async function kept(
  lab: Lab,
  count: number,
  receiveBufferBytes?: number,
): Promise<number> {
  using sender = openIn(lab, "sender");
  using receiver = openIn(lab, "receiver", { receiveBufferBytes });
  // With room for all, to tell when all have arrived.
  using witness = openIn(lab, "receiver", { receiveBufferBytes: 2 ** 28 });
  const bytes = new Uint8Array(1400);
  for (let i = 0; i < count; i++) sender.send(bytes, RECEIVER);
  for (let seen = 0; seen < count;) {
    seen += (await witness.receiveBatch(SOON)).length;
  }
  return count - receiver.dropped!;
}

await liveTest(
  "RawSocket receiveBufferBytes is the room for packets, beyond the system's limit",
  ["lab", "init-root"],
  async () => {
    await using lab = await pair();
    assertLess(await kept(lab, 100, 4_096), 100);
    const usual = await kept(lab, 2_000);
    assertGreater(usual, 10);
    assertLess(usual, 2_000);
    const limit = Number(
      await Deno.readTextFile("/proc/sys/net/core/rmem_max"),
    );
    // The kernel counts twice the limit, and 2,048 at least for each packet.
    const beyond = Math.ceil(2.5 * limit / 2048);
    assertEquals(await kept(lab, beyond, 2 ** 28), beyond);
  },
);

await liveTest(
  "RawSocket sendBufferBytes is the room for a packet",
  ["lab"],
  async () => {
    await using lab = await pair();
    const packet = { bytes: new Uint8Array(60_000), destination: RECEIVER };
    using usual = openIn(lab, "sender");
    using small = openIn(lab, "sender", { sendBufferBytes: 4_608 });
    using receiver = openIn(lab, "receiver");
    usual.send(packet.bytes, packet.destination);
    assertEquals((await receiver.receive(SOON)).bytes.length, 60_020);
    const error = assertThrows(
      () => small.send(packet.bytes, packet.destination),
      SocketError,
    );
    assertEquals(error.code, "ENOBUFS");
    assert(error.remedy?.includes("sendBufferBytes"));
    // Waiting for room would be waiting for ever.
    const rejected = await assertRejects(
      () => small.sendMany([packet]),
      SocketError,
    );
    assertEquals([rejected.code, rejected.sent], ["ENOBUFS", 0]);
  },
);

await liveTest("RawSocket.dropped and what is received make up what was sent", [
  "lab",
], async () => {
  await using lab = await pair();
  for (const destination of [RECEIVER, "127.0.0.1"]) {
    using sender = openIn(
      lab,
      destination === RECEIVER ? "sender" : "receiver",
    );
    using receiver = openIn(lab, "receiver", {
      receiveBufferBytes: 4_096,
      bindAddress: destination,
    });
    assertEquals(receiver.dropped!, 0);
    let received = 0;
    for (const count of [1000, 3000]) {
      const packets = Array(1000).fill({ bytes: octets("flood"), destination });
      for (let sent = 0; sent < count; sent += 1000) {
        await sender.sendMany(packets);
      }
      const total = count === 1000 ? 1000 : 4000;
      const deadline = performance.now() + SOON.timeoutMs;
      while (received + receiver.dropped! < total) {
        const batch = await receiver.receiveBatch({ timeoutMs: 10 })
          .catch(() => []);
        received += batch.length;
        assert(performance.now() < deadline, `only ${received} came`);
      }
      assertEquals(received + receiver.dropped!, total);
      assertGreater(receiver.dropped!, 0);
    }
    // Another socket has a count of its own.
    using other = openIn(lab, "receiver");
    assertEquals(other.dropped, 0);
  }
});
