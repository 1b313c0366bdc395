/** Outputs that nobody reads, and that have no room just now. */

import { assertEquals } from "@std/assert";
import { RawSocket } from "../../../mod.ts";
import { FreshHost } from "../fresh_host.ts";
import { liveTest, ROOT, run, script } from "../live.ts";
import { eventually } from "../pair/pair_process.ts";
import { octets } from "../socket/socket_support.ts";
import { waitsIn } from "./waiting.ts";

/** What hangs is killed after so long, and its test fails. */
const PATIENCE_MS = 30_000;
const EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Sends messages to loopback in a host, until it is disposed of. */
function flooding(host: FreshHost): Disposable {
  const { namespace } = host;
  const socket = RawSocket.open({ protocol: 253, namespace });
  const timer = setInterval(() => {
    for (let i = 0; i < 100; i++) socket.send(octets("Hi"), "127.0.0.1");
  }, 10);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      socket.close();
    },
  };
}

/** A packet of so many octets, as a capture file has it. */
function record(length: number): Uint8Array {
  const bytes = new Uint8Array(16 + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, length);
  view.setUint32(12, length);
  bytes.set(Uint8Array.fromHex("45000014000000004000"), 16);
  view.setUint16(18, length);
  return bytes;
}

/** A file of packets that make lines of text, some of them very long ones. */
const MANY = await new Blob([
  Uint8Array.fromHex("a1b2c3d4000200040000000000000000" + "0000ffff00000065"),
  ...Array.from({ length: 2000 }, (_, i) => record(i % 99 === 0 ? 9000 : 20)),
] as Uint8Array<ArrayBuffer>[]).bytes();

/** The same several times: so much that a thread writes the text. */
const MUCH = await new Blob([
  MANY,
  ...Array.from({ length: 5 }, () => MANY.subarray(24)),
]).bytes();
const LEAST_OF_MUCH = 10 * 2 ** 20;

const FLAGS = ["--allow-ffi", "--allow-read", "--allow-write"];
const called = (name: string, ...args: string[]) => [
  ...[Deno.execPath(), "run", ...FLAGS, `${ROOT}scripts/${name}.ts`],
  ...args,
];
const both = (command: string[]) => [
  ...["sh", "-c", 'exec "$@" 2>&1', "sh"],
  ...command,
];

/** What prints more than a pipe has room for, and how it is told to end. */
const TALKERS: [signal: keyof typeof EXIT, command: string[]][] = [
  ["SIGINT", called("sniff", "-I", "lo")],
  ["SIGTERM", called("sniff", "-I", "lo", "--json")],
  ["SIGTERM", called("sniff", "-I", "lo", "--write", "-")],
  ["SIGINT", both(called("sniff", "-I", "lo"))],
  ["SIGHUP", called("receive")],
  ["SIGTERM", called("sweep", "127.0.0.0/10", "--rate", "30000")],
  ["SIGINT", called("ping", "-i", "0", "127.0.0.1")],
  ["SIGTERM", called("dissect", "FOLDER/many.pcap")],
  ["SIGINT", called("craft", "--json", "FOLDER/many.json")],
];

