import { assertEquals } from "@std/assert";
import type { FilterInstruction } from "../../lib/socket/filter/bpf.ts";
import { errorsAbout } from "../../lib/socket/filter/icmp_filter.ts";
import {
  type QuotablePacket,
  readICMPError,
  SentPackets,
} from "../../lib/tools/matching.ts";
import { isQuit } from "../../lib/tools/pair/receive_messages.ts";
import { parseIPv4 } from "../../lib/wire/address.ts";
import { encodeIPv4, type IPv4Fields } from "../../lib/wire/ipv4/ipv4.ts";
import { randomBytes, randomInt, seededRandom } from "../random.ts";
import { icmpError, type ICMPErrorFields, QUOTED } from "./icmp_errors.ts";

/** An ICMP error on its way from 1.1.1.1 to the sender. */
function packet(
  error: ICMPErrorFields = {},
  outer: Partial<IPv4Fields> = {},
): Uint8Array<ArrayBuffer> {
  return encodeIPv4({
    source: "1.1.1.1",
    destination: "1.1.1.100",
    protocol: 1,
    ...outer,
  }, icmpError(error));
}

const quoting = (changed: Partial<IPv4Fields>) =>
  packet({ quote: encodeIPv4({ ...QUOTED, ...changed }) });

/** Errors about a packet to 1.1.1.1. */
const ERRORS: [what: string, packet: Uint8Array<ArrayBuffer>][] = [
  ["protocol unreachable", packet()],
  ["host unreachable", packet({ code: 1 })],
  ["source quench", packet({ type: 4, code: 0 })],
  ["redirect", packet({ type: 5, code: 1 })],
  ["time exceeded", packet({ type: 11, code: 0 })],
  ["parameter problem", packet({ type: 12, code: 0 })],
  ["a header alone", quoting({})],
  ["options in the quote", quoting({ options: Uint8Array.of(148, 4, 0, 0) })],
  ["options outside", packet({}, { options: Uint8Array.of(148, 4, 0, 0) })],
  // Routers quote 8 octets of payload, whatever the total length says.
  ["a quote cut short", quoting({ totalLength: 1500 })],
];

Deno.test("readICMPError() reads errors, and whom they are about", () => {
  for (const [what, bytes] of ERRORS) {
    const error = readICMPError(bytes);
    assertEquals(error?.from, "1.1.1.1", what);
    assertEquals(error?.quoted.destination, "1.1.1.1", what);
    assertEquals(error?.quoted.protocol, 253, what);
    assertEquals(error?.quoted.identification, 0x36dd, what);
  }
  const { type, code } = readICMPError(packet({ type: 11, code: 1 }))!;
  assertEquals([type, code], [11, 1]);
});

/** What is no error message, or no sound one. */
const IGNORED: [what: string, packet: Uint8Array<ArrayBuffer>][] = [
  ["nothing", new Uint8Array()],
  ["echo reply", packet({ type: 0, code: 0 })],
  ["echo request", packet({ type: 8, code: 0 })],
  ["timestamp reply", packet({ type: 14, code: 0 })],
  ["a wrong checksum", packet({ checksumFault: 1 })],
  ["another protocol", packet({}, { protocol: 253 })],
  ["no quote", packet({ quote: new Uint8Array() })],
  ["half a quote", packet({ quote: encodeIPv4(QUOTED).subarray(0, 19) })],
  ["a quote of IPv6", quoting({ version: 6 })],
  ["a quoted header of 16 octets", quoting({ headerLength: 16 })],
  ["no ICMP header", packet().slice(0, 24)],
  ["an outer header of IPv6", packet({}, { version: 6 })],
];

Deno.test("readICMPError() ignores everything else", () => {
  for (const [what, bytes] of IGNORED) {
    assertEquals(readICMPError(bytes), undefined, what);
  }
});

