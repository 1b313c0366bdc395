import { assertEquals } from "@std/assert";
import { Datagram } from "../../../lib/socket/datagram.ts";
import {
  type Expected,
  type Mismatch,
  mismatch,
  readMessage,
} from "../../../lib/socket/icmp/icmp_message.ts";
import { type Family, internetChecksum, parseHex } from "../../../mod.ts";
import {
  type Answer,
  quoted,
  reply,
  type Request,
  unreachable,
} from "../../live/responder.ts";
import { randomBytes, seededRandom } from "../../random.ts";

const random = seededRandom(0x3e55);
const payload = randomBytes(random, 56);
const flipped = payload.map((octet, i) => i === 55 ? octet ^ 1 : octet);

const REQUESTS: Record<Family, Request> = {
  4: {
    family: 4,
    source: "192.0.2.100",
    destination: "192.0.2.1",
    id: 0x1234,
    sequence: 7,
    payload,
  },
  6: {
    family: 6,
    source: "2001:db8::100",
    destination: "2001:db8::1",
    id: 0x1234,
    sequence: 7,
    payload,
  },
};
/** Somebody else, by family. */
const OTHER = { 4: "192.0.2.2", 6: "2001:db8::2" } as const;

/** A packet as the kernel hands it to a raw socket. */
function datagram({ packet }: Answer, family: Family): Datagram {
  const [offset, source] = family === 4
    ? [0, 0]
    // An IPv6 raw socket's has no IP header, and a right checksum.
    : [40, sourceOf6(packet)];
  return new Datagram(Uint8Array.from(packet.subarray(offset)), {
    source,
    destination: undefined,
    seconds: 0,
    nanoseconds: 0,
    truncated: false,
    interfaceIndex: 0,
    hopLimit: 64,
    error: undefined,
  });
}

function sourceOf6(packet: Uint8Array): string {
  return packet[23] === 1 ? REQUESTS[6].destination : OTHER[6];
}

function judge(
  answer: Answer,
  family: Family,
  expected: Partial<Expected> = {},
) {
  const message = readMessage(datagram(answer, family), family, true);
  if (message === undefined) return "malformed";
  const all = { ...REQUESTS[family], isBroadcast: false, ...expected };
  return mismatch(message, all) ?? "answers";
}

type Verdict = Mismatch | "answers" | "malformed";

for (const family of [4, 6] as const) {
  const request = REQUESTS[family];
  const other = OTHER[family];

  Deno.test(`mismatch() judges echo replies, IPv${family}`, () => {
    const table: [Verdict, Answer][] = [
      ["answers", reply(request)],
      ["answers", reply(request, { ttl: 1 })],
      ["source", reply(request, { source: other })],
      ["identifier", reply(request, { id: 0x1235 })],
      ["identifier", reply(request, { id: 0x3412 })],
      ["sequence", reply(request, { sequence: 6 })],
      ["sequence", reply(request, { sequence: 0x0700 })],
      ["payload", reply(request, { payload: flipped })],
      ["payload", reply(request, { payload: payload.subarray(1) })],
      ["payload", reply(request, { payload: payload.subarray(0, 55) })],
      ["payload", reply(request, { payload: new Uint8Array() })],
      [
        "payload",
        reply(request, { payload: Uint8Array.of(...payload, 0) }),
      ],
    ];
    for (const [i, [verdict, answer]] of table.entries()) {
      assertEquals(judge(answer, family), verdict, `row ${i}`);
    }
  });

  Deno.test(`mismatch() judges what errors quote, IPv${family}`, () => {
    const header = family === 4 ? 20 : 40;
    const table: [Verdict, Answer][] = [
      ["answers", unreachable(request)],
      // RFC 792 promises no more than eight octets behind the header.
      ["answers", unreachable(request, { length: header + 8 })],
      ["answers", unreachable(request, { length: header + 20 })],
      ["answers", unreachable(request, { source: other })],
      // Some routers rewrite it, and do not mend this one.
      ["answers", unreachable(request, { checksum: 0xdead })],
      ["quoted", unreachable(request, { destination: other })],
      ["quoted", unreachable(request, { id: 0x1235 })],
      ["quoted", unreachable(request, { sequence: 8 })],
      ["quoted", unreachable(request, { payload: flipped })],
      ["quoted", unreachable(request, { protocol: 17 })],
      ["quoted", unreachable(request, { length: header + 7 })],
      ["quoted", unreachable(request, { length: header })],
      ["quoted", unreachable(request, { length: 3 })],
      ["quoted", unreachable(request, { length: 0 })],
      ["quoted", {
        packet: unreachable(request, {
          payload: Uint8Array.of(...payload, 1),
        }).packet,
      }],
    ];
    for (const [i, [verdict, answer]] of table.entries()) {
      assertEquals(judge(answer, family), verdict, `row ${i}`);
    }
  });

  Deno.test(`mismatch() lets anybody answer a broadcast, IPv${family}`, () => {
    const answer = reply(request, { source: other });
    assertEquals(judge(answer, family, { isBroadcast: true }), "answers");
    const lie = reply(request, { source: other, payload: flipped });
    assertEquals(judge(lie, family, { isBroadcast: true }), "payload");
  });
}

