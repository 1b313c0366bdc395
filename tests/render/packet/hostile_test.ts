import { assert, assertEquals } from "@std/assert";
import { renderExplanation } from "../../../lib/render/packet/explain.ts";
import { renderReceived } from "../../../lib/render/tools/messages.ts";
import { isQuit } from "../../../lib/tools/pair/receive_messages.ts";
import { PacketError } from "../../../lib/wire/errors.ts";
import { decodeIPv4 } from "../../../lib/wire/ipv4/ipv4.ts";
import { seededRandom } from "../../random.ts";
import { datagram, hostileOctets, randomPacket } from "../packets.ts";

/** Anything that could turn, hide or rewrite what a terminal shows. */
const HARMFUL = /[^\P{Cc}\n]|\p{Cf}/u;

Deno.test("renderExplanation() of 10,000 packets stays within 80 columns", () => {
  const random = seededRandom(1);
  for (let i = 0; i < 10_000; i++) {
    const packet = randomPacket(random);
    for (const line of renderExplanation(packet)) {
      assert(line.length <= 80, `${line}\n${packet.toHex()}`);
    }
  }
});

Deno.test("renderReceived() of 100,000 hostile packets harms no terminal", () => {
  const random = seededRandom(2);
  let decoded = 0;
  let quits = 0;
  for (let i = 0; i < 100_000; i++) {
    const bytes = hostileOctets(random);
    let packet;
    try {
      packet = decodeIPv4(bytes);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      // What the receiver passes over can still be dissected.
      const explained = renderExplanation(bytes).join("\n");
      assert(!HARMFUL.test(explained), bytes.toHex());
      continue;
    }
    decoded++;
    if (isQuit(packet.payload)) quits++;
    const event = {
      type: "packet",
      datagram: datagram(bytes),
      device: "eth0",
      more: false,
      ...packet,
    } as const;
    for (const style of [{}, { explain: true }, { json: true }]) {
      const shown = renderReceived(event, style);
      assert(!HARMFUL.test(shown), bytes.toHex());
      if (!style.json) continue;
      const json = JSON.parse(shown);
      assert(!shown.includes("\n"), shown);
      assertEquals(json.payloadHex, packet.payload.toHex());
      assertEquals(json.payloadText, decodeText(packet.payload));
      assertEquals(json.header.options, packet.header.options.toHex());
    }
  }
  assert(decoded > 50_000, `${decoded} decoded`);
  assertEquals(quits, 0);
});

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

function decodeText(octets: Uint8Array): string {
  return utf8.decode(octets);
}
