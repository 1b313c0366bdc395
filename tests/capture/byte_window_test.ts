import { assert, assertEquals } from "@std/assert";
import { ByteWindow } from "../../lib/capture/byte_window.ts";
import { randomBytes, randomInt, seededRandom } from "../random.ts";

Deno.test("ByteWindow keeps what was not read, and where it is", () => {
  const random = seededRandom(0xb17e);
  const stream = randomBytes(random, 300_000);
  const window = new ByteWindow();
  let came = 0;
  let read = 0;
  while (read < stream.length) {
    const piece = stream.subarray(came, came + randomInt(random, 0, 9000));
    window.append(piece);
    came += piece.length;
    assertEquals([window.offset, window.available], [read, came - read]);
    const { bytes, view, start, end } = window;
    assertEquals(bytes.subarray(start, end), stream.subarray(read, came));
    if (end > start) assertEquals(view.getUint8(end - 1), stream[came - 1]);
    const octets = randomInt(random, 0, window.available);
    window.start += octets;
    read += octets;
  }
});

Deno.test("ByteWindow has room for what was not read and one piece", () => {
  const window = new ByteWindow();
  const piece = new Uint8Array(2 ** 16);
  for (let i = 0; i < 10_000; i++) {
    window.append(piece);
    window.start += piece.length - (i < 10 ? 100 : 0);
  }
  assert(window.bytes.length <= 2 ** 17, `${window.bytes.length}`);
});

Deno.test("ByteWindow grows by few and long steps", () => {
  const window = new ByteWindow();
  const octet = new Uint8Array(1);
  const buffers = new Set([window.bytes.buffer]);
  for (let i = 0; i < 2 ** 20; i++) {
    window.append(octet);
    buffers.add(window.bytes.buffer);
  }
  assertEquals(window.bytes.length, 2 ** 20);
  assert(buffers.size <= 20, `${buffers.size}`);
});
