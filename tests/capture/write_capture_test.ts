/** writeCapture(): what it refuses, and the file that is there by then. */

import { assertEquals, assertRejects } from "@std/assert";
import { readCapture } from "../../lib/capture/read_capture.ts";
import {
  writeCapture,
  type WrittenPackets,
} from "../../lib/capture/write_capture.ts";
import { Raw4Error } from "../../lib/wire/errors.ts";

const GOOD = Uint8Array.of(0x45, 0, 0, 20);

/** As one gives them who runs without the compiler. */
function given(...packets: unknown[]): WrittenPackets {
  return packets as Uint8Array[];
}

async function inFolder(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function packetsOf(path: string): Promise<Uint8Array[]> {
  const { readable } = await Deno.open(path);
  const packets = await Array.fromAsync(readCapture(readable));
  return packets.map(({ bytes }) => bytes);
}

/** Writes a hundred packets where a file has 512 octets at most. */
async function writeLimited(path: string): Promise<string> {
  const url = import.meta.resolve("../../lib/capture/write_capture.ts");
  const script = `import { writeCapture } from ${JSON.stringify(url)};
    const packet = { bytes: new Uint8Array(20), timestampNs: 0n };
    await writeCapture(${JSON.stringify(path)}, Array(100).fill(packet))
      .catch((error) => console.log(String(error)));`;
  const limited = ["-c", `trap "" XFSZ; ulimit -f 1; exec "$@"`, "sh"];
  const args = [...limited, Deno.execPath(), "eval", "--no-lock", script];
  const { stdout } = await new Deno.Command("sh", { args }).output();
  return new TextDecoder().decode(stdout);
}

const BYTES = "bytes must be a Uint8Array, or the packet itself one";

/** What is no packet, and what is said of it; each of both formats. */
const BAD: readonly [packet: unknown, said: string][] = [
  ["abc", BYTES],
  [null, BYTES],
  [{ timestampNs: 1n }, BYTES],
  [
    { bytes: GOOD, timestampNs: 5 },
    "timestampNs must be a bigint, such as 5n, but is the number 5",
  ],
  [
    { bytes: GOOD, timestampNs: 5n, originalLength: -1 },
    "originalLength must be a whole number from 0 to 4294967295, but is -1",
  ],
];

Deno.test("writeCapture() says which packet is none, and leaves the old file", () =>
  inFolder(async (dir) => {
    for (const name of ["a.pcap", "a.pcapng"]) {
      const path = `${dir}/${name}`;
      for (const [packet, said] of BAD) {
        await writeCapture(path, [GOOD]);
        const first = () => writeCapture(path, given(packet));
        const error = await assertRejects(first, Error, said);
        assertEquals(error.message.startsWith("packet 1: "), true);
        assertEquals(await packetsOf(path), [GOOD]);
        const third = () => writeCapture(path, given(GOOD, GOOD, packet));
        await assertRejects(third, Error, "packet 3: ");
        assertEquals(await packetsOf(path), [GOOD, GOOD]);
      }
    }
  }));

Deno.test("writeCapture() refuses a time that a pcap file cannot hold", () =>
  inFolder(async (dir) => {
    const path = `${dir}/a.pcap`;
    await writeCapture(path, [GOOD, GOOD]);
    const early = { bytes: GOOD, timestampNs: -1n };
    await assertRejects(
      () => writeCapture(path, [early]),
      RangeError,
      "packet 1: pcap timestampNs must be from 0 to",
    );
    assertEquals((await packetsOf(path)).length, 2);
    await writeCapture(`${dir}/a.pcapng`, [early]);
  }));

Deno.test("writeCapture() replaces a longer file, also by one of no packets", () =>
  inFolder(async (dir) => {
    const path = `${dir}/a.pcap`;
    await writeCapture(path, Array(9).fill(GOOD));
    await writeCapture(path, [GOOD]);
    assertEquals(await packetsOf(path), [GOOD]);
    assertEquals(await writeCapture(path, []), 0);
    assertEquals(await packetsOf(path), []);
    // A device is written to, and not cut.
    assertEquals(await writeCapture("/dev/null", [GOOD]), 1);
  }));

Deno.test("writeCapture() says which file cannot be written, and why", () =>
  inFolder(async (dir) => {
    const paths = {
      [`${dir}/none/a.pcap`]: "No such file or directory",
      [dir]: "Is a directory",
    };
    for (const [path, reason] of Object.entries(paths)) {
      await assertRejects(
        () => writeCapture(path, [GOOD]),
        Raw4Error,
        `cannot write the capture file ${JSON.stringify(path)}: ${reason}; ` +
          "give a file in a folder that you may write to",
      );
    }
  }));

Deno.test("writeCapture() says that a file has no room, and leaves whole packets", async () => {
  await assertRejects(
    () => writeCapture("/dev/full", [GOOD]),
    Raw4Error,
    'cannot write the capture file "/dev/full": No space left on device; ' +
      "give a file elsewhere",
  );
  await inFolder(async (dir) => {
    for (const [name, whole] of [["a.pcap", 13], ["a.pcapng", 8]] as const) {
      const path = `${dir}/${name}`;
      assertEquals(
        await writeLimited(path),
        `Raw4Error: cannot write the capture file "${path}": File too large; ` +
          "give a file elsewhere\n",
      );
      assertEquals((await packetsOf(path)).length, whole);
    }
  });
});

Deno.test("writeCapture() keeps others out of a new file, and an old one's mode", () =>
  inFolder(async (dir) => {
    const path = `${dir}/a.pcap`;
    const mode = async () => (await Deno.stat(path)).mode! & 0o777;
    await writeCapture(path, [GOOD]);
    assertEquals(await mode(), 0o600);
    await Deno.chmod(path, 0o640);
    await writeCapture(path, [GOOD]);
    assertEquals(await mode(), 0o640);
  }));
