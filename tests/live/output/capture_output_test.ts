/** Capture files when the disk is full, and when something is wrong. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { RawSocket } from "../../../mod.ts";
import { FreshHost } from "../fresh_host.ts";
import { liveTest, ROOT, run, shellWords } from "../live.ts";
import { eventually, lines, Process } from "../pair/pair_process.ts";
import { waitsIn } from "./waiting.ts";
import { octets, SOON } from "../socket/socket_support.ts";

/** What a capture needs, and no more. */
const FLAGS = ["--allow-ffi", "--allow-write"];
const called = (name: string, ...args: string[]) => [
  ...[Deno.execPath(), "run", ...FLAGS, `${ROOT}scripts/${name}.ts`],
  ...args,
];
/** Runs a command where only one mebibyte finds room in `small`. */
const onSmallDisk = (small: string, command: string[]) => [
  ...["unshare", "--mount", "sh", "-c"],
  // What was written is told, since nobody else sees this disk.
  `mount -t tmpfs -o size=1m none ${small} && "$@"; code=$?; ` +
  `cp ${small}/x.pcap ${small}.copy; exit $code`,
  ...["sh", ...command],
];

/** How many packets tshark finds in a file; it complains of a cut one. */
async function countPackets(file: string): Promise<number> {
  const { code, stdout, stderr } = await run(
    ["tshark", "-r", file, "-T", "fields", "-e", "frame.len"],
  );
  assert(!stderr.includes("cut short"), stderr);
  assertEquals(code, 0, stderr);
  return stdout.trimEnd().split("\n").length;
}

/** Packets of so many octets, which fill the disk in a while. */
const LENGTH = 1000;

for (const name of ["sniff", "receive"]) {
  await liveTest(
    `${name} leaves a file of whole packets where the disk is full`,
    ["lab", "tshark"],
    async () => {
      await using host = await FreshHost.create();
      const small = await Deno.makeTempDir();
      try {
        const args = ["--write", `${small}/x.pcap`];
        if (name === "sniff") args.push("-I", "lo", "--protocol", "253");
        const command = onSmallDisk(small, called(name, ...args));
        await using writing = new Process(
          host.inside(["sh", "-c", 'exec "$@" 2>&1', "sh", ...command]),
        );
        await writing.until(name === "sniff" ? "listening" : "Socket Info");
        const { namespace } = host;
        using socket = RawSocket.open({ protocol: 253, namespace });
        const sending = setInterval(() => {
          for (let i = 0; i < 10; i++) {
            socket.send(new Uint8Array(LENGTH), "127.0.0.1");
          }
        }, 1);
        const { code, stdout } = await writing.end()
          .finally(() => clearInterval(sending));
        const said = lines(stdout).slice(-2).join(" ");
        const start = `${name}: cannot write the file ${small}/x.pcap: `;
        assertEquals(said, `${start}No space left on device`);
        assertEquals(code, 4);
        const count = await countPackets(`${small}.copy`);
        const size = 24 +
          count * (16 + 20 + LENGTH + (name === "sniff" ? 14 : 0));
        assertEquals((await Deno.stat(`${small}.copy`)).size, size);
        // Not one more would have found room.
        assert(size > 2 ** 20 - 2000, `${size}`);
      } finally {
        await Deno.remove(small, { recursive: true });
        await Deno.remove(`${small}.copy`).catch(() => {});
      }
    },
  );
}

