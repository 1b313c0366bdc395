import { assertEquals } from "@std/assert";
import type { CaptureFilePacket } from "../../lib/capture/packet.ts";
import { renderDissected } from "../../lib/render/dissected.ts";
import type { PlainLayer } from "../../lib/wire/packet_json.ts";
import { seededRandom } from "../random.ts";
import { hostileOctets, SEED, SEED_TIME_NS } from "./packets.ts";

function packet(
  bytes: Uint8Array<ArrayBuffer>,
  fields: Partial<CaptureFilePacket> = {},
): CaptureFilePacket {
  return {
    number: 1,
    timestampNs: SEED_TIME_NS,
    bytes,
    originalLength: bytes.length,
    linkType: 101,
    interfaceIndex: 0,
    ...fields,
  };
}

Deno.test("renderDissected() titles a packet with what its file tells", () => {
  const TITLES: [Partial<CaptureFilePacket>, string][] = [
    [{}, "Packet 1, 2016-03-29T22:48:42.432656000Z, 22 octets, Raw IP"],
    [{ timestampNs: undefined, number: 7 }, "Packet 7, 22 octets, Raw IP"],
    [
      { originalLength: 1500, linkType: 999 },
      "Packet 1, 2016-03-29T22:48:42.432656000Z, 22 of 1500 octets, " +
      "link type 999",
    ],
  ];
  for (const [fields, title] of TITLES) {
    const text = renderDissected(
      packet(Uint8Array.fromHex(SEED[1][0]), fields),
      {},
    );
    assertEquals(text.split("\n")[0], title);
    assertEquals(text.slice(-2), "\n\n");
  }
});

Deno.test("renderDissected() writes a packet as one line of JSON", () => {
  const bytes = Uint8Array.fromHex(`${SEED[1][0]}0000`);
  const text = renderDissected(packet(bytes, { originalLength: 60 }), {
    json: true,
  });
  assertEquals(text.indexOf("\n"), text.length - 1);
  assertEquals(JSON.parse(text), {
    number: 1,
    timestamp: "2016-03-29T22:48:42.432656000Z",
    length: 60,
    captured: 24,
    linkType: 101,
    layers: [
      {
        protocol: "ipv4",
        offset: 0,
        length: 20,
        fields: {
          version: 4,
          headerLength: 20,
          dscp: 0,
          ecn: 0,
          totalLength: 22,
          identification: 14045,
          reserved: false,
          dontFragment: false,
          moreFragments: false,
          fragmentOffset: 0,
          ttl: 128,
          protocol: 253,
          checksum: 0xfea7,
          source: "1.1.1.100",
          destination: "1.1.1.1",
          options: "",
        },
      },
      { protocol: "data", offset: 20, length: 2, fields: { hex: "4869" } },
      { protocol: "trailer", offset: 22, length: 2, fields: { hex: "0000" } },
    ],
    problems: [],
  });
});

Deno.test("renderDissected() says where the fields stand", () => {
  const bytes = Uint8Array.fromHex(SEED[1][0]);
  const text = renderDissected(packet(bytes), { json: true, offsets: true });
  const [{ offsets }] = JSON.parse(text).layers as PlainLayer[];
  const byName = Object.fromEntries(
    offsets!.flatMap((field) => [field, ...field.parts ?? []])
      .map(({ name, bitOffset, bitWidth }) => [name, [bitOffset, bitWidth]]),
  );
  assertEquals(byName.ttl, [64, 8]);
  assertEquals(byName.dontFragment, [49, 1]);
  assertEquals(byName.fragmentOffset, [51, 13]);
  const tree = renderDissected(packet(bytes), { offsets: true }).split("\n");
  assertEquals(
    tree.find((line) => line.includes("Time to Live")),
    "      8.0      8      Time to Live: 128",
  );
});

Deno.test("renderDissected() accounts for every octet of anything", () => {
  const random = seededRandom(73);
  for (let i = 0; i < 5000; i++) {
    const bytes = hostileOctets(random);
    for (const linkType of [101, 1, 276]) {
      const text = renderDissected(packet(bytes, { linkType }), {
        json: true,
        offsets: true,
      });
      let end = 0;
      for (const { offset, length } of JSON.parse(text).layers) {
        assertEquals(offset, end);
        end += length;
      }
      assertEquals(end, bytes.length, bytes.toHex());
    }
  }
});
