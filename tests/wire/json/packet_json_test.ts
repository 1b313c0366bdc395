import { assertEquals, assertThrows } from "@std/assert";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import {
  linkTypeFromJSON,
  packetFromJSON,
} from "../../../lib/wire/json/packet_from_json.ts";
import { packetToJSON } from "../../../lib/wire/json/packet_json.ts";
import {
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";
import { hostileOctets } from "../../render/packets.ts";

/** As it is after it has been JSON. */
function throughJSON(bytes: Uint8Array, linkType: number): unknown {
  const plain = packetToJSON(bytes, dissect(bytes, { linkType }), {
    offsets: true,
  });
  return JSON.parse(JSON.stringify(plain));
}

Deno.test("packetFromJSON() builds what packetToJSON() wrote, of anything", () => {
  const random = seededRandom(75);
  for (let i = 0; i < 10_000; i++) {
    const bytes = hostileOctets(random);
    assertEquals(packetFromJSON(throughJSON(bytes, 101)), bytes);
  }
});

/** Each is a head that the dissector follows, before octets at random. */
const HEADS: readonly (readonly [linkType: number, hex: string])[] = [
  [1, "ffffffffffff0200000000010806"],
  [1, "ffffffffffff02000000000108060001080006040001"],
  [1, "ffffffffffff0200000000018100006488a800010800"],
  [1, "ffffffffffff0200000000010020aaaa03000000"],
  [1, "ffffffffffff02000000000186dd"],
  [101, "6000000000083afffe800000000000000000000000000001".padEnd(80, "0")],
  [101, "60000000002800fffe800000000000000000000000000001".padEnd(80, "0")],
  [101, "6000000000201106fe800000000000000000000000000001".padEnd(80, "0")],
  [113, "000400010006" + "0200000000010000" + "0800"],
  [113, "000403040006" + "0000000000000000" + "1234"],
  [276, "86dd0000" + "00000002" + "0001" + "0406" + "0200000000010000"],
  [0, "02000000"],
  [108, "00000002"],
  // Names, configuration, and a group's report of sources.
  [101, "450000300000000040110000c0000201c0000202" + "003500350000"],
  [101, "450001300000000040110000c0000201c0000202" + "004400430000"],
  [101, "450000300000000001020000c0000201e0000016" + "22000000" + "00000001"],
  [101, "450000300000000001020000c0000201e0000001" + "11640000" + "00000000"],
  [101, "4500003000000000402f0000c0000201c0000202" + "b0000800"],
  ...["01", "02", "06", "11", "04", "29", "2f"].map((protocol) =>
    [101, `45000030000000004${0}${protocol}0000c0000201c0000202`] as const
  ),
];

Deno.test("packetFromJSON() builds random messages of every protocol again", () => {
  const random = seededRandom(76);
  for (let i = 0; i < 20_000; i++) {
    const [linkType, hex] = randomOf(random, HEADS);
    const head = Uint8Array.fromHex(hex);
    const rest = randomBytes(random, randomInt(random, 0, 90));
    // Types that are known are few.
    if (rest.length > 0 && random() < 0.8) {
      rest[0] = randomOf(random, [
        ...[0, 1, 3, 4, 5, 8, 9, 10, 11, 12, 13, 17, 43, 44, 51, 60, 128],
        ...[2, 129, 133, 134, 135, 136, 137, 0x45, 0x60],
        ...[0x11, 0x12, 0x16, 0x22, 0x20, 0xb0],
      ]);
    }
    const bytes = Uint8Array.of(...head, ...rest);
    const plain = throughJSON(bytes, linkType);
    assertEquals(packetFromJSON(plain), bytes, bytes.toHex());
  }
});

Deno.test("packetToJSON() keeps the octets of what is only named as data", () => {
  const ipv4 = { source: "192.0.2.1", destination: "192.0.2.2" };
  const query = "002b01000001000000000000" + "00" + "00010001";
  const layers = [{ ipv4 }, { udp: { destinationPort: 53 } }, { data: query }];
  const bytes = packetFromJSON({ layers });
  assertEquals(dissect(bytes).layers.at(-1)?.protocol, "dns");
  const last = packetToJSON(bytes, dissect(bytes)).layers.at(-1);
  assertEquals([last?.protocol, last?.fields], ["data", { hex: query }]);
  assertEquals(packetFromJSON(throughJSON(bytes, 101)), bytes);
});

Deno.test("linkTypeFromJSON() tells what a packet begins with", () => {
  const address = "0200000000010000";
  const cooked = { packetType: 4, hardwareType: 1, addressLength: 6, address };
  const LINK_TYPES: [outermost: unknown, linkType: number][] = [
    [{ ethernet: {} }, 1],
    [{ sll: cooked }, 113],
    [{ sll2: { ...cooked, reserved: 0, interfaceIndex: 2 } }, 276],
    [{ loopback: { family: 2, littleEndian: true } }, 0],
    [{ loopback: { family: 2, littleEndian: false } }, 108],
  ];
  const ip = { ipv4: { destination: "192.0.2.2", protocol: 253 } };
  assertEquals(linkTypeFromJSON({ layers: [ip] }), 101);
  // What was captured says it itself, whatever could be decoded of it.
  assertEquals(
    linkTypeFromJSON({ layers: [{ data: "00" }], linkType: 147 }),
    147,
  );
  assertThrows(
    () => linkTypeFromJSON({ layers: [], linkType: "raw" }),
    TypeError,
  );
  for (const [outermost, expected] of LINK_TYPES) {
    const description = { layers: [outermost, ip] };
    const linkType = linkTypeFromJSON(description);
    assertEquals(linkType, expected);
    const { layers, problems } = dissect(packetFromJSON(description), {
      linkType,
    });
    assertEquals([layers.at(1)?.protocol, problems], ["ipv4", []]);
  }
});

Deno.test("packetFromJSON() computes what is left out", () => {
  const ipv4 = { source: "192.0.2.1", destination: "192.0.2.2" };
  const GOOD: [layers: unknown[], protocols: string[]][] = [
    [[{ ipv4 }, { udp: { destinationPort: 7 } }, { data: "48 69" }], [
      "ipv4",
      "udp",
      "data",
    ]],
    [
      [{ ethernet: {} }, { ipv4 }, { icmpv4: { kind: "echoRequest" } }],
      ["ethernet", "ipv4", "icmpv4"],
    ],
    [
      [{ ipv4 }, { icmpv4: { kind: "echoReply", payload: "00" } }],
      ["ipv4", "icmpv4", "data"],
    ],
    [
      [{ ethernet: {} }, {
        arp: {
          operation: 1,
          senderProtocolAddress: "192.0.2.1",
          targetProtocolAddress: "192.0.2.2",
        },
      }],
      ["ethernet", "arp"],
    ],
    [
      [{ ipv4: { ...ipv4, protocol: 253 } }, { data: { text: "é" } }, {
        trailer: { hex: "0000" },
      }],
      ["ipv4", "data"],
    ],
  ];
  for (const [layers, protocols] of GOOD) {
    const bytes = packetFromJSON({ layers });
    const linkType = protocols[0] === "ethernet" ? 1 : 101;
    const { layers: found, problems } = dissect(bytes, { linkType });
    assertEquals(found.map(({ protocol }) => protocol), protocols);
    assertEquals(problems, []);
  }
});

Deno.test("packetFromJSON() says what is wrong with a description", () => {
  const destination = "192.0.2.2";
  const BAD: [description: unknown, reason: string][] = [
    [null, "the packet must be an object, but is null"],
    [[], "the packet must be an object, but is []"],
    [{}, "layers must be a list, but is nothing"],
    [{ layer: [] }, 'the packet: "layer" is unknown; did you mean "layers"?'],
    [{ layers: [7] }, "layers[0] must be an object, but is 7"],
    [{ layers: [{}] }, "layers[0] must be one protocol, but is {}"],
    [
      { layers: [{ ipv5: {} }] },
      'layers[0]: "ipv5" is unknown; did you mean "ipv4"?',
    ],
    [
      { layers: [{ ipv4: { destination, tll: 3 } }] },
      'layers[0] ipv4: "tll" is unknown; did you mean "ttl"?',
    ],
    [
      { layers: [{ ipv4: {} }] },
      'layers[0] ipv4 needs the field "destination"',
    ],
    [
      { layers: [{ ipv4: { destination, ttl: "3" } }] },
      'layers[0] ipv4.ttl must be a number, but is "3"',
    ],
    [
      { layers: [{ ipv4: { destination, dontFragment: 1 } }] },
      "layers[0] ipv4.dontFragment must be true or false, but is 1",
    ],
    [
      { layers: [{ ipv4: { destination, options: "0g" } }] },
      'layers[0] ipv4.options: hex line 1, column 2: "g" is no hexadecimal',
    ],
    [
      { layers: [{ icmpv4: { kind: "echo" } }] },
      'layers[0] icmpv4 kind: "echo" is unknown; known are echoRequest',
    ],
    [
      { layers: [{ icmpv4: {} }] },
      "layers[0] icmpv4 kind must be one of echoRequest,",
    ],
    [
      { layers: [{ ethernet: { vlanTags: [{ vid: 1 }, { pcp: 1 }] } }] },
      'layers[0] ethernet.vlanTags[1] needs the field "vid"',
    ],
    [
      { layers: [{ ipv4: { destination } }, { data: "00" }] },
      "IPv4 protocol cannot be computed",
    ],
    [{ layers: [{ data: { __proto__: 1, constructor: 1 } }] }, "is unknown"],
  ];
  for (const [description, reason] of BAD) {
    assertThrows(() => packetFromJSON(description), TypeError, reason);
  }
  for (const fields of [{ ttl: 256 }, { ttl: 1.5 }, { source: "1.1.1" }]) {
    const layers = [{ ipv4: { destination, protocol: 1, ...fields } }];
    assertThrows(() => packetFromJSON({ layers }), RangeError);
  }
});