Deno.test("mismatch() needs a right ICMPv4 checksum", () => {
  const { packet } = reply(REQUESTS[4]);
  const right = packet[22] << 8 | packet[23];
  for (const checksum of [0, 0xffff, right ^ 1, right ^ 0x8000]) {
    const answer = reply(REQUESTS[4], { checksum });
    assertEquals(judge(answer, 4), "checksum", `${checksum}`);
  }
  const error = unreachable(REQUESTS[4]);
  error.packet[22] ^= 1;
  assertEquals(judge(error, 4), "checksum");
});

Deno.test("mismatch() reads past the IPv4 options of reply and quote", () => {
  // Record route with room for three addresses (RFC 791 §3.1).
  const options = Uint8Array.of(7, 15, 4, ...new Uint8Array(12), 0);
  const request = REQUESTS[4];
  assertEquals(judge(reply(request, { options }), 4), "answers");
  assertEquals(judge(unreachable(request, { options }), 4), "answers");
  const wrong = unreachable(request, { options, id: 1 });
  assertEquals(judge(wrong, 4), "quoted");
});

Deno.test("mismatch() refuses a fragment's quote, which has no ICMP header", () => {
  const answer = unreachable(REQUESTS[4], { fragmentOffset: 8 });
  assertEquals(judge(answer, 4), "quoted");
});

Deno.test("mismatch() disregards a zone, which no header carries", () => {
  const request = {
    ...REQUESTS[6],
    destination: "fe80::1",
    source: "fe80::2",
  };
  const expected = { destination: "fe80::1%3" };
  assertEquals(judge(unreachable(request), 6, expected), "answers");
});

Deno.test("mismatch() refuses our own request, and other messages", () => {
  const { packet } = reply(REQUESTS[4]);
  for (const type of [8, 13, 14, 40, 129, 255]) {
    const changed = Uint8Array.from(packet);
    changed.set([type, 0, 0, 0], 20);
    const checksum = internetChecksum(changed.subarray(20));
    changed.set([checksum >> 8, checksum & 0xff], 22);
    assertEquals(judge({ packet: changed }, 4), "type", `type ${type}`);
  }
});

Deno.test("readMessage() takes no truncated packet for a message", () => {
  const { packet } = reply(REQUESTS[4]);
  for (let length = 0; length < packet.length; length++) {
    const answer = { packet: packet.subarray(0, length) };
    assertEquals(judge(answer, 4), "malformed", `${length} octets`);
  }
});

Deno.test("readMessage() tells the MTU of the next hop, where an error does", () => {
  const CASES: [message: string, family: Family, mtu: number][] = [
    ["0304 0000 0000 0514", 4, 1300], // RFC 1191 §4
    ["0b00 0000 0000 0000", 4, 0],
    ["0200 0000 0000 0500", 6, 1280], // RFC 4443 §3.2
    ["0100 0000 0000 0500", 6, 0],
  ];
  for (const [message, family, mtu] of CASES) {
    const packet = parseHex(message);
    const bare = new Datagram(packet, {
      ...{ source: OTHER[family], destination: undefined, hopLimit: 64 },
      ...{ seconds: 0, nanoseconds: 0, interfaceIndex: 0, truncated: false },
      error: undefined,
    });
    assertEquals(readMessage(bare, family, false)?.nextHopMTU, mtu, message);
  }
});

Deno.test("readMessage() survives random octets", () => {
  for (let i = 0; i < 20_000; i++) {
    const octets = randomBytes(random, Math.floor(random() * 120));
    octets[0] = 0x40 | octets[0] & 0xf;
    for (const family of [4, 6] as const) {
      const packet = Uint8Array.of(...new Uint8Array(40), ...octets);
      const verdict = judge({ packet: family === 4 ? octets : packet }, family);
      assertEquals(verdict === "answers", false);
    }
  }
});

Deno.test("quoted() quotes what was sent, octet for octet", () => {
  assertEquals(quoted(REQUESTS[4]).subarray(28), payload);
});
