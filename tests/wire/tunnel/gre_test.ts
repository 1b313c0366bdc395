import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ethernet } from "../../../lib/wire/link/ethernet_protocol.ts";
import { assertEquals, assertThrows } from "@std/assert";
import { packetFromJSON } from "../../../lib/wire/json/packet_from_json.ts";
import { packetToJSON } from "../../../lib/wire/json/packet_json.ts";
import { setField } from "../../../lib/wire/json/set_field.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import {
  decodeGRE,
  encodeGRE,
  type GREHeader,
} from "../../../lib/wire/tunnel/gre.ts";
import {
  checkGRE,
  describeGRE,
  GRE,
  gre,
} from "../../../lib/wire/tunnel/gre_protocol.ts";
import {
  assertFuzz,
  assertPrefixes,
  assertRanges,
  assertRoundTrip,
  type Codec,
} from "../codec_checks.ts";
import { linesOf } from "../field_checks.ts";

/** That of an IP header outside: it makes no difference but that it is known. */
const OUTSIDE = { source: "192.0.2.1", destination: "192.0.2.2", length: 0 };

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const ENDS = { source: "192.0.2.1", destination: "192.0.2.2" };

const codec: Codec<GREHeader> = {
  decode: decodeGRE,
  encode: encodeGRE,
  describe: (octets, header) => describeGRE(octets, header, OUTSIDE),
  check: (octets) => checkGRE(octets, decodeGRE(octets), OUTSIDE),
};

const PLAIN: GREHeader = {
  hasChecksum: false,
  hasRouting: false,
  hasKey: false,
  hasSequence: false,
  reserved: 0,
  version: 0,
  protocol: 0x0800,
};

/** Octets, the header that they are, and the payload behind it. */
const GOOD: [hex: string, header: GREHeader, payload: string][] = [
  ["00000800" + "4500", PLAIN, "4500"],
  ["20000800" + "deadbeef", { ...PLAIN, hasKey: true, key: 0xdeadbeef }, ""],
  ["10006558" + "00000009" + "aa", {
    ...PLAIN,
    hasSequence: true,
    protocol: 0x6558,
    sequence: 9,
  }, "aa"],
  ["b00086dd" + "12345678" + "00000001" + "00000002" + "ff", {
    ...PLAIN,
    hasChecksum: true,
    hasKey: true,
    hasSequence: true,
    protocol: 0x86dd,
    checksum: 0x1234,
    reservedAfter: 0x5678,
    key: 1,
    sequence: 2,
  }, "ff"],
  // PPTP: a packet of four octets, and an acknowledgment alone.
  ["3081880b" + "0004" + "0063" + "00000005" + "00000006" + "ff030021", {
    ...PLAIN,
    hasKey: true,
    hasSequence: true,
    hasAcknowledgment: true,
    version: 1,
    protocol: 0x880b,
    payloadLength: 4,
    callID: 99,
    sequence: 5,
    acknowledgment: 6,
  }, "ff030021"],
  ["2081880b" + "0000" + "0063" + "00000006", {
    ...PLAIN,
    hasKey: true,
    hasAcknowledgment: true,
    version: 1,
    protocol: 0x880b,
    payloadLength: 0,
    callID: 99,
    acknowledgment: 6,
  }, ""],
  // A source route, and what nobody knows: nothing behind the word is read.
  ["c0000800" + "0102", {
    ...PLAIN,
    hasChecksum: true,
    hasRouting: true,
  }, "0102"],
  ["30820800" + "00000001", {
    ...PLAIN,
    hasKey: true,
    hasSequence: true,
    reserved: 16,
    version: 2,
  }, "00000001"],
];

Deno.test("encodeGRE() and decodeGRE() of each kind of header", () => {
  for (const [hex, header, payload] of GOOD) {
    assertRoundTrip(codec, hex, header, payload);
  }
});

