import { assertEquals, assertThrows } from "@std/assert";
import { buildPacket, icmpv4, ipv4 } from "../../lib/wire/build.ts";
import { dissect } from "../../lib/wire/dissect.ts";
import {
  checkGRE,
  decodeGRE,
  describeGRE,
  encodeGRE,
  type GREHeader,
  greTitle,
} from "../../lib/wire/gre.ts";
import { ethernet } from "../../lib/wire/link_layers.ts";
import { gre } from "../../lib/wire/transport_layers.ts";
import {
  assertFuzz,
  assertPrefixes,
  assertRanges,
  assertRoundTrip,
  type Codec,
} from "./codec_checks.ts";
import { linesOf } from "./field_checks.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const ENDS = { source: "192.0.2.1", destination: "192.0.2.2" };

const codec: Codec<GREHeader> = {
  decode: decodeGRE,
  encode: encodeGRE,
  describe: describeGRE,
  check: (octets) => checkGRE(octets, decodeGRE(octets).header),
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
  // PPTP, and a source route: nothing behind the first word is read.
  ["3081880b" + "00000001", {
    ...PLAIN,
    hasKey: true,
    hasSequence: true,
    reserved: 16,
    version: 1,
    protocol: 0x880b,
  }, "00000001"],
  ["c0000800" + "0102", {
    ...PLAIN,
    hasChecksum: true,
    hasRouting: true,
  }, "0102"],
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
  ];
  for (const [changed, message] of bad) {
    assertThrows(() => encodeGRE({ ...zero, ...changed }), RangeError, message);
  }
});

Deno.test("checkGRE(), describeGRE() and greTitle() tell what there is", () => {
  assertEquals(
    GOOD.map(([hex]) => codec.check(bytes(hex)).map(({ field }) => field)),
    [[], [], [], ["checksum"], ["version"], ["hasRouting"]],
  );
  const octets = bytes(GOOD[3][0]);
  assertEquals(linesOf(describeGRE(octets, GOOD[3][1], false)), [
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
  assertEquals(greTitle(PLAIN), "Generic Routing Encapsulation (IPv4)");
});

Deno.test("decodeGRE() of 20,000 inputs", () => {
  assertFuzz(codec, GOOD.map(([hex]) => hex), 2784);
});
