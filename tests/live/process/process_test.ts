import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { liveTest } from "../live.ts";
import { Programs, runToEnd } from "./socket_process.ts";
import { eventually } from "../pair/pair_process.ts";
import { octets, openIn, pair, SENDER } from "../socket/socket_support.ts";

/** `poll`, by its number, and what it is given as no time limit at all. */
const POLL = Deno.build.arch === "x86_64"
  ? { call: "7", forever: "0xffffffff" }
  : { call: "73", forever: "0x0" };
/** Deno itself looks after its threads now and then. */
const LONG_MS = 1000;

/**
 * Whether one thread waits for packets, without a time limit, the main one for
 * that or for long, and none runs: so no CPU is used until one comes.
 */
function isIdle(pid: number): boolean {
  // proc(5): the number of the call that a thread is in, and its arguments.
  const callOf = (thread: string | number) =>
    Deno.readTextFileSync(`/proc/${pid}/task/${thread}/syscall`).split(" ");
  const polls = ([call, , , limit]: string[]) =>
    call === POLL.call && limit === POLL.forever;
  let calls: string[][];
  try {
    calls = [...Deno.readDirSync(`/proc/${pid}/task`)]
      .map(({ name }) => callOf(name));
  } catch {
    // A thread has ended in between.
    return false;
  }
  const main = callOf(pid);
  // epoll_wait(2) has its time limit, in milliseconds, last.
  return calls.some(polls) && (polls(main) || Number(main[4]) >= LONG_MS) &&
    calls.every(([call]) => /^\d+$/.test(call));
}

/** Ways to wait; each prints that it does, and then whose packet it got. */
const WAITING = {
  "receive()": `using socket = raw4.RawSocket.open({ protocol: 253 });
    const waiting = socket.receive();
    await turn();
    // More of them, and fewer again, while the first is being waited for.
    const other = raw4.RawSocket.open({ protocol: 254 });
    other.receive().catch(() => {});
    other.receive({ timeoutMs: 1 }).catch(() => {});
    await turn();
    other.close();
    setTimeout(() => console.log("waiting"), 0);
    console.log((await waiting).source);`,
  "receiveSync()": `using socket = raw4.RawSocket.open({ protocol: 253 });
    console.log("waiting");
    console.log(socket.receiveSync().source);`,
};
const TURN =
  `const turn = () => new Promise((done) => setTimeout(done, 10));\n`;

for (const [way, source] of Object.entries(WAITING)) {
  await liveTest(
    `a process that waits in ${way} uses no CPU, and wakes for a packet`,
    ["lab"],
    async () => {
      await using lab = await pair();
      await using programs = await Programs.create();
      const command = await programs.command(TURN + source, "--allow-ffi");
      const [program, ...args] = lab.inside("receiver", command);
      await using child = new Deno.Command(program, { args, stdout: "piped" })
        .spawn();
      const screen = child.stdout.pipeThrough(new TextDecoderStream())
        .getReader();
      assertEquals((await screen.read()).value, "waiting\n");
      const { pid } = child;
      await eventually("it is idle", () => Promise.resolve(isIdle(pid)));
      using sender = openIn(lab, "sender");
      sender.send(octets("wake up"), "1.1.1.1");
      assertEquals((await screen.read()).value, `${SENDER}\n`);
      assertEquals((await screen.read()).done, true);
      assertEquals((await child.status).code, 0);
    },
  );
}

