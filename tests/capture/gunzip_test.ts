/**
 * Compressed capture files, by gzip(1) and as Wireshark reads them.
 *
 * @module
 */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { encodePcapHeader, encodePcapRecord } from "../../lib/capture/pcap.ts";
import { readCapture } from "../../lib/capture/read_capture.ts";
import { liveTest } from "../live/live.ts";
import { randomInt, seededRandom } from "../random.ts";
import { inFolder, ourRows, read, succeed, tsharkRows } from "./programs.ts";
import { randomChunks, readAll } from "./read.ts";
import { SAMPLES } from "./samples.ts";

async function gzip(
  octets: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([octets]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return await new Response(stream).bytes();
}

Deno.test("readCapture() of compressed files, in any chunks", async () => {
  const random = seededRandom(0x1f8b);
  for (const { bytes, packets } of SAMPLES) {
    const compressed = await gzip(bytes);
    for (let i = 0; i < 5; i++) {
      const chunks = i === 0 ? [compressed] : randomChunks(random, compressed);
      const all = await readAll(chunks);
      assertEquals(all.error, undefined);
      assertEquals(all.packets, packets);
    }
  }
});

Deno.test("readCapture() of a compressed file gives what is before its end or its damage", async () => {
  const random = seededRandom(0x6217);
  // Octets that cannot be compressed: what is lost is not much.
  const records = Array.from({ length: 400 }, (_, i) =>
    encodePcapRecord({
      timestampNs: BigInt(i),
      bytes: Uint8Array.from({ length: 200 }, () => randomInt(random, 0, 255)),
    }));
  const file = await new Blob([encodePcapHeader(1), ...records]).bytes();
  const { packets } = await readAll([file]);
  const compressed = await gzip(file);
  for (let i = 0; i < 100; i++) {
    const length = randomInt(random, 3, compressed.length - 1);
    const cut = await readAll([compressed.subarray(0, length)]);
    assertEquals(cut.packets, packets.slice(0, cut.packets.length));
    assert(216 * (cut.packets.length + 2) > length - 300, `${length}`);
    assertEquals(
      [cut.error?.offset, cut.error?.reason.slice(0, 30)],
      [length, "what gzip has compressed is da"],
    );
    const damaged = compressed.slice();
    damaged[length] ^= 1 << randomInt(random, 0, 7);
    // Whatever becomes of it, it is one error, of its own class.
    const { error } = await readAll([damaged]);
    if (length > 10) assert(error !== undefined);
  }
});

Deno.test("readCapture() of a compressed file passes its source's own errors on, and closes it", async () => {
  const compressed = await gzip(SAMPLES[0].bytes);
  const own = new TypeError("the disk is gone");
  let closed = 0;
  async function* source(error?: Error) {
    try {
      yield compressed.subarray(0, 20);
      await Promise.resolve();
      if (error !== undefined) throw error;
      for (;;) yield compressed.subarray(20);
    } finally {
      closed++;
    }
  }
  const thrown = await assertRejects(() =>
    Array.fromAsync(readCapture(source(own)))
  );
  assertEquals([thrown, closed], [own, 1]);
  for await (const { number } of readCapture(source())) {
    if (number === 2) break;
  }
  // Streams end one after the other.
  while (closed < 2) await new Promise((resolve) => setTimeout(resolve));
});

Deno.test("readCapture() of a compressed file needs little memory, however much is in it", async () => {
  const record = encodePcapRecord({
    timestampNs: 0n,
    bytes: new Uint8Array(1500),
  });
  const chunk = new Uint8Array(1000 * record.length);
  for (let i = 0; i < 1000; i++) chunk.set(record, i * record.length);
  function* file() {
    yield encodePcapHeader(1);
    for (let i = 0; i < 200; i++) yield chunk;
  }
  const stream = ReadableStream.from(file())
    .pipeThrough(new CompressionStream("gzip"));
  const compressed = await new Response(stream).bytes();
  const before = Deno.memoryUsage().rss;
  let count = 0;
  let most = 0;
  for await (const _ of readCapture([compressed])) {
    if (++count % 1000 === 0) most = Math.max(most, Deno.memoryUsage().rss);
  }
  assertEquals(count, 200_000);
  // 303 MB are in it.
  assert(most - before < 150e6, `${most - before}`);
});

await liveTest(
  "readCapture() reads what gzip compressed as tshark does",
  ["tshark", "gzip"],
  () =>
    inFolder(async (path) => {
      for (const { name, bytes, packets } of SAMPLES) {
        await Deno.writeFile(path("file"), bytes);
        await succeed("gzip", "-k", "-f", "-9", path("file"));
        assertEquals(await read(path("file.gz")), packets, name);
        assertEquals(await tsharkRows(path("file.gz")), ourRows(packets), name);
      }
    }),
);

await liveTest(
  "a snoop file is refused, and its remedy makes a capture file of it",
  ["editcap"],
  () =>
    inFolder(async (path) => {
      const { bytes, packets } = SAMPLES[0];
      await Deno.writeFile(path("pcap"), bytes);
      await succeed("editcap", "-F", "snoop", path("pcap"), path("snoop"));
      const { error } = await readAll([await Deno.readFile(path("snoop"))]);
      assertEquals(
        error?.reason,
        "a snoop file: `editcap` makes a pcap file of it",
      );
      await succeed("editcap", path("snoop"), path("again"));
      assertEquals(
        (await read(path("again"))).map(({ bytes }) => bytes),
        packets.map(({ bytes }) => bytes),
      );
    }),
);
