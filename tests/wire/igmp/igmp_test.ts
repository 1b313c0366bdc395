import { assertEquals, assertThrows } from "@std/assert";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { decodeIGMP, encodeIGMP } from "../../../lib/wire/igmp/igmp.ts";
import {
  checkIGMP,
  describeIGMP,
} from "../../../lib/wire/igmp/igmp_protocol.ts";
import type { IGMPMessage } from "../../../lib/wire/igmp/igmp_messages.ts";
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
const none = new Uint8Array();

const codec: Codec<IGMPMessage> = {
  decode(octets) {
    const header = decodeIGMP(octets).header;
    return { header, payload: header.payload };
  },
  encode: encodeIGMP,
  describe: (octets, header) => describeIGMP(octets, header, OUTSIDE),
  check: (octets) => checkIGMP(octets, decodeIGMP(octets), OUTSIDE),
};

/**
 * Captured packets, from the IP header on, which gopacket has among its tests;
 * tcpdump calls them v1 report, v2 query, v2 report, v3 query, and v3 report of
 * two groups.
 */
const CAPTURED: [packet: string, message: IGMPMessage][] = [
  [
    "4500001c6a7f0000010263650a3c0084e000013c" + "12000cc3e000013c",
    {
      kind: "reportV1",
      type: 0x12,
      code: 0,
      checksum: 0x0cc3,
      group: "224.0.1.60",
      payload: none,
    },
  ],
  [
    "45c0001c015300000102ccd30a3c00bde0000001" + "1164ee9b00000000",
    {
      kind: "query",
      type: 0x11,
      code: 100,
      checksum: 0xee9b,
      group: "0.0.0.0",
      payload: none,
    },
  ],
  [
    "4600002079f000000102ab470a3c0567effffffd94040000" + "1600fa01effffffd",
    {
      kind: "reportV2",
      type: 0x16,
      code: 0,
      checksum: 0xfa01,
      group: "239.255.255.253",
      payload: none,
    },
  ],
  [
    "46c0002417f140000102297bc0a801fee000000194040000" +
    "1118ecd3" + "00000000" + "02140000",
    {
      kind: "queryV3",
      type: 0x11,
      code: 24,
      checksum: 0xecd3,
      group: "0.0.0.0",
      reserved: 0,
      suppress: false,
      robustness: 2,
      intervalCode: 20,
      sourceCount: 0,
      sources: [],
      payload: none,
    },
  ],
  [
    "46580030013c000001028133c0a80142e000001694040000" +
    "2200f33c00000002" + "02000000efc30702" + "02000000effffffa",
    {
      kind: "reportV3",
      type: 0x22,
      code: 0,
      checksum: 0xf33c,
      reserved: 0,
      recordCount: 2,
      records: [
        { type: 2, group: "239.195.7.2", sources: [], auxiliaryData: none },
        { type: 2, group: "239.255.255.250", sources: [], auxiliaryData: none },
      ],
      payload: none,
    },
  ],
];

Deno.test("decodeIGMP() and encodeIGMP() of captured messages", () => {
  for (const [hex, message] of CAPTURED) {
    const packet = bytes(hex);
    const { layers, problems } = dissect(packet);
    assertEquals(problems, [], "checksums are right");
    assertEquals(layers.map(({ protocol }) => protocol), ["ipv4", "igmp"]);
    const octets = packet.subarray(layers[0].length).toHex();
    assertRoundTrip(codec, octets, message, "");
    const { checksum: _, ...fields } = message;
    assertEquals(encodeIGMP(fields as IGMPMessage).toHex(), octets);
  }
});

/** Octets, the message that they are, and what follows it. */
const GOOD: [hex: string, message: IGMPMessage, payload: string][] = [
  ["1700000a" + "e00000fb", {
    kind: "leave",
    type: 0x17,
    code: 0,
    checksum: 10,
    group: "224.0.0.251",
    payload: none,
  }, ""],
  ["11ff0000" + "e00000fb" + "fd80" + "0003" + "c0000201c0000202" + "aabb", {
    kind: "queryV3",
    type: 0x11,
    code: 255,
    checksum: 0,
    group: "224.0.0.251",
    reserved: 15,
    suppress: true,
    robustness: 5,
    intervalCode: 128,
    sourceCount: 3,
    sources: ["192.0.2.1", "192.0.2.2"],
    payload: bytes("aabb"),
  }, "aabb"],
  ["22010000" + "12340003" + "06010001e00000fbc0000201a1b2c3d4" + "01000001", {
    kind: "reportV3",
    type: 0x22,
    code: 1,
    checksum: 0,
    reserved: 0x1234,
    recordCount: 3,
    records: [{
      type: 6,
      group: "224.0.0.251",
      sources: ["192.0.2.1"],
      auxiliaryData: bytes("a1b2c3d4"),
    }],
    payload: bytes("01000001"),
  }, "01000001"],
  ["13000000" + "01020304", {
    kind: "unknown",
    type: 0x13,
    code: 0,
    checksum: 0,
    payload: bytes("01020304"),
  }, "01020304"],
];

