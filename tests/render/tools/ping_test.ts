import { assertEquals } from "@std/assert";
import { errorText } from "../../../lib/render/tools/icmp_error.ts";
import { renderHosts, renderPing } from "../../../lib/render/tools/ping.ts";
import { HostRecord } from "../../../lib/tools/ping/host.ts";
import { Host, ICMPReply, type PingEvent } from "../../../mod.ts";

const NONE = new Uint8Array();

function reply(changes: Partial<ICMPReply> = {}): ICMPReply {
  return new ICMPReply({
    source: "192.0.2.1",
    destination: undefined,
    family: 4,
    id: 1,
    sequence: 1,
    type: 0,
    code: 0,
    bytesReceived: 64,
    time: 0,
    ttl: 64,
    payload: NONE,
    options: NONE,
    packet: NONE,
    quoted: NONE,
    nextHopMTU: 0,
    roundTripMs: 1.234,
    isDuplicate: false,
    isLate: false,
    ...changes,
  });
}

function answered(
  changes: Partial<ICMPReply>,
  event: Partial<PingEvent> = {},
): PingEvent {
  return {
    type: "reply",
    index: 0,
    name: "192.0.2.1",
    address: "192.0.2.1",
    sequence: 1,
    reply: reply(changes),
    isDuplicate: false,
    isLate: false,
    ...event,
  } as PingEvent;
}

const STYLE = { payloadSize: 56 };

Deno.test("renderPing() writes times as iputils does", () => {
  const table: [ms: number, text: string][] = [
    [0, "0.000"],
    [0.0421, "0.042"],
    [0.999, "0.999"],
    [1, "1.00"],
    [9.876, "9.88"],
    [12.061, "12.1"],
    [99.94, "99.9"],
    [123.4, "123"],
    [2000, "2000"],
  ];
  for (const [roundTripMs, text] of table) {
    assertEquals(renderPing(answered({ roundTripMs }), STYLE), [
      `64 bytes from 192.0.2.1: icmp_seq=1 ttl=64 time=${text} ms`,
    ]);
  }
});

Deno.test("renderPing() names hosts, and says what is odd", () => {
  const named = { name: "host.example", isDuplicate: true, sequence: 70_000 };
  assertEquals(renderPing(answered({}, named), STYLE), [
    "64 bytes from host.example (192.0.2.1): icmp_seq=70000 ttl=64 " +
    "time=1.23 ms (DUP!)",
  ]);
  assertEquals(renderPing(answered({}, named), { ...STYLE, numeric: true }), [
    "64 bytes from 192.0.2.1: icmp_seq=70000 ttl=64 time=1.23 ms (DUP!)",
  ]);
  assertEquals(
    renderPing(answered({ ttl: undefined }, { isLate: true }), STYLE),
    [
      "64 bytes from 192.0.2.1: icmp_seq=1 time=1.23 ms (LATE!)",
    ],
  );
  assertEquals(renderPing(answered({}), { ...STYLE, quiet: true }), []);
});

Deno.test("renderPing() lets no name control the terminal", () => {
  const name = "evil\x1b[2J\n\u202e";
  const start = {
    type: "start",
    index: 0,
    name,
    address: "192.0.2.1",
    time: 1,
  } as const;
  assertEquals(renderPing(start, STYLE), [
    "PING evil\\x1b[2J\\n\\u{202e} (192.0.2.1) 56(84) bytes of data.",
  ]);
  const [json] = renderPing(start, { ...STYLE, json: true });
  assertEquals(/[^\x20-\x7e]/.test(json), false);
  assertEquals(JSON.parse(json).name, name);
  assertEquals(JSON.parse(json).timestamp, "1970-01-01T00:00:01.000000Z");
  const table = renderHosts([new Host(new HostRecord(name))]);
  assertEquals(/[^\x20-\x7e]/.test(table.join("")), false);
});

Deno.test("errorText() uses iputils' words", () => {
  const table: [family: 4 | 6, type: number, code: number, text: string][] = [
    [4, 3, 0, "Destination Net Unreachable"],
    [4, 3, 1, "Destination Host Unreachable"],
    [4, 3, 2, "Destination Protocol Unreachable"],
    [4, 3, 3, "Destination Port Unreachable"],
    [4, 3, 4, "Frag needed and DF set (mtu = 1400)"],
    [4, 3, 5, "Source Route Failed"],
    [4, 3, 13, "Packet filtered"],
    [4, 11, 0, "Time to live exceeded"],
    [4, 11, 1, "Frag reassembly time exceeded"],
    [6, 1, 0, "Destination unreachable: No route"],
    [6, 1, 1, "Destination unreachable: Administratively prohibited"],
    [6, 1, 3, "Destination unreachable: Address unreachable"],
    [6, 1, 4, "Destination unreachable: Port unreachable"],
    [6, 2, 0, "Packet too big: mtu=1400"],
    [6, 3, 0, "Time exceeded: Hop limit"],
    [4, 4, 0, "Source Quench"],
    [4, 5, 0, "Redirect Network(New nexthop: 192.0.2.9)"],
    [4, 5, 1, "Redirect Host(New nexthop: 192.0.2.9)"],
    [4, 5, 2, "Redirect Type of Service and Network(New nexthop: 192.0.2.9)"],
    [4, 12, 0, "Parameter problem: pointer = 20"],
    [6, 4, 0, "Parameter problem: Wrong header field at 20"],
    [6, 4, 1, "Parameter problem: Unknown header at 20"],
    [6, 4, 2, "Parameter problem: Unknown option at 20"],
    // What iputils has no words for, has the field's own.
    [4, 5, 9, "its description"],
    [6, 4, 9, "its description"],
    [6, 1, 99, "its description"],
  ];
  for (const [family, type, code, text] of table) {
    const description = "its description";
    const more = { nextHopMTU: 1400, gateway: "192.0.2.9", pointer: 20 };
    const error = { family, type, code, description, ...more };
    assertEquals(errorText(error), text, `ICMPv${family} ${type}/${code}`);
  }
});