Deno.test("a captured tunnel is dissected to the echo request inside", () => {
  // Between two Linux hosts; gopacket has it among its tests.
  const packet = bytes(
    "4500006c843c4000402f32d3c0a80101c0a80102" + "00000800" +
      "45000054048840004001dafeac100101ac100201" +
      "080082c412740001c892a35400000000380c000000000000" +
      "101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f" +
      "3031323334353637",
  );
  const { layers, problems } = dissect(packet);
  assertEquals(problems, []);
  assertEquals(
    layers.map(({ protocol, length }) => `${protocol}+${length}`),
    ["ipv4+20", "gre+4", "ipv4+20", "icmpv4+8", "data+56"],
  );
});

Deno.test("decodeGRE() of every truncated prefix", () => {
  for (const [hex, , payload] of GOOD) {
    assertPrefixes(codec, hex, (hex.length - payload.length) / 2);
  }
});

Deno.test("gre() follows from its neighbours, and its checksum is right", () => {
  const inner = [ipv4(ENDS), icmpv4({ kind: "echoRequest" }), "Hi"] as const;
  const tunnel = buildPacket(
    ipv4(ENDS),
    gre({ hasChecksum: true, key: 1, sequence: 2 }),
    ethernet({}),
    ...inner,
  );
  const { layers, problems } = dissect(tunnel);
  assertEquals(problems, []);
  assertEquals(layers.map(({ protocol }) => protocol), [
    "ipv4",
    "gre",
    "ethernet",
    "ipv4",
    "icmpv4",
    "data",
  ]);
  tunnel[tunnel.length - 1] ^= 1;
  assertEquals(
    dissect(tunnel).problems.map(({ layer, field }) => `${layer}.${field}`),
    ["gre.checksum", "icmpv4.checksum"],
  );
  assertThrows(
    () => buildPacket(ipv4(ENDS), gre({}), "Hi"),
    TypeError,
    "GRE protocol cannot be computed",
  );
});

Deno.test("encodeGRE() computes what version 1 has", () => {
  const packet = encodeGRE(
    { version: 1, protocol: 0x880b, callID: 7, acknowledgment: 9 },
    bytes("ff03"),
  );
  assertEquals(packet.toHex(), "2081880b" + "0002" + "0007" + "00000009ff03");
  const { header, payload, missing } = decodeGRE(
    bytes("2001880b" + "0001" + "0063" + "aabb"),
  );
  assertEquals([header.callID, payload.length, missing], [99, 1, 0]);
});

Deno.test("version 1's acknowledgment flag is one field, and its octets follow", () => {
  const packet = buildPacket(
    ipv4(ENDS),
    gre({ version: 1, protocol: 0x880b, callID: 7, acknowledgment: 9 }),
    bytes("ff039999"),
  );
  const described = packetToJSON(packet, dissect(packet));
  const set = (value: boolean, of: typeof described) =>
    packetFromJSON(setField(of, "gre.hasAcknowledgment", value));
  const without = set(false, described);
  assertEquals(
    without.subarray(20).toHex(),
    "2001880b" + "0004" + "0007" + "ff039999",
  );
  assertEquals(dissect(without).problems, []);
  const again = packetToJSON(without, dissect(without));
  assertEquals(
    set(true, again).subarray(20).toHex(),
    "2081880b" + "0004" + "0007" + "00000000" + "ff039999",
  );
  // Descriptions of before held the flag in `reserved`, too.
  for (const hasAcknowledgment of [true, false]) {
    const gre = { version: 1, protocol: 0x880b, reserved: 0x1ff };
    const built = packetFromJSON({
      layers: [{ gre: { ...gre, hasAcknowledgment } }],
    });
    const { header } = decodeGRE(built);
    assertEquals(built.length, hasAcknowledgment ? 12 : 8);
    assertEquals(header.hasAcknowledgment, hasAcknowledgment);
    assertEquals(header.reserved, 0x1ef);
  }
});

