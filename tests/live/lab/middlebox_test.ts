/** Bad cables of the lab `chain`, as ping finds them. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { Machine, runs } from "./lab_machine.ts";
import { liveTest, run, script } from "../live.ts";
import { eventually, lines, Process } from "../pair/pair_process.ts";

const NEEDS = ["lab", "ping"];
/**
 * So that ping waits a second for the last answers, twice as long as for the
 * slowest: what stands in a bad cable may have to wait itself.
 */
const SLOW_MS = 250;
const QUICK = ["-i", "0.01"];
const CLEAN = { code: 0, stdout: "", stderr: "" };

/** What a ping to the target of a lab prints, one line an answer. */
async function pings(lab: Lab, ...args: string[]): Promise<string[]> {
  const command = lab.inside("host", ["ping", "-n", ...args]);
  const { stdout } = await run(command);
  return lines(stdout).filter((line) => line.includes(" bytes from "));
}

function sequences(answers: readonly string[]): number[] {
  return answers.map((line) => Number(/icmp_seq=(\d+)/.exec(line)?.[1]));
}

await liveTest(
  "slow cables take the time they are said to",
  NEEDS,
  async () => {
    // Fifteen boxes in this one process, and one hop without.
    const slow = Object.fromEntries(
      Array.from({ length: 15 }, (_, cable) => [cable + 1, 5]),
    );
    await using lab = await Lab.up(chain(15, { slow }));
    for (
      const [hop, address] of ["10.9.1.2", "10.9.8.2", "10.9.16.2"].entries()
    ) {
      // Until there are three, or some more that came at the same time: it
      // waits for the last no longer than twice as long as for the slowest.
      const three = ["-c", "3", "-w", "20", "-i", "0.05"];
      const answers = await pings(lab, ...three, address);
      assert(answers.length >= 3, `${answers.length} answers`);
      for (const line of answers) {
        const ms = Number(/time=([\d.]+)/.exec(line)?.[1]);
        assert(ms >= 2 * 5 * [1, 8, 15][hop], line);
      }
    }
    const [answer] = await pings(lab, "-c", "1", "2001:db8:9:8::2");
    assert(Number(/time=([\d.]+)/.exec(answer)?.[1]) >= 80, answer);
  },
);

await liveTest(
  "a slow cable does not keep hosts from finding each other",
  NEEDS,
  async () => {
    await using lab = await Lab.up(chain(1, { slow: { 1: 150 } }));
    for (const address of ["10.9.1.2", "2001:db8:9:1::2"]) {
      assertEquals((await pings(lab, "-c", "1", address)).length, 1, address);
    }
  },
);

await liveTest(
  "hosts find each other though the machine lets the bad cable wait",
  NEEDS,
  async () => {
    await using machine = await Machine.start();
    const lab = (...args: string[]) => machine.inside(script("lab", ...args));
    await run(lab("up", "chain", "1", "--slow", "1=1"));
    const ip = async (...args: string[]) =>
      (await run(machine.inside(["ip", ...args]))).stdout;
    const box = Number(await ip("netns", "pids", "raw4-chain-middleboxes"));
    for (const address of ["10.9.1.2", "2001:db8:9:1::2"]) {
      // Again, if this machine itself let the box wait until that was too late.
      await eventually(`${address} is found, asked for in vain`, async () => {
        Deno.kill(box, "SIGSTOP");
        const command = ["ping", "-c", "1", "-W", "20", address];
        const inHost = ["ip", "netns", "exec", "raw4-chain-host", ...command];
        await using ping = new Process(machine.inside(inHost));
        // More often than Linux asks by itself, from a number on of its own.
        let first = NaN;
        const neighbour = ["-n", "raw4-chain-host", "-s", "neigh", "show"];
        await eventually("it has been asked for again and again", async () => {
          const text = await ip(...neighbour, "to", address);
          const probes = Number(/probes (\d+)/.exec(text)?.[1]);
          if (isNaN(first)) first = probes;
          return probes >= first + 4 || text.includes("FAILED");
        });
        Deno.kill(box, "SIGCONT");
        return (await ping.end()).code === 0;
      });
    }
    await run(lab("down", "chain"));
  },
);

