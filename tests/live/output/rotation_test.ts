/** Captures in many files: each is whole, and together they have each packet once. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay } from "../../../lib/socket/time.ts";
import { RawSocket } from "../../../mod.ts";
import { FreshHost } from "../fresh_host.ts";
import { liveTest, ROOT, run } from "../live.ts";
import { eventually, Process, TCPDUMP } from "../pair/pair_process.ts";

/** In a session of its own, to which no terminal belongs. */
const called = (name: string, folder: string, ...args: string[]) => [
  ...["setsid", Deno.execPath(), "run", "--allow-ffi"],
  ...[`--allow-write=${folder}`, `${ROOT}scripts/${name}.ts`, ...args],
];
/** What each listens to, and says as soon as it does. */
const LISTENING = {
  sniff: [["-I", "lo", "--protocol", "253"], "listening"],
  receive: [["-b", "127.0.0.1"], "Socket Info"],
} as const;
type Name = keyof typeof LISTENING;

/** Starts a capture, and waits until it listens. */
async function capturing(
  host: FreshHost,
  name: Name,
  folder: string,
  ...args: string[]
): Promise<Process> {
  const [place, said] = LISTENING[name];
  const command = called(name, folder, ...place, ...args);
  const merged = ["sh", "-c", 'exec "$@" 2>&1', "sh", ...command];
  const process = new Process(host.inside(merged));
  await process.until(said);
  return process;
}

/** Sends packets that count from 0. */
class Counter implements Disposable {
  readonly #socket: RawSocket;
  count = 0;

  constructor({ namespace }: FreshHost) {
    this.#socket = RawSocket.open({ protocol: 253, namespace });
  }

  send(octets: number): void {
    const payload = new Uint8Array(octets);
    new DataView(payload.buffer).setUint32(0, this.count++);
    this.#socket.send(payload, "127.0.0.1");
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

/** The numbers of a file's packets, as tshark reads it; none may be cut. */
async function numbersIn(path: string): Promise<number[]> {
  const { code, stdout, stderr } = await run([
    ...["tshark", "-r", path, "-T", "fields", "-e", "data.data"],
  ]);
  assert(!stderr.includes("cut short"), `${path}: ${stderr}`);
  assertEquals(code, 0, `${path}: ${stderr}`);
  return stdout.split("\n").filter((line) => line !== "")
    .map((hex) => parseInt(hex.slice(0, 8), 16));
}

const namesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map(({ name }) => name)
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));

async function allNumbersIn(folder: string): Promise<number[]> {
  const numbers = [];
  for (const name of namesIn(folder)) {
    numbers.push(...await numbersIn(`${folder}/${name}`));
  }
  return numbers;
}

/** The file in a folder that was written to last. */
function lastWritten(folder: string): string {
  const paths = namesIn(folder).map((name) => `${folder}/${name}`);
  const time = (path: string) => Deno.statSync(path).mtime!.getTime();
  return paths.toSorted((a, b) => time(a) - time(b)).at(-1)!;
}

const countTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Gives a host, and a folder that is removed again. */
async function withHost(
  use: (host: FreshHost, folder: string) => Promise<void>,
): Promise<void> {
  await using host = await FreshHost.create();
  const folder = await Deno.makeTempDir();
  try {
    await use(host, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const name of ["sniff", "receive"] as const) {
  for (const format of ["pcap", "pcapng"]) {
    await liveTest(
      `${name} goes on in a new ${format} file after a rename and SIGHUP, as logrotate has it`,
      ["lab", "tshark", "setsid"],
      () =>
        withHost(async (host, folder) => {
          // The last of them, by its name.
          const file = `${folder}/9.${format}`;
          await using process = await capturing(
            ...[host, name, folder, "--write", file] as const,
          );
          // Read as it comes, or it would wait for that.
          const said = Array.fromAsync(process.chunks());
          using counter = new Counter(host);
          // A receiver that cannot run for seconds still loses none.
          const sending = setInterval(() => counter.send(100), 20);
          try {
            for (const i of [1, 2, 3, 4, 5]) {
              const before = counter.count;
              await eventually(
                "some are sent",
                () => Promise.resolve(counter.count > before + 20),
              );
              await Deno.rename(file, `${folder}/${i}.${format}`);
              process.kill("SIGHUP");
              await eventually("there is a new file", async () => {
                const { size } = await Deno.stat(file).catch(() => ({
                  size: 0,
                }));
                return size > 0;
              });
              // The second time it has its name, and nothing is to be done.
              process.kill("SIGHUP");
            }
          } finally {
            clearInterval(sending);
          }
          process.kill("SIGTERM");
          const summary = (await said).join("").slice(-200);
          assertEquals((await process.end()).code, 0, summary);
          assertMatch(summary, /\b0 dropped\b/);
          assertEquals(namesIn(folder).length, 6);
          const numbers = await allNumbersIn(folder);
          assertEquals(numbers, countTo(numbers.length));
          assert(numbers.length >= counter.count - 1, `${numbers.length}`);
        }),
    );
  }
}

await liveTest(
  "a capture goes on in the old file where there can be no new one, and says so",
  ["lab", "tshark", "setsid"],
  () =>
    withHost(async (host, folder) => {
      await Deno.mkdir(`${folder}/a`);
      const write = ["--write", `${folder}/a/x.pcap`];
      await using process = await capturing(host, "sniff", folder, ...write);
      using counter = new Counter(host);
      counter.send(100);
      await eventually(
        "it is written",
        async () => (await Deno.stat(write[1])).size > 24,
      );
      await Deno.rename(`${folder}/a`, `${folder}/b`);
      process.kill("SIGHUP");
      await process.until("the old one goes on");
      counter.send(100);
      await eventually(
        "it is written",
        async () => (await Deno.stat(`${folder}/b/x.pcap`)).size > 200,
      );
      process.kill("SIGTERM");
      assertEquals((await process.end()).code, 0);
      assertEquals(await numbersIn(`${folder}/b/x.pcap`), [0, 1]);
    }),
);

for (const files of [undefined, 3, 12]) {
  const limited = files === undefined ? "" : `, of ${files} at most`;
  await liveTest(
    `sniff --rotate SIZE has files as tcpdump -C${limited}`,
    ["lab", "tshark", "setsid", "tcpdump"],
    () =>
      withHost(async (host, folder) => {
        await Deno.mkdir(`${folder}/ours`);
        await Deno.mkdir(`${folder}/tcpdump`);
        await using theirs = new Process(host.inside([
          ...TCPDUMP,
          ...["-Z", "root", "-U", "-i", "lo", "-C", "1", "-B", "32768"],
          ...(files === undefined ? [] : ["-W", `${files}`]),
          ...["-w", `${folder}/tcpdump/x`, "ip proto 253"],
        ]));
        await using ours = await capturing(
          ...[host, "sniff", folder] as const,
          ...["--rotate", "1000k", "--write", `${folder}/ours/x`],
          ...(files === undefined ? [] : ["--files", `${files}`]),
        );
        await eventually(
          "tcpdump listens",
          async () =>
            (await Deno.stat(`${folder}/tcpdump/x`).catch(() => undefined) ??
              await Deno.stat(
                `${folder}/tcpdump/x${files === 3 ? "0" : "00"}`,
              ).catch(() => undefined)) !== undefined,
        );
        using counter = new Counter(host);
        while (counter.count < 5000) {
          counter.send(980);
          if (counter.count % 50 === 0) await delay(1);
        }
        // It writes no more of what it has not read when it is ended.
        await eventually("tcpdump has written the last", async () => {
          const name = lastWritten(`${folder}/tcpdump`);
          const numbers = await numbersIn(name).catch(() => [0]);
          return numbers.includes(4999);
        });
        ours.kill("SIGTERM");
        theirs.kill("SIGTERM");
        const { stdout } = await ours.end();
        assertMatch(stdout, /--- 5000 captured.* 0 dropped \(aborted\)$/m);
        await theirs.end();
        assertEquals(namesIn(`${folder}/ours`), namesIn(`${folder}/tcpdump`));
        const numbers = (await allNumbersIn(`${folder}/ours`))
          .sort((a, b) => a - b);
        // Two whole files, and a part of a third.
        const kept = files === 3 ? numbers.length : 5000;
        assert(kept > 1800, `${kept}`);
        assertEquals(numbers, countTo(5000).slice(-kept));
        for (const name of namesIn(`${folder}/ours`)) {
          const { size } = await Deno.stat(`${folder}/ours/${name}`);
          assert(size <= 1_024_000, `${name} has ${size} octets`);
        }
      }),
  );
}

await liveTest(
  "sniff --rotate TIME has each packet in one of its files",
  ["lab", "tshark", "setsid"],
  () =>
    withHost(async (host, folder) => {
      const write = ["--write", `${folder}/x-%s.pcapng`, "--rotate", "1s"];
      await using process = await capturing(host, "sniff", folder, ...write);
      using counter = new Counter(host);
      await eventually("there are three files", () => {
        counter.send(100);
        return Promise.resolve(namesIn(folder).length >= 3);
      });
      process.kill("SIGTERM");
      assertEquals((await process.end()).code, 0);
      const numbers = await allNumbersIn(folder);
      assertEquals(numbers, countTo(numbers.length));
      assert(numbers.length >= counter.count - 1);
      for (const name of namesIn(folder)) {
        assertMatch(name, /^x-\d+\.pcapng\d*$/);
      }
    }),
);

await liveTest(
  "files that rotate are whole where the disk is full, too",
  ["lab", "tshark", "setsid", "unshare"],
  () =>
    withHost(async (host, folder) => {
      const [disk, copy] = ["disk", "copy"].map((name) => `${folder}/${name}`);
      await Deno.mkdir(disk);
      const writing = ["--write", `${disk}/x.pcap`, "--rotate", "100k"];
      const command = called("sniff", disk, ...LISTENING.sniff[0], ...writing);
      // What was written is copied, since nobody else sees this disk.
      const small = `mount -t tmpfs -o size=1m none ${disk} && "$@" 2>&1; ` +
        `code=$?; cp -r ${disk} ${copy}; exit $code`;
      await using process = new Process(
        host.inside([
          "unshare",
          "--mount",
          "sh",
          "-c",
          small,
          "sh",
          ...command,
        ]),
      );
      await process.until("listening");
      using counter = new Counter(host);
      const sending = setInterval(() => {
        for (let i = 0; i < 10; i++) counter.send(1000);
      }, 1);
      const { code, stdout } = await process.end()
        .finally(() => clearInterval(sending));
      assertMatch(
        stdout,
        /cannot write the file \S+: No space left\s+on device/,
      );
      assertEquals(code, 4, stdout);
      const numbers = await allNumbersIn(copy);
      assertEquals(numbers, countTo(numbers.length));
      // Not one more would have found room.
      assert(numbers.length > 950, `${numbers.length}`);
      assert(namesIn(copy).length > 9, namesIn(copy).join());
    }),
);
