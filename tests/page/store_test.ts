/** What the page holds. */

import { assertEquals, assertRejects } from "@std/assert";
import { isNoise, rowOf } from "../../lib/page/packet/row.ts";
import { readFile } from "../../lib/page/state/capture_file.ts";
import { Session } from "../../lib/page/state/session.ts";
import { linesOf } from "../../lib/page/state/streams.ts";
import { type NewPacket, PacketStore } from "../../lib/page/state/store.ts";
import { encodePcapHeader, encodePcapRecord } from "../../lib/capture/pcap.ts";
import { LINK_TYPE_RAW } from "../../lib/wire/link_types.ts";
import { dissect } from "../../lib/wire/packet/dissect.ts";

const HELLO = Uint8Array.fromHex(
  "4500001636dd000080fdfea701010164010101014869",
);

function at(timestampNs: bigint | undefined, bytes = HELLO): NewPacket {
  return {
    point: { name: "sender/eth0" },
    ...{ timestampNs, bytes, originalLength: bytes.length },
    ...{ linkType: LINK_TYPE_RAW, isOutgoing: true },
  };
}

const times = ({ packets }: PacketStore) =>
  packets.map(({ timestampNs, number }) => [timestampNs, number]);

Deno.test("packets are in the order of their times, equal ones as they came", () => {
  const store = new PacketStore();
  store.add([at(10n), at(30n)]);
  store.add([at(20n), at(10n), at(40n)]);
  assertEquals(times(store), [[10n, 1], [10n, 4], [20n, 3], [30n, 2], [
    40n,
    5,
  ]]);
});

Deno.test("a packet without a time stays where the file has it", () => {
  const store = new PacketStore();
  store.add([at(10n), at(undefined), at(20n)]);
  assertEquals(times(store), [[10n, 1], [undefined, 2], [20n, 3]]);
});

Deno.test("packets that are not kept are counted", () => {
  const store = new PacketStore(32);
  for (let time = 0n; time < 100n; time++) store.add([at(time)]);
  const { packets, missing } = store;
  assertEquals(packets.length + missing.forgotten, 100);
  assertEquals(packets.at(-1)?.timestampNs, 99n);
  store.setDropped(7);
  store.forget(3);
  assertEquals(store.missing.dropped, 7);
  assertEquals(packets.length + store.missing.forgotten, 103);
  store.clear();
  assertEquals([store.packets.length, store.missing.forgotten], [0, 0]);
});

Deno.test("the server's lines become packets at their places", () => {
  const store = new PacketStore();
  const files: string[] = [];
  const session = new Session(store, (name) => files.push(name));
  const points = [{ name: "a/eth0", linkType: 101, cable: 0, end: 0 }];
  for (
    const message of [
      {
        type: "lab",
        map: { name: "pair", description: "", hosts: [], cables: [] },
        call: "pair",
      },
      { type: "points", points },
      {
        type: "packets",
        count: 1,
        packets: [[0, "1795964549837079534", "outgoing", 22, HELLO.toBase64()]],
      },
      { type: "dropped", count: 4 },
      { type: "forgotten", count: 5 },
      { type: "file", name: "x.pcap" },
      { type: "ended" },
    ]
  ) session.take(JSON.stringify(message));
  const [packet] = store.packets;
  assertEquals(packet.point.name, "a/eth0");
  assertEquals(packet.timestampNs, 1795964549837079534n);
  assertEquals([packet.bytes, packet.isOutgoing], [HELLO, true]);
  assertEquals(store.missing, { dropped: 4, forgotten: 5 });
  assertEquals(session.source.kind, "lab");
  assertEquals([session.source.isLive, files], [false, ["x.pcap"]]);
});

Deno.test("lines are whole, wherever the stream is cut", async () => {
  const octets = new TextEncoder().encode("é1\né2\n\nrest");
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      for (const octet of octets) controller.enqueue(Uint8Array.of(octet));
      controller.close();
    },
  });
  assertEquals(await Array.fromAsync(linesOf(stream)), ["é1", "é2", ""]);
});

Deno.test("a damaged file gives what came before the damage, and the reason", async () => {
  const store = new PacketStore();
  const record = encodePcapRecord({ timestampNs: 5n, bytes: HELLO });
  async function* chunks() {
    yield encodePcapHeader(LINK_TYPE_RAW);
    yield record;
    yield record.subarray(0, 20);
  }
  let pauses = 0;
  const pause = () => Promise.resolve(void pauses++);
  await assertRejects(
    () => readFile(chunks(), "x.pcap", store, pause),
    Error,
    "20 of the 38 octets",
  );
  assertEquals(store.packets.length, 1);
  assertEquals(store.packets[0].point.name, "x.pcap");
});

Deno.test("a row has the protocol's letter, and is safe whatever it holds", () => {
  const [hello] = new PacketStore().add([at(1n)]);
  const { letter, protocol, summary } = rowOf(hello);
  assertEquals([letter, protocol], ["X", "ipv4"]);
  assertEquals(summary, "IP 1.1.1.100 > 1.1.1.1: ip-proto-253 2");
});

Deno.test("what hosts send by themselves is noise, and nothing that was asked", () => {
  const NOISE: [isNoise: boolean, hex: string, what: string][] = [
    [
      true,
      "6000000000240001fe800000000000001cb9fffffede2c90ff02000000000000" +
      "00000000000000163a000502000001008f000000000000010400000" +
      "0ff0200000000000000000001ffde2c90",
      "a listener report",
    ],
    [
      true,
      "6000000000083afffe800000000000001cb9fffffede2c90ff02000000000000" +
      "00000000000000028500000000000000",
      "a router solicitation",
    ],
    [
      false,
      "6000000000183affNONE".replace(
        "NONE",
        "20010db8000000000000000000000100ff0200000000000000000001ff000001" +
          "870000000000000020010db8000000000000000000000001",
      ),
      "a neighbour that is looked for",
    ],
    [
      true,
      "6000000000183aff" + "00".repeat(16) +
      "ff0200000000000000000001ff000001" +
      "870000000000000020010db8000000000000000000000001",
      "a double that is looked for",
    ],
    [false, HELLO.toHex(), "a hello"],
  ];
  for (const [wanted, hex, what] of NOISE) {
    assertEquals(isNoise(dissect(Uint8Array.fromHex(hex))), wanted, what);
  }
});
