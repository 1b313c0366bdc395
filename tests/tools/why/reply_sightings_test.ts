import { assertEquals } from "@std/assert";
import {
  buildPacket,
  forgedPacket,
  fragmentIPv4,
  icmpv4,
  ipv4,
  type NextHop,
} from "../../../mod.ts";
import { readForged } from "../../../lib/compare/forged_packet.ts";
import {
  isEchoRequest,
  replyTo,
} from "../../../lib/tools/why/reply_sightings.ts";
import { seen } from "../../compare/wire_sightings.ts";

const US = "1.1.1.100";
const THEM = "1.1.1.1";
const UNICAST: NextHop = { type: "unicast" };
const REQUEST = forgedPacket({
  source: US,
  destination: THEM,
  icmpIdentifier: 7,
  icmpSequence: 5,
});
const given = readForged(REQUEST);

function echo(
  kind: "echoReply" | "echoRequest",
  fields: { identifier?: number; sequence?: number } = {},
  addresses: { source?: string; destination?: string } = {},
): Uint8Array {
  return buildPacket(
    ipv4({ source: THEM, destination: US, ...addresses }),
    icmpv4({ kind, identifier: 7, sequence: 5, ...fields }),
  );
}

/** What is no reply to the request, and why not. */
const STRANGERS: [why: string, packet: Uint8Array][] = [
  ["it is the request", REQUEST],
  ["a request the other way", echo("echoRequest")],
  ["another identifier", echo("echoReply", { identifier: 8 })],
  ["another sequence number", echo("echoReply", { sequence: 6 })],
  ["from somebody else", echo("echoReply", {}, { source: "1.1.1.2" })],
  ["to somebody else", echo("echoReply", {}, { destination: "1.1.1.2" })],
  [
    "another protocol",
    buildPacket(ipv4({ source: THEM, destination: US, protocol: 253 }), "Hi"),
  ],
];

Deno.test("replyTo() takes the reply to a request, and nothing else for it", () => {
  const isReply = replyTo(given, US, UNICAST);
  assertEquals(isReply(seen(echo("echoReply"))), true);
  for (const [why, packet] of STRANGERS) {
    assertEquals(isReply(seen(packet)), false, why);
  }
});

Deno.test("replyTo() of a broadcast takes a reply from anybody but us", () => {
  const isReply = replyTo(given, US, { type: "broadcast" });
  for (const source of [THEM, "1.1.1.2"]) {
    assertEquals(isReply(seen(echo("echoReply", {}, { source }))), true);
  }
  assertEquals(isReply(seen(echo("echoReply", {}, { source: US }))), false);
});

Deno.test("replyTo() of another protocol takes what comes the other way", () => {
  const other = readForged(
    forgedPacket({ source: US, destination: THEM, protocol: 253 }),
  );
  assertEquals([isEchoRequest(given), isEchoRequest(other)], [true, false]);
  const isReply = replyTo(other, US, UNICAST);
  const back = { source: THEM, destination: US };
  const answer = (protocol: number) =>
    seen(buildPacket(ipv4({ ...back, protocol }), "Hi"));
  assertEquals([253, 254, 1].map((number) => isReply(answer(number))), [
    true,
    false,
    false,
  ]);
});

Deno.test("replyTo() does not take a packet to oneself for its reply", () => {
  const to = { source: THEM, destination: THEM, protocol: 253 };
  const itself = forgedPacket({ ...to, payload: Uint8Array.of(1, 2) });
  const isReply = replyTo(readForged(itself), THEM, { type: "local" });
  assertEquals(isReply(seen(itself)), false);
  const answer = forgedPacket({ ...to, payload: Uint8Array.of(3) });
  assertEquals(isReply(seen(answer)), true);
});

Deno.test("replyTo() takes no fragment of a packet to oneself for its reply", () => {
  const payload = Uint8Array.from({ length: 2000 }, (_, i) => i >> 3);
  const packet = (source: string, payload: Uint8Array) =>
    buildPacket(
      ipv4({ source, destination: US, protocol: 253, identification: 7 }),
      payload,
    );
  const whole = packet(US, payload);
  const isReply = replyTo(readForged(whole), US, UNICAST);
  for (const part of [whole, ...fragmentIPv4(whole, 576)]) {
    assertEquals(isReply(seen(part)), false);
  }
  assertEquals(isReply(seen(packet(US, payload.subarray(8)))), true);
});
