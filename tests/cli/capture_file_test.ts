import { assertEquals } from "@std/assert";
import { openCapture } from "../../lib/cli/capture_file.ts";
import { readAll } from "../capture/read.ts";

Deno.test("openCapture() writes packets that come at once together, and all of them", async () => {
  const path = await Deno.makeTempFile();
  try {
    const capture = openCapture(path, 1);
    const lengths = async () => {
      const { packets } = await readAll([await Deno.readFile(path)]);
      return packets.map(({ bytes }) => bytes.length);
    };
    const packet = (length: number) => ({
      timestampNs: 0n,
      bytes: new Uint8Array(length),
    });
    capture.append(packet(1));
    assertEquals(await lengths(), [1]);
    capture.append(packet(2), true);
    capture.append(packet(3), true);
    assertEquals(await lengths(), [1]);
    capture.append(packet(4));
    assertEquals(await lengths(), [1, 2, 3, 4]);
  } finally {
    await Deno.remove(path);
  }
});
