/** Two terminals, one lab: for root, and for somebody who is not. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Machine, processesIn, runs } from "./lab_machine.ts";
import { OrdinaryUser, USER_NEEDS } from "./lab_user.ts";
import { liveTest, run, script } from "../live.ts";
import { eventually, lines, Process } from "../pair/pair_process.ts";

/** Somebody with terminals. */
interface Person extends AsyncDisposable {
  /** A command that runs `lab.ts`. */
  lab(...args: string[]): string[];
}

const PEOPLE: [who: string, needs: readonly string[], () => Promise<Person>][] =
  [
    ["root", ["lab"], async () => {
      const machine = await Machine.start();
      return {
        lab: (...args) => machine.inside(script("lab", ...args)),
        [Symbol.asyncDispose]: () => machine[Symbol.asyncDispose](),
      };
    }],
    ["an ordinary user", USER_NEEDS, async () => {
      const user = await OrdinaryUser.create();
      return {
        lab: (...args) => user.command(user.script("lab", ...args)),
        [Symbol.asyncDispose]: () => user[Symbol.asyncDispose](),
      };
    }],
  ];

/** What a second terminal says first. */
function joined(host: string, pid: string): string[] {
  return [
    `In ${host} of the lab pair of process ${pid}, which ends with that process.`,
    "--new makes another.",
  ];
}

/** A shell in a lab, on a terminal of its own. */
async function open(person: Person, ...args: string[]): Promise<Process> {
  const shell = new Process(person.lab("run", ...args, "--", "sh"));
  await shell.type("echo ready\n");
  await shell.until("ready");
  return shell;
}

/** The ids of the processes whose labs `status` lists, each once. */
async function owners(person: Person): Promise<string[]> {
  const { code, stdout } = await run(person.lab("status"));
  assertEquals(code, 0);
  const pids = lines(stdout).map((line) =>
    /process (\d+) ends$/.exec(line)?.[1]
  );
  return [...new Set(pids.filter((pid) => pid !== undefined))];
}

for (const [who, needs, create] of PEOPLE) {
  await liveTest(
    `${who}: a second terminal is in the same lab, and says so`,
    [...needs, "ping"],
    async () => {
      await using person = await create();
      await using first = await open(person, "pair");
      const [pid] = await owners(person);
      const second = await run(
        person.lab(
          ...["run", "pair", "--host", "receiver", "--", "sh", "-c"],
          "pwd; hostname; echo $RAW4_HOST; ping -c1 -W10 1.1.1.100; exit 7",
        ),
      );
      assertEquals(lines(second.stderr), joined("receiver", pid));
      const [folder, ...names] = lines(second.stdout);
      assertEquals(folder, Deno.cwd());
      assertEquals(names.slice(0, 2), ["receiver", "receiver"]);
      assertMatch(second.stdout, / 1 received, 0% packet loss/);
      assertEquals(second.code, 7);
      // Whose end ended nothing.
      await first.type("hostname; echo $RAW4_HOST; exit 3\n");
      const { code, stdout, stderr } = await first.end();
      assertEquals(lines(stdout).slice(1), ["sender", "sender"]);
      assertEquals([code, stderr], [3, ""]);
      assertEquals(await owners(person), []);
    },
  );

  await liveTest(
    `${who}: a lab of its own is had by --new, another size, other routers`,
    [...needs, "nft"],
    async () => {
      await using person = await create();
      await using _ = await open(person, "chain", "2");
      const which = ["--", "readlink", "/proc/self/ns/net"];
      const chain = async (...args: string[]) => {
        const { stdout, stderr } = await run(
          person.lab("run", "chain", ...args, ...which),
        );
        return [stdout, stderr === ""] as const;
      };
      const [its, isNew] = await chain();
      assert(!isNew);
      assertEquals(await chain("2"), [its, false]);
      for (const other of [["--new"], ["3"], ["2", "--silent", "1"]]) {
        const [another, isOther] = await chain(...other);
        assert(another !== its && isOther, other.join(" "));
      }
      // Labs of other names are nobody's concern.
      const pair = await run(person.lab("run", "pair", "--", "true"));
      assertEquals([pair.code, pair.stderr], [0, ""]);
      assertEquals((await owners(person)).length, 1);
      const down = await run(person.lab("down", "chain"));
      assertEquals(down.code, 2);
      assertMatch(down.stderr, /is that of process \d+, and ends with it$/m);
    },
  );

  await liveTest(
    `${who}: with the first terminal's command ends the second's, and says so`,
    needs,
    async () => {
      await using person = await create();
      await using first = await open(person, "pair");
      await using second = await open(person, "pair", "--host", "receiver");
      await second.type("echo $$ sleeps; exec sleep 1000\n");
      const sleeper = parseInt(
        /\d+(?= sleeps)/.exec(await second.until("sleeps"))![0],
      );
      assert(await runs(sleeper));
      await first.type("exit 3\n");
      assertEquals((await first.end()).code, 3);
      const { code, stderr } = await second.end();
      assertEquals([code, lines(stderr.trimEnd()).at(-1)], [
        143,
        "The lab pair has ended.",
      ]);
      assert(!await runs(sleeper));
      assertEquals(await owners(person), []);
    },
  );
}

