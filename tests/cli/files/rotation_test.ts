import { assertEquals } from "@std/assert";
import {
  fileNames,
  hasTime,
  openRotating,
} from "../../../lib/cli/files/rotation.ts";
import { readAll } from "../../capture/read.ts";

Deno.test("fileNames() are tcpdump's of -C and -W, and have strftime's times", () => {
  const names = (path: string, count: number, files?: number) => {
    let seconds = 0;
    // Two names a second.
    const now = () => new Date(2026, 1, 3, 4, 5, Math.floor(seconds++ / 2));
    const next = fileNames(path, files, now);
    return Array.from({ length: count }, next);
  };
  assertEquals(names("x.pcap", 3), ["x.pcap", "x.pcap1", "x.pcap2"]);
  assertEquals(names("x", 4, 3), ["x0", "x1", "x2", "x0"]);
  assertEquals(names("x", 10, 10).at(-1), "x9");
  assertEquals(names("x", 12, 11).slice(-2), ["x10", "x00"]);
  assertEquals(names("a/%Y-%m-%d_%H:%M:%S.pcap", 3), [
    "a/2026-02-03_04:05:00.pcap",
    "a/2026-02-03_04:05:00.pcap1",
    "a/2026-02-03_04:05:01.pcap",
  ]);
  assertEquals(names("%%%x%", 1), ["%%x%"]);
  assertEquals(["%Y", "50%", "%x", "x", "%%Y"].map(hasTime), [
    ...[true, false, false, false, false],
  ]);
});

/** Has packets written to rotating files, and reads these. */
async function written(
  name: string,
  rotation: { octets: number; files?: number },
  lengths: readonly number[],
): Promise<Record<string, number[]>> {
  const folder = await Deno.makeTempDir();
  try {
    const head = { linkType: 1 };
    const capture = await openRotating(`${folder}/${name}`, head, rotation);
    for (const [i, length] of lengths.entries()) {
      const bytes = new Uint8Array(length);
      // Some come together, the last of them alone.
      const more = i % 3 !== 2 && i < lengths.length - 1;
      await capture.append({ timestampNs: 0n, bytes }, more, "eth0");
    }
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    return Object.fromEntries(
      await Promise.all(files.map(async (file) => {
        const octets = await Deno.readFile(`${folder}/${file}`);
        const { packets } = await readAll([octets]);
        return [file, packets.map(({ bytes }) => bytes.length)];
      })),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openRotating() has no file longer than its limit, but of one packet", async () => {
  // A head of 24 octets, and 16 before each packet.
  assertEquals(
    await written("x", { octets: 24 + 2 * 116 }, [
      100,
      100,
      100,
      101,
      100,
      300,
      1,
    ]),
    { x: [100, 100], x1: [100], x2: [101], x3: [100], x4: [300], x5: [1] },
  );
  const { "x.pcapng": first, ...others } = await written(
    "x.pcapng",
    { octets: 1024 },
    Array.from({ length: 30 }, (_, i) => 100 + i),
  );
  assertEquals(
    [first, ...Object.values(others)].flat(),
    Array.from({ length: 30 }, (_, i) => 100 + i),
  );
});

Deno.test("openRotating() keeps the newest of a limited number of files", async () => {
  const rotation = { octets: 24 + 116, files: 2 };
  assertEquals(await written("x", rotation, [100, 99, 98]), {
    x0: [98],
    x1: [99],
  });
});
