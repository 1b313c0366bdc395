import { assertEquals } from "@std/assert";
import {
  buildPacket,
  decodeIPv4,
  forgedPacket,
  icmpv4,
  ipv4,
  type NextHop,
  readForged,
} from "../../mod.ts";
import {
  isAbout,
  isEchoRequest,
  replyTo,
} from "../../lib/tools/reply_sightings.ts";
import { seen } from "./wire_sightings.ts";

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

Deno.test("isAbout() takes errors about the packet, and no redirects", () => {
  const quoted = decodeIPv4(REQUEST).header;
  const error = {
    from: THEM,
    type: 3,
    code: 2,
    description: "",
    quoted: { ...quoted, identification: 0x64ec },
  };
  assertEquals(isAbout(error, given), true);
  assertEquals(isAbout({ ...error, type: 11 }, given), true);
  assertEquals(isAbout({ ...error, type: 5 }, given), false);
  for (const change of [{ destination: "1.1.1.2" }, { protocol: 17 }]) {
    const other = { ...error, quoted: { ...error.quoted, ...change } };
    assertEquals(isAbout(other, given), false, JSON.stringify(change));
  }
  // An identification that was given is to be found again.
  const numbered = { ...given, header: { ...given.header, identification: 9 } };
  assertEquals(isAbout(error, numbered), false);
});
