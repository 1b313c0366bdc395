import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { CaptureFileError } from "../../lib/capture/format_reader.ts";
import { encodePcapHeader, encodePcapRecord } from "../../lib/capture/pcap.ts";
import {
  encodePcapngInterface,
  encodePcapngPacket,
  encodePcapngSection,
} from "../../lib/capture/pcapng.ts";
import {
  readCapture,
  readLentPackets,
} from "../../lib/capture/read_capture.ts";
import { Raw4Error } from "../../lib/wire/errors.ts";
import { seededRandom } from "../random.ts";
import type { BuiltFile } from "./files.ts";
import { randomChunks, readAll } from "./read.ts";
import { SAMPLES } from "./samples.ts";

for (const sample of SAMPLES) {
  Deno.test(`readCapture() of ${sample.name}`, async () => {
    const { packets, error } = await readAll([sample.bytes]);
    assertEquals(error, undefined);
    assertEquals(packets, sample.packets);
  });

  Deno.test(`readCapture() of ${sample.name}, in any chunks`, async () => {
    const random = seededRandom(0xc4c4);
    for (let i = 0; i < 300; i++) {
      const { packets, error } = await readAll(
        randomChunks(random, sample.bytes),
      );
      assertEquals(error, undefined);
      assertEquals(packets, sample.packets);
    }
    const octets = Array.from(sample.bytes, (octet) => Uint8Array.of(octet));
    assertEquals((await readAll(octets)).packets, sample.packets);
  });

  Deno.test(`readCapture() of ${sample.name}, cut short anywhere`, async () => {
    const random = seededRandom(0x5047);
    for (let length = 0; length < sample.bytes.length; length++) {
      const start = sample.bytes.subarray(0, length);
      for (const chunks of [[start], randomChunks(random, start)]) {
        const { packets, error } = await readAll(chunks);
        const whole = sample.ends.filter((end) => end <= length).length;
        assertEquals(packets, sample.packets.slice(0, whole));
        if (sample.boundaries.has(length)) {
          assertEquals(error, undefined);
        } else {
          // Where the record begins that is cut: the boundary before.
          const begin = Math.max(
            0,
            ...[...sample.boundaries].filter((end) => end < length),
          );
          const reason = length === 0
            ? "the file is empty"
            : `the file ends after ${length - begin} `;
          assertEquals(error?.offset, begin);
          assertStringIncludes(error?.reason ?? "", reason);
        }
      }
    }
  });
}

Deno.test("readLentPackets() gives the same, until the next batch", async () => {
  const random = seededRandom(0x1e47);
  for (const sample of SAMPLES) {
    const packets = [];
    const chunks = ReadableStream.from(randomChunks(random, sample.bytes, 200));
    for await (const batch of readLentPackets(chunks)) {
      const whole = [...batch];
      packets.push(...whole.map((packet) => ({
        ...packet,
        bytes: packet.bytes.slice(),
      })));
    }
    assertEquals(packets, sample.packets);
  }
});

Deno.test("readCapture() gives octets that nothing else writes to", async () => {
  const packets = await Array.fromAsync(readCapture([SAMPLES[0].bytes]));
  for (const { bytes } of packets) bytes.fill(0xff);
  const sizes = packets.map(({ bytes }) => bytes.buffer.byteLength);
  assertEquals(sizes, SAMPLES[0].packets.map(({ bytes }) => bytes.length));
});

Deno.test("readCapture() says what other files are", async () => {
  const text = (string: string) => new TextEncoder().encode(string);
  const cases: [start: Uint8Array, message: string][] = [
    [text(""), "capture file at octet 0: the file is empty"],
    [
      Uint8Array.of(0xd4),
      "capture file at octet 0: the file ends after 1 octet, too few for a capture file",
    ],
    [
      Uint8Array.of(0xd4, 0xc3),
      "capture file at octet 0: the file ends after 2 octets, too few for a capture file",
    ],
    [
      text("GET / HTTP/1.1\r\n"),
      "capture file at octet 0: it begins with 47455420, as neither pcap nor pcapng files do",
    ],
    [
      text("\x1b[2Jhello"),
      "capture file at octet 0: it begins with 1b5b324a, as neither pcap nor pcapng files do",
    ],
    [
      text("\n\r\r\nhello, world"),
      "capture file at octet 8: a section's byte order is 6f2c2077, but must be 1a2b3c4d or 4d3c2b1a",
    ],
    [
      Uint8Array.of(0x1f, 0x8b, 8, 0, 0),
      "capture file at octet 5: what gzip has compressed is damaged or cut short; `gunzip -c` may read more of it",
    ],
    [
      Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd),
      "capture file at octet 0: it is compressed: `unzstd` makes a capture file of it",
    ],
    [
      Uint8Array.of(0x04, 0x22, 0x4d, 0x18),
      "capture file at octet 0: it is compressed: `unlz4` makes a capture file of it",
    ],
    [
      text("snoop\0\0\0"),
      "capture file at octet 0: a snoop file: `editcap` makes a pcap file of it",
    ],
  ];
  for (const [start, message] of cases) {
    const { packets, error } = await readAll([start]);
    assertEquals(packets, []);
    assertEquals(error?.message, message);
    assert(error instanceof Raw4Error && error.name === "CaptureFileError");
  }
});

Deno.test("readCapture() gives octets that are the caller's own", async () => {
  const buffer = new Uint8Array(64);
  function* reusingOneBuffer({ bytes }: BuiltFile) {
    for (let offset = 0; offset < bytes.length; offset += buffer.length) {
      const part = bytes.subarray(offset, offset + buffer.length);
      buffer.set(part);
      yield buffer.subarray(0, part.length);
    }
  }
  const { packets } = await readAll(reusingOneBuffer(SAMPLES[0]));
  assertEquals(packets, SAMPLES[0].packets);
  for (const { bytes } of packets) {
    assertEquals(bytes.buffer.byteLength, bytes.length);
  }
});

