/** What labs leave behind when they end in other ways than well: nothing. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { LabError } from "../../../lib/lab/command.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { delay } from "../../../lib/socket/time.ts";
import { Machine, runs } from "./lab_machine.ts";
import { liveTest, run, script, shellWords, unwrapped } from "../live.ts";
import { eventually, lines, Process } from "../pair/pair_process.ts";

/** What ends a run, and the exit code that a shell has for it. */
const SIGNALS = [["INT", 130], ["TERM", 143], ["HUP", 129]] as const;

const SLEEP = "echo $$ sleeps; exec sleep 1000";

/** A lab's run whose command sleeps, all of it a group of processes. */
class Sleeping implements AsyncDisposable {
  readonly run: Process;
  /** The process id of the command that it runs. */
  sleeper = NaN;

  private constructor(run: Process) {
    this.run = run;
  }

  static async start(machine: Machine, command = SLEEP): Promise<Sleeping> {
    const lab = script("lab", "run", "pair", "--", "sh", "-c", command);
    const call = ["setsid", ...machine.inside(lab)];
    const sleeping = new Sleeping(new Process(call));
    try {
      sleeping.sleeper = parseInt(await sleeping.run.until("sleeps"));
    } catch (error) {
      await sleeping.run[Symbol.asyncDispose]();
      throw error;
    }
    return sleeping;
  }

  /** Signals all of them at once, as a terminal does. */
  async signalAll(signal: string): Promise<void> {
    await run(["kill", `-${signal}`, "--", `-${this.run.pid}`]);
  }

  /** Kills the run, but not what it runs. */
  async kill(): Promise<void> {
    const { pid } = this.run;
    this.run.kill("SIGKILL");
    await eventually("it is killed", async () => !await runs(pid));
    assertEquals(await runs(this.sleeper), true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (await runs(this.sleeper)) Deno.kill(this.sleeper, "SIGKILL");
    await this.run[Symbol.asyncDispose]();
  }
}

for (const [signal, code] of SIGNALS) {
  await liveTest(`lab run ends on SIG${signal} to all that a terminal runs`, [
    "lab",
    "setsid",
  ], async () => {
    await using machine = await Machine.start();
    await using sleeping = await Sleeping.start(machine);
    assertEquals((await machine.namespaces()).length, 2);
    await sleeping.signalAll(signal);
    const finished = await sleeping.run.end();
    assertEquals([finished.code, finished.stderr], [code, ""]);
    assertEquals(await machine.namespaces(), []);
    assertEquals(await runs(sleeping.sleeper), false);
  });
}

await liveTest(
  "lab run hands a SIGTERM to itself alone on",
  ["lab", "setsid"],
  async () => {
    await using machine = await Machine.start();
    await using sleeping = await Sleeping.start(machine);
    sleeping.run.kill("SIGTERM");
    assertEquals((await sleeping.run.end()).code, 143);
    assertEquals(await machine.namespaces(), []);
    assertEquals(await runs(sleeping.sleeper), false);
  },
);

await liveTest(
  "lab run removes the lab though SIGTERM comes when its command has ended",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    // An ip that takes its time to remove a host, until it is told to go on.
    await using ip = await machine.replace(
      "ip",
      `case "$*" in "netns delete "*-sender)
        touch "$dir/removing"
        until test -e "$dir/go"; do sleep 0.01; done
      esac`,
    );
    const lab = script("lab", "run", "pair", "--", "sh", "-c", "exit 7");
    await using process = new Process(machine.inside(lab));
    const exists = (file: string) =>
      Deno.stat(file).then(() => true, () => false);
    await eventually("it removes", () => exists(`${ip.dir}/removing`));
    process.kill("SIGTERM");
    await Deno.writeTextFile(`${ip.dir}/go`, "");
    const { code, stderr } = await process.end();
    assertEquals([code, stderr], [7, ""]);
    assertEquals(await machine.namespaces(), []);
  },
);

for (const [signal, code] of SIGNALS) {
  await liveTest(
    `a lab that is built when SIG${signal} comes is not kept`,
    ["lab", "setsid"],
    async () => {
      await using machine = await Machine.start();
      await using ip = await machine.replace(
        "ip",
        `case "$*" in *-sender" -batch -")
          touch $dir/building
          until test -e $dir/go; do sleep 0.01; done
        esac`,
      );
      for (const args of [["up"], ["run", "pair", "--", "echo", "run"]]) {
        const lab = ["setsid", ...machine.inside(script("lab", ...args))];
        await using process = new Process(lab);
        const isThere = (file: string) =>
          Deno.stat(`${ip.dir}/${file}`).then(() => true, () => false);
        await eventually("it builds", () => isThere("building"));
        await run(["kill", `-${signal}`, "--", `-${process.pid}`]);
        await Deno.writeTextFile(`${ip.dir}/go`, "");
        const { code: ended, stdout, stderr } = await process.end();
        assertEquals([ended, stdout, stderr], [code, "", ""]);
        assertEquals(await machine.namespaces(), []);
        await run(["rm", `${ip.dir}/go`, `${ip.dir}/building`]);
      }
    },
  );
}

