/** The same packet on several cables. */

import { assertEquals } from "@std/assert";
import { type Journey, journeyOf } from "../../lib/page/packet/journey.ts";
import { PacketStore, type Point } from "../../lib/page/state/store.ts";
import { LINK_TYPE_RAW } from "../../lib/wire/link_types.ts";
import { buildPacket } from "../../lib/wire/packet/build.ts";
import { fragmentIPv4 } from "../../lib/wire/packet/fragment.ts";
import { icmpv4, ipv4, udp } from "../../lib/wire/packet/layers.ts";

const POINTS: Point[] = ["a/eth0", "b/eth1", "c/eth1"].map((name) => ({
  name,
}));

/** A store of packets, each with the index of its point, a microsecond apart. */
function seen(packets: [point: number, bytes: Uint8Array<ArrayBuffer>][]) {
  return new PacketStore().add(packets.map(([at, bytes], i) => ({
    point: POINTS[at],
    timestampNs: BigInt(i) * 1000n,
    isOutgoing: true,
    ...{ bytes, originalLength: bytes.length, linkType: LINK_TYPE_RAW },
  })));
}

function echo(ttl: number, sequence = 1, fields = {}) {
  return buildPacket(
    ipv4({ source: "10.9.1.1", destination: "10.9.3.2", ttl, ...fields }),
    icmpv4({ kind: "echoRequest", identifier: 7, sequence }),
    "raw4",
  );
}

const told = ({ stages }: Journey) =>
  stages.map(({ packet, fragments, changes }) => [
    packet.point.name,
    fragments.length,
    changes.map(({ label }) => label).join(", "),
  ]);

Deno.test("each router's change is told, and other packets are not taken for it", () => {
  const packets = seen([
    [0, echo(64)],
    [0, echo(64, 2)],
    [1, echo(63)],
    [1, echo(63, 2)],
    [2, echo(62, 1, { dscp: 4 })],
  ]);
  const wanted = [
    ["a/eth0", 1, ""],
    ["b/eth1", 1, "Time to Live, Header Checksum"],
    [
      "c/eth1",
      1,
      "Differentiated Services Field, Time to Live, Header Checksum",
    ],
  ];
  for (const at of [0, 2, 4]) {
    assertEquals(told(journeyOf(packets[at], packets)), wanted);
  }
  assertEquals(told(journeyOf(packets[1], packets)).length, 2);
});

Deno.test("a translated packet is the same, with another source", () => {
  const datagram = (source: string, ttl: number) =>
    buildPacket(
      ipv4({ source, destination: "10.9.3.2", ttl, identification: 9 }),
      udp({ sourcePort: 4253, destinationPort: 9 }),
      "raw4",
    );
  const packets = seen([
    [0, datagram("10.9.1.1", 64)],
    [1, datagram("10.9.9.9", 63)],
  ]);
  assertEquals(told(journeyOf(packets[0], packets))[1], [
    "b/eth1",
    1,
    "Time to Live, Header Checksum, Source Address, Checksum",
  ]);
});

Deno.test("fragments are the packet that they are of", () => {
  const whole = (ttl: number) =>
    buildPacket(
      ipv4({
        ...{ source: "10.9.1.1", destination: "10.9.3.2" },
        ...{ ttl, identification: 77 },
      }),
      udp({ destinationPort: 9 }),
      new Uint8Array(600),
    );
  const parts = fragmentIPv4(whole(63), 300);
  const packets = seen([
    [0, whole(64)],
    ...parts.map((bytes): [number, Uint8Array<ArrayBuffer>] => [
      1,
      new Uint8Array(bytes),
    ]),
  ]);
  const { stages: [, { fragments }] } = journeyOf(packets[0], packets);
  assertEquals(fragments.length, parts.length);
});

Deno.test("of one sent again the nearest in time counts", () => {
  const packets = seen([
    [0, echo(64)],
    [1, echo(63)],
    [0, echo(64)],
    [1, echo(63)],
  ]);
  const { stages } = journeyOf(packets[2], packets);
  assertEquals(stages.length, 2);
  assertEquals(stages.some(({ packet }) => packet === packets[2]), true);
  assertEquals(journeyOf(packets[0], packets).stages[1].packet, packets[1]);
});

Deno.test("what is no IP stays on its cable", () => {
  const packets = seen([[0, Uint8Array.of(1, 2)], [1, Uint8Array.of(1, 2)]]);
  assertEquals(journeyOf(packets[0], packets).stages.length, 1);
});

Deno.test("where packets are too many to look at, that is told", () => {
  const others = Array.from(
    { length: 30 },
    (_, i): [number, Uint8Array<ArrayBuffer>] => [0, echo(64, 100 + i)],
  );
  const packets = seen([[0, echo(64)], ...others, [1, echo(63)]]);
  const [first] = packets;
  assertEquals(journeyOf(first, packets).stages.length, 2);
  assertEquals(journeyOf(first, packets).isCut, false);
  assertEquals(journeyOf(first, packets, 31).isCut, false);
  const cut = journeyOf(first, packets, 30);
  assertEquals([cut.stages.length, cut.isCut], [1, true]);
  assertEquals(journeyOf(packets.at(-1)!, packets, 30).isCut, true);
});
