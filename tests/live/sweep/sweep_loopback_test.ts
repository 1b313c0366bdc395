/**
 * Sweeps of loopback, by the script and by the library.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  ProbeSocket,
  type ProbeSocketOptions,
} from "../../../lib/socket/ring/probe_socket.ts";
import { planSweep } from "../../../lib/tools/sweep/sweep.ts";
import { REAL_SWEEP_WORLD } from "../../../lib/tools/sweep/sweep_world.ts";
import { Sweeper } from "../../../lib/tools/sweep/sweeper.ts";
import { Targets } from "../../../lib/tools/sweep/targets.ts";
import { Run, sweep, type SweepEvent, type SweepResult } from "../../../mod.ts";
import { liveTest, run, script, unwrapped } from "../live.ts";

await liveTest("sweep() finds all of a /20, in each order", [], async () => {
  for (const shuffle of [false, true]) {
    const seen = new Set<string>();
    const sweeping = sweep(["127.0.16.0/20", "::1"], {
      shuffle,
      rate: Infinity,
      timeoutMs: 10_000,
    });
    for await (const event of sweeping) {
      if (event.type !== "alive") continue;
      assert(event.roundTripMs >= 0 && event.roundTripMs < 10_000);
      assert(!seen.has(event.address));
      seen.add(event.address);
    }
    const result = await sweeping.result;
    assertEquals([seen.size, result.alive, result.sent], [4097, 4097, 4097]);
    assertEquals([result.refused, result.dropped], [0, 0]);
  }
});

await liveTest(
  "three machines' shares of a /16 miss no address, and have none in common",
  [],
  async () => {
    const seen: string[] = [];
    for (const shard of ["1/3", "2/3", "3/3"]) {
      const args = [
        "--rate",
        "max",
        "--alive-only",
        "--shuffle",
        "--seed",
        "7",
      ];
      const { stdout } = await run(
        script("sweep", "127.0.0.0/16", ...args, "--shard", shard),
      );
      const lines = stdout.trim().split("\n");
      assert(Math.abs(lines.length - 65_536 / 3) < 1, `${lines.length}`);
      seen.push(...lines);
    }
    assertEquals([seen.length, new Set(seen).size], [65_536, 65_536]);
    assert(seen.every((address) => address.startsWith("127.0.")));
  },
);

await liveTest(
  "sweep() waits for a slow consumer, and misses nothing",
  [],
  async () => {
    let count = 0;
    const sweeping = sweep(["127.0.0.0/19"], {
      rate: Infinity,
      timeoutMs: 10_000,
    });
    for await (const event of sweeping) {
      if (event.type !== "alive") continue;
      if (++count % 1000 === 0) await new Promise((r) => setTimeout(r, 20));
    }
    assertEquals(count, 8192);
  },
);

await liveTest(
  "sweep() loses no answer however small its receive buffer is",
  [],
  async () => {
    const plan = planSweep(new Targets(["127.0.0.0/19", "::1"]), {
      rate: Infinity,
      timeoutMs: 10_000,
    });
    // As an ordinary user gets it where `net.core.rmem_max` is low, and lower.
    for (const receiveBufferBytes of [106_496, 4096]) {
      const open = (options: ProbeSocketOptions) =>
        ProbeSocket.open({ ...options, receiveBufferBytes });
      const world = { ...REAL_SWEEP_WORLD, open };
      const { result } = new Run<SweepEvent, SweepResult>((context) =>
        new Sweeper(plan, context, world).run()
      );
      const { alive, sent, dropped } = await result;
      assertEquals([alive, sent, dropped], [8193, 8193, 0]);
    }
  },
);

await liveTest(
  "sweep passes over what the system refuses to send",
  [],
  async () => {
    const { code, stderr, stdout } = await run(
      script("sweep", "127.255.255.254/31"),
    );
    assertEquals(code, 0);
    assertStringIncludes(stdout, "127.255.255.254 is alive (");
    const said = unwrapped(stderr);
    assertStringIncludes(
      said,
      "sweep: cannot send an echo request to 127.255.255.255: ",
    );
    assertStringIncludes(
      said,
      " 2 addresses, 2 sent, 1 of them could not leave, 1 alive, ",
    );
  },
);

await liveTest("sweep shows lines, addresses, or JSON", [], async () => {
  const lines = await run(script("sweep", "127.0.0.4/31", "::1"));
  const line = /^(127.0.0.[45]|::1) is alive \(\d+\.\d\d ms, ttl 64\)$/;
  const shown = lines.stdout.trim().split("\n");
  assertEquals(shown.filter((text) => line.test(text)).length, 3);
  assertStringIncludes(lines.stderr, "3 addresses, 3 sent, 3 alive, ");

  const bare = await run(script("sweep", "127.0.0.4/31", "--alive-only"));
  assertEquals(bare.stdout.trim().split("\n").sort(), [
    "127.0.0.4",
    "127.0.0.5",
  ]);

  const json = await run(script("sweep", "127.0.0.4", "--json"));
  const [alive, summary] = json.stdout.trim().split("\n").map((text) =>
    JSON.parse(text)
  );
  assertEquals([alive.type, alive.address], ["alive", "127.0.0.4"]);
  assertEquals([summary.type, summary.alive], ["summary", 1]);
  assertEquals(json.stderr, "");
});

const BAD: readonly (readonly [readonly string[], string])[] = [
  [[], "no range is given"],
  [["127.0.0.1/x"], "127.0.0.1/x"],
  [["127.0.0.1-"], "not a range"],
  [["127.0.0.0/8", "10.0.0.1"], "2^24"],
  [["127.0.0.1", "--rate", "0"], "--rate"],
  [["127.0.0.1", "--rate", "fast"], "--rate"],
  [["127.0.0.1", "--shard", "3/2"], "--shard"],
  [["127.0.0.1", "--shard", "0/2"], "--shard"],
  [["127.0.0.1", "--retries", "-1"], "--retries"],
];
for (const [args, reason] of BAD) {
  await liveTest(`sweep ${args.join(" ")} is bad input`, [], async () => {
    const { code, stdout, stderr } = await run(script("sweep", ...args));
    assertEquals([code, stdout], [2, ""]);
    assertStringIncludes(stderr, reason);
  });
}

await liveTest("sweep ends with its summary on Ctrl-C", [], async () => {
  const [program, ...args] = script("sweep", "127.0.0.0/16", "--rate", "100");
  const child = new Deno.Command(program, {
    args,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  child.kill("SIGINT");
  while (!(await reader.read()).done);
  const stderr = await new Response(child.stderr).text();
  assertEquals((await child.status).code, 0);
  assertStringIncludes(stderr, "65,536 addresses, ");
});

await liveTest("sweep says that the disk is full, and stops", [], async () => {
  // Which would take hours.
  const command = script("sweep", "127.0.0.0/8", "--rate", "1000");
  const { code, stderr } = await run([
    ...["sh", "-c", '"$@" > /dev/full', "sh"],
    ...command,
  ]);
  assertEquals(code, 4);
  assertStringIncludes(stderr, "sweep: cannot write to standard output: ");
});