await liveTest(
  "lab run ends what its shell has left in the background",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    const lab = (...args: string[]) => script("lab", "run", "pair", ...args);
    const sleep = shellWords(lab("--host", "receiver", "--", "sh", "-c"));
    const shell = `mkfifo "$0"; ${sleep} '${SLEEP}' >"$0" 2>&1 & ` +
      'read line <"$0"; rm "$0"; echo $line; exit 7';
    const fifo = `/tmp/raw4-fifo-${Deno.pid}`;
    const { code, stdout } = await run(
      machine.inside(lab("--", "sh", "-c", shell, fifo)),
    );
    assertEquals(code, 7);
    const sleeper = parseInt(stdout);
    assert(sleeper > 0, stdout);
    await eventually("it is ended", async () => !await runs(sleeper));
    assertEquals(await machine.namespaces(), []);
  },
);

await liveTest("lab run leaves Ctrl-C to a command that wants it", [
  "lab",
  "setsid",
], async () => {
  await using machine = await Machine.start();
  const shell = "trap '' INT; echo $$ sleeps; read x; exit 5";
  await using sleeping = await Sleeping.start(machine, shell);
  for (let i = 0; i < 3; i++) {
    await sleeping.signalAll("INT");
    await delay(50); // Time for what should not happen.
  }
  await sleeping.run.endInput();
  assertEquals((await sleeping.run.end()).code, 5);
  assertEquals(await machine.namespaces(), []);
});

await liveTest("a run that was killed is cleaned up after by the next", [
  "lab",
  "setsid",
], async () => {
  await using machine = await Machine.start();
  for (const command of [SLEEP, `trap '' TERM; ${SLEEP}`]) {
    await using sleeping = await Sleeping.start(machine, command);
    const abandoned = await machine.namespaces();
    assertEquals(abandoned.length, 2);
    await sleeping.kill();
    assertEquals(await machine.namespaces(), abandoned);

    const args = ["run", "pair", "--", "ip", "netns", "list"];
    const next = await run(machine.inside(script("lab", ...args)));
    assertEquals(lines(next.stdout).length, 2, "its own, and no more");
    for (const name of abandoned) assert(!next.stdout.includes(name), name);
    const { sleeper } = sleeping;
    await eventually("the orphan is gone", async () => !await runs(sleeper));
    assertEquals(await machine.namespaces(), []);
  }
});

await liveTest(
  "a lab put up to stay is removed by no run",
  ["lab", "setsid"],
  async () => {
    await using machine = await Machine.start();
    // Abandoned first, since later runs use the lab that stays.
    await using abandoned = await Sleeping.start(machine);
    await abandoned.kill();
    await run(machine.inside(script("lab", "up")));
    const { sleeper } = abandoned;
    await eventually("the orphan is gone", async () => !await runs(sleeper));
    const both = ["raw4-pair-receiver", "raw4-pair-sender"];
    assertEquals(await machine.namespaces(), both);

    await using sleeping = await Sleeping.start(machine);
    sleeping.run.kill("SIGTERM");
    assertEquals((await sleeping.run.end()).code, 143);
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
    // An ip that fails when both hosts are there.
    await using _ = await machine.replace(
      "ip",
      `case "$*" in *-receiver*-batch*)
        echo "no cables left" >&2; exit 1
      esac`,
    );
    const lab = script("lab", "run", "pair", "--", "true");
    const { code, stdout, stderr } = await run(machine.inside(lab));
    assertEquals([code, stdout], [4, ""]);
    assertMatch(
      unwrapped(stderr),
      /^lab: `ip -netns raw4-pair-[\d.]+-receiver -batch -` failed: no cables left$/,
    );
    assertEquals(await machine.namespaces(), []);
  },
);

await liveTest(
  "without nft a lab that needs it says what to install, exit 4",
  ["lab", "nft"],
  async () => {
    await using machine = await Machine.start();
    await machine.hide("nft");
    const lab = (...options: string[]) => {
      const args = ["run", "chain", "1", ...options, "--", "true"];
      return run(machine.inside(script("lab", ...args)));
    };
    const { code, stdout, stderr } = await lab("--silent", "1");
    assertEquals([code, stdout, stderr], [
      4,
      "",
      "lab: nft is not installed, and routers that do more than forward need " +
      "it\nInstall it: nft comes with nftables.\n",
    ]);
    assertEquals((await lab()).code, 0, "routers that forward do not");
    assertEquals(await machine.namespaces(), []);
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
  const listed = async () => (await run(["ip", "netns", "list"])).stdout;
  let names: string[];
  {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    names = lab.hosts.map((host) => lab.namespace(host));
    for (const name of names) assert((await listed()).includes(name), name);
  }
  for (const name of names) assert(!(await listed()).includes(name), name);
});
