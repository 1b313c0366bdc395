import {
  ipv4,
  type IPv4LayerFields,
} from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import type { PacketLayer } from "../../../lib/wire/packet/protocol.ts";
import { arp } from "../../../lib/wire/link/arp_protocol.ts";
import { ethernet } from "../../../lib/wire/link/ethernet_protocol.ts";
import {
  assertEquals,
  assertNotEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { tcp } from "../../../lib/wire/transport/tcp_protocol.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);

const PAIR: IPv4LayerFields = {
  source: "1.1.1.100",
  destination: "1.1.1.1",
  protocol: 253,
  ttl: 128,
};

const HELLO = "48656c6c6f20576f726c6421";
const OUTER = { source: "192.0.2.1", destination: "192.0.2.2" };

/** Layers, and the packet they make. */
const GOOD: [
  name: string,
  layers: (PacketLayer | Uint8Array | string)[],
  hex: string,
][] = [
  [
    // With the checksum that Wireshark wants: 0x32d1.
    "example 1 of the third seed, the sender's capture",
    [ipv4({ ...PAIR, identification: 0x02aa }), "Hello World!"],
    "4500002002aa000080fd32d10101016401010101" + HELLO,
  ],
  [
    "the same from the receiver's capture",
    [ipv4({ ...PAIR, identification: 0x0a76 }), bytes(HELLO)],
    "450000200a76000080fd2b050101016401010101" + HELLO,
  ],
  [
    "a header alone",
    [ipv4(PAIR)],
    "450000140000000080fd35870101016401010101",
  ],
  [
    "IPv4 in IPv4: protocol 4 and the length follow from what is inside",
    [ipv4(OUTER), ipv4(PAIR), "Hi"],
    "4500002a000000004004f6ccc0000201c0000202" +
    "450000160000000080fd3585" + "0101016401010101" + "4869",
  ],
  [
    "what was given is not computed",
    [
      ipv4({ ...OUTER, protocol: 1, totalLength: 9, checksum: 0xabcd }),
      ipv4(PAIR),
    ],
    "45000009000000004001abcdc0000201c0000202" +
    "450000140000000080fd3587" + "0101016401010101",
  ],
  ["text is UTF-8", ["é€"], "c3a9e282ac"],
  [
    "octets and text join",
    [bytes("0102"), "a", bytes(""), "", "b"],
    "01026162",
  ],
  [
    "octets before a header",
    [bytes("ffee"), ipv4(PAIR)],
    "ffee" +
    "450000140000000080fd35870101016401010101",
  ],
  ["nothing", [], ""],
];

Deno.test("buildPacket() computes lengths, checksums and protocol numbers", () => {
  for (const [name, layers, hex] of GOOD) {
    assertEquals(buildPacket(...layers).toHex(), hex, name);
  }
});

Deno.test("buildPacket() asks for a protocol number that follows from nothing", () => {
  const bare = ipv4({ destination: "1.1.1.1" });
  const none = ipv4({ destination: "1.1.1.1", protocol: undefined });
  const bad = [
    [bare],
    [none],
    [bare, "text"],
    [bare, bytes("00")],
    [bare, "", ipv4(PAIR)],
  ];
  for (const layers of bad) {
    assertThrows(
      () => buildPacket(...layers),
      TypeError,
      "IPv4 protocol cannot be computed",
    );
  }
});

Deno.test("buildPacket() refuses values that do not fit", () => {
  const payload = new Uint8Array(65_516);
  assertThrows(
    () => buildPacket(ipv4({ ...PAIR, ttl: 256 })),
    RangeError,
    "IPv4 ttl must be a whole number from 0 to 255, but is 256",
  );
  assertThrows(() => buildPacket(ipv4(PAIR), payload), RangeError, "65536");
  assertThrows(
    () => buildPacket(ipv4(PAIR), ipv4(PAIR), payload.subarray(0, 65_500)),
    RangeError,
    "but is 65540",
  );
});

Deno.test("buildPacket() neither changes its input nor shares its memory", () => {
  const options = bytes("94040000");
  const payload = bytes("ffee0102").subarray(2);
  const fields = Object.freeze({ ...PAIR, options });
  const layer = ipv4(fields);
  const first = buildPacket(layer, payload);
  const hex = first.toHex();
  first.fill(0xff);
  assertStrictEquals(buildPacket(layer, payload).toHex(), hex, "used again");
  const alone = buildPacket(payload);
  assertNotEquals(alone.buffer, payload.buffer);
  alone.fill(0xff);
  assertEquals([options.toHex(), payload.toHex()], ["94040000", "0102"]);
});

Deno.test("ipv4() is the layer that its number announces", () => {
  const { protocol, ipProtocol, encode } = ipv4(PAIR);
  assertEquals([protocol, ipProtocol], ["ipv4", 4]);
  // A further protocol needs no more than a number of its own.
  const own: PacketLayer = {
    protocol: "own",
    ipProtocol: 99,
    encode: (payload) => Uint8Array.of(0xaa, ...payload),
  };
  const announced = ipv4({ ...PAIR, protocol: undefined });
  const packet = buildPacket(announced, own, bytes("bb"));
  assertEquals([packet[9], packet.subarray(20).toHex()], [99, "aabb"]);
  assertEquals(encode(bytes("bb"), own)[9], 253);
});

Deno.test("ethernet() follows from its neighbours", () => {
  const ends = { source: "2001:db8::1", destination: "2001:db8::2" };
  const inside: [PacketLayer, etherType: string][] = [
    [ipv4(PAIR), "0800"],
    [ipv6({ ...ends, protocol: 59 }), "86dd"],
    [
      arp({
        kind: "ethernetIPv4",
        operation: 1,
        senderProtocolAddress: "192.0.2.1",
        targetProtocolAddress: "192.0.2.2",
      }),
      "0806",
    ],
  ];
  for (const [layer, etherType] of inside) {
    const frame = buildPacket(ethernet({}), layer);
    assertEquals(frame.subarray(12, 14).toHex(), etherType);
    const tagged = buildPacket(ethernet({ vlanTags: [{ vid: 5 }] }), layer);
    assertEquals(tagged.subarray(12, 18).toHex(), `81000005${etherType}`);
    const given = buildPacket(ethernet({ typeOrLength: 0x1234 }), layer);
    assertEquals(given.subarray(12, 14).toHex(), "1234");
    assertEquals(given.subarray(14), frame.subarray(14));
  }
  for (const rest of [[], ["text"]]) {
    assertThrows(
      () => buildPacket(ethernet({}), ...rest),
      TypeError,
      "Ethernet typeOrLength cannot be computed: the next layer has no " +
        "EtherType, so give ethernet({ typeOrLength: … })",
    );
  }
});

Deno.test("buildPacket() computes no checksum without addresses, and says so", () => {
  const PORTS = { sourcePort: 40_000, destinationPort: 9 };
  for (const layer of [tcp(PORTS), udp(PORTS)]) {
    const name = layer.protocol;
    assertThrows(
      () => buildPacket(layer, "Hi"),
      TypeError,
      `${name} checksum cannot be computed: it covers the addresses of the IP ` +
        `header outside, so put ipv4({ … }) before ${name}({ … }), or let a ` +
        `raw socket send the layers themselves, or give ` +
        `${name}({ checksum: 0 })`,
    );
  }
  assertEquals(buildPacket(udp({ ...PORTS, checksum: 0 })).length, 8);
});
