/** A route watched, beside mtr doing the same. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { chain } from "../../../lib/lab/topology/chain.ts";
import { Lab } from "../../../lib/lab/lab.ts";
import { inHost } from "../hosts.ts";
import { liveTest, run, script, shellWords } from "../live.ts";
import { Process } from "../pair/pair_process.ts";

const ROUNDS = 12;
const TARGET = "10.9.5.2";
const WATCH = ["--watch", "-n", "--interval", "0.1"];

/** Every so-manieth of what a router says itself, and of what it forwards. */
const LOSSES = `table ip losses {
  chain out {
    type filter hook output priority 0
    icmp type time-exceeded numgen inc mod 4 == 0 drop
  }
}`;
const LOSSES_BEHIND = `table ip losses {
  chain out {
    type filter hook forward priority 0
    icmp type echo-reply numgen inc mod 6 == 0 drop
  }
}`;

/** The figures of a table's lines: number, host, loss, sent. */
function rows(table: string) {
  return table.trim().split("\n").map((line) =>
    /^ *(\d+)[. |-]+(\S+) +([\d.]+)%? +(\d+) /.exec(line)?.slice(1)
  ).filter((row) => row !== undefined);
}

await liveTest(
  "traceroute.ts --watch has mtr's figures",
  ["lab", "nft", "mtr"],
  async () => {
    await using lab = await Lab.up(chain(4, { silent: [2], slow: { 5: 20 } }));
    await inHost(lab, "router3", "nft", LOSSES);
    await inHost(lab, "router4", "nft", LOSSES_BEHIND);
    // No further, or what goes there in the first round would count as well.
    const count = ["-c", `${ROUNDS}`, "-m", "5"];
    // mtr waits far longer, which would cost that for the silent one each time.
    const wait = ["-w", "2"];
    const { code, stdout, stderr } = await run(
      lab.inside(
        "host",
        script("traceroute", ...WATCH, ...wait, ...count, TARGET),
      ),
    );
    assertEquals([code, stderr], [0, ""]);
    const mtr = await inHost(
      ...[lab, "host", "mtr", "-r", "-n", "-i", "0.1", ...count] as const,
      TARGET,
    );
    const ours = rows(stdout);
    const theirs = rows(mtr.replaceAll("???", "* "));
    assertEquals(ours.map(([hop, host]) => [hop, host]), [
      ["1", "10.9.1.2"],
      ["2", "*"],
      ["3", "10.9.3.2"],
      ["4", "10.9.4.2"],
      ["5", TARGET],
    ]);
    assertEquals(ours, theirs, `${stdout}\n${mtr}`);
    assertEquals(ours.map((row) => row[2]), [
      ...["0.0", "100.0", "25.0", "0.0", "16.7"],
    ]);
    // The slow cable's two ways are the least of the last.
    const [, best] = /(\S+) +\S+$/.exec(stdout.trim())!;
    assert(Number(best) >= 40, stdout);

    const json = await run(
      lab.inside("host", [
        ...script(
          "traceroute",
          "--json",
          ...WATCH,
          ...wait,
          "-c",
          "2",
          "-m",
          "5",
          TARGET,
        ),
      ]),
    );
    const lines = json.stdout.trim().split("\n").map((it) => JSON.parse(it));
    assertEquals(lines.map(({ type }) => type), [
      ...["start", "hop", "hop", "hop", "hop", "hop", "watch"],
    ]);
    assertEquals(lines.at(-1).rounds, 2);
  },
);

for (const [key, name] of [["q", "q"], ["\x03", "Ctrl-C"]]) {
  await liveTest(
    `traceroute.ts --watch refreshes a terminal, and ends by ${name}`,
    ["lab", "script"],
    async () => {
      await using lab = await Lab.up(chain(1));
      const call = script("traceroute", ...WATCH, "10.9.2.2");
      // What the terminal is like afterwards, too; not every shell outlives
      // what a Ctrl-C is meant for.
      const command = `trap : INT; ${shellWords(call)}; echo code $?; stty -a`;
      await using terminal = new Process(
        lab.inside("host", [
          ...["env", "TERM=xterm", "script", "-qec", command, "/dev/null"],
        ]),
      );
      await terminal.until("round 2; q ends it");
      await terminal.type(key);
      const { stdout } = await terminal.end();
      const end = stdout.replaceAll("\r", "").split("\x1b[J").at(-1)!;
      assertMatch(
        end,
        /^hop host .*\n {2}1 10\.9\.1\.2 .*\n {2}2 10\.9\.2\.2 .*\ncode 0\n/,
      );
      assertMatch(end, /[^-]icanon/);
      assertMatch(end, /[^-]echo /);
    },
  );
}

await liveTest("traceroute.ts: what goes with --watch", ["lab"], async () => {
  for (
    const args of [
      ["-c", "3"],
      ["--interval", "1"],
      ["--watch", "--mtu"],
      ["--watch", "--seed-format"],
      ["--watch", "-c", "0"],
    ]
  ) {
    const { code, stdout } = await run(
      script("traceroute", ...args, "127.0.0.1"),
    );
    assertEquals([code, stdout], [2, ""], args.join(" "));
  }
});
