import { assertRejects } from "@std/assert";
import { forgedPacket, sendFast, sendMessages, spoof } from "raw4";

const destination = "127.0.0.1";
const packet = forgedPacket({ source: "127.0.0.7", destination });
const [payload, protocol] = [new Uint8Array(1), 253];
const message = { destination, protocol, payloads: [payload] };
const fast = { destination, protocol, payload };

for (const wrong of [-1, NaN, Infinity, 2 ** 31]) {
  for (
    const [what, run] of [
      ["intervalMs", () => spoof(packet, { intervalMs: wrong })],
      ["timeoutMs", () => spoof(packet, { timeoutMs: wrong })],
      ["intervalMs", () => sendMessages({ ...message, intervalMs: wrong })],
      ["lingerMs", () => sendMessages({ ...message, lingerMs: wrong })],
      ["lingerMs", () => sendFast({ ...fast, lingerMs: wrong })],
    ] as const
  ) {
    const name = `${run.toString().match(/spoof|sendFast|sendMessages/)![0]}()`;
    Deno.test(`${name} sends nothing with ${what} ${wrong}`, async () => {
      await assertRejects(
        () => run().result,
        RangeError,
        `${what} must be from 0 to 2147483647, but is ${wrong}`,
      );
    });
  }
}
