/** scripts/FLEET.md: its commands, as they are copied from the page. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { planLab } from "../../../lib/lab/topology/catalogue.ts";
import { BUNDLER, withBundles } from "../bundles.ts";
import { liveTest, ROOT, run } from "../live.ts";
import { eventually, Process } from "../pair/pair_process.ts";

/** The commands under a name, which their first line has as a comment. */
async function readCommands(): Promise<ReadonlyMap<string, string>> {
  const page = await Deno.readTextFile(`${ROOT}scripts/FLEET.md`);
  return new Map(
    page.matchAll(/^```sh\n# (\w+)\n([^]*?)^```$/gm)
      .map(([, name, commands]) => [name, commands]),
  );
}

await liveTest(
  "a fleet gets the bundles, sweeps a /16, loses a host, and has a whole result",
  [
    ...["init-root", "lab", "sshd", "ssh", "parallel", "rsync"],
    ...["ansible-playbook", "python3", ...BUNDLER],
  ],
  () =>
    withBundles(async (folder) => {
      const commands = await readCommands();
      assertEquals([...commands.keys()], [
        ...["star", "copy", "sweep", "lose", "resume", "merge"],
      ]);
      await using lab = await Lab.up(planLab("star", ["5"], {}));
      let stdout: string;
      try {
        for (const name of ["scripts", "lib", "deno.json", "deno.lock"]) {
          await Deno.symlink(ROOT + name, `${folder}/${name}`);
        }
        const script = ["star", "copy", "sweep", "resume", "merge"]
          .flatMap((name) => [
            `echo "== ${name}"`,
            // Which ends with how many have failed.
            ...(name === "sweep" ? ["set +e"] : []),
            // Half as fast, so that there is time to lose a host in.
            commands.get(name)!.replace("--rate 2000", "--rate 1000"),
            ...(name === "sweep" ? ["echo failed: $?", "set -e"] : []),
          ]).join("\n");
        await Deno.writeTextFile(`${folder}/commands`, script);
        const inHead = (...command: string[]) =>
          lab.inside("head", ["env", "-C", folder, ...command]);
        await using process = new Process(
          inHead("bash", "-c", "set -e; . ./commands; kill $(jobs -p)"),
        );
        for (
          const text of ["[unarchive]", "[command]", "PLAY RECAP", "sweep"]
        ) {
          await process.until(text);
        }
        // As the page says, in the middle of that host's share.
        await eventually("host3 sweeps", async () => {
          const { stdout } = await run(
            lab.inside("host3", ["nstat", "-a", "-s", "-z", "IcmpInEchoReps"]),
          );
          return Number(/IcmpInEchoReps +(\d+)/.exec(stdout)?.[1]) > 300;
        });
        const lost = await run(inHead("bash", "-c", commands.get("lose")!));
        assertEquals([lost.code, lost.stderr], [0, ""]);
        const ended = await process.end();
        stdout = ended.stdout;
        assertEquals(ended.code, 0, stdout + ended.stderr);
      } finally {
        await lab.endProcesses();
      }
      for (let host = 1; host <= 5; host++) {
        const told =
          `host${host} +: ok=5 +changed=\\d +unreachable=0 +failed=0 `;
        assertMatch(stdout, new RegExp(told));
      }
      assertMatch(stdout, /\nfailed: 1\n/);
      const log = (await Deno.readTextFile(`${folder}/sweep.log`)).trim()
        .split("\n").slice(1).map((line) => line.split("\t"));
      const done = log.map(([seq, host, , , , , exit]) => ({
        seq,
        host,
        exit,
      }));
      const failed = done.filter(({ exit }) => exit !== "0");
      assertEquals(failed.map(({ host }) => host), ["host3"]);
      const again = done.filter(({ seq }) => seq === failed[0].seq);
      assertEquals(again.length, 2);
      assert(again[1].host !== "host3" && again[1].exit === "0");

      const lines = (await Deno.readTextFile(`${folder}/whole.jsonl`)).trim()
        .split("\n").map((line) => JSON.parse(line));
      const { type, total, asked, alive } = lines.pop();
      assertEquals([type, total, asked, alive], [
        "summary",
        65_536,
        65_536,
        65_536,
      ]);
      const listing = "import ipaddress\n" +
        "for a in ipaddress.ip_network('10.10.0.0/16'): print(a)";
      const wanted = await run(["python3", "-c", listing]);
      assert(
        lines.map(({ address }) => `${address}\n`).join("") === wanted.stdout,
        "every address once, in ascending order",
      );
    }),
);