await liveTest(
  "a limit on the length of files leaves whole packets, too",
  ["lab", "tshark"],
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const ipv4 = { destination: "127.0.0.1", protocol: 253 };
      const layers = [{ ipv4 }, { data: "00".repeat(987) }];
      const packet = `${JSON.stringify({ layers })}\n`;
      await Deno.writeTextFile(`${folder}/x.json`, packet.repeat(50));
      const files = [
        "--json",
        `${folder}/x.json`,
        "--write",
        `${folder}/x.pcap`,
      ];
      // What Deno keeps of a script is not to be limited: it would end silently.
      await run(called("craft", "--help"));
      const limited = ["sh", "-c", 'ulimit -f 20; exec "$@"', "sh"];
      const craft = called("craft", ...files);
      craft.splice(2, 0, "--no-code-cache", "--allow-read");
      const { code, stderr } = await run([...limited, ...craft]);
      assertMatch(stderr, /^craft: cannot write the file \S+: File too large/);
      assertEquals(code, 4);
      // Of 20 times 512 octets.
      assertEquals(await countPackets(`${folder}/x.pcap`), 9);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

const OLD = "what was there before";
const PUBLIC = '{"layers":[{"ipv4":{"destination":"9.9.9.9","protocol":253}}]}';
const LOCAL =
  '{"layers":[{"ipv4":{"destination":"127.0.0.1","protocol":253}}]}';
const FRAME = '{"layers":[{"ethernet":{"typeOrLength":2048}}]}';
const LATE = `{"timestamp":"9999-01-01T00:00:00Z",${LOCAL.slice(1)}`;

/** What is wrong, whose file is not to be touched. */
const WRONG: [name: string, args: string[], code: number][] = [
  ["craft", ["--json", `${LOCAL}\n${PUBLIC}`, "--send"], 2],
  ["craft", ["--json", `${LOCAL}\n${FRAME}`], 2],
  ["craft", ["--json", `${LOCAL}\n{"layers":[{"ipv4":{"ttl":256}}]}`], 2],
  ["craft", ["--json", `${LOCAL}\n${LATE}`], 2],
  ["receive", ["-b", "192.0.2.1"], 4],
  ["sniff", ["-I", "nowhere"], 4],
  ["sniff", ["-I", "lo", "--port", "7", "--protocol", "icmp"], 2],
];

await liveTest(
  "a file that is named by --write is touched only when its content is good",
  ["lab"],
  async () => {
    await using host = await FreshHost.create();
    const folder = await Deno.makeTempDir();
    try {
      const file = `${folder}/x.pcap`;
      for (const [name, args, wanted] of WRONG) {
        await Deno.writeTextFile(file, OLD);
        const command = called(name, ...args, "--write", file);
        const { code, stderr } = await run(host.inside(command));
        const note = `${name} ${args.join(" ")}: ${stderr}`;
        assertEquals(code, wanted, note);
        assertEquals(await Deno.readTextFile(file), OLD, note);
      }
      await Deno.remove(file);
      const crafted = called("craft", "--json", LOCAL, "--write", file);
      assertEquals((await run(crafted)).code, 0);
      // Others' packets are nobody's else to read.
      assertEquals((await Deno.stat(file)).mode! & 0o777, 0o600);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "the closing of the terminal ends a capture as Ctrl-C does, but not under nohup",
  ["lab", "tshark", "nohup", "script"],
  async () => {
    await using host = await FreshHost.create();
    const folder = await Deno.makeTempDir();
    try {
      const { namespace } = host;
      using socket = RawSocket.open({ protocol: 253, namespace });
      using seen = RawSocket.open({ protocol: 253, namespace });
      for (const under of [[], ["nohup"]]) {
        const file = `${folder}/${under.length}.pcap`;
        const args = ["-I", "lo", "--protocol", "253", "--write", file];
        const call = shellWords([...under, ...called("sniff", ...args)]);
        const line = `echo $$ >${folder}/pid; exec ${call} >${file}.out 2>&1`;
        // Of a terminal of its own, which ends with what made it.
        await using terminal = new Process(host.inside([
          ...["script", "-q", "-c", `exec sh -c ${shellWords([line])}`],
          "/dev/null",
        ]));
        const said = () => Deno.readTextFile(`${file}.out`).catch(() => "");
        const until = (text: string) =>
          eventually(text, async () => (await said()).includes(text));
        await until("listening on lo");
        const show = async () => {
          socket.send(octets("Hi"), "127.0.0.1");
          await seen.receive(SOON);
        };
        await show();
        terminal.kill("SIGKILL");
        if (under.length > 0) {
          await show();
          const pid = Number(await Deno.readTextFile(`${folder}/pid`));
          Deno.kill(pid, "SIGINT");
        }
        await until("(aborted)");
        assertMatch(
          await said(),
          /^--- \d captured, .* 0 dropped \(aborted\)$/m,
        );
        assertEquals(await countPackets(file), 1 + under.length);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "a capture that goes to a pipe ends with whoever reads it, or before anybody does",
  ["lab", "mkfifo"],
  async () => {
    await using host = await FreshHost.create();
    const folder = await Deno.makeTempDir();
    try {
      const pipe = `${folder}/pipe`;
      await run(["mkfifo", pipe]);
      const { namespace } = host;
      using socket = RawSocket.open({ protocol: 253, namespace });
      const args = ["-I", "lo", "--write", pipe];
      const sniff = host.inside(called("sniff", ...args));
      await using waiting = new Process(sniff);
      await eventually(
        "it waits for a reader",
        () => waitsIn(waiting.pid, "wait_for_partner"),
      );
      waiting.kill("SIGINT");
      assertEquals((await waiting.end()).code, 130);

      await using sniffing = new Process(sniff);
      await using reading = new Process(["head", "-c", "24", pipe]);
      assertEquals((await reading.end()).code, 0);
      const sending = setInterval(() => socket.send(octets("Hi"), "127.0.0.1"));
      const { code } = await sniffing.end()
        .finally(() => clearInterval(sending));
      assertEquals(code, 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
