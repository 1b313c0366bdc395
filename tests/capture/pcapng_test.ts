import { assertEquals, assertThrows } from "@std/assert";
import {
  encodePcapngInterface,
  encodePcapngPacket,
  encodePcapngSection,
  type PcapngPacket,
} from "../../lib/capture/pcapng.ts";
import type { CaptureFileSection } from "../../lib/capture/packet.ts";
import {
  PcapngWriter,
  type PcapngWriterPacket,
} from "../../lib/capture/pcapng_writer.ts";
import { readCapture } from "../../lib/capture/read_capture.ts";
import { Octets, PcapngFile } from "./files.ts";
import { readAll } from "./read.ts";

const bytes = Uint8Array.of(0xaa, 0xbb, 0xcc);
const tooLong = "ä".repeat(32_768);

Deno.test("encodePcapngSection() exact octets", () => {
  const head = "4d3c2b1a" + "01000000" + "ffffffffffffffff";
  const cases: [Parameters<typeof encodePcapngSection>[0], string][] = [
    [undefined, "0a0d0d0a" + "1c000000" + head + "1c000000"],
    [{}, "0a0d0d0a" + "1c000000" + head + "1c000000"],
    [
      { application: "raw4" },
      "0a0d0d0a" + "28000000" + head + "04000400" + "72617734" + "00000000" +
      "28000000",
    ],
    [
      {
        comment: "",
        hardware: "a",
        operatingSystem: "ä",
        application: "abcde",
      },
      "0a0d0d0a" + "40000000" + head +
      "01000000" +
      "02000100" + "61000000" +
      "03000200" + "c3a40000" +
      "04000500" + "6162636465000000" +
      "00000000" + "40000000",
    ],
  ];
  for (const [options, hex] of cases) {
    assertEquals(encodePcapngSection(options).toHex(), hex);
  }
});

Deno.test("encodePcapngInterface() exact octets", () => {
  const nanoseconds = "09000100" + "09000000";
  const cases: [Parameters<typeof encodePcapngInterface>, string][] = [
    [
      [1],
      "01000000" + "20000000" + "01000000" + "00000000" + nanoseconds +
      "00000000" + "20000000",
    ],
    [
      [65_535, {
        snapLength: 0xffff_fffe,
        name: "eth0",
        description: "d",
        comment: "c",
      }],
      "01000000" + "38000000" + "ffff0000" + "feffffff" +
      "01000100" + "63000000" +
      "02000400" + "65746830" +
      "03000100" + "64000000" +
      nanoseconds + "00000000" + "38000000",
    ],
  ];
  for (const [given, hex] of cases) {
    assertEquals(encodePcapngInterface(...given).toHex(), hex);
  }
});

Deno.test("encodePcapngPacket() exact octets", () => {
  const cases: [PcapngPacket, string][] = [
    [
      { timestampNs: undefined, bytes: new Uint8Array() },
      "06000000" + "20000000" + "00000000" + "00000000" + "00000000" +
      "00000000" + "00000000" + "20000000",
    ],
    [
      {
        timestampNs: 2n ** 64n - 2n,
        bytes,
        originalLength: 0xffff_ffff,
        interfaceIndex: 0xffff_fffe,
      },
      "06000000" + "24000000" + "feffffff" + "ffffffff" + "feffffff" +
      "03000000" + "ffffffff" + "aabbcc00" + "24000000",
    ],
    [
      { timestampNs: 1n, bytes, comment: "hi" },
      "06000000" + "30000000" + "00000000" + "00000000" + "01000000" +
      "03000000" + "03000000" + "aabbcc00" + "01000200" + "68690000" +
      "00000000" + "30000000",
    ],
  ];
  for (const [packet, hex] of cases) {
    assertEquals(encodePcapngPacket(packet).toHex(), hex);
  }
});