Deno.test("gre() inside UDP is dissected, its checksum checked", () => {
  const datagram = buildPacket(
    ipv4(ENDS),
    udp({ sourcePort: 50_000, destinationPort: 4754 }),
    gre({ hasChecksum: true }),
    ipv4(ENDS),
    icmpv4({ kind: "echoRequest" }),
  );
  const { layers, problems } = dissect(datagram);
  assertEquals(problems, []);
  assertEquals(
    layers.map(({ protocol }) => protocol),
    ["ipv4", "udp", "gre", "ipv4", "icmpv4"],
  );
  datagram[datagram.length - 1] ^= 1;
  assertEquals(
    dissect(datagram).problems.map(({ layer }) => layer),
    ["udp", "gre", "icmpv4"],
  );
});

Deno.test("encodeGRE() refuses what does not fit", () => {
  const zero = { ...PLAIN, protocol: 0 };
  assertRanges("GRE", (changed) => encodeGRE({ ...zero, ...changed }), [
    ["reserved", 4, 9],
    ["version", 13, 3],
    ["protocol", 16, 16],
  ]);
  const bad: [object, string][] = [
    [{ hasChecksum: true, checksum: 65_536 }, "GRE checksum must be"],
    [{ hasChecksum: true, reservedAfter: -1 }, "GRE reservedAfter must be"],
    [{ hasKey: true, key: 2 ** 32 }, "GRE key must be"],
    [{ hasSequence: true, sequence: 0.5 }, "GRE sequence must be"],
    [{ version: 1, hasKey: true, callID: 65_536 }, "GRE callID must be"],
    [
      { version: 1, hasKey: true, payloadLength: 65_536 },
      "GRE payloadLength must be",
    ],
    [{ version: 1, acknowledgment: 2 ** 32 }, "GRE acknowledgment must be"],
  ];
  for (const [changed, message] of bad) {
    assertThrows(() => encodeGRE({ ...zero, ...changed }), RangeError, message);
  }
});

Deno.test("checkGRE() and describeGRE() tell what there is", () => {
  assertEquals(
    GOOD.map(([hex]) => codec.check(bytes(hex)).map(({ field }) => field)),
    [[], [], [], ["checksum"], [], [], ["hasRouting"], ["version"]],
  );
  const octets = bytes(GOOD[3][0]);
  assertEquals(linesOf(describeGRE(octets, GOOD[3][1])), [
    "Checksum Bit: Yes",
    "Routing Bit: No",
    "Key Bit: Yes",
    "Sequence Number Bit: Yes",
    "Flags (Reserved): 0x000",
    "Version: GRE (0)",
    "Protocol Type: IPv6 (0x86dd)",
    "Checksum: 0x1234 [unverified]",
    "Offset: 22136",
    "Key: 0x00000001",
    "Sequence Number: 2",
  ]);
  assertEquals(linesOf(describeGRE(bytes(GOOD[4][0]), GOOD[4][1])), [
    "Checksum Bit: No",
    "Routing Bit: No",
    "Key Bit: Yes",
    "Sequence Number Bit: Yes",
    "Flags: 0x010",
    "  Acknowledgment: Yes",
    "Version: PPTP (1)",
    "Protocol Type: PPP (0x880b)",
    "Payload Length: 4",
    "Call ID: 99",
    "Sequence Number: 5",
    "Acknowledgment Number: 6",
  ]);
  const problems = (hex: string) =>
    codec.check(bytes(hex)).map(({ field, reason }) => `${field} ${reason}`);
  assertEquals(problems("2001880b" + "0009" + "0063" + "ff030021"), [
    "payloadLength is 9 octets, of which 5 are missing",
  ]);
  assertEquals(problems("1001880b" + "00000005"), [
    "hasKey is not set: version 1 has one",
  ]);
  assertEquals(GRE.title(PLAIN, 0), "Generic Routing Encapsulation (IPv4)");
});

Deno.test("decodeGRE() of 20,000 inputs", () => {
  assertFuzz(codec, GOOD.map(([hex]) => hex), 2784);
});
