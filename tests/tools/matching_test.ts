import { assertEquals } from "@std/assert";
import type { FilterInstruction } from "../../lib/socket/receiving_socket.ts";
import { errorsAbout } from "../../lib/socket/icmp_filter.ts";
import { readICMPError } from "../../lib/tools/matching.ts";
import { isQuit } from "../../lib/tools/quit.ts";
import { parseIPv4 } from "../../lib/wire/address.ts";
import { encodeIPv4, type IPv4Fields } from "../../lib/wire/ipv4.ts";
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
