/** One direction of a bad cable, without a network and without a clock. */

import { assertEquals, assertNotEquals } from "@std/assert";
import {
  ImpairedLine,
  type Impairment,
} from "../../../lib/lab/middlebox/impairment.ts";
import {
  arp,
  buildPacket,
  ethernet,
  icmpv6,
  ipv4,
  ipv6,
} from "../../../mod.ts";

const ETHERNET = {
  source: "02:00:00:00:00:01",
  destination: "02:00:00:00:00:02",
};
const IPV4 = { source: "10.9.1.1", destination: "10.9.2.2", protocol: 253 };
const IPV6 = { source: "2001:db8::1", destination: "2001:db8::2" };

/** A packet, the number of which is its identification. */
function packet(number: number): Uint8Array {
  const header = { ...IPV4, identification: number };
  return buildPacket(ethernet(ETHERNET), ipv4(header), "payload");
}

function numberOf(frame: Uint8Array): number {
  return new DataView(frame.buffer, frame.byteOffset).getUint16(14 + 4);
}

/** The numbers of the packets that come out of `count`, one a millisecond. */
function through(line: ImpairedLine, count: number): number[] {
  const out: number[] = [];
  for (let number = 0; number < count; number++) {
    line.take(packet(number), number);
    out.push(...line.due(number).map(numberOf));
  }
  while (line.nextMs < Infinity) {
    out.push(...line.due(line.nextMs).map(numberOf));
  }
  return out;
}

Deno.test("a packet goes out when its delay is over, and no sooner", () => {
  const line = new ImpairedLine({ delayMs: 20 }, 0);
  line.take(packet(1), 100);
  line.take(packet(2), 105);
  assertEquals(line.nextMs, 120);
  assertEquals(line.due(119.9), []);
  assertEquals(line.due(120).map(numberOf), [1]);
  assertEquals(line.nextMs, 125);
  assertEquals(line.due(200).map(numberOf), [2]);
  assertEquals(line.nextMs, Infinity);
});

Deno.test("without an impairment all go through at once, in order", () => {
  const line = new ImpairedLine({}, 0);
  assertEquals(through(line, 5), [0, 1, 2, 3, 4]);
  const { taken, ...rest } = line.counts;
  assertEquals([taken, rest], [5, { dropped: 0, duplicated: 0, reordered: 0 }]);
});

/** Impairments, and how many of 1000 fare so: within six deviations. */
const SHARES: [Impairment, "dropped" | "duplicated" | "reordered", number][] = [
  [{ dropPercent: 30 }, "dropped", 300],
  [{ duplicatePercent: 10 }, "duplicated", 100],
  // Not of those that come while one waits already.
  [{ reorderPercent: 25 }, "reordered", 200],
];

Deno.test("as many are lost, doubled and overtaken as was asked", () => {
  for (const [impairment, kind, share] of SHARES) {
    const line = new ImpairedLine({ ...impairment, seed: 7 }, 0);
    const out = through(line, 1000);
    const count = line.counts[kind];
    assertEquals(Math.abs(count - share) < 90, true, `${kind} ${count}`);
    const change = { dropped: -count, duplicated: count, reordered: 0 }[kind];
    assertEquals(out.length, 1000 + change);
    const late = out.filter((number, place) => number < out[place - 1]);
    assertEquals(late.length, kind === "reordered" ? count : 0);
    const twice = out.filter((number, place) => number === out[place - 1]);
    assertEquals(twice.length, kind === "duplicated" ? count : 0);
  }
});

Deno.test("the same seed does the same, and another something else", () => {
  const all = { dropPercent: 10, duplicatePercent: 10, reorderPercent: 10 };
  const run = (seed: number, direction: 0 | 1) =>
    through(new ImpairedLine({ ...all, seed }, direction), 200);
  assertEquals(run(1, 0), run(1, 0));
  assertNotEquals(run(1, 0), run(2, 0));
  assertNotEquals(run(1, 0), run(1, 1));
});

Deno.test("which are lost does not depend on what else befalls them", () => {
  const lost = (others: Impairment) => {
    const line = new ImpairedLine({ dropPercent: 20, ...others }, 0);
    const out = new Set(through(line, 100));
    return Array.from({ length: 100 }, (_, i) => i).filter((i) => !out.has(i));
  };
  assertEquals(lost({ duplicatePercent: 50, reorderPercent: 50 }), lost({}));
});

Deno.test("a packet waits to be overtaken for 100 ms, and no longer", () => {
  const line = new ImpairedLine({ delayMs: 10, reorderPercent: 100 }, 0);
  line.take(packet(1), 0);
  assertEquals(line.due(109), []);
  assertEquals(line.nextMs, 110);
  assertEquals(line.due(110).map(numberOf), [1]);
  assertEquals(line.counts.reordered, 0);
  line.take(packet(2), 200);
  line.take(packet(3), 250);
  assertEquals(line.due(260).map(numberOf), [3, 2]);
  assertEquals(line.counts.reordered, 1);
});

/** What hosts find each other with, and may not lose. */
const NEEDED: [string, Uint8Array][] = [
  [
    "ARP",
    buildPacket(
      ethernet(ETHERNET),
      arp({
        kind: "ethernetIPv4",
        operation: 1,
        senderHardwareAddress: ETHERNET.source,
        senderProtocolAddress: "10.9.1.1",
        targetProtocolAddress: "10.9.1.2",
      }),
    ),
  ],
  [
    "a group",
    buildPacket(
      ethernet({ ...ETHERNET, destination: "33:33:00:00:00:01" }),
      ipv6({ ...IPV6, destination: "ff02::1", protocol: 253 }),
    ),
  ],
  [
    "Neighbor Discovery",
    buildPacket(
      ethernet(ETHERNET),
      ipv6(IPV6),
      icmpv6({ kind: "neighborSolicitation", target: IPV6.destination }),
    ),
  ],
];

Deno.test("what hosts find each other with is late, and no more", () => {
  for (const [name, frame] of NEEDED) {
    const line = new ImpairedLine({ delayMs: 5, dropPercent: 100 }, 0);
    line.take(frame, 0);
    assertEquals(line.due(4).length, 0, name);
    assertEquals(line.due(5).length, 1, name);
    assertEquals(line.counts.taken, 0, name);
  }
  const line = new ImpairedLine({ dropPercent: 100 }, 0);
  const echo = icmpv6({ kind: "echoRequest", identifier: 1, sequence: 1 });
  line.take(buildPacket(ethernet(ETHERNET), ipv6(IPV6), echo), 0);
  assertEquals([line.nextMs, line.counts.dropped], [Infinity, 1]);
});
