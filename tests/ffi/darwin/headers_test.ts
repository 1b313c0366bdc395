import { assertEquals } from "@std/assert";
import { restoreHeader } from "../../../lib/ffi/darwin/arrival.ts";
import { withIdentifier } from "../../../lib/ffi/darwin/ping.ts";
import { withHostOrder } from "../../../lib/ffi/darwin/sending.ts";
import type { Socket } from "../../../lib/ffi/darwin/socket.ts";
import { internetChecksum } from "../../../lib/bytes/checksum.ts";
import { encodeICMPv4, encodeIPv4 } from "../../../mod.ts";
import { randomBytes, seededRandom } from "../../random.ts";

const PACKET = encodeIPv4({
  source: "192.0.2.1",
  destination: "192.0.2.2",
  protocol: 253,
  fragmentOffset: 0x1230,
  moreFragments: true,
  options: Uint8Array.of(1, 1, 1, 0),
}, new Uint8Array(300));

Deno.test("withHostOrder() turns the length and the fragment's place", () => {
  const before = PACKET.slice();
  const packet = withHostOrder(PACKET);
  // 24 + 300 octets; MF, and 0x1230 / 8.
  assertEquals([...packet.subarray(2, 4)], [0x44, 0x01]);
  assertEquals([...packet.subarray(6, 8)], [0x46, 0x22]);
  assertEquals(PACKET, before);
  // Nothing else is touched.
  packet.set(PACKET.subarray(2, 4), 2);
  packet.set(PACKET.subarray(6, 8), 6);
  assertEquals(packet, PACKET);
});

Deno.test("restoreHeader() gives a received header the wire's order", () => {
  const packet = PACKET.slice();
  // As XNU hands it out: 300 octets behind the header.
  packet.set([0x2c, 0x01], 2);
  packet.set([0x46, 0x22], 6);
  restoreHeader(packet);
  assertEquals(packet, PACKET);
  for (const length of [0, 1, 19]) restoreHeader(packet.slice(0, length));
});

Deno.test("withIdentifier() keeps an echo's checksum right", () => {
  const random = seededRandom(7);
  for (let identifier = 1; identifier < 0x10000; identifier += 97) {
    const payload = randomBytes(random, identifier % 60);
    const request = encodeICMPv4({
      kind: "echoRequest",
      identifier: (identifier * 31) & 0xffff,
      sequence: 1,
      payload,
    });
    const socket = { identifier, isIPv4: true } as Socket;
    const told = withIdentifier(request, socket);
    assertEquals(internetChecksum(told), 0);
    assertEquals(new DataView(told.buffer).getUint16(4), identifier);
  }
});