await liveTest(
  "signals end scripts whose output nobody reads",
  ["lab"],
  async () => {
    await using host = await FreshHost.create();
    using _flood = flooding(host);
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeFile(`${folder}/many.pcap`, MANY);
      const packet =
        '{"layers":[{"ipv4":{"destination":"127.0.0.1","protocol":253}}]}\n';
      await Deno.writeTextFile(`${folder}/many.json`, packet.repeat(5000));
      for (const [signal, command] of TALKERS) {
        const [program, ...args] = host.inside(command);
        await using child = new Deno.Command(program, {
          args: args.map((arg) => arg.replace("FOLDER", folder)),
          stdout: "piped",
          stderr: "null",
        }).spawn();
        const guard = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
        try {
          await eventually(
            `${command.join(" ")} has filled the pipe`,
            () => waitsIn(child.pid, "pipe_write"),
          );
          child.kill(signal);
          const { code } = await child.status;
          assertEquals(code, EXIT[signal], command.join(" "));
        } finally {
          clearTimeout(guard);
        }
        await child.stdout.cancel();
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "a signal ends a script whose thread waits for somebody to read on",
  [],
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeFile(`${folder}/much.pcap`, MUCH);
      const [program, ...args] = called("dissect", `${folder}/much.pcap`);
      await using child = new Deno.Command(program, {
        args,
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const guard = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
      const reader = child.stdout.getReader();
      for (let taken = 0; taken < LEAST_OF_MUCH;) {
        taken += (await reader.read()).value!.length;
      }
      await eventually(
        "the pipe is full",
        () => waitsIn(child.pid, "pipe_write"),
      );
      child.kill("SIGTERM");
      const { code } = await child.status;
      clearTimeout(guard);
      assertEquals(code, EXIT.SIGTERM);
      await reader.cancel();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "a script that is to end says its last words to whoever reads on",
  ["lab"],
  async () => {
    await using host = await FreshHost.create();
    using _flood = flooding(host);
    const [program, ...args] = host.inside(called("receive"));
    await using child = new Deno.Command(program, {
      args,
      stdout: "piped",
    }).spawn();
    await eventually(
      "the pipe is full",
      () => waitsIn(child.pid, "pipe_write"),
    );
    const reading = new Response(child.stdout).text();
    child.kill("SIGINT");
    const shown = await reading;
    const { code } = await child.status;
    const last = shown.trimEnd().split("\n").at(-1)!;
    assertEquals(last.replaceAll(/\d+/g, "N"), SUMMARY);
    assertEquals(code, 0);
  },
);
const SUMMARY = "--- N received, N octets, N dropped (aborted)";

/** Runs a program with a pipe that has no room and does not wait, for a while. */
const NON_BLOCKING = `
import fcntl, os, select, subprocess, sys, time
reader, writer = os.pipe()
fcntl.fcntl(writer, fcntl.F_SETFL, os.O_NONBLOCK)
child = subprocess.Popen(sys.argv[1:], stdout=writer)
def is_full():
    return not select.select([], [writer], [], 0)[1]
while not is_full() and child.poll() is None:
    time.sleep(0.01)
os.close(writer)
while True:
    octets = os.read(reader, 4096)
    if not octets:
        break
    os.write(1, octets)
sys.exit(child.wait())
`;

await liveTest(
  "a non-blocking output that has no room is waited for",
  ["python3"],
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeFile(`${folder}/many.pcap`, MANY);
      await Deno.writeFile(`${folder}/much.pcap`, MUCH);
      const cases: [least: number, file: string, ...style: string[]][] = [
        [2 ** 17, "many"],
        [2 ** 17, "many", "--json"],
        [LEAST_OF_MUCH, "much"],
      ];
      for (const [least, file, ...style] of cases) {
        const dissect = script("dissect", `${folder}/${file}.pcap`, ...style);
        const wanted = await run(dissect);
        assertEquals(wanted.stdout.length > least, true);
        const { code, stdout, stderr } = await run(
          ["python3", "-c", NON_BLOCKING, ...dissect],
        );
        assertEquals([code, stderr], [0, ""]);
        assertEquals(stdout === wanted.stdout, true, `${stdout.length} octets`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "a sweep's lines go whole into a non-blocking output, and one that is waited for",
  ["lab", "python3"],
  async () => {
    await using host = await FreshHost.create();
    const sweep = called(
      ...["sweep", "127.0.0.0/18", "--rate", "max", "--alive-only"] as const,
    );
    const wanted = Array.from(
      { length: 2 ** 14 },
      (_, i) => `127.0.${i >> 8}.${i & 255}`,
    ).sort();
    for (
      const command of [
        ["python3", "-c", NON_BLOCKING, ...sweep],
        ["sh", "-c", '"$@" | (sleep 0.3; cat)', "sh", ...sweep],
      ]
    ) {
      const { stdout } = await run(host.inside(command));
      assertEquals(stdout.trimEnd().split("\n").sort(), wanted);
    }
  },
);
