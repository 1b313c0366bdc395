/** Labs whose makers were killed, at whatever point. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Machine, processesIn, type Replaced, runs } from "./lab_machine.ts";
import { OrdinaryUser, USER_NEEDS } from "./lab_user.ts";
import { liveTest, run, script } from "../live.ts";
import { eventually, lines, Process } from "../pair/pair_process.ts";

const BOTH = ["raw4-pair-receiver", "raw4-pair-sender"];

/**
 * An `ip` that counts how often it is run, and the time that `$dir/at` says
 * kills the script that runs it. It does its own work all the same.
 */
const KILLER = `if test -e $dir/at; then
  echo $$ >>$dir/pids
  n=1
  until mkdir $dir/$n 2>/dev/null; do n=$((n+1)); done
  test $n != "$(cat $dir/at)" || kill -KILL $PPID
fi`;

/** A machine whose `ip` can be told when to kill. */
class Deadly implements AsyncDisposable {
  readonly #machine: Machine;
  readonly #ip: Replaced;

  private constructor(machine: Machine, ip: Replaced) {
    this.#machine = machine;
    this.#ip = ip;
  }

  static async start(): Promise<Deadly> {
    const machine = await Machine.start();
    return new Deadly(machine, await machine.replace("ip", KILLER));
  }