Deno.test("readICMPError() never throws", () => {
  const random = seededRandom(1);
  for (let i = 0; i < 20_000; i++) {
    const bytes = i % 2 === 0
      ? randomBytes(random, randomInt(random, 0, 80))
      : packet({ quote: randomBytes(random, randomInt(random, 0, 30)) });
    readICMPError(bytes);
  }
});

const octets = (text: string) => new TextEncoder().encode(text);
const SENT: QuotablePacket = {
  header: { source: "1.1.1.100", destination: "1.1.1.1", protocol: 253 },
  payload: octets("Hello World!"),
};
/** As much as every router quotes (RFC 792). */
const EIGHT = octets("Hello Wo");
/** A moment, by a clock that was set and by one that cannot be. */
const at = (ms: number, set = 0) => ({
  realtimeNs: BigInt(ms + set) * 1_000_000n,
  monotonicNs: BigInt(ms) * 1_000_000n,
});

/** Whether an error with a quote is taken for one about what was sent. */
function isBelieved(
  quote: Uint8Array,
  { sent = SENT, type = 3, sentMs = 100, receivedMs = 101, set = 0 } = {},
): boolean {
  const packets = new SentPackets();
  packets.add(sent, at(sentMs));
  const error = readICMPError(packet({ type, quote }))!;
  const receivedNs = at(receivedMs, set).realtimeNs;
  return packets.isAbout(error, { receivedNs, seen: at(105, set) });
}

const quote = (fields: Partial<IPv4Fields> = {}, payload = EIGHT) =>
  encodeIPv4({ ...QUOTED, ...fields }, payload);
const short = (text: string) => ({ ...SENT, payload: octets(text) });
const padded = (text: string) => {
  const whole = quote({ totalLength: 128 }, octets(text));
  return new Uint8Array([...whole, ...new Uint8Array(128 - whole.length)]);
};

Deno.test("SentPackets believes errors that quote what was sent, whatever routers change", () => {
  const believed: [what: string, is: boolean][] = [
    ["eight octets", isBelieved(quote())],
    ["all of it", isBelieved(quote({}, octets("Hello World!")))],
    ["a TTL that is used up", isBelieved(quote({ ttl: 0 }))],
    ["another identification", isBelieved(quote({ identification: 1 }))],
    ["another total length", isBelieved(quote({ totalLength: 9000 }))],
    ["less than there is", isBelieved(quote({ totalLength: 21 }))],
    ["another TOS", isBelieved(quote({ dscp: 46 }))],
    ["time exceeded", isBelieved(quote(), { type: 11 })],
    ["a short one", isBelieved(quote({}, octets("Hi")), { sent: short("Hi") })],
    ["a short one, padded", isBelieved(padded("Hi"), { sent: short("Hi") })],
    ["nothing, padded", isBelieved(padded(""), { sent: short("") })],
    ["a clock set back", isBelieved(quote(), { set: -3_600_000 })],
    ["a clock set on", isBelieved(quote(), { set: 3_600_000 })],
  ];
  for (const [what, is] of believed) assertEquals(is, true, what);
});

Deno.test("SentPackets believes no error that anybody could have made up", () => {
  const forged: [what: string, is: boolean][] = [
    ["another source", isBelieved(quote({ source: "1.1.1.102" }))],
    ["another destination", isBelieved(quote({ destination: "1.1.1.2" }))],
    ["another protocol", isBelieved(quote({ protocol: 252 }))],
    ["a later fragment", isBelieved(quote({ fragmentOffset: 8 }))],
    ["other octets", isBelieved(quote({}, octets("Hello wo")))],
    ["seven octets", isBelieved(quote({}, octets("Hello W")))],
    ["a header alone", isBelieved(quote({}, octets("")))],
    ["more than a short one", isBelieved(quote(), { sent: short("Hello") })],
    ["advice: source quench", isBelieved(quote(), { type: 4 })],
    ["advice: redirect", isBelieved(quote(), { type: 5 })],
    ["what came before", isBelieved(quote(), { receivedMs: 99 })],
    ["that, a clock set on", isBelieved(quote(), { receivedMs: 99, set: 9e6 })],
    [
      "that, a clock set back",
      isBelieved(quote(), { receivedMs: 99, set: -9e6 }),
    ],
  ];
  for (const [what, is] of forged) assertEquals(is, false, what);
});

