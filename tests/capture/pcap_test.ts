import { assertEquals, assertThrows } from "@std/assert";
import { encodePcapHeader, encodePcapRecord } from "../../lib/capture/pcap.ts";
import { pcapFile } from "./files.ts";
import { readAll } from "./read.ts";

const LAST_NS = 0xffff_ffffn * 1_000_000_000n + 999_999_999n;

Deno.test("encodePcapHeader() exact octets", () => {
  const cases: [
    linkType: number,
    snapLength: number | undefined,
    hex: string,
  ][] = [
    [1, undefined, "4d3cb2a1020004000000000000000000" + "0000040001000000"],
    [101, 65_535, "4d3cb2a1020004000000000000000000" + "ffff000065000000"],
    [
      65_535,
      0xffff_ffff,
      "4d3cb2a1020004000000000000000000" + "ffffffffffff0000",
    ],
  ];
  for (const [linkType, snapLength, hex] of cases) {
    assertEquals(encodePcapHeader(linkType, snapLength).toHex(), hex);
  }
});

Deno.test("encodePcapHeader() keeps the length of frame check sequences", async () => {
  const link = (fcsLength?: number) =>
    encodePcapHeader(1, 65_535, fcsLength).subarray(20).toHex();
  assertEquals(link(), "01000000");
  assertEquals(link(0), "01000004");
  assertEquals(link(4), "01000024");
  assertEquals(link(30), "010000f4");
  for (const wrong of [-2, 3, 32]) {
    assertThrows(() => link(wrong), RangeError, `but is ${wrong}`);
  }
  const record = encodePcapRecord({
    timestampNs: 0n,
    bytes: new Uint8Array(9),
  });
  for (const length of [undefined, 0, 4, 30]) {
    const { packets } = await readAll([
      encodePcapHeader(1, 65_535, length),
      record,
    ]);
    assertEquals(packets[0].fcsLength, length);
  }
});

Deno.test("encodePcapHeader() of what does not fit", () => {
  const cases: [linkType: number, snapLength: number, message: string][] = [
    [
      65_536,
      0,
      "linkType must be a whole number from 0 to 65535, but is 65536",
    ],
    [-1, 0, "linkType must be a whole number from 0 to 65535, but is -1"],
    [1, 2 ** 32, "snapLength must be a whole number from 0 to 4294967295"],
    [1, 0.5, "snapLength must be a whole number from 0 to 4294967295"],
  ];
  for (const [linkType, snapLength, message] of cases) {
    assertThrows(
      () => encodePcapHeader(linkType, snapLength),
      RangeError,
      message,
    );
  }
});

Deno.test("encodePcapRecord() exact octets", () => {
  const bytes = Uint8Array.of(0xaa, 0xbb, 0xcc);
  const cases: [Partial<Parameters<typeof encodePcapRecord>[0]>, string][] = [
    [{ timestampNs: 0n }, "00000000" + "00000000" + "03000000" + "03000000"],
    [
      { timestampNs: undefined },
      "00000000" + "00000000" + "03000000" + "03000000",
    ],
    [
      { timestampNs: LAST_NS },
      "ffffffff" + "ffc99a3b" + "03000000" + "03000000",
    ],
    [
      { timestampNs: 1_000_000_002n, originalLength: 0xffff_ffff },
      "01000000" + "02000000" + "03000000" + "ffffffff",
    ],
  ];
  for (const [packet, hex] of cases) {
    assertEquals(
      encodePcapRecord({ timestampNs: 0n, bytes, ...packet }).toHex(),
      hex + "aabbcc",
    );
  }
});

/** Instants, and the seconds and nanoseconds of their records. */
const INSTANTS: [timestampNs: bigint, hex: string][] = [
  [0n, "0000000000000000"],
  [999_999_999n, "00000000ffc99a3b"],
  [1_000_000_000n, "0100000000000000"],
  // 2038 is past, 2106 is the end.
  [2147483648_000000001n, "0000008001000000"],
  [4294967295_999999999n, "ffffffffffc99a3b"],
];

Deno.test("encodePcapRecord() writes any time from 1970 to 2106", () => {
  for (const [timestampNs, hex] of INSTANTS) {
    const record = encodePcapRecord({ timestampNs, bytes: new Uint8Array() });
    assertEquals(record.toHex(), `${hex}0000000000000000`);
  }
});

Deno.test("encodePcapRecord() shares no memory with the packet", () => {
  const frame = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const bytes = frame.subarray(2, 4);
  const record = encodePcapRecord({
    timestampNs: 0n,
    bytes,
    originalLength: 65_535,
  });
  assertEquals(record.toHex(), `${"00".repeat(8)}02000000ffff00000304`);
  record.fill(0xa5);
  assertEquals([...frame], [1, 2, 3, 4, 5, 6]);
});

Deno.test("encodePcapRecord() of what does not fit", () => {
  const bytes = new Uint8Array();
  for (const timestampNs of [-1n, LAST_NS + 1n]) {
    assertThrows(
      () => encodePcapRecord({ timestampNs, bytes }),
      RangeError,
      `timestampNs must be from 0 to ${LAST_NS}, but is ${timestampNs}`,
    );
  }
  for (const originalLength of [-1, 2 ** 32]) {
    assertThrows(
      () => encodePcapRecord({ timestampNs: 0n, bytes, originalLength }),
      RangeError,
      `originalLength must be a whole number from 0 to 4294967295, but is ${originalLength}`,
    );
  }
});