  lab(...args: string[]) {
    return run(this.#machine.inside(script("lab", ...args)));
  }

  /** Runs it to its death, and waits until all that it ran has ended. */
  async kill(at: number, ...args: string[]): Promise<boolean> {
    const { dir } = this.#ip;
    await Deno.writeTextFile(`${dir}/at`, `${at}`);
    const { code } = await this.lab(...args);
    await eventually("its last commands have ended", async () => {
      // None that has yet to say its id.
      if (!await this.#machine.isIdle()) return false;
      const pids = (await Deno.readTextFile(`${dir}/pids`)).split("\n")
        .filter(Boolean).map(Number);
      return !(await Promise.all(pids.map(runs))).includes(true);
    });
    await run(["sh", "-c", `rm -r ${dir}/at ${dir}/pids ${dir}/[0-9]*`]);
    assert(code === 137 || code === 0, `${code}`);
    return code === 137;
  }

  /** Whether all of the pair is there, and not said to be left over. */
  async isWhole(): Promise<boolean> {
    const { stdout } = await this.lab("status");
    const pair = lines(stdout).filter((line) => line.includes("-pair-"));
    return `${pair}` === `${BOTH.map((name) => `${name}  stays`)}`;
  }

  namespaces() {
    return this.#machine.namespaces();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#machine[Symbol.asyncDispose]();
    await this.#ip[Symbol.asyncDispose]();
  }
}

for (const action of ["up", "down"]) {
  await liveTest(
    `lab ${action}, killed at any point, is made good by the next up`,
    ["lab", "ping"],
    async () => {
      await using machine = await Deadly.start();
      let halves = 0;
      for (let at = 1;; at++) {
        if (action === "down") await machine.lab("up");
        if (!await machine.kill(at, action)) break;
        const isWhole = await machine.isWhole();
        const left = await machine.namespaces();
        if (!isWhole && left.length > 0) halves++;
        const { code, stderr } = await machine.lab("up");
        assertEquals(
          [code, stderr],
          isWhole ? [2, "lab: the lab pair is up already\n"] : [0, ""],
          `killed at ${at}`,
        );
        assert(await machine.isWhole(), `killed at ${at}`);
        assertEquals(await machine.namespaces(), BOTH);
        const ping = ["ping", "-c", "1", "-W", "10", "1.1.1.1"];
        const answered = await machine.lab("run", "pair", "--", ...ping);
        assertEquals(answered.code, 0, `killed at ${at}: ${answered.stdout}`);
        assertEquals((await machine.lab("down")).code, 0);
        assertEquals(await machine.namespaces(), []);
      }
      assert(halves >= (action === "up" ? 6 : 2), `${halves}`);
    },
  );
}

await liveTest(
  "a half lab says so, and down removes it, or the next run does",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    await using _ = await machine.replace(
      "ip",
      `case "$*" in *-pair-sender" -batch -") kill -KILL $PPID; exit 1; esac`,
    );
    const lab = (...args: string[]) =>
      run(machine.inside(script("lab", ...args)));
    for (const put of [["up"], ["run", "pair", "--stay", "--", "true"]]) {
      for (const remove of [["down"], ["run", "pair", "--", "true"]]) {
        assertEquals((await lab(...put)).code, 137);
        const half = await machine.namespaces();
        assertEquals(half.filter((name) => BOTH.includes(name)), BOTH);
        const status = await lab("status");
        assertEquals(
          lines(status.stdout),
          half.map((name) =>
            `${name}  left behind by a process that was killed: down removes it`
          ),
        );
        assertEquals(await lab(...remove), { code: 0, stdout: "", stderr: "" });
        assertEquals(await machine.namespaces(), []);
        assertEquals((await lab("down")).code, 2);
      }
    }
  },
);

await liveTest(
  "what stands in the cables of a half lab ends with it",
  ["lab", "ping"],
  async () => {
    await using machine = await Machine.start();
    // Killed when all is done but to say so.
    await using ip = await machine.replace(
      "ip",
      `case "$*" in "netns delete "*-changing)
        test -e $dir/killed || { touch $dir/killed; kill -KILL $PPID; exit 1; }
      esac`,
    );
    const lab = (...args: string[]) =>
      run(machine.inside(script("lab", ...args)));
    const standIn = async () => {
      const pids = ["ip", "netns", "pids", "raw4-chain-middleboxes"];
      return Number((await run(machine.inside(pids))).stdout);
    };
    const up = ["up", "chain", "1", "--slow", "1=1"];
    assertEquals((await lab(...up)).code, 137);
    assert(await Deno.stat(`${ip.dir}/killed`));
    const orphan = await standIn();
    assertEquals(await runs(orphan), true);
    const next = await lab(...up);
    assertEquals([next.code, next.stderr], [0, ""]);
    assertEquals(await runs(orphan), false);
    const heir = await standIn();
    assertEquals(await runs(heir), true);
    const ping = ["ping", "-c", "1", "-W", "10", "10.9.2.2"];
    assertEquals((await lab("run", "chain", "--", ...ping)).code, 0);
    assertEquals((await lab("down", "chain")).code, 0);
    await eventually("it is gone", async () => !await runs(heir));
    assertEquals(await machine.namespaces(), []);
  },
);

await liveTest("a lab that is being put up is left alone, exit 2", [
  "lab",
], async () => {
  await using machine = await Machine.start();
  await using ip = await machine.replace(
    "ip",
    `case "$*" in *-pair-sender" -batch -")
      touch $dir/building
      until test -e $dir/go; do sleep 0.01; done
    esac`,
  );
  await using up = new Process(machine.inside(script("lab", "up")));
  const isThere = (file: string) =>
    Deno.stat(`${ip.dir}/${file}`).then(() => true, () => false);
  await eventually("it builds", () => isThere("building"));
  for (const args of [["up"], ["down"], ["run", "pair", "--", "true"]]) {
    const { code, stderr } = await run(machine.inside(script("lab", ...args)));
    assertEquals([code, stderr], [
      2,
      "lab: the lab pair is being put up or taken down just now\n",
    ]);
  }
  const status = await run(machine.inside(script("lab", "status")));
  assertMatch(
    status.stdout,
    /^(raw4-pair-[\w.-]+ {2}being put up or taken down\n){3}$/,
  );
  await Deno.writeTextFile(`${ip.dir}/go`, "");
  assertEquals((await up.end()).code, 0);
  assertEquals(await machine.namespaces(), BOTH);
});

await liveTest(
  "an ordinary user's lab that is killed leaves no process",
  USER_NEEDS,
  async () => {
    await using user = await OrdinaryUser.create();
    // One that heeds no signal, one in another host, one in another lab.
    const lab = (...args: string[]) =>
      user.script("lab", "run", ...args).join(" ");
    const sleep = "echo $$ sleeps; exec sleep 1000";
    const shell = `sh -c "trap '' TERM HUP INT; ${sleep}" &
      ${lab("pair", "--host", "receiver", "--", "sh", "-c")} '${sleep}' &
      ${lab("chain", "1", "--slow", "1=1", "--", "sh", "-c")} '${sleep}' &
      wait`;
    const command = user.script("lab", "run", "pair", "--", "sh", "-c", shell);
    await using process = new Process(user.command(command));
    const sleeper = parseInt(await process.until("sleeps", 3));
    const identity = await Deno.readLink(`/proc/${sleeper}/ns/user`);
    assert((await processesIn("user", identity)).length > 6);
    // Nor if what ends them is killed before.
    const first = await guardsIn(identity);
    for (const guard of first) Deno.kill(guard, "SIGKILL");
    await eventually(
      "another is there",
      async () =>
        (await guardsIn(identity)).some((pid) => !first.includes(pid)),
    );
    process.kill("SIGKILL");
    try {
      await eventually(
        "all of it is gone",
        async () => (await processesIn("user", identity)).length === 0,
      );
    } finally {
      for (const pid of await processesIn("user", identity)) {
        Deno.kill(pid, "SIGKILL");
      }
    }
  },
);

/** The ids of what ends a lab's processes, in a user namespace. */
async function guardsIn(identity: string): Promise<number[]> {
  const isGuard = async (pid: number) =>
    (await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => ""))
      .includes("read -r over");
  const pids = await processesIn("user", identity);
  const are = await Promise.all(pids.map(isGuard));
  return pids.filter((_, i) => are[i]);
}