Deno.test("decodeIGMP() and encodeIGMP() of the other kinds, right or wrong", () => {
  for (const [hex, message, payload] of GOOD) {
    assertRoundTrip(codec, hex, message, payload);
  }
  assertEquals(
    encodeIGMP({ kind: "queryV3", group: "0.0.0.0" }).toHex(),
    "1164ec1e00000000027d0000",
  );
});

Deno.test("decodeIGMP() of every truncated prefix", () => {
  for (const [hex] of GOOD) {
    // What a list lacks is payload: only the prefixes that throw are the same.
    const lists = {
      ...codec,
      decode: (octets: Uint8Array) => ({
        header: decodeIGMP(octets).header,
        payload: none,
      }),
    };
    assertPrefixes(lists, hex, 8);
  }
});

Deno.test("encodeIGMP() refuses what does not fit", () => {
  const zero = { kind: "queryV3", type: 0, code: 0, checksum: 0 } as const;
  assertRanges(
    "IGMP",
    (changed) =>
      encodeIGMP({
        ...zero,
        group: "0.0.0.0",
        robustness: 0,
        intervalCode: 0,
        sourceCount: 0,
        ...changed,
      }),
    [
      ["type", 0, 8],
      ["code", 8, 8],
      ["checksum", 16, 16],
      ["reserved", 64, 4],
      ["robustness", 69, 3],
      ["intervalCode", 72, 8],
      ["sourceCount", 80, 16],
    ],
  );
  const record = {
    type: 0,
    group: "0.0.0.0",
    sources: [],
    auxiliaryData: none,
  };
  assertRanges(
    "IGMP",
    ({ recordType = 0, ...changed }) =>
      encodeIGMP({
        ...zero,
        kind: "reportV3",
        recordCount: 0,
        records: [{ ...record, type: recordType }],
        ...changed,
      }),
    [
      ["reserved", 32, 16],
      ["recordCount", 48, 16],
      ["recordType", 64, 8, "record type"],
    ],
  );
  for (const length of [3, 1024]) {
    const auxiliaryData = new Uint8Array(length);
    assertThrows(
      () =>
        encodeIGMP({
          kind: "reportV3",
          records: [{ ...record, auxiliaryData }],
        }),
      RangeError,
      "auxiliary data, in words,",
    );
  }
  assertThrows(
    () => encodeIGMP({ kind: "leave", group: "::" }),
    RangeError,
    "not an IPv4 address",
  );
});

Deno.test("checkIGMP() tells what is wrong", () => {
  const problems = GOOD.map(([hex]) =>
    codec.check(bytes(hex)).map(({ field }) => field).join()
  );
  assertEquals(problems, [
    "checksum",
    "checksum,sourceCount",
    "checksum,recordCount",
    "checksum",
  ]);
  const octets = bytes(GOOD[0][0]);
  assertEquals(checkIGMP(octets, decodeIGMP(octets), OUTSIDE, true), []);
});

Deno.test("describeIGMP() words messages as Wireshark does", () => {
  const lines = (hex: string) =>
    linesOf(codec.describe(bytes(hex), decodeIGMP(bytes(hex)).header));
  assertEquals(lines("1118ecd3" + "00000000" + "02140000"), [
    "Type: Membership Query (0x11)",
    "Max Resp Time: 2.4 sec (0x18)",
    "Checksum: 0xecd3 [correct]",
    "Multicast Address: 0.0.0.0",
    "Reserved: 0",
    "S: Do not suppress router side processing",
    "QRV: 2",
    "QQIC: 20",
    "Num Src: 0",
  ]);
  assertEquals(lines(GOOD[2][0]).slice(3), [
    "Reserved: 0x1234",
    "Num Group Records: 3",
    "Group Record: 224.0.0.251  Block Old Sources",
    "  Record Type: Block Old Sources (6)",
    "  Aux Data Len: 1",
    "  Num Src: 1",
    "  Multicast Address: 224.0.0.251",
    "  Source Address: 192.0.2.1",
    "  Aux Data: (4 bytes)",
  ]);
});

Deno.test("decodeIGMP() of 20,000 inputs", () => {
  assertFuzz(codec, GOOD.map(([hex]) => hex), 3376);
});
