/** Forged packets that cannot leave are sent and lost, and the others go on. */

import { assertEquals, assertMatch } from "@std/assert";
import { inHost, pairUp } from "../hosts.ts";
import { liveTest, run, script } from "../live.ts";

const COUNT = 100;

/** Drops some of protocol 253, and counts what has passed. */
const dropping = (which: string) =>
  `nft -f - <<'END'
table ip raw4 {
  counter passed {}
  chain out {
    type filter hook output priority 0;
    ip protocol 253 ${which} drop
    ip protocol 253 counter name passed
  }
}
END`;

/** Options of spoof, which packets are dropped, and of which it tells. */
const WAYS: [options: string[], drops: string, told: number[], lost: number][] =
  [
    [
      ["-i", "1ms"],
      "numgen inc mod 10 == 9",
      [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
      10,
    ],
    // As fast as it goes: of many only the first is told.
    [[], "quota over 840 bytes", [41], 60],
  ];

await liveTest(
  "spoof goes on after packets that could not leave, and counts them",
  ["lab", "nsenter", "sysctl", "nft"],
  async () => {
    for (const [options, drops, told, lost] of WAYS) {
      await using lab = await pairUp();
      await inHost(lab, "sender", "sh", "-c", dropping(drops));
      const args = [
        ...["1.1.1.1", "-s", "0.0.0.0", "-p", "253", "--payload", "x"],
        ...["-c", `${COUNT}`],
      ];
      const call = (...more: string[]) =>
        run(
          lab.inside("sender", script("spoof", ...args, ...options, ...more)),
        );
      const json = await call("--json");
      const events = json.stdout.trim().split("\n").map((line) =>
        JSON.parse(line)
      );
      const failed = events.filter(({ type }) => type === "failed");
      assertEquals(failed.map(({ number }) => number), told);
      assertMatch(failed[0].reason, /Operation not permitted .*EPERM/);
      const summary = events.at(-1);
      assertEquals([summary.sent, summary.failed], [COUNT, lost]);
      const passed = await inHost(lab, "sender", "nft", "list", "counters");
      assertEquals(/packets (\d+) bytes (\d+)/.exec(passed)?.slice(1), [
        `${COUNT - summary.failed}`,
        `${summary.octets}`,
      ]);
      assertEquals([json.code, json.stderr], [3, ""]);

      await inHost(lab, "sender", "nft", "delete", "table", "ip", "raw4");
      await inHost(lab, "sender", "sh", "-c", dropping(drops));
      const { code, stdout } = await call();
      const lines = stdout.trim().split("\n");
      const said = lines.filter((line) => / is lost: /.test(line));
      assertEquals(
        said.map((line) => Number(/^Packet (\d+) /.exec(line)![1])),
        told,
      );
      assertEquals(
        lines.at(-1)!.replace(/\d+ ms/, "? ms"),
        `--- 100 sent to 1.1.1.1, ${summary.octets} octets, ? ms, ` +
          `${lost} could not leave`,
      );
      assertEquals(code, 3);
    }
  },
);
