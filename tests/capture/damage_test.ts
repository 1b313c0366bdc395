import { assert, assertEquals } from "@std/assert";
import { ByteWindow } from "../../lib/capture/byte_window.ts";
import { CaptureFileError } from "../../lib/capture/format_reader.ts";
import {
  CAPTURE_MAX_RECORD_LENGTH,
  type CaptureFilePacket,
} from "../../lib/capture/packet.ts";
import { PcapReader } from "../../lib/capture/pcap_reader.ts";
import { PcapngReader } from "../../lib/capture/pcapng_reader.ts";
import { randomBytes, randomInt, seededRandom } from "../random.ts";
import { damage, type Damaged } from "./damage.ts";
import type { BuiltFile } from "./files.ts";
import { randomChunks, readAll } from "./read.ts";
import { SAMPLES } from "./samples.ts";

const CORRUPTIONS = 200_000;
const PIECE = 2 ** 16;

/** Whatever comes after it, what is before the damage is read. */
function checkPackets(
  packets: readonly CaptureFilePacket[],
  sample: BuiltFile,
  { bytes, from }: Damaged,
): void {
  const unharmed = sample.ends.filter((end) => end <= from).length;
  assertEquals(
    packets.slice(0, unharmed),
    sample.packets.slice(0, unharmed),
  );
  let octets = 0;
  for (const [i, packet] of packets.entries()) {
    octets += packet.bytes.length;
    assertEquals(packet.number, i + 1);
    assertEquals(packet.bytes.buffer.byteLength, packet.bytes.length);
  }
  assert(octets < bytes.length);
}

Deno.test("readCapture() of 200,000 damaged files gives packets, then perhaps a CaptureFileError", async () => {
  const random = seededRandom(0xda3a6e);
  let whole = 0;
  let faulty = 0;
  for (let i = 0; i < CORRUPTIONS; i++) {
    const sample = SAMPLES[i % SAMPLES.length];
    const damaged = damage(random, sample.bytes);
    const { bytes } = damaged;
    const chunks = i % 8 === 0 ? randomChunks(random, bytes, 200) : [bytes];
    const { packets, error } = await readAll(chunks);
    if (error === undefined) whole++;
    else {
      faulty++;
      assert(
        error.offset >= 0 && error.offset <= bytes.length,
        `${error.message}, but the file has ${bytes.length}`,
      );
      assert(!/[^\x20-\x7e]/.test(error.message), error.message);
    }
    checkPackets(packets, sample, damaged);
  }
  assert(whole > CORRUPTIONS / 10 && faulty > CORRUPTIONS / 10);
});

Deno.test("the readers hold no more than one record, whatever a file says", () => {
  const random = seededRandom(0x0b0b0);
  // What a damaged length makes of the octets behind it, there are enough of.
  const behind = new Uint8Array(PIECE).fill(0x20);
  for (let i = 0; i < 3000; i++) {
    const { bytes } = damage(random, SAMPLES[i % SAMPLES.length].bytes);
    const window = new ByteWindow();
    const magic = new DataView(bytes.buffer).getUint32(0);
    const reader = PcapReader.of(magic) ?? new PcapngReader();
    try {
      for (let piece = 0; piece < 40; piece++) {
        window.append(piece === 0 ? bytes : behind);
        let packet;
        while ((packet = reader.read(window)) !== undefined) {
          assert(packet.bytes.length <= CAPTURE_MAX_RECORD_LENGTH);
        }
        assert(window.available < CAPTURE_MAX_RECORD_LENGTH);
        assert(window.bytes.length <= 2 * CAPTURE_MAX_RECORD_LENGTH);
      }
      reader.checkEnd(window);
    } catch (error) {
      if (!(error instanceof CaptureFileError)) throw error;
    }
  }
});

Deno.test("readCapture() of random octets behind a good start", async () => {
  const random = seededRandom(0x6a4ba6e);
  for (let i = 0; i < 20_000; i++) {
    const sample = SAMPLES[i % SAMPLES.length];
    const from = randomInt(random, 4, sample.bytes.length);
    const bytes = Uint8Array.from([
      ...sample.bytes.subarray(0, from),
      ...randomBytes(random, randomInt(random, 0, 100)),
    ]);
    const { packets } = await readAll([bytes]);
    checkPackets(packets, sample, { bytes, from });
  }
});