Deno.test("readCapture() closes its source when its caller has had enough", async () => {
  let closed = 0;
  async function* endless(chunk: Uint8Array) {
    try {
      for (;;) yield await Promise.resolve(chunk);
    } finally {
      closed++;
    }
  }
  for await (const { number } of readCapture(endless(SAMPLES[0].bytes))) {
    if (number === 2) break;
  }
  assertEquals(closed, 1);
  const { error } = await readAll(endless(new Uint8Array(1000)));
  assertEquals(error?.offset, 0);
  assertEquals(closed, 2);
});

Deno.test("readCapture() passes on its source's own errors", async () => {
  const error = new Error("the disk is gone");
  const got: number[] = [];
  await assertRejects(
    async () => {
      for await (
        const { number } of readCapture((function* () {
          yield SAMPLES[0].bytes;
          throw error;
        })())
      ) got.push(number);
    },
    Error,
    error.message,
  );
  assertEquals(got, SAMPLES[0].packets.map(({ number }) => number));
});

Deno.test("readCapture() reads a stream of a file's kind", async () => {
  for (const { bytes, packets } of SAMPLES) {
    assertEquals((await readAll(new Blob([bytes]).stream())).packets, packets);
  }
});

Deno.test("readCapture() skips a block that is longer than any packet", async () => {
  const LENGTH = 2 ** 28;
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, 0x0bad, true);
  new DataView(head.buffer).setUint32(4, LENGTH, true);
  const filling = new Uint8Array(2 ** 20);
  const packet = { timestampNs: 7n, bytes: Uint8Array.of(1, 2, 3) };
  function* file(trailer: number) {
    yield encodePcapngSection();
    yield encodePcapngInterface(1);
    yield encodePcapngPacket(packet);
    yield head;
    for (let left = LENGTH - 12; left > 0; left -= filling.length) {
      yield filling.subarray(0, left);
    }
    yield new Uint8Array(Uint32Array.of(trailer).buffer);
    yield encodePcapngPacket(packet);
  }
  const good = await readAll(file(LENGTH));
  assertEquals(good.error, undefined);
  assertEquals(good.packets.map(({ number }) => number), [1, 2]);
  const bad = await readAll(file(LENGTH + 4));
  assertEquals(bad.packets.length, 1);
  assertEquals(
    [bad.error?.offset, bad.error?.reason],
    [
      28 + 32 + 36 + LENGTH - 4,
      `a block's length is ${
        LENGTH + 4
      } at its end, but ${LENGTH} at its start`,
    ],
  );
  const [section, interfaceBlock, first, ...rest] = file(0);
  const short = await readAll([
    section,
    interfaceBlock,
    first,
    rest[0],
    filling,
  ]);
  assertEquals(
    [short.error?.offset, short.error?.reason],
    [
      28 + 32 + 36,
      `the file ends after ${
        8 + filling.length
      } of the ${LENGTH} octets of a block`,
    ],
  );
});

Deno.test("readCapture() names offsets beyond 4 GB", async () => {
  const filling = new Uint8Array(2 ** 20 - 16);
  const record = encodePcapRecord({ timestampNs: 0n, bytes: filling });
  let count = 0;
  await assertRejects(
    async () => {
      for await (
        const _ of readCapture((function* () {
          yield encodePcapHeader(1);
          for (let i = 0; i < 4097; i++) yield record;
          yield Uint8Array.of(1);
        })())
      ) count++;
    },
    CaptureFileError,
    `capture file at octet ${24 + 4097 * 2 ** 20}: the file ends after 1 of`,
  );
  assertEquals(count, 4097);
});

Deno.test("readCapture() copies no more of a long chunk than it needs", async () => {
  const chunk = new Uint8Array(2 ** 27);
  chunk.set(SAMPLES[0].bytes);
  const before = Deno.memoryUsage().external;
  for await (const _ of readCapture([chunk])) {
    assert(Deno.memoryUsage().external - before < 2 ** 24);
    break;
  }
});

const FORMATS: [name: string, start: Uint8Array[], record: Uint8Array][] = [
  [
    "pcap",
    [encodePcapHeader(1)],
    encodePcapRecord({ timestampNs: 0n, bytes: new Uint8Array(1500) }),
  ],
  [
    "pcapng",
    [encodePcapngSection(), encodePcapngInterface(1)],
    encodePcapngPacket({ timestampNs: 0n, bytes: new Uint8Array(1500) }),
  ],
];

for (const [name, start, record] of FORMATS) {
  Deno.test(`readCapture() of 1 GB of ${name} needs little memory`, async () => {
    const perChunk = 1000;
    let given = 0;
    async function* file() {
      yield* start;
      for (let octets = 0; octets < 1e9; octets += perChunk * record.length) {
        const chunk = new Uint8Array(perChunk * record.length);
        for (let i = 0; i < perChunk; i++) chunk.set(record, i * record.length);
        given += perChunk;
        yield chunk;
      }
    }
    const before = Deno.memoryUsage().rss;
    let count = 0;
    let mostAhead = 0;
    let mostMemory = 0;
    for await (const { bytes } of readCapture(file())) {
      assert(bytes.length === 1500);
      mostAhead = Math.max(mostAhead, given - count);
      if (++count % 10_000 > 0) continue;
      mostMemory = Math.max(mostMemory, Deno.memoryUsage().rss - before);
    }
    assertEquals(count, given);
    assert(mostAhead <= 2 * perChunk, `${mostAhead} packets ahead`);
    assert(mostMemory < 2 ** 28, `${mostMemory} octets more`);
  });
}
