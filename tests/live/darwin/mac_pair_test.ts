/** The pair with macOS at one end, or at both: on the shim, in a lab. */

import { assertEquals } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { Mac, MAC_NEEDS } from "../../ffi/darwin/mac.ts";
import { liveTest, run, script } from "../live.ts";
import { lines, Process } from "../pair/pair_process.ts";

const INPUT = "Hello World !\nHi\nGrüße\n\nHow are you ?\nQuit\n";

type Script = typeof script;

/** What the receiver's JSON tells of each packet, but for what kernels choose. */
function packetsIn(stdout: string): unknown[] {
  return lines(stdout).map((line) => JSON.parse(line))
    .filter(({ type }) => type === "packet")
    .map(({ header, timestamp: _, ...packet }) => {
      const { identification: _1, checksum: _2, dontFragment: _3, ...rest } =
        header;
      return { ...packet, header: rest };
    });
}

/** A conversation, from one system to another. */
async function converse(
  [here, there]: readonly [Script, Script],
  args: string[],
  input?: string,
): Promise<{ said: string; packets: unknown[] }> {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const command = there("receive", "--json", ...args);
  await using receiving = new Process(lab.inside("receiver", command));
  await receiving.until('{"type":"opened"');
  const sending = lab.inside("sender", here("send", "1.1.1.1", ...args));
  const { code, stdout, stderr } = await run(sending, { input });
  assertEquals([code, stderr], [0, ""]);
  const { stdout: seen } = await receiving.end();
  return { said: stdout, packets: packetsIn(seen) };
}

await liveTest(
  "the pair says and hears the same on macOS and on Linux",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    const onMac: Script = (...words) => mac.script(...words);
    const wanted = await converse([script, script], [], INPUT);
    assertEquals(wanted.packets.length, 6);
    for (const ends of [[onMac, script], [script, onMac], [onMac, onMac]]) {
      const found = await converse(ends as [Script, Script], [], INPUT);
      assertEquals(found, wanted);
    }
  },
);

await liveTest(
  "a message of 20,000 octets leaves and reaches macOS",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    const onMac: Script = (...words) => mac.script(...words);
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const command = onMac("receive", "--json", "-c", "1");
    await using receiving = new Process(lab.inside("receiver", command));
    await receiving.until('{"type":"opened"');
    const sending = onMac("send", "1.1.1.1", "--size", "20000");
    const { code } = await run(lab.inside("sender", sending));
    assertEquals(code, 0);
    const { stdout } = await receiving.end();
    const [, packet] = lines(stdout).map((line) => JSON.parse(line));
    const { length, header, payloadHex } = packet;
    assertEquals([length, header.totalLength], [20_020, 20_020]);
    assertEquals(payloadHex.length, 40_000);
  },
);
