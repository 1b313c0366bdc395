/** The pair between Linux and Windows, over one cable. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { internetChecksum } from "../../../lib/bytes/checksum.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { liveTest, run } from "../live.ts";
import { eventually, lines, Process } from "../pair/pair_process.ts";
import { bundles, NEEDS, onLinux, onWindows } from "./windows.ts";

const CONVERSATION = ["Hello World!", "Hi", "How are you ?", "Quit"];

/** What the receiver shows: each packet, and its text. */
async function converse(
  lab: Lab,
  sending: typeof onLinux,
  receiving: typeof onLinux,
): Promise<string[]> {
  const listen = await receiving(lab, "receiver", "receive", "-b", "1.1.1.1");
  await using receiver = new Process(listen);
  await receiver.until("Socket Info");
  const send = await sending(lab, "sender", "send", "1.1.1.1");
  const input = `${CONVERSATION.join("\n")}\n`;
  const { code, stdout, stderr } = await run(send, { input });
  assertEquals([code, stderr], [0, ""], stdout);
  for (const message of CONVERSATION) {
    assertStringIncludes(stdout, `Sent ${message.length} octets to 1.1.1.1`);
  }
  const finished = await receiver.end();
  assertEquals([finished.code, finished.stderr], [0, ""]);
  const screen = lines(finished.stdout);
  assert(screen.at(-1)!.endsWith("(quit)"), screen.at(-1));
  return screen.slice(2, -1);
}

/**
 * A packet without what each kernel chooses anew: identification and "don't
 * fragment"; its checksum, which is of these too, is right.
 */
function comparable(digits: string): string {
  const packet = Uint8Array.fromHex(digits);
  assertEquals(internetChecksum(packet.subarray(0, 20)), 0, digits);
  packet.fill(0, 4, 6);
  packet[6] &= ~0x40;
  packet.fill(0, 10, 12);
  return packet.toHex();
}

await liveTest(
  "the pair speaks the same octets between Linux and Windows, both ways",
  NEEDS,
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const wanted = await converse(lab, onLinux, onLinux);
    assertEquals(wanted.filter((_, i) => i % 2 === 1), CONVERSATION);
    const compare = (shown: readonly string[]) =>
      shown.map((line, i) => i % 2 === 0 ? comparable(line) : line);
    for (
      const [sending, receiving] of [
        [onLinux, onWindows],
        [onWindows, onLinux],
      ]
    ) {
      const shown = await converse(lab, sending, receiving);
      assertEquals(compare(shown), compare(wanted));
    }
  },
);

/** The process of Windows' Deno beneath another, once it is there. */
async function denoBeneath(pid: number): Promise<number | undefined> {
  const read = (path: string) => Deno.readTextFile(path).catch(() => "");
  if ((await read(`/proc/${pid}/cmdline`)).startsWith("Z:\\deno.exe")) {
    return pid;
  }
  const children = await read(`/proc/${pid}/task/${pid}/children`);
  for (const child of children.split(" ").filter(Boolean)) {
    const found = await denoBeneath(Number(child));
    if (found !== undefined) return found;
  }
}

await liveTest(
  "Ctrl-C ends the receiver on Windows with its summary, and what silence means",
  NEEDS,
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    await using receiver = new Process(
      await onWindows(lab, "receiver", "receive"),
    );
    await receiver.until("Socket Info");
    let deno: number | undefined;
    await eventually("Deno is found", async () => {
      deno = await denoBeneath(receiver.pid);
      return deno !== undefined;
    });
    Deno.kill(deno!, "SIGINT");
    const { code, stdout, stderr } = await receiver.end();
    assertEquals(code, 0);
    // Windows counts no drops: never a number that nobody knows.
    assertEquals(
      lines(stdout).at(-1),
      "--- 0 received, 0 octets, an unknown number dropped (aborted)",
    );
    assertStringIncludes(
      stderr,
      "netsh advfirewall firewall add rule name=raw4 dir=in action=allow " +
        "protocol=253",
    );
  },
);

/**
 * The receiver, and Ctrl-Break once something is typed: on Windows it is a new
 * thread in this very routine, wherever the key is pressed.
 */
const BROKEN = `
const CTRL_BREAK_EVENT = 1n;
const { symbols } = Deno.dlopen("kernelbase.dll", {
  CtrlRoutine: { parameters: ["usize"], result: "u32", nonblocking: true },
});
Deno.stdin.read(new Uint8Array(1)).then(() =>
  symbols.CtrlRoutine(CTRL_BREAK_EVENT)
);
await import("./receive.js");
`;

await liveTest(
  "Ctrl-Break ends the receiver on Windows with its summary",
  NEEDS,
  async () => {
    const name = "break.js";
    await Deno.writeTextFile(`${await bundles()}/windows/${name}`, BROKEN);
    await using lab = await Lab.up(TOPOLOGIES.pair);
    await using receiver = new Process(await onWindows(lab, "receiver", name));
    await receiver.until("Socket Info");
    await receiver.type("\n");
    const { code, stdout } = await receiver.end();
    assertEquals([code, lines(stdout).at(-1)], [
      0,
      "--- 0 received, 0 octets, an unknown number dropped (aborted)",
    ]);
  },
);

await liveTest(
  "receive on Windows leaves out in JSON what nobody knows",
  NEEDS,
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const command = await onWindows(
      ...[lab, "receiver", "receive", "--json", "-w", "1"] as const,
    );
    const { code, stdout, stderr } = await run(command);
    assertEquals([code, stderr], [1, ""]);
    const summary = JSON.parse(lines(stdout).at(-1)!);
    assertEquals([summary.received, "dropped" in summary], [0, false]);
  },
);
