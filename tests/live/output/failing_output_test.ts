/** Outputs that fail, and what a script's exit code is then. */

import { assert, assertEquals } from "@std/assert";
import { FreshHost } from "../fresh_host.ts";
import { type Finished, liveTest, ROOT, run } from "../live.ts";
import { eventually } from "../pair/pair_process.ts";
import { waitsIn } from "./waiting.ts";

const called = (name: string, ...args: string[]) => [
  ...[Deno.execPath(), "run", "--allow-all", `${ROOT}scripts/${name}.ts`],
  ...args,
];
const redirected = (redirection: string, command: string[]) => [
  ...["sh", "-c", `exec "$@" ${redirection}`, "sh"],
  ...command,
];

function assertSentence({ stderr }: Finished, note: string): void {
  assert(!/^ +at |panicked|unexpected/m.test(stderr), `${note}: ${stderr}`);
}

const SCRIPTS = [
  ...["send", "receive", "ping", "sweep", "traceroute", "spoof", "sniff"],
  ...["dissect", "craft", "lab", "demo", "bundle"],
];

await liveTest(
  "every script says in a sentence that its help cannot be written",
  [],
  async () => {
    for (const name of SCRIPTS) {
      const finished = await run(
        redirected(">/dev/full", called(name, "--help")),
      );
      const said = "cannot write to standard output: No space left on device";
      assertEquals(finished.stderr, `${name}: ${said}\n`);
      assertEquals(finished.code, 4);
    }
    const status = called("lab", "status");
    const finished = await run(redirected(">/dev/full", status));
    assertSentence(finished, "lab status");
    assertEquals(finished.code, 4);
  },
);

/** What ends how, also where nobody can be told why. */
const ENDS: [command: string[], code: number][] = [
  [called("send"), 2],
  [called("ping", "-c", "1", "127.0.0.1"), 0],
  [called("ping", "-c", "1", "192.0.2.1"), 4],
  [called("sweep", "127.0.0.0/30"), 0],
  [called("sniff", "-I", "lo", "-w", "0"), 1],
  [called("sniff", "-I", "nowhere"), 4],
  [called("dissect", "45zz"), 2],
];

await liveTest(
  "the exit code is the work's, whatever happens to standard error",
  ["lab"],
  async () => {
    await using host = await FreshHost.create();
    for (const [command, code] of ENDS) {
      for (const redirection of ["2>/dev/full", "2>&-", "2>/dev/null"]) {
        const finished = await run(
          host.inside(redirected(redirection, command)),
        );
        const note = `${command.slice(3).join(" ")} ${redirection}`;
        assertEquals(finished.code, code, note);
      }
    }
  },
);

await liveTest(
  "a standard error that nobody reads does not keep a script from ending",
  ["lab"],
  async () => {
    await using host = await FreshHost.create();
    // It fills the pipe, which is then that of the script.
    const filling = `head -c 65536 /dev/zero >&2; exec "$@"`;
    const [program, ...args] = host.inside([
      ...["sh", "-c", filling, "sh"],
      ...called("sniff", "-I", "lo"),
    ]);
    await using child = new Deno.Command(program, {
      args,
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const guard = setTimeout(() => child.kill("SIGKILL"), 30_000);
    await eventually("it is stuck", () => waitsIn(child.pid, "pipe_write"));
    child.kill("SIGTERM");
    assertEquals((await child.status).code, 0);
    clearTimeout(guard);
    await child.stderr.cancel();
  },
);

/** So many files can Deno itself begin with, and a script perhaps not. */
const LIMITS = [24, 26, 28, 30];

await liveTest(
  "scripts say in a sentence that too many files are open",
  ["lab"],
  async () => {
    await using host = await FreshHost.create();
    const commands = [
      called("lab", "status"),
      called("spoof", "127.0.0.1", "-s", "127.0.0.9", "--why"),
    ];
    for (const limit of LIMITS) {
      for (const command of commands) {
        const limited = ["sh", "-c", `ulimit -n ${limit}; exec "$@"`, "sh"];
        const finished = await run(host.inside([...limited, ...command]));
        assertSentence(finished, `${limit} for ${command[3]}`);
        assert([0, 4].includes(finished.code), finished.stderr);
      }
    }
  },
);