await liveTest(
  "ping finds what a bad cable says that it did",
  NEEDS,
  async () => {
    const impair = {
      dropping: { 2: 20 },
      duplicating: { 2: 20 },
      reordering: { 2: 20 },
      slow: { 1: SLOW_MS },
      seed: 3,
    };
    const runs: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      await using lab = await Lab.up(chain(1, impair));
      // Found, before it is counted.
      await pings(lab, "-c", "1", "10.9.1.2");
      const answers = await pings(lab, ...QUICK, "-c", "60", "10.9.2.2");
      const [, [there, back]] = lab.middleboxes.map(({ counts }) => counts);
      assertEquals(there.taken, 60);
      const arrived = 60 - there.dropped + there.duplicated;
      assertEquals(back.taken, arrived);
      assertEquals(answers.length, arrived - back.dropped + back.duplicated);
      const found = sequences(answers);
      const late = found.filter((number, place) => number < found[place - 1]);
      assert(there.dropped > 2 && there.duplicated > 2 && there.reordered > 2);
      assert(late.length >= 3, `${found}`);
      // Which packet waits for which, a busy machine decides as well.
      runs.push([there, back].map((counts) => ({ ...counts, reordered: 0 })));
    }
    assertEquals(runs[0], runs[1], "the same seed does the same");
  },
);

await liveTest(
  "ping's duplicates are those of the box, and no more",
  NEEDS,
  async () => {
    await using lab = await Lab.up(
      chain(1, { duplicating: { 1: 30 }, slow: { 2: SLOW_MS }, seed: 1 }),
    );
    const answers = await pings(lab, ...QUICK, "-c", "40", "10.9.2.2");
    const [[there, back]] = lab.middleboxes.map(({ counts }) => counts);
    const doubled = answers.filter((line) => line.includes("(DUP!)")).length;
    assert(there.duplicated > 3);
    // The last answer's duplicate comes when ping has gone.
    const all = there.duplicated + back.duplicated;
    assert(doubled === all || doubled === all - 1, `${doubled} of ${all}`);
  },
);

await liveTest(
  "a lab that stays keeps its bad cables until it is taken down",
  NEEDS,
  async () => {
    await using machine = await Machine.start();
    const lab = (...args: string[]) =>
      run(machine.inside(script("lab", ...args)));
    const up = await lab("up", "chain", "1", "--slow", "1=30");
    assertEquals([up.code, up.stderr], [0, ""]);
    const namespace = "raw4-chain-middleboxes";
    assert((await machine.namespaces()).includes(namespace));
    const pids = ["ip", "netns", "pids", namespace];
    const [pid] = lines((await run(machine.inside(pids))).stdout).map(Number);
    assertEquals(await runs(pid), true);
    const ping = ["ping", "-c", "1", "10.9.2.2"];
    const { stdout } = await lab("run", "chain", "--", ...ping);
    const ms = Number(/time=([\d.]+)/.exec(stdout)?.[1]);
    assert(ms >= 60, stdout);
    const other = await lab("run", "chain", "2", "--", "true");
    assertMatch(other.stderr, /^lab: another lab chain is up: take it down/);
    assertEquals((await lab("down", "chain")).code, 0);
    await eventually("it is gone", async () => !await runs(pid));
    assertEquals(await machine.namespaces(), []);
  },
);

await liveTest(
  "what stands in bad cables ends on a signal, and with its lab",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    const lab = (...args: string[]) =>
      run(machine.inside(script("lab", ...args)));
    const box = async () => {
      const pids = ["ip", "netns", "pids", "raw4-chain-middleboxes"];
      return Number((await run(machine.inside(pids))).stdout);
    };
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGKILL"] as const) {
      assertEquals((await lab("up", "chain", "1", "--slow", "1=1")).code, 0);
      const pid = await box();
      assertEquals(await runs(pid), true);
      Deno.kill(pid, signal);
      await eventually(`${signal} ends it`, async () => !await runs(pid));
      // Whose lab can be taken down all the same.
      assertEquals(await lab("down", "chain"), CLEAN);
      assertEquals(await machine.namespaces(), []);
    }
    assertEquals((await lab("up", "chain", "1", "--slow", "1=1")).code, 0);
    const pid = await box();
    // What runs in a host keeps its cables.
    const stays = ["ip", "netns", "exec", "raw4-chain-host", "cat"];
    await using _ = new Process(machine.inside(stays));
    assertEquals(await lab("down", "chain"), CLEAN);
    assertEquals(await runs(pid), false);
  },
);

await liveTest(
  "a run that was killed leaves no bad cable to the next",
  ["lab"],
  async () => {
    await using machine = await Machine.start();
    const sleep = ["--", "sh", "-c", "echo $$ sleeps; exec sleep 1000"];
    const args = ["run", "chain", "1", "--slow", "1=1", ...sleep];
    await using killed = new Process(machine.inside(script("lab", ...args)));
    const sleeper = parseInt(await killed.until("sleeps"));
    killed.kill("SIGKILL");
    const { pid } = killed;
    await eventually("it is killed", async () => !await runs(pid));
    const abandoned = await machine.namespaces();
    assert(abandoned.length >= 3, `${abandoned}`);

    const next = script("lab", "run", "pair", "--", "true");
    assertEquals((await run(machine.inside(next))).code, 0);
    await eventually("the orphan is gone", async () => !await runs(sleeper));
    assertEquals(await machine.namespaces(), []);
  },
);