Deno.test("the writers of pcapng refuse what does not fit", () => {
  const packet = { timestampNs: 0n, bytes };
  const cases: [write: () => unknown, message: string][] = [
    [
      () => encodePcapngSection({ comment: tooLong }),
      "pcapng text, in octets, must be a whole number from 0 to 65535, but is 65536",
    ],
    [
      () => encodePcapngInterface(65_536),
      "pcapng linkType must be a whole number from 0 to 65535",
    ],
    [
      () => encodePcapngInterface(1, { snapLength: -1 }),
      "pcapng snapLength must be a whole number from 0 to 4294967295",
    ],
    [
      () => encodePcapngInterface(1, { name: tooLong }),
      "pcapng text, in octets,",
    ],
    [
      () => encodePcapngPacket({ ...packet, timestampNs: -1n }),
      "pcapng timestampNs must be from 0 to 18446744073709551615, but is -1",
    ],
    [
      () => encodePcapngPacket({ ...packet, timestampNs: 2n ** 64n }),
      "pcapng timestampNs must be from 0 to 18446744073709551615",
    ],
    [
      () => encodePcapngPacket({ ...packet, timestampOffset: 1n }),
      "pcapng timestampNs must be from 1000000000 to 18446744074709551615, but is 0",
    ],
    [
      () => encodePcapngInterface(1, { timestampOffset: 2n ** 63n }),
      "pcapng timestampOffset must fit into 64 bits, but is 9223372036854775808",
    ],
    [
      () => encodePcapngInterface(1, { fcsLength: 32 }),
      "pcapng fcsLength must be a whole number from 0 to 31, but is 32",
    ],
    [
      () => encodePcapngPacket({ ...packet, interfaceIndex: 2 ** 32 }),
      "pcapng interfaceIndex must be a whole number from 0 to 4294967295",
    ],
    [
      () => encodePcapngPacket({ ...packet, originalLength: 1.5 }),
      "pcapng originalLength must be a whole number from 0 to 4294967295",
    ],
  ];
  for (const [write, message] of cases) {
    assertThrows(write, RangeError, message);
  }
});

Deno.test("readCapture() reads what the writers of pcapng write", async () => {
  const given: (PcapngPacket & { interfaceIndex: number })[] = [
    { timestampNs: 0n, bytes, interfaceIndex: 1, comment: "one" },
    { timestampNs: 2n ** 64n - 1n, bytes: new Uint8Array(), interfaceIndex: 0 },
    {
      timestampNs: 1_700_000_000_123_456_789n,
      bytes,
      originalLength: 9,
      interfaceIndex: 1,
    },
  ];
  const { packets, error } = await readAll([
    encodePcapngSection({ application: "raw4" }),
    encodePcapngInterface(1, { name: "eth0" }),
    encodePcapngInterface(101),
    ...given.map(encodePcapngPacket),
  ]);
  assertEquals(error, undefined);
  const expected = given.map((packet, i) => ({
    originalLength: packet.bytes.length,
    ...packet,
    number: i + 1,
    linkType: [1, 101][packet.interfaceIndex],
    fcsLength: undefined,
    ...[{ interfaceName: "eth0" }, {}][packet.interfaceIndex],
  }));
  assertEquals(packets as unknown[], expected);
  // And writes what it reads.
  assertEquals(
    packets.map((packet) => encodePcapngPacket(packet)),
    given.map((packet) => encodePcapngPacket(packet)),
  );
});

