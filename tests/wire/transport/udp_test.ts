import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import {
  checkUDP,
  decodeUDP,
  encodeUDP,
  UDP,
  udp,
  type UDPHeader,
} from "../../../lib/wire/transport/udp.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";
import {
  assertFuzz,
  assertPrefixes,
  assertRanges,
  assertRoundTrip,
  type Codec,
} from "../codec_checks.ts";
import { linesOf } from "../field_checks.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const ENDS4 = { source: "192.0.2.1", destination: "192.0.2.2" };
const ENDS6 = { source: "2001:db8::1", destination: "2001:db8::2" };

const codec: Codec<UDPHeader> = {
  decode: decodeUDP,
  encode: encodeUDP,
  describe: UDP.describe,
  check: (octets) =>
    checkUDP(octets, decodeUDP(octets), { ...ENDS4, length: octets.length }),
};

/**
 * Of the Wireshark wiki's sample captures: the first packet of NTP_sync.pcap,
 * by which a Windows host looks for a time server.
 */
const NTP_SYNC = "4500003d0a41000080117cebc0a83232c0a80001" +
  "04020035002901ab" +
  "002b01000001000000000000" + "02757304706f6f6c036e7470036f726700" +
  "00010001";

/** Octets, the header that they are, and the payload behind it. */
const GOOD: [hex: string, header: UDPHeader, payload: string][] = [
  [
    "04020035000a01ab" + "002b",
    { sourcePort: 1026, destinationPort: 53, length: 10, checksum: 0x01ab },
    "002b",
  ],
  [
    "0000000000080000",
    { sourcePort: 0, destinationPort: 0, length: 8, checksum: 0 },
    "",
  ],
  [
    "ffffffffffffffff" + "a5",
    {
      sourcePort: 0xffff,
      destinationPort: 0xffff,
      length: 0xffff,
      checksum: 0xffff,
    },
    "a5",
  ],
];

Deno.test("encodeUDP() and decodeUDP() of known octets", () => {
  for (const [hex, header, payload] of GOOD) {
    assertRoundTrip(codec, hex, header, payload);
  }
});

Deno.test("a captured datagram is built again, and has no problem", () => {
  const packet = bytes(NTP_SYNC);
  const [ip, datagram] = dissect(packet).layers;
  assert(ip.protocol === "ipv4" && datagram.protocol === "udp");
  assertEquals(datagram.header, {
    sourcePort: 1026,
    destinationPort: 53,
    length: 41,
    checksum: 0x01ab,
  });
  assertEquals(dissect(packet).problems, []);
  const { totalLength: _, checksum: __, protocol: ___, ...fields } = ip.header;
  const built = buildPacket(
    ipv4(fields),
    udp({ sourcePort: 1026, destinationPort: 53 }),
    packet.subarray(28),
  );
  assertEquals(built.toHex(), NTP_SYNC);
});

Deno.test("encodeUDP() sends a computed checksum of 0 as 0xffff", () => {
  const fields = { sourcePort: 1, destinationPort: 2 };
  for (const addresses of [ENDS4, ENDS6]) {
    // What the checksum is without it makes the sum all ones with it.
    const first = encodeUDP(fields, bytes("0000"), addresses);
    const payload = first.slice(6, 8);
    const datagram = encodeUDP(fields, payload, addresses);
    assertEquals(datagram.subarray(6).toHex(), "ffff" + payload.toHex());
    const decoded = decodeUDP(datagram);
    const outside = { ...addresses, length: datagram.length };
    assertEquals(checkUDP(datagram, decoded, outside), []);
    const given = encodeUDP({ ...fields, checksum: 0 }, payload, addresses);
    assertEquals(given.subarray(6, 8).toHex(), "0000", "given is given");
  }
  assertEquals(encodeUDP(fields).toHex(), "0001000200080000");
});

Deno.test("decodeUDP() of every truncated prefix", () => {
  for (const [hex] of GOOD) assertPrefixes(codec, hex, 8);
  const { payload, missing } = decodeUDP(bytes("0001000200090000" + "aabb"));
  assertEquals([payload.toHex(), missing], ["aa", 0], "a trailing octet");
});

Deno.test("decodeUDP() refuses structural faults", () => {
  for (const length of [0, 1, 7]) {
    assertThrows(
      () => decodeUDP(bytes(`00010002000${length}0000`)),
      Error,
      `udp length at octet 4: is ${length} octets, less than the header's 8`,
    );
  }
});

