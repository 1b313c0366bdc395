import { assertEquals } from "@std/assert";
import type { CaptureFilePacket } from "../../../lib/capture/packet.ts";
import { renderDissected } from "../../../lib/render/packet/dissected.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ethernet } from "../../../lib/wire/link/ethernet_protocol.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import type { PlainLayer } from "../../../lib/wire/json/packet_json.ts";
import { seededRandom } from "../../random.ts";
import { hostileOctets, SEED, SEED_TIME_NS } from "../packets.ts";

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

Deno.test("renderDissected() tells a packet's interface, and what was remarked", () => {
  const remarked = packet(Uint8Array.fromHex(SEED[1][0]), {
    timestampNs: undefined,
    interfaceName: "a/eth0\x1b[2J",
    comment: "first\nsec\x07ond",
  });
  assertEquals(renderDissected(remarked, {}).split("\n").slice(0, 3), [
    "Packet 1, 22 octets, Raw IP, on a/eth0\\x1b[2J",
    "[Comment: first]",
    "[Comment: sec\\x07ond]",
  ]);
  const { device, comment } = JSON.parse(
    renderDissected(remarked, { json: true }),
  );
  assertEquals([device, comment], ["a/eth0\x1b[2J", "first\nsec\x07ond"]);
});

Deno.test("renderDissected() keeps titles within 80 columns", () => {
  const text = renderDissected(
    packet(Uint8Array.fromHex(SEED[1][0]), {
      number: 12_345_678,
      originalLength: 65_535,
      linkType: 276,
      timestampNs: (2n ** 63n - 1n) * 10n ** 9n,
    }),
    {},
  );
  assertEquals(text.split("\n").slice(0, 2), [
    "Packet 12345678, +292277026596-12-04T15:30:07.000000000Z, 22 of 65535 octets,",
    "    Linux cooked-mode capture v2",
  ]);
});

/** An Ethernet frame padded to 60 octets, with a frame check sequence. */
const FRAME = buildPacket(
  ethernet({ source: "02:00:00:00:00:01" }),
  ipv4({ source: "1.1.1.100", destination: "1.1.1.1" }),
  udp({ destinationPort: 9, length: 10 }),
  "Hihidden",
  new Uint8Array(10),
  Uint8Array.fromHex("deadbeef"),
);
FRAME.set([0, 36], 16);

/** The lines from the one that begins with `start` on. */
function from(start: RegExp, text: string): string[] {
  const lines = text.trimEnd().split("\n");
  return lines.slice(lines.findIndex((line) => start.test(line)));
}

Deno.test("renderDissected() shows what is behind all lengths", () => {
  const frame = packet(FRAME, { linkType: 1 });
  const text = renderDissected(frame, {});
  const shown = [
    "Data (2 bytes)",
    "0000  48 69                                             Hi",
    "Trailer (20 bytes)",
    "0000  68 69 64 64 65 6e 00 00 00 00 00 00 00 00 00 00   hidden..........",
    "0010  de ad be ef                                       ....",
  ];
  assertEquals(from(/^Data/, text).slice(0, 5), shown);
  const places = from(/ Data \(/, renderDissected(frame, { offsets: true }));
  assertEquals(
    places.filter((line) => !line.startsWith("00")).slice(0, 2),
    [
      "     42.0     16  Data (2 bytes)",
      "     44.0    160  Trailer (20 bytes)",
    ],
  );
  // What the file says to be a frame check sequence.
  const checked = renderDissected({ ...frame, fcsLength: 4 }, {
    offsets: true,
  });
  assertEquals(
    from(/Trailer/, checked).filter((line) => !line.startsWith("00"))
      .slice(0, 2),
    [
      "     44.0    128  Trailer (16 bytes)",
      "     60.0     32  Frame Check Sequence: 0xdeadbeef [unverified]",
    ],
  );
  const { layers, fcsLength } = JSON.parse(
    renderDissected({ ...frame, fcsLength: 4 }, { json: true }),
  );
  assertEquals([fcsLength, layers.at(-1)], [4, {
    protocol: "trailer",
    offset: 44,
    length: 20,
    fields: { hex: `68696464656e${"00".repeat(10)}deadbeef` },
  }]);
  // It was cut off with the packet's end, or as much of it as is missing.
  for (const [originalLength, rest] of [[68, ""], [66, "beef"]] as const) {
    const cut = renderDissected({ ...frame, fcsLength: 4, originalLength }, {});
    const line = cut.split("\n").find((line) => line.startsWith("Frame Check"));
    const wanted = rest && `Frame Check Sequence: 0x${rest} [unverified]`;
    assertEquals(line ?? "", wanted);
  }
});

Deno.test("a frame check sequence is no data", () => {
  // Without a length nothing else tells them apart.
  const frame = buildPacket(
    ethernet({ typeOrLength: 0x88b5 }),
    "Hi",
    Uint8Array.fromHex("deadbeef"),
  );
  const lines = renderDissected(
    packet(frame, { linkType: 1, fcsLength: 4 }),
    {},
  )
    .split("\n");
  assertEquals(lines.slice(-5), [
    "Data (2 bytes)",
    "0000  48 69                                             Hi",
    "Frame Check Sequence: 0xdeadbeef [unverified]",
    "",
    "",
  ]);
  for (let length = 0; length < 20; length++) {
    const cut = packet(frame.slice(0, length), { linkType: 1, fcsLength: 30 });
    renderDissected(cut, {});
    renderDissected(cut, { json: true, offsets: true });
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