Deno.test("what was remarked on sections and packets is read and written again", async () => {
  const first = new PcapngWriter({ comment: "the section" });
  const given: PcapngWriterPacket[] = [
    { ...{ bytes, timestampNs: 1n, linkType: 1 }, interfaceName: "a/eth0" },
    {
      ...{ bytes, timestampNs: 2n, linkType: 1 },
      ...{ interfaceName: "b/eth0", comment: "two\nlines" },
    },
  ];
  const file = [
    first.start,
    ...given.flatMap((packet) => first.encode(packet)),
  ];
  const sections: CaptureFileSection[] = [];
  const onSection = (section: CaptureFileSection) => sections.push(section);
  const again = new PcapngWriter({ comment: "the section" });
  const packets = await Array.fromAsync(readCapture(file, { onSection }));
  assertEquals(sections, [{ comment: "the section" }]);
  assertEquals(
    packets.map(({ interfaceName, comment }) => [interfaceName, comment]),
    [["a/eth0", undefined], ["b/eth0", "two\nlines"]],
  );
  assertEquals(
    packets.flatMap((packet) => again.encode(packet)),
    file.slice(1),
  );
});

Deno.test("PcapngWriter forgets the interface of a packet that it refuses", async () => {
  const writer = new PcapngWriter();
  const good = { timestampNs: 0n, bytes, linkType: 1 };
  const comment = "c".repeat(70_000);
  const refused = [
    { ...good, comment },
    { ...good, linkType: 65_536 },
    { ...good, linkType: 101, interfaceName: comment },
  ];
  for (const packet of refused) {
    assertThrows(() => writer.encode(packet), RangeError);
  }
  const blocks = [...writer.encode(good), ...writer.encode(good)];
  assertEquals(blocks.length, 3);
  const { packets, error } = await readAll([writer.start, ...blocks]);
  assertEquals(error, undefined);
  assertEquals(packets.length, 2);
});

Deno.test("a damaged remark takes nothing from its packet", async () => {
  const block = encodePcapngPacket({ timestampNs: 1n, bytes, comment: "ab" });
  const at = 28 + Math.ceil(bytes.length / 4) * 4;
  assertEquals(block[at], 1, "the comment's code");
  block[at + 2] = 200;
  const { packets, error } = await readAll([
    encodePcapngSection(),
    encodePcapngInterface(1),
    block,
  ]);
  assertEquals([packets.length, packets[0]?.comment], [1, undefined]);
  assertEquals(error, undefined);
});

Deno.test("times of any year, and the length of frame check sequences, are written and read again", async () => {
  const offsets = [-(2n ** 63n), -62_167_219_200n, -1n, 0n, 2n ** 63n - 1n];
  const given = offsets.flatMap((timestampOffset, interfaceIndex) =>
    [0n, 2n ** 64n - 1n].map((ticks) => ({
      timestampNs: timestampOffset * 1_000_000_000n + ticks,
      timestampOffset,
      bytes,
      interfaceIndex,
    }))
  );
  const { packets, error } = await readAll([
    encodePcapngSection(),
    ...offsets.map((timestampOffset, i) =>
      encodePcapngInterface(1, { timestampOffset, fcsLength: 2 * i })
    ),
    ...given.map(encodePcapngPacket),
  ]);
  assertEquals(error, undefined);
  assertEquals(
    packets.map(({ timestampNs, fcsLength }) => [timestampNs, fcsLength]),
    given.map(({ timestampNs, interfaceIndex }) => [
      timestampNs,
      2 * interfaceIndex,
    ]),
  );
});

