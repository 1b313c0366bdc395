/** How the pair ends when it is interrupted, and what it leaves. */

import { assert, assertEquals } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { liveTest, ROOT, run, script } from "../live.ts";
import {
  lines,
  Process,
  receiver,
  senderSocket,
  TCPDUMP,
  writingReceiver,
} from "./pair_process.ts";

const HI = new TextEncoder().encode("Hi");

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  await liveTest(
    `receive ends on ${signal} with its summary and a whole file`,
    ["lab", "tshark"],
    async () => {
      await using lab = await Lab.up(TOPOLOGIES.pair);
      const folder = await Deno.makeTempDir();
      try {
        const file = `${folder}/pair.pcap`;
        await using receiving = await writingReceiver(lab, file);
        using sender = senderSocket(lab);
        for (let i = 0; i < 3; i++) sender.send(HI, "1.1.1.1");
        await receiving.until("\nHi\n", 3);
        receiving.kill(signal);
        const { code, stdout, stderr } = await receiving.end();
        assertEquals(
          lines(stdout).at(-1),
          "--- 3 received, 66 octets, 0 dropped (aborted)",
        );
        assertEquals([code, stderr], [0, ""]);
        const fields = "-T fields -e ip.src -e data.data".split(" ");
        const tshark = await run(["tshark", "-r", file, ...fields]);
        assertEquals(tshark.stdout, "1.1.1.100\t4869\n".repeat(3));
        // It complains on standard error when a file ends in mid-packet.
        assert(!tshark.stderr.includes("cut short"), tshark.stderr);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  );
}

await liveTest(
  "receive's file is whole after every packet, even if it is killed",
  ["lab", "tcpdump"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const folder = await Deno.makeTempDir();
    try {
      const file = `${folder}/pair.pcap`;
      // What was there before is gone.
      await Deno.writeFile(file, new Uint8Array(1000));
      await using receiving = await writingReceiver(lab, file, "--json");
      assertEquals((await Deno.stat(file)).size, 24);
      using sender = senderSocket(lab);
      sender.send(HI, "1.1.1.1");
      await receiving.until('"type":"packet"');
      receiving.kill("SIGKILL");
      await receiving.end();
      assertEquals((await Deno.stat(file)).size, 24 + 16 + 22);
      const { code, stdout } = await run([...TCPDUMP, "-r", file]);
      assertEquals(code, 0);
      assertEquals(lines(stdout).length, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  await liveTest(`send ends a conversation on ${signal} with its summary`, [
    "lab",
  ], async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    await using receiving = await receiver(lab, "-c", "1");
    const command = lab.inside("sender", script("send", "1.1.1.1"));
    await using sending = new Process(command);
    await sending.until("Socket Info");
    await sending.type("Hi\n");
    await sending.until("Sent 2 octets");
    sending.kill(signal);
    const { code, stdout, stderr } = await sending.end();
    assertEquals(lines(stdout).at(-1), "--- 1 sent, 2 octets, 0 refused");
    assertEquals([code, stderr], [0, ""]);
    await receiving.end();
  });
}

await liveTest("send ends on SIGINT between two packets", ["lab"], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  await using receiving = await receiver(lab, "-c", "1");
  const args = ["1.1.1.1", "Hi", "-c", "1000", "-i", "1000"];
  await using sending = new Process(
    lab.inside("sender", script("send", ...args)),
  );
  await sending.until("Sent 2 octets");
  sending.kill("SIGINT");
  const { code, stdout } = await sending.end();
  assertEquals(lines(stdout).at(-1), "--- 1 sent, 2 octets, 0 refused");
  assertEquals(code, 0);
  await receiving.end();
});

await liveTest("receive | head -1 ends at the next packet, without a word", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  using sender = senderSocket(lab);
  for (const style of [[], ["--json"], ["--explain"]]) {
    await using receiving = await receiver(lab, ...style);
    await receiving.stopReading();
    sender.send(HI, "1.1.1.1");
    const { code, stderr } = await receiving.end();
    assertEquals([code, stderr], [0, ""], style.join());
  }
});

await liveTest("send | head -1 ends at the next message, without a word", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  const command = lab.inside("sender", script("send", "1.1.1.1"));
  await using sending = new Process(command);
  await sending.until("Socket Info");
  await sending.stopReading();
  await sending.type("Hi\n");
  const { code, stderr } = await sending.end();
  assertEquals([code, stderr], [0, ""]);
});

/** Ways of writing that fail, the flags for them, exit code and sentence. */
const UNWRITABLE: [
  flags: string[],
  file: string,
  code: number,
  text: string,
][] = [
  [
    ["--allow-ffi"],
    "pair.pcap",
    3,
    "receive: not permitted by Deno to write the file ",
  ],
  [
    ["--allow-ffi", "--allow-write=/tmp"],
    "/dev/full",
    3,
    "receive: not permitted by Deno to write the file /dev/full",
  ],
  [
    // Deno counts all of /dev as the system's.
    ["--allow-all"],
    "/dev/full",
    4,
    "receive: cannot write the file /dev/full: No space left on device",
  ],
  [
    ["--allow-ffi", "--allow-write"],
    "/nowhere/pair.pcap",
    4,
    "receive: cannot write the file /nowhere/pair.pcap: No such file",
  ],
];

await liveTest("receive --write says why it cannot, and what flag to add", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  for (const [flags, file, code, text] of UNWRITABLE) {
    const path = `${ROOT}scripts/receive.ts`;
    const finished = await run(lab.inside("receiver", [
      ...[Deno.execPath(), "run", ...flags, path],
      ...["--write", file, "-w", "0"],
    ]));
    assertEquals(finished.code, code, finished.stderr);
    assert(finished.stderr.startsWith(text), finished.stderr);
    assert(!finished.stderr.includes("    at "), finished.stderr);
    assert(["", "Opening Socket..\n"].includes(finished.stdout));
    if (code !== 3) continue;
    assert(finished.stderr.includes(`--allow-write=${file}`), finished.stderr);
  }
});

await liveTest(
  "receive says that its output cannot be written",
  ["lab"],
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const command = lab.inside("receiver", script("receive", "-w", "0"));
    const toFull = ["sh", "-c", 'exec "$@" >/dev/full', "sh", ...command];
    const { code, stderr } = await run(toFull);
    assertEquals(code, 4);
    assertEquals(
      stderr.split(":").slice(0, 2).join(":"),
      "receive: cannot write to standard output",
    );
    assert(!stderr.includes("    at "), stderr);
  },
);