for (const [who, needs, create] of PEOPLE) {
  await liveTest(
    `${who}: tmux is the host's own, and the prompt names it`,
    [...needs, "tmux"],
    async () => {
      await using person = await create();
      // Within tmux, on whose server it would have been.
      const outer = ["env", "TMUX=/tmp/elsewhere,1,0", "TMUX_TMPDIR=/nowhere"];
      const inside = 'readlink /proc/self/ns/net >"$TMUX_TMPDIR/seen"; ' +
        "tmux wait-for -S seen; sleep 1000";
      const commands = `readlink /proc/self/ns/net
        tmux -f /dev/null new-session -d '${inside}'
        tmux wait-for seen
        cat "$TMUX_TMPDIR/seen"
        tmux display-message -p '#{pid}'`;
      const args = ["run", "pair", "--host", "receiver", "--", "sh", "-i"];
      const { stdout, stderr } = await run(
        [...outer, ...person.lab(...args)],
        { input: `${commands}\nexit\n` },
      );
      const [here, there, server] = lines(stdout);
      assertMatch(here, /^net:/, stderr);
      assertEquals(there, here);
      assert(stderr.includes("receiver# "), stderr);
      await eventually("tmux is gone", async () => !await runs(Number(server)));
    },
  );
}

await liveTest(
  "an ordinary user: the first is killed, and the second ends, too",
  USER_NEEDS,
  async () => {
    const [, , create] = PEOPLE[1];
    await using person = await create();
    await using first = await open(person, "pair");
    await using second = await open(person, "pair", "--host", "receiver");
    first.kill("SIGKILL");
    assertEquals((await first.end()).code, 137);
    const { code, stderr } = await second.end();
    assertEquals(lines(stderr.trimEnd()).at(-1), "The lab pair has ended.");
    assert(code === 129 || code === 137, `${code}`);
    const next = await run(person.lab("run", "pair", "--", "true"));
    assertEquals([next.code, next.stderr], [0, ""]);
  },
);

for (const action of [["down"], ["run", "pair", "--", "true"]]) {
  await liveTest(
    `an ordinary user: what was left behind is removed by ${action[0]}`,
    USER_NEEDS,
    async () => {
      const [, , create] = PEOPLE[1];
      await using person = await create();
      await using first = await open(person, "pair");
      await first.type("sleep 1000 & echo $! sleeps\n");
      const sleeper = /\d+(?= sleeps)/.exec(await first.until("sleeps"))![0];
      // Both at once: what made it, and what is to end it then.
      const identity = await Deno.readLink(`/proc/${sleeper}/ns/user`);
      first.kill("SIGSTOP");
      for (const pid of await processesIn("user", identity)) {
        const call = await Deno.readTextFile(`/proc/${pid}/cmdline`);
        if (call.includes("read -r over")) Deno.kill(pid, "SIGKILL");
      }
      first.kill("SIGKILL");
      const status = await run(person.lab("status"));
      assertMatch(status.stdout, /^(raw4-pair-\S+ {2}left behind by .*\n){2}$/);
      assert(await runs(Number(sleeper)));
      const { code, stderr } = await run(person.lab(...action));
      assertEquals([code, stderr], [0, ""]);
      await eventually(
        "all of it is gone",
        async () => (await processesIn("user", identity)).length === 0,
      );
      assertEquals((await run(person.lab("status"))).stdout, "No lab is up.\n");
    },
  );
}
