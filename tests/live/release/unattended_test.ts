/** The scripts as services: what systemd is told, and what they are permitted. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { RawSocket } from "../../../mod.ts";
import { alone, BUNDLER, withBundles } from "../bundles.ts";
import { FreshHost } from "../fresh_host.ts";
import { liveTest, ROOT, run } from "../live.ts";
import { eventually, Process } from "../pair/pair_process.ts";
import { octets } from "../socket/socket_support.ts";

const FOLDER = `${ROOT}scripts/systemd/`;
const UNITS = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
/** Where the units have Deno. */
const DENO = "/usr/local/bin/deno";

await liveTest(
  "systemd finds no fault with the units, and little that they are exposed to",
  ["systemd-analyze"],
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      for (const name of UNITS) {
        const unit = await Deno.readTextFile(FOLDER + name);
        // Of a template, that of a host.
        const path = `${folder}/${name.replace("@", "@192.0.2.1")}`;
        const here = unit.replaceAll(DENO, Deno.execPath());
        await Deno.writeTextFile(path, here);
        await Deno.writeTextFile(`${folder}/${name}`, here);
      }
      assertEquals(UNITS.length, 3);
      for (const name of UNITS) {
        const path = `${folder}/${name.replace("@", "@192.0.2.1")}`;
        const verify = ["systemd-analyze", "verify", "--man=no", path];
        const { code, stdout, stderr } = await run(verify);
        assertEquals([code, stdout, stderr], [0, "", ""], name);
        if (!name.endsWith(".service")) continue;
        const security = await run([
          ...["systemd-analyze", "security", "--no-pager"],
          ...["--offline=true", "--threshold=25", path],
        ]);
        assertEquals(security.code, 0, security.stdout);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

/** The bit of CAP_NET_RAW among capabilities (linux/capability.h). */
const NET_RAW = 1 << 13;
/** As a unit has it: somebody without rights, but for that one. */
const AS_SERVICE = [
  ...["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
  ...["--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw"],
  ...["--bounding-set=-all,+net_raw", "--no-new-privs"],
];

/** What a unit starts, and the environment that it has. */
async function startedBy(name: string): Promise<[string[], string[]]> {
  const unit = await Deno.readTextFile(FOLDER + name);
  assertMatch(unit, /^AmbientCapabilities=CAP_NET_RAW$/m);
  assertMatch(unit, /^CapabilityBoundingSet=CAP_NET_RAW$/m);
  const [, command] = /^ExecStart=(.*)$/m.exec(unit)!;
  const [, environment] = /^Environment=(.*)$/m.exec(unit)!;
  return [command.split(" "), environment.split(" ")];
}

/** The system calls that a unit lets through, by systemd's own sets. */
async function letThroughBy(name: string): Promise<Set<string>> {
  const unit = await Deno.readTextFile(FOLDER + name);
  const [, filter] = /^SystemCallFilter=(.*)$/m.exec(unit)!;
  const { stdout } = await run(["systemd-analyze", "syscall-filter"]);
  const sets = new Map<string, string[]>();
  for (const text of stdout.split(/^(?=@)/m)) {
    const [set, ...members] = text.split("\n").map((line) => line.trim());
    sets.set(set, members.filter((line) => /^[@\w-]+$/.test(line)));
  }
  const calls = (word: string): string[] =>
    word.startsWith("@") ? sets.get(word)!.flatMap(calls) : [word];
  return new Set([...filter.split(" "), "@default"].flatMap(calls));
}

/** What strace saw. */
async function callsIn(trace: string, pid: number): Promise<Set<string>> {
  let text = "";
  // Which ends after what it watches.
  await eventually("strace has written all of it", async () => {
    text = await Deno.readTextFile(trace);
    return new RegExp(`^${pid} +\\+\\+\\+ exited`, "m").test(text);
  });
  return new Set(text.matchAll(/^\d+ +(\w+)\(/gm).map(([, call]) => call));
}

await liveTest(
  "the receiver's unit, with CAP_NET_RAW alone, keeps packets until SIGTERM",
  [
    "lab",
    "init-root",
    "setpriv",
    "setsid",
    "strace",
    "systemd-analyze",
    "tshark",
  ]
    .concat(BUNDLER),
  () =>
    withBundles(async (folder) => {
      await using host = await FreshHost.create();
      await alone(folder, "receive.js");
      const [command, environment] = await startedBy("raw4-receive.service");
      // As systemd makes it for a dynamic user: a link into a private folder.
      const home = await Deno.makeTempDir({ dir: folder });
      await Deno.mkdir(`${home}/private`);
      await Deno.symlink("private", `${home}/log`);
      await run(["chown", "-R", "65534:65534", home]);
      const here = (word: string) =>
        word.replace(DENO, Deno.execPath()).replaceAll("%%", "%")
          .replace("/usr/local/lib/raw4", `${folder}/dist`)
          .replace("/var/log/raw4-receive", `${home}/log`)
          .replace("/var/cache", home);
      const trace = `${home}/trace`;
      await using service = new Process(host.inside([
        ...["strace", "-D", "-f", "-o", trace, "setsid", ...AS_SERVICE],
        ...["env", "-i"],
        ...[...environment, ...command].map(here),
      ]));
      await service.until('{"type":"opened"');
      const status = await Deno.readTextFile(`/proc/${service.pid}/status`);
      for (const set of ["Inh", "Prm", "Eff", "Bnd", "Amb"]) {
        const [, bits] = new RegExp(`^Cap${set}:\\s*(\\w+)$`, "m").exec(
          status,
        )!;
        assertEquals(parseInt(bits, 16), NET_RAW, set);
      }
      const { namespace } = host;
      using socket = RawSocket.open({ protocol: 253, namespace });
      socket.send(octets("Hello"), "127.0.0.1");
      await service.until('"payloadText":"Hello"');
      const [{ name }] = Deno.readDirSync(`${home}/log`);
      const path = `${home}/log/${name}`;
      await Deno.rename(path, `${home}/old`);
      service.kill("SIGHUP");
      await eventually("there is a new file", async () => {
        const file = await Deno.stat(path).catch(() => undefined);
        return file !== undefined;
      });
      socket.send(octets("again"), "127.0.0.1");
      await service.until('"payloadText":"again"');
      service.kill("SIGTERM");
      const { code, stdout, stderr } = await service.end();
      assertEquals([code, stderr], [0, ""]);
      const seen = await callsIn(trace, service.pid);
      assert(seen.has("recvmmsg"), [...seen].join());
      const allowed = await letThroughBy("raw4-receive.service");
      assertEquals([...seen.difference(allowed)], []);
      const { type, reason, received } = JSON.parse(
        stdout.trimEnd().split("\n").at(-1)!,
      );
      assertEquals([type, reason, received], ["summary", "aborted", 2]);
      const texts = [];
      for (const file of [`${home}/old`, path]) {
        const { stdout } = await run(
          ["tshark", "-r", file, "-T", "fields", "-e", "data.data"],
        );
        texts.push(stdout.trimEnd());
      }
      const wanted = ["Hello", "again"].map((text) => octets(text).toHex());
      assertEquals(texts.join("\n").split("\n"), wanted);
    }),
);

await liveTest(
  "the receiver's unit starts again after each QUIT, and keeps what it had",
  ["lab", "init-root", "tshark"],
  async () => {
    const unit = await Deno.readTextFile(`${FOLDER}raw4-receive.service`);
    assertMatch(unit, /^Restart=always\nRestartSec=1$/m);
    assertMatch(unit, /^\[Unit\]$[^[]*^StartLimitIntervalSec=0$/m);
    await using host = await FreshHost.create();
    const [command, environment] = await startedBy("raw4-receive.service");
    const log = await Deno.makeTempDir();
    try {
      const here = (word: string) =>
        word.replace(DENO, Deno.execPath()).replaceAll("%%", "%")
          .replace(
            "/usr/local/lib/raw4/receive.js",
            `${ROOT}scripts/receive.ts`,
          )
          .replace("/var/log/raw4-receive", log);
      const variables = environment
        .filter((variable) => !variable.startsWith("DENO_DIR="));
      const { namespace } = host;
      using socket = RawSocket.open({ protocol: 253, namespace });
      const second = () => Math.floor(Date.now() / 1000);
      for (const text of ["Hello", "again"]) {
        await using service = new Process(host.inside([
          ...["env", ...variables, ...command.map(here)],
        ]));
        await service.until('{"type":"opened"');
        socket.send(octets(text), "127.0.0.1");
        socket.send(octets("QUIT"), "127.0.0.1");
        assertEquals((await service.end()).code, 0);
        const ended = second();
        await eventually(
          "RestartSec has passed",
          () => Promise.resolve(second() > ended),
        );
      }
      const texts = [];
      for (const name of [...Deno.readDirSync(log)].map((f) => f.name).sort()) {
        const { stdout } = await run([
          ...["tshark", "-r", `${log}/${name}`, "-T", "fields"],
          ...["-e", "data.data"],
        ]);
        texts.push(stdout.trimEnd().split("\n"));
      }
      const hex = (text: string) => octets(text).toHex();
      assertEquals(texts, [
        [hex("Hello"), hex("QUIT")],
        [hex("again"), hex("QUIT")],
      ]);
    } finally {
      await Deno.remove(log, { recursive: true });
    }
  },
);

await liveTest(
  "the ping's unit, with CAP_NET_RAW alone, tells of each reply in a line",
  ["lab", "init-root", "setpriv", "setsid", ...BUNDLER],
  () =>
    withBundles(async (folder) => {
      await using host = await FreshHost.create();
      await alone(folder, "ping.js");
      const [command, environment] = await startedBy("raw4-ping@.service");
      const here = (word: string) =>
        word.replace(DENO, Deno.execPath()).replace("%i", "127.0.0.1")
          .replace("/usr/local/lib/raw4", `${folder}/dist`);
      const { code, stdout, stderr } = await run(host.inside([
        ...["setsid", ...AS_SERVICE, "env", "-i"],
        ...[...environment, ...command].map(here),
      ]));
      assertEquals([code, stderr], [0, ""]);
      const types = stdout.trimEnd().split("\n")
        .map((line) => JSON.parse(line).type);
      assertEquals(types, ["start", ...Array(5).fill("reply"), "host"]);
    }),
);

await liveTest(
  "the README's way to raw sockets without root gives CAP_NET_RAW, and no more",
  ["init-root", "setpriv"],
  async () => {
    const readme = await Deno.readTextFile(`${ROOT}README.md`);
    const [, recipe] = /`sudo (setpriv [^`]*?) deno run [^`]*`/.exec(readme)!;
    const command = recipe.replaceAll(/\$\(id -[ug]\)/g, "65534").split(/\s+/);
    const { stdout } = await run([
      ...command,
      ...["grep", "^Cap", "/proc/self/status"],
    ]);
    const sets = Object.fromEntries(
      stdout.trimEnd().split("\n").map((line) => line.split(/:\s+/)),
    );
    for (const set of ["CapInh", "CapPrm", "CapEff", "CapAmb"]) {
      assertEquals(parseInt(sets[set], 16), NET_RAW, set);
    }
    // What a set-user-ID program can get is not for this to say.
    assert("CapBnd" in sets);
  },
);
