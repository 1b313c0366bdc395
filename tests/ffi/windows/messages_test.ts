import { assertEquals } from "@std/assert";
import { internetChecksum } from "../../../lib/bytes/checksum.ts";
import {
  addDestination,
  addTime,
  Batch,
  complete,
} from "../../../lib/ffi/windows/messages.ts";
import { MessageArena } from "../../../lib/socket/ring/message_arena.ts";
import { buildPacket, decodeIPv4, ipv4 } from "../../../mod.ts";

const PACKET = buildPacket(
  ipv4({ source: "192.0.2.7", destination: "192.0.2.9", protocol: 253 }),
  "Hello",
);

Deno.test("Batch fills slots as the kernel does for those that read them", () => {
  // What ReceiveRing reads, it reads by these: a time, and where it was sent to.
  const arena = new MessageArena(3, { packet: 100, control: 192 });
  const headers = arena.bytes.subarray(arena.header(1) * 4);
  const batch = new Batch(headers);
  const { packet, name } = batch.at(0);
  assertEquals([packet.byteOffset, packet.length], [arena.packet(1), 100]);
  assertEquals([name.byteOffset, name.length], [arena.name(1), 32]);
  packet.set(PACKET);
  batch.done(0, PACKET.length, true);
  addTime(batch, 0, 1_500_000_000_123_456_789n);
  addDestination(batch, 0, PACKET);
  assertEquals([arena.packetLength(1), arena.flags(1)], [PACKET.length, 0x20]);
  const seen: number[][] = [];
  let at = arena.controlStart(1);
  for (; at <= arena.controlEnd(1); at = arena.nextControl(at)) {
    seen.push([...arena.words.subarray(at + 2, at + 7)]);
  }
  const seconds = 1_500_000_000;
  assertEquals(seen.map((words) => words.slice(0, 2)), [[1, 35], [0, 8]]);
  assertEquals(seen[0].slice(2), [seconds, 0, 123_456_789]);
  assertEquals(seen[1][4], new Int32Array(PACKET.buffer.slice(16, 20))[0]);
});

Deno.test("complete() writes what Linux writes into a header, and changes nothing given", () => {
  const bare = PACKET.slice();
  bare.fill(0, 2, 6); // length and identification
  bare.fill(0, 10, 16); // checksum and source
  const before = bare.toHex();
  const whole = complete(bare, 77, () => Uint8Array.of(192, 0, 2, 1));
  assertEquals(bare.toHex(), before);
  const { header } = decodeIPv4(whole);
  assertEquals(
    [header.source, header.identification, header.totalLength],
    ["192.0.2.1", 77, PACKET.length],
  );
  assertEquals(internetChecksum(whole.subarray(0, 20)), 0);
  // What is given is kept.
  const given = complete(PACKET, 1, () => Uint8Array.of(1, 2, 3, 4));
  assertEquals(decodeIPv4(given).header.source, "192.0.2.7");
  assertEquals(complete(new Uint8Array(3), 1, () => bare), new Uint8Array(3));
});