await liveTest(
  "a process ends by itself when nobody waits for a packet any more",
  [
    "lab",
  ],
  async () => {
    await using lab = await pair();
    await using programs = await Programs.create();
    const open = "raw4.RawSocket.open({ protocol: 253 })";
    const turn = "await new Promise((resolve) => setTimeout(resolve, 10))";
    const endings = [
      `${open}; console.log("opened");`,
      // Closed, while the poll is under way.
      `const sockets = Array.from({ length: 3 }, () => ${open});
    for (const socket of sockets) socket.receive().catch(() => {});
    ${turn};
    for (const socket of sockets) socket.close();`,
      // Closed, before it is.
      `const socket = ${open};
    socket.receive({ timeoutMs: 1e9 })
      .catch((error) => console.log(error.message));
    socket.close();`,
      `const socket = ${open};
    await socket.receive({ timeoutMs: 10 }).catch((e) => console.log(e.name));`,
      `const socket = ${open};
    const controller = new AbortController();
    socket.receive({ signal: controller.signal }).catch(console.log);
    ${turn};
    controller.abort("aborted");`,
      // A packet, and then none any more.
      `using socket = ${open};
    const packet = socket.receive({ timeoutMs: 2 ** 31 - 1 });
    ${turn};
    socket.send(new Uint8Array(1), "127.0.0.1");
    console.log((await packet).source);`,
    ];
    const said = ["opened", "", "the socket is closed", "TimeoutExceeded"];
    said.push("aborted", "127.0.0.1");
    for (const [i, source] of endings.entries()) {
      const command = await programs.command(source, "--allow-ffi");
      const finished = await runToEnd(lab.inside("sender", command));
      const stdout = said[i] === "" ? "" : `${said[i]}\n`;
      assertEquals(finished, { code: 0, stdout, stderr: "" });
    }
  },
);

await liveTest(
  "a process with 100 sockets waiting has one thread that polls, and the others for files",
  ["lab"],
  async () => {
    await using lab = await pair();
    await using programs = await Programs.create();
    const command = await programs.command(
      `async function threads(waiting) {
      const turn = () => new Promise((resolve) => setTimeout(resolve, 10));
      const sockets = Array.from({ length: waiting }, () =>
        raw4.RawSocket.open({ protocol: 253 })
      );
      for (const socket of sockets) {
        socket.receive().catch(() => {});
        await turn();
      }
      // Would wait for ever, if each of them had a thread of the pool.
      await Deno.readTextFile(import.meta.filename);
      const count = [...Deno.readDirSync("/proc/self/task")].length;
      for (const socket of sockets) socket.close();
      await turn();
      return count;
    }
    console.log(await threads(1), await threads(100));`,
      "--allow-all",
    );
    const { stdout, stderr } = await runToEnd(lab.inside("sender", command));
    assertEquals(stderr, "");
    const [one, hundred] = stdout.split(" ").map(Number);
    // Deno may start a few more for itself.
    assertLessOrEqual(hundred - one, 5, stdout);
  },
);

await liveTest(
  "importing mod.ts needs no permission, and opens no library",
  [],
  async () => {
    await using programs = await Programs.create();
    const finished = await programs.run(
      `console.log(raw4.formatIPv4(raw4.parseIPv4("1.1.1.1")));`,
    );
    assertEquals(finished, { code: 0, stdout: "1.1.1.1\n", stderr: "" });
    const { stdout, stderr } = await programs.run(
      `const dlopen = Deno.dlopen;
    const opened = [];
    Deno.dlopen = (name, symbols) => {
      opened.push(name);
      return dlopen(name, symbols);
    };
    console.log(JSON.stringify(opened));
    raw4.routeTo("127.0.0.1");
    const functions = opened.length;
    raw4.routeTo("127.0.0.1");
    console.log(JSON.stringify([...new Set(opened)]));
    console.log(opened.length - functions);`,
      "--allow-ffi",
    );
    assertEquals([stdout, stderr], ['[]\n["libc.so.6"]\n0\n', ""]);
  },
);

await liveTest(
  "RawSocket.open() without --allow-ffi throws NotCapable, which names the flag",
  [],
  async () => {
    await using programs = await Programs.create();
    const { stdout, stderr } = await programs.run(
      `try {
      raw4.RawSocket.open({ protocol: 253 });
    } catch (error) {
      console.log(error instanceof Deno.errors.NotCapable, error.message);
    }`,
    );
    assertEquals(stderr, "");
    assert(/^true .*--allow-ffi/.test(stdout), stdout);
  },
);