Deno.test("readCapture() counts time as the interface says", async () => {
  const MAX = 2n ** 64n - 1n;
  const cases: [
    resolution: number | undefined,
    offset: bigint | undefined,
    ticks: bigint,
    ns: bigint,
  ][] = [
    [undefined, undefined, 1n, 1000n],
    [undefined, undefined, MAX, MAX * 1000n],
    [6, undefined, 1_700_000_000_000_001n, 1_700_000_000_000_001_000n],
    [0, undefined, 1_700_000_000n, 1_700_000_000_000_000_000n],
    [3, undefined, 1_700_000_000_001n, 1_700_000_000_001_000_000n],
    [7, undefined, 12n, 1200n],
    [9, undefined, MAX, MAX],
    [12, undefined, 1_999n, 1n],
    [19, undefined, MAX, 1_844_674_407n],
    [127, undefined, MAX, 0n],
    [0x80, undefined, 5n, 5_000_000_000n],
    [0x81, undefined, 5n, 2_500_000_000n],
    [0x8a, undefined, 1n, 976_562n],
    [0x94, undefined, 1n, 953n],
    [0x9e, undefined, 2n ** 30n, 1_000_000_000n],
    [0xa0, undefined, MAX, 4_294_967_295_999_999_999n],
    [0xc0, undefined, MAX, 999_999_999n],
    [0xff, undefined, MAX, 0n],
    [undefined, 1_700_000_000n, 2n, 1_700_000_000_000_002_000n],
    [9, -1n, 5n, -999_999_995n],
    [
      0x81,
      2n ** 63n - 1n,
      1n,
      (2n ** 63n - 1n) * 1_000_000_000n + 500_000_000n,
    ],
    [9, -(2n ** 63n), 0n, -(2n ** 63n) * 1_000_000_000n],
  ];
  for (const littleEndian of [true, false]) {
    for (const [resolution, offset, ticks, timestampNs] of cases) {
      const options: [number, Iterable<number>][] = [[2, [0x65]]];
      if (offset !== undefined) {
        options.push([14, new Octets(littleEndian).i64(offset).toBytes()]);
      }
      if (resolution !== undefined) options.push([9, [resolution]]);
      const file = new PcapngFile().section({ littleEndian })
        .interface(1, { options })
        .enhanced({ ticks, timestampNs, bytes }).build("");
      const { packets, error } = await readAll([file.bytes]);
      assertEquals(error, undefined);
      assertEquals(packets, file.packets, `${resolution} ${offset} ${ticks}`);
    }
  }
});

Deno.test("readCapture() of unusual pcapng files", async () => {
  const endAtOnce = new PcapngFile().section()
    // What follows the end of options is not looked at.
    .interface(1, { options: [[0, []], [9, [1, 2, 3]]] })
    .enhanced({ ticks: 1n, timestampNs: 1000n, bytes });
  const cases: [name: string, file: PcapngFile][] = [
    ["no interface, no packet", new PcapngFile().section()],
    [
      "minor version 2",
      new PcapngFile().section({ version: [1, 2] }).interface(1).simple({
        bytes,
      }),
    ],
    [
      "blocks before the first interface",
      new PcapngFile().section().block(5, (body) => body.u32(0, 0, 0)),
    ],
    ["an end of options that is not the last", endAtOnce],
    [
      "an interface after packets",
      new PcapngFile().section().interface(1).simple({ bytes }).interface(228)
        .enhanced({ interfaceIndex: 1, ticks: 1n, timestampNs: 1000n, bytes }),
    ],
    [
      "65,536 interfaces",
      Array.from({ length: 65_535 }).reduce(
        (file: PcapngFile) => file.interface(1),
        new PcapngFile().section(),
      ).interface(7).enhanced({
        interfaceIndex: 65_535,
        ticks: 0n,
        timestampNs: 0n,
        bytes,
      }, true),
    ],
  ];
  for (const [name, file] of cases) {
    const built = file.build(name);
    const { packets, error } = await readAll([built.bytes]);
    assertEquals(error, undefined, name);
    assertEquals(packets, built.packets, name);
  }
});

Deno.test("readCapture() takes the longest pcapng block", async () => {
  const longest = 2 ** 20 - 32;
  for (
    const [length, reason] of [
      [longest, undefined],
      [
        longest + 1,
        "an enhanced packet block of 1048580 octets, but more than 1048576 make no sense",
      ],
    ] as const
  ) {
    const { packets, error } = await readAll([
      encodePcapngSection(),
      encodePcapngInterface(1),
      encodePcapngPacket({ timestampNs: 0n, bytes: new Uint8Array(length) }),
    ]);
    assertEquals(error?.reason, reason);
    assertEquals(packets.length, reason === undefined ? 1 : 0);
  }
});