Deno.test("readCapture() of a file written by hand", async () => {
  const { packets, error } = await readAll([Uint8Array.fromHex(
    "a1b2c3d4" + "0002" + "0004" + "00000000" + "00000000" + "00000040" +
      "10000001" + // the lower 16 bits: link type; the upper tell nothing
      "6553f100" + "0001e240" + "00000003" + "000005dc" + "aabbcc",
  )]);
  assertEquals(error, undefined);
  assertEquals(packets, [{
    number: 1,
    timestampNs: 1_700_000_000_123_456_000n,
    bytes: Uint8Array.of(0xaa, 0xbb, 0xcc),
    originalLength: 1500,
    linkType: 1,
    fcsLength: undefined,
    interfaceIndex: 0,
  }]);
});

Deno.test("readCapture() takes packets that break their file's own limits", async () => {
  const bytes = new Uint8Array(100).fill(7);
  const file = pcapFile({
    littleEndian: true,
    nanoseconds: true,
    // Longer than the snap length and than it was; a second of nanoseconds.
    snapLength: 10,
    records: [{ time: [1, 2_000_000_000], bytes, originalLength: 5 }],
  });
  const { packets, error } = await readAll([file.bytes]);
  assertEquals(error, undefined);
  assertEquals(packets, file.packets);
  assertEquals(packets[0].timestampNs, 3_000_000_000n);
});

Deno.test("readCapture() reads what encodePcapHeader() and encodePcapRecord() write", async () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const given = [
    { timestampNs: 0n, bytes, originalLength: 3 },
    { timestampNs: LAST_NS, bytes: new Uint8Array(), originalLength: 9 },
    {
      timestampNs: 1_700_000_000_123_456_789n,
      bytes,
      originalLength: 2 ** 32 - 1,
    },
  ];
  const { packets, error } = await readAll([
    encodePcapHeader(276),
    ...given.map(encodePcapRecord),
  ]);
  assertEquals(error, undefined);
  assertEquals(
    packets,
    given.map((packet, i) => ({
      ...packet,
      number: i + 1,
      linkType: 276,
      fcsLength: undefined,
      interfaceIndex: 0,
    })),
  );
});

Deno.test("readCapture() of damaged pcap files", async () => {
  const header = "d4c3b2a1" + "02000400" + "0000000000000000" + "ffff0000";
  const cases: [hex: string, offset: number, reason: string][] = [
    [
      "d4c3b2a1" + "02000500" + "0000000000000000" + "ffff0000" + "01000000",
      4,
      "version 2.5 of pcap, but only 2.0 to 2.4 are known",
    ],
    [
      "a1b23c4d" + "00030004" + "0000000000000000" + "ffff0000" + "01000000",
      4,
      "version 3.4 of pcap, but only 2.0 to 2.4 are known",
    ],
    [header, 0, "the file ends after 20 of the 24 octets of the header"],
    [
      header + "01000000" + "0000000000000000" + "01",
      24,
      "the file ends after 9 of the 16 octets of the header of packet 1",
    ],
    [
      header + "01000000" + "0000000000000000" + "03000000" + "03000000" +
      "aabb",
      24,
      "the file ends after 18 of the 19 octets of the record of packet 1",
    ],
    [
      header + "01000000" + "0000000000000000" + "f1ff0f00" + "03000000" +
      "aabb",
      32,
      "a packet of 1048561 octets, but more than 1048560 make no sense",
    ],
    [
      header + "01000000" + "0000000000000000" + "ffffffff" + "03000000" +
      "aabb",
      32,
      "a packet of 4294967295 octets, but more than 1048560 make no sense",
    ],
  ];
  const old = "d4c3b2a1" + "02000200" + "0000000000000000" + "ffff0000" +
    "01000000";
  const modified = "34cdb2a1" + header.slice(8) + "01000000";
  cases.push(
    [
      old + "0000000000000000" + "03000000" + "ffffffff",
      36,
      "a packet of 4294967295 octets, but more than 1048560 make no sense",
    ],
    [
      old + "0000000000000000" + "ff000000" + "03000000" + "aabb",
      24,
      "the file ends after 18 of the 19 octets of the record of packet 1",
    ],
    [
      modified + "0000000000000000" + "03000000" + "03000000" + "0000",
      24,
      "the file ends after 18 of the 24 octets of the header of packet 1",
    ],
    [
      modified + "0000000000000000" + "f1ff0f00" + "03000000" + "00".repeat(8),
      32,
      "a packet of 1048561 octets, but more than 1048552 make no sense",
    ],
  );
  for (const [hex, offset, reason] of cases) {
    const { packets, error } = await readAll([Uint8Array.fromHex(hex)]);
    assertEquals(packets, []);
    assertEquals([error?.offset, error?.reason], [offset, reason]);
  }
});

Deno.test("readCapture() takes the longest packet", async () => {
  const bytes = new Uint8Array(2 ** 20 - 16).fill(1);
  const record = encodePcapRecord({ timestampNs: 1n, bytes });
  const { packets, error } = await readAll([
    encodePcapHeader(1),
    record,
    record,
  ]);
  assertEquals(error, undefined);
  assertEquals(packets.map((packet) => packet.bytes), [bytes, bytes]);
});
