/** What labs leave behind when they end in other ways than well: nothing. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { delay } from "@std/async/delay";
import { LabError } from "../../lib/lab/command.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../lib/lab/topology.ts";
import { Machine, runs } from "./lab_machine.ts";
import { liveTest, run, script } from "./live.ts";
import { lines, Process } from "./pair_process.ts";

const SLEEP = ["sh", "-c", "echo $$ sleeps; exec sleep 1000"];

/** A run whose command sleeps, as a group of processes of its own. */
async function sleeping(
  machine: Machine,
  command = SLEEP,
): Promise<{ process: Process; pid: number }> {
  const args = script("lab", "run", "pair", "--", ...command);
  const process = new Process(["setsid", ...machine.inside(args)]);
  const pid = parseInt(await process.until("sleeps"));
  return { process, pid };
}

for (const [signal, code] of [["INT", 130], ["TERM", 143]] as const) {
  await liveTest(
    `lab run ends on SIG${signal} to all of a terminal's processes`,
    ["lab", "setsid"],
    async () => {
      await using machine = await Machine.start();
      const { process, pid } = await sleeping(machine);
      await using _ = process;
      assertEquals((await machine.namespaces()).length, 2);
      await run(["kill", `-${signal}`, "--", `-${process.pid}`]);
      const finished = await process.end();
      assertEquals([finished.code, finished.stderr], [code, ""]);
      assertEquals(await machine.namespaces(), []);
      assertEquals(await runs(pid), false);
    },
  );
}

await liveTest(
  "lab run hands a SIGTERM to itself alone on",
  ["lab", "setsid"],
  async () => {
    await using machine = await Machine.start();
    const { process, pid } = await sleeping(machine);
    await using _ = process;
    process.kill("SIGTERM");
    assertEquals((await process.end()).code, 143);
    assertEquals(await machine.namespaces(), []);
    assertEquals(await runs(pid), false);
  },
);

await liveTest("lab run leaves Ctrl-C to a command that wants it", [
  "lab",
  "setsid",
], async () => {
  await using machine = await Machine.start();
  const shell = ["sh", "-c", "trap '' INT; echo $$ sleeps; read x; exit 5"];
  const { process } = await sleeping(machine, shell);
  await using _ = process;
  for (let i = 0; i < 3; i++) {
    await run(["kill", "-INT", "--", `-${process.pid}`]);
  }
  await process.endInput();
  assertEquals((await process.end()).code, 5);
  assertEquals(await machine.namespaces(), []);
});

await liveTest("a run that was killed is cleaned up after by the next", [
  "lab",
  "setsid",
], async () => {
  await using machine = await Machine.start();
  const stubborn = "trap '' TERM; echo $$ sleeps; while :; do sleep 1000; done";
  for (const command of [SLEEP, ["sh", "-c", stubborn]]) {
    const { process, pid } = await sleeping(machine, command);
    await using _ = process;
    const abandoned = await machine.namespaces();
    assertEquals(abandoned.length, 2);
    process.kill("SIGKILL");
    // Not its end, since what it ran still has its output.
    while (await runs(process.pid)) await delay(10);
    assertEquals(await machine.namespaces(), abandoned);
    assertEquals(await runs(pid), true);

    const args = ["run", "pair", "--", "ip", "netns", "list"];
    const next = await run(machine.inside(script("lab", ...args)));
    assertEquals(lines(next.stdout).length, 2, "its own, and no more");
    for (const name of abandoned) assert(!next.stdout.includes(name), name);
    while (await runs(pid)) await delay(10);
    assertEquals(await machine.namespaces(), []);
  }
});

await liveTest(
  "a lab put up to stay is removed by no run",
  ["lab", "setsid"],
  async () => {
    await using machine = await Machine.start();
    // Abandoned first, since later runs would use the lab that stays.
    const { process, pid } = await sleeping(machine);
    await using _ = process;
    process.kill("SIGKILL");
    while (await runs(process.pid)) await delay(10);
    await run(machine.inside(script("lab", "up")));
    while (await runs(pid)) await delay(10);
    const both = ["raw4-pair-receiver", "raw4-pair-sender"];
    assertEquals(await machine.namespaces(), both);

    await using shell = new Process(
      machine.inside(script("lab", "run", "pair", "--", ...SLEEP)),
    );
    await shell.until("sleeps");
    shell.kill("SIGTERM");
    assertEquals((await shell.end()).code, 143);
    const demo = await run(machine.inside(script("demo")));
    assertEquals(demo.code, 0, demo.stderr);
    assertEquals(await machine.namespaces(), both);
  },
);

await liveTest(
  "a lab that cannot be built leaves nothing, exit 4",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    const folder = await Deno.makeTempDir();
    try {
      // An ip that fails at the cable, when both hosts are there.
      const { stdout: ip } = await run(["sh", "-c", "command -v ip"]);
      const failing = `#!/bin/sh
      case "$*" in *-receiver*-batch*) echo "no cables left" >&2; exit 1;; esac
      exec ${ip.trim()} "$@"`;
      await Deno.writeTextFile(`${folder}/ip`, failing, { mode: 0o755 });
      const PATH = `${folder}:${Deno.env.get("PATH")}`;
      const args = script("lab", "run", "pair", "--", "true");
      const { code, stdout, stderr } = await run(
        machine.inside(["env", `PATH=${PATH}`, ...args]),
      );
      assertEquals([code, stdout], [4, ""]);
      assertMatch(
        stderr,
        /^lab: `ip -netns raw4-pair-[\d.]+-receiver -batch -` failed: no cables left\n$/,
      );
      assertEquals(await machine.namespaces(), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest("Lab.up() twice in one process fails, and harms not the first", [
  "lab",
], async () => {
  await using lab = await Lab.up(TOPOLOGIES.pair);
  await assertRejects(() => Lab.up(TOPOLOGIES.pair), LabError, "File exists");
  for (const host of ["sender", "receiver"]) {
    const { code } = await run(lab.inside(host, ["true"]));
    assertEquals(code, 0, host);
  }
});

await liveTest("no namespace of ours is left when a lab is disposed of", [
  "lab",
], async () => {
  let names: string[];
  {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    names = lab.topology.hosts.map((host) => lab.namespace(host));
    const { stdout } = await run(["ip", "netns", "list"]);
    for (const name of names) assert(stdout.includes(name), name);
  }
  const { stdout } = await run(["ip", "netns", "list"]);
  for (const name of names) assert(!stdout.includes(name), name);
});
