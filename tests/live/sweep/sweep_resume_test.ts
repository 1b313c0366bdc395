/** Sweeps that are killed, and sweeps in shares: whole in the end. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { flagsOf, liveTest, ROOT, run } from "../live.ts";
import { inHost, pairUp } from "../hosts.ts";
import { eventually, Process } from "../pair/pair_process.ts";

/** Every address of 127.0.0.0/19, of which the second half is silent. */
const RANGE = "127.0.0.0/19";
const TOTAL = 8192;
const RATE = 400;
const KILLS = 20;
const SIGNALS = ["SIGKILL", "SIGINT", "SIGKILL", "SIGTERM"] as const;

const sweeping = (folder: string, ...args: string[]) => [
  ...[Deno.execPath(), "run", ...flagsOf("sweep").split(" ")],
  ...[`--allow-read=${folder}`, `--allow-write=${folder}`],
  ...[`${ROOT}scripts/sweep.ts`, ...args],
];

await liveTest(
  "a sweep that is killed twenty times asks all, and no more than a second's twice",
  ["lab", "nft", "python3"],
  async () => {
    await using lab = await pairUp();
    const folder = await Deno.makeTempDir();
    const [file, found] = [`${folder}/checkpoint`, `${folder}/found.jsonl`];
    try {
      await inHost(
        lab,
        "sender",
        "nft",
        `table ip raw4 {
          set asked { type ipv4_addr; size 65535; flags dynamic; }
          counter requests {}
          chain in {
            type filter hook input priority 0;
            icmp type echo-request add @asked { ip daddr } counter name requests
            icmp type echo-reply ip saddr 127.0.16.0/20 drop
          }
        }`,
      );
      const sweepFrom = (rate: number | string) => {
        const call = sweeping(
          folder,
          ...[RANGE, "--rate", `${rate}`, "--timeout", "0.6", "--shuffle"],
          ...["--json", "--checkpoint", file],
        );
        const append = ["sh", "-c", 'out=$1; shift; exec "$@" >>"$out"', "sh"];
        return new Process(
          lab.inside("sender", [...append, found, ...call]),
        );
      };
      const placeKept = async () => {
        try {
          return JSON.parse(await Deno.readTextFile(file)).state.place;
        } catch {
          return 0;
        }
      };
      for (let kill = 0; kill < KILLS; kill++) {
        await using process = sweepFrom(RATE);
        const before = await placeKept();
        await eventually(
          "more is kept",
          async () => await placeKept() > before,
        );
        process.kill(SIGNALS[kill % SIGNALS.length]);
        await process.end();
      }
      const kept = await placeKept();
      assert(kept > 0 && kept < TOTAL, `${kept} of ${TOTAL}`);
      await using last = sweepFrom("max");
      assertEquals((await last.end()).code, 0);

      const list = async (what: string, name: string) => {
        const host = lab.inside("sender", [
          ...["nft", "-j", "list", what, "ip", "raw4", name],
        ]);
        return JSON.parse((await run(host)).stdout).nftables[1][what];
      };
      assertEquals((await list("set", "asked")).elem.length, TOTAL);
      const { packets } = await list("counter", "requests");
      assert(packets >= TOTAL && packets <= TOTAL + KILLS * RATE, packets);
      const missing = await Array.fromAsync(Deno.readDir(folder));
      assertEquals(missing.map(({ name }) => name), ["found.jsonl"]);

      const merged = await run(
        sweeping(folder, "--merge", found, "--alive-only"),
      );
      // Another program's list of the addresses.
      const listing = "import ipaddress\n" +
        "for a in ipaddress.ip_network('127.0.0.0/20'): print(a)";
      const wanted = await run(["python3", "-c", listing]);
      assertEquals(merged.stdout, wanted.stdout);
      assertStringIncludes(merged.stderr, "8,192 addresses");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "shares of a sweep are merged into what one sweep finds",
  ["lab"],
  async () => {
    await using lab = await pairUp();
    const folder = await Deno.makeTempDir();
    try {
      const files = ["1/3", "2/3", "3/3"].map((share) => [
        share,
        `${folder}/${share[0]}.jsonl`,
      ]);
      const common = ["127.0.0.0/22", "1.1.1.1", "--json", "--timeout", "0.1"];
      const sweep = (...args: string[]) =>
        run(lab.inside("sender", sweeping(folder, ...common, ...args)));
      for (const [share, file] of files) {
        const { stdout } = await sweep("--shuffle", "--shard", share);
        await Deno.writeTextFile(file, stdout);
      }
      const merge = (...paths: string[]) =>
        run(sweeping(folder, "--merge", ...paths, "--json"));
      const paths = files.map(([, path]) => path);
      const merged = await merge(...paths);
      assertEquals([merged.code, merged.stderr], [0, ""]);
      const found = (text: string) =>
        text.trim().split("\n").map((line) => JSON.parse(line))
          .filter(({ type }) => type === "alive")
          .map(({ address }) => address);
      const whole = (await sweep()).stdout;
      const number = (address: string) =>
        address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
      assertEquals(
        found(merged.stdout),
        found(whole).sort((a, b) => number(a) - number(b)),
      );
      assertEquals(found(merged.stdout).length, 1025);
      const summary = JSON.parse(merged.stdout.trim().split("\n").at(-1)!);
      assertEquals(
        [summary.shard, summary.total, summary.sent, summary.alive],
        ["1/1", 1025, 1025, 1025],
      );

      const gap = await merge(paths[0], paths[2]);
      assertEquals(gap.code, 2);
      assertEquals(JSON.parse(gap.stderr).message, "share 2/3 is missing");
      const twice = await merge(...paths, paths[1]);
      assertEquals(
        JSON.parse(twice.stderr).message,
        "share 2/3 is there twice",
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "a sweep that is ended while it asks again goes on with that",
  ["lab", "nft"],
  async () => {
    await using lab = await pairUp();
    const folder = await Deno.makeTempDir();
    const [file, found] = [`${folder}/checkpoint`, `${folder}/found.csv`];
    try {
      const silence = `table ip raw4 {
        chain in {
          type filter hook input priority 0;
          ip saddr 127.0.0.128/25 icmp type echo-reply drop
        }
      }`;
      await inHost(lab, "sender", "nft", silence);
      const call = sweeping(
        folder,
        ...["127.0.0.0/24", "--rate", "40", "--retries", "1", "--csv"],
        ...["--timeout", "0.6", "--checkpoint", file],
      );
      const append = ["sh", "-c", 'out=$1; shift; exec "$@" >>"$out"', "sh"];
      const command = lab.inside("sender", [...append, found, ...call]);
      {
        await using process = new Process(command);
        await eventually("it asks again", async () => {
          const text = await Deno.readTextFile(file).catch(() => "{}");
          return JSON.parse(text).state?.pass === 1;
        });
        process.kill("SIGINT");
        assertEquals((await process.end()).code, 0);
      }
      assertEquals(JSON.parse(await Deno.readTextFile(file)).state.pass, 1);
      assertEquals((await run(command)).code, 0);
      const left = await Array.fromAsync(Deno.readDir(folder));
      assertEquals(left.map(({ name }) => name), ["found.csv"]);
      const [head, ...rows] = (await Deno.readTextFile(found)).trim()
        .split("\n");
      assert(head.startsWith("type,"), head);
      assertEquals(rows.filter((row) => row === head), []);
      assert(rows.length >= 128, `${rows.length} rows`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "a share that was ended and went on is whole, wherever it was ended",
  [],
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const file = `${folder}/found.jsonl`;
      const call = (...args: string[]) => sweeping(folder, ...args, "--json");
      const { stdout } = await run(call("127.0.0.1", "--timeout", "0.1"));
      // As it wrote when it was ended in its second pass, and then when not.
      await Deno.writeTextFile(file, `${stdout}\n${stdout}`);
      const merged = await run(call("--merge", file));
      assertEquals([merged.code, merged.stderr], [0, ""]);
      const untimed = (text: string) =>
        text.replace(/"timestamp":"[^"]*"}\n$/, "");
      assertEquals(untimed(merged.stdout), untimed(stdout));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

await liveTest(
  "Ctrl-C ends sweep --merge, and accuses no file of what it cut short",
  [],
  async () => {
    const endless = "/dev/zero";
    await using process = new Process([
      ...[Deno.execPath(), "run", "--allow-ffi", `--allow-read=${endless}`],
      ...[`${ROOT}scripts/sweep.ts`, "--merge", endless],
    ]);
    await process.untilItMindsCtrlC();
    process.kill("SIGINT");
    const { code, stdout, stderr } = await process.end();
    assertEquals([code, stdout, stderr], [0, "", ""]);
  },
);