Deno.test("SentPackets holds the first of what is sent again and again", () => {
  const packets = new SentPackets();
  for (let ms = 0; ms < 9; ms++) packets.add(SENT, at(ms));
  const error = readICMPError(packet({ quote: quote() }))!;
  const received = (ms: number) => ({
    receivedNs: at(ms).realtimeNs,
    seen: at(ms),
  });
  assertEquals(packets.isAbout(error, received(1)), true);
  assertEquals(packets.isAbout(error, received(-1)), false);
});

Deno.test("SentPackets keeps a conversation's latest, and not all of an endless one", () => {
  const packets = new SentPackets();
  const one = (i: number) => short(`${i}`.padStart(8, "0"));
  for (let i = 0; i < 100_000; i++) packets.add(one(i), at(0));
  const isKnown = (i: number) => {
    const error = readICMPError(packet({ quote: quote({}, one(i).payload) }))!;
    return packets.isAbout(error, { receivedNs: 1n, seen: at(1) });
  };
  assertEquals([99_999, 50_000, 0].map(isKnown), [true, true, false]);
});

/** Runs a classic BPF program, as far as these go; a load past the end is 0. */
function runFilter(
  program: readonly FilterInstruction[],
  bytes: Uint8Array<ArrayBuffer>,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let [a, x] = [0, 0];
  for (let at = 0;; at++) {
    const { code, jt, jf, k } = program[at];
    const size = code === 0x40 ? 4 : 1;
    const isLoad = code === 0xb1 || code === 0x50 || code === 0x40;
    const from = code === 0xb1 ? k : x + k;
    if (isLoad && from + size > bytes.length) return 0;
    if (code === 0xb1) x = 4 * (view.getUint8(from) & 0x0f);
    else if (code === 0x50) a = view.getUint8(from);
    else if (code === 0x40) a = view.getUint32(from);
    else if (code === 0x15) at += a === k ? jt : jf;
    else if (code === 0x06) return k;
    else throw new Error(`instruction ${code}`);
  }
}

Deno.test("errorsAbout() passes errors about the destination, and nothing else", () => {
  const filter = errorsAbout(parseIPv4("1.1.1.1"));
  for (const [what, bytes] of ERRORS) {
    assertEquals(runFilter(filter, bytes), 0xffff_ffff, what);
  }
  const others: [what: string, packet: Uint8Array<ArrayBuffer>][] = [
    ["about another destination", quoting({ destination: "1.1.1.2" })],
    ["echo reply", packet({ type: 0, code: 0 })],
    ["echo request", packet({ type: 8, code: 0 })],
    ["router advertisement", packet({ type: 9 })],
    ["timestamp", packet({ type: 13 })],
    ["no quote", packet({ quote: new Uint8Array() })],
  ];
  for (const [what, bytes] of others) {
    assertEquals(runFilter(filter, bytes), 0, what);
  }
});

Deno.test("errorsAbout() takes any destination as a number without a sign", () => {
  const filter = errorsAbout(parseIPv4("203.0.113.255"));
  const about = quoting({ destination: "203.0.113.255" });
  assertEquals(runFilter(filter, about), 0xffff_ffff);
});

Deno.test("isQuit() knows QUIT in any case, and nothing else", () => {
  const quit = (text: string) => isQuit(new TextEncoder().encode(text));
  for (const text of ["QUIT", "quit", "Quit", "qUIT"]) {
    assertEquals(quit(text), true, text);
  }
  const others = ["", "QUI", "quitter", "I quit", "QUIT\n", " QUIT", "qu\0t"];
  // A dotless i, which is an I in capitals.
  for (const text of [...others, "QU\u0131T", "q\u016bit"]) {
    assertEquals(quit(text), false, text);
  }
});