Deno.test("encodeUDP() refuses what does not fit", () => {
  const zero: UDPHeader = {
    sourcePort: 0,
    destinationPort: 0,
    length: 0,
    checksum: 0,
  };
  assertRanges("UDP", (changed) => encodeUDP({ ...zero, ...changed }), [
    ["sourcePort", 0, 16],
    ["destinationPort", 16, 16],
    ["length", 32, 16],
    ["checksum", 48, 16],
  ]);
  assertEquals(encodeUDP(zero, new Uint8Array(65_527)).length, 65_535);
  assertThrows(
    () => encodeUDP(zero, new Uint8Array(65_528)),
    RangeError,
    "UDP header and payload, in octets, must be a whole number from 8 to 65535",
  );
});

/** Changed fields over IPv4 and over IPv6, and what is wrong with them. */
const PROBLEMS: [changed: object, over4: string[], over6: string[]][] = [
  [{}, [], []],
  [{ checksum: 0 }, [], ["6: is 0: over IPv6 there must be one"]],
  [
    { checksum: 1 },
    ["6: 0x0001 [incorrect, should be 0x3361]"],
    ["6: 0x0001 [incorrect, should be 0x5bf0]"],
  ],
  [
    { length: 12 },
    ["4: is 12 octets, of which 2 are missing"],
    ["4: is 12 octets, of which 2 are missing"],
  ],
  [{ length: 9 }, [], []],
];

Deno.test("dissect() tells what is wrong with a datagram", () => {
  for (const [changed, over4, over6] of PROBLEMS) {
    const layers = [
      udp({ sourcePort: 5, destinationPort: 7, ...changed }),
      "Hi",
    ] as const;
    const packets = [
      buildPacket(ipv4(ENDS4), ...layers),
      buildPacket(ipv6(ENDS6), ...layers),
    ];
    const found = packets.map((packet, i) =>
      dissect(packet).problems.map(({ layer, offset, reason }) => {
        assertEquals(layer, "udp");
        return `${offset - (i === 0 ? 20 : 40)}: ${reason}`;
      })
    );
    assertEquals(found, [over4, over6], JSON.stringify(changed));
  }
});

Deno.test("dissect() does not check the datagram of a fragment", () => {
  const packet = buildPacket(
    ipv4({ ...ENDS4, moreFragments: true }),
    udp({ sourcePort: 5, destinationPort: 7, length: 99, checksum: 9 }),
    "12345678",
  );
  const { layers, problems } = dissect(packet);
  assertEquals(layers.map(({ protocol }) => protocol), ["ipv4", "udp", "data"]);
  assertEquals(problems, []);
});

Deno.test("UDP words a header as Wireshark does", () => {
  const outside = { ...ENDS4, length: 10 };
  const lines = (changed: object, over: object = outside) => {
    const fields = { sourcePort: 40000, destinationPort: 7, ...changed };
    const octets = encodeUDP(fields, bytes("4869"), ENDS4);
    const { header } = decodeUDP(octets);
    return linesOf(UDP.describe(octets, header, over as typeof outside));
  };
  assertEquals(lines({}), [
    "Source Port: 40000",
    "Destination Port: 7",
    "Length: 10",
    "Checksum: 0x9725 [correct]",
  ]);
  const checksums: [changed: object, text: string, over?: object][] = [
    [{ checksum: 1 }, "0x0001 [incorrect, should be 0x9725]"],
    [{ checksum: 0 }, "0x0000 [zero-value ignored]"],
    [
      { checksum: 0 },
      "0x0000 [zero-value illegal over IPv6]",
      { ...ENDS6, length: 10 },
    ],
    [{ length: 11, checksum: 1 }, "0x0001 [unverified]"],
  ];
  for (const [changed, text, over] of checksums) {
    assertEquals(lines(changed, over)[3], `Checksum: ${text}`);
  }
  const { header } = decodeUDP(bytes(NTP_SYNC).subarray(20));
  assertEquals(
    linesOf(UDP.describe(bytes(""), header)).at(-1),
    "Checksum: 0x01ab [unverified]",
  );
  assertEquals(
    UDP.title(header, 0),
    "User Datagram Protocol, Src Port: 1026, Dst Port: 53",
  );
});

Deno.test("a computed checksum is right over IPv4 and IPv6", () => {
  const random = seededRandom(768);
  for (let i = 0; i < 2000; i++) {
    const packet = buildPacket(
      i % 2 === 0 ? ipv4(ENDS4) : ipv6(ENDS6),
      udp({
        sourcePort: randomInt(random, 1024, 0xffff),
        destinationPort: randomInt(random, 1024, 0xffff),
      }),
      randomBytes(random, randomInt(random, 0, 50)),
    );
    const found = dissect(packet).problems;
    assertEquals(found, [], packet.toHex());
  }
});

Deno.test("decodeUDP() of 20,000 inputs", () => {
  assertFuzz(codec, [...GOOD.map(([hex]) => hex), NTP_SYNC.slice(40)], 17);
});
