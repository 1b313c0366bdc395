/** The single files, alone on machines that have nothing but Deno. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ALLOW_RUN } from "../../lib/lab/command.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { inUserNamespace } from "../../lib/lab/rung.ts";
import { TOPOLOGIES } from "../../lib/lab/topology/catalogue.ts";
import { alone, BUNDLER, withBundles } from "./bundles.ts";
import { OrdinaryUser, USER_NEEDS } from "./lab/lab_user.ts";
import { liveTest, ROOT, run } from "./live.ts";
import { lines, Process } from "./pair/pair_process.ts";

await liveTest(
  "bundle makes a file of each script but itself, to be started as it is",
  BUNDLER,
  () =>
    withBundles(async (folder, names, stdout) => {
      const scripts = [...Deno.readDirSync(`${ROOT}scripts`)]
        .filter(({ name }) => name.endsWith(".ts") && name !== "bundle.ts")
        .map(({ name }) => name.replace(/ts$/, "js")).sort();
      assertEquals(names, scripts, "bundle.ts makes a file of each script");
      assertEquals(
        lines(stdout).map((line) => line.replace(/ {2}\d+ KiB$/, "")).sort(),
        ["", "windows/", "darwin/"].flatMap((folder) =>
          names.map((name) => `dist/${folder}${name}`)
        ).sort(),
      );
      for (const name of names) {
        const file = `${folder}/dist/${name}`;
        const code = await Deno.readTextFile(file);
        const source = await Deno.readTextFile(
          `${ROOT}scripts/${name.replace(/js$/, "ts")}`,
        );
        const [shebang] = code.split("\n");
        assertEquals(shebang, source.split("\n")[0], name);
        assert(shebang.startsWith("#!/usr/bin/env -S deno run --allow-"));
        // Windows reads no such line.
        const windows = `${folder}/dist/windows/${name}`;
        assertEquals(
          await Deno.readTextFile(windows.replace(/js$/, "cmd")),
          `@echo off\r\n${shebang.replace("#!/usr/bin/env -S ", "")} ` +
            `"%~dp0${name}" %*\r\n`,
        );
        assertEquals((await Deno.stat(file)).mode! & 0o111, 0o111, name);
        for (
          const foreign of [
            ROOT,
            "/root/",
            "/home/",
            "file:///",
            "node:",
            "scripts/",
          ]
        ) {
          assert(!code.includes(foreign), `${name} contains ${foreign}`);
        }
        const imports = /(^|[;}\n])\s*import\b(?!\s*[(.])/m;
        assert(!imports.test(code), `${name} imports something`);
      }
    }),
);

await liveTest(
  "a bundle carries its own system's sockets alone, and says so elsewhere",
  BUNDLER,
  () =>
    withBundles(async (folder) => {
      const OWN = {
        "": "libc.so.6",
        "windows/": "ws2_32.dll",
        "darwin/": "/usr/lib/libSystem.B.dylib",
      };
      for (const [inner, library] of Object.entries(OWN)) {
        const code = await Deno.readTextFile(`${folder}/dist/${inner}send.js`);
        for (const other of Object.values(OWN)) {
          assertEquals(code.includes(`"${other}"`), other === library, inner);
        }
      }
      for (const [os, name] of [["windows", "Windows"], ["darwin", "macOS"]]) {
        const ping = `${folder}/dist/${os}/ping.js`;
        const { code, stderr } = await run(
          [Deno.execPath(), "run", "--allow-ffi", ping, "127.0.0.1"],
        );
        assertEquals(code, 4);
        assertEquals(
          stderr.replace(/\s+/g, " "),
          `ping: this bundle is ${name}'s, and this is linux: its own are in dist `,
        );
      }
    }),
);

await liveTest(
  "every bundle shows its help with --allow-ffi alone",
  BUNDLER,
  () =>
    withBundles(async (folder, names) => {
      await Promise.all(names.map(async (name) => {
        const at = await alone(folder, name);
        const { code, stdout, stderr } = await run(
          at("deno", "run", "--allow-ffi", "--no-prompt", name, "--help"),
        );
        assertEquals([code, stderr], [0, ""], name);
        const [usage] = lines(stdout);
        assertMatch(
          usage,
          new RegExp(`^Usage: deno run --allow-.* ${name} `),
        );
        assert(stdout.includes(`\nExamples:\n  # `), name);
        assert(!stdout.includes(".ts"), "a bundle speaks of itself");
      }));
    }),
);

/** Mistakes of each kind that commander knows, and calls for help. */
const CALLS = [
  ["-h"],
  ["--nonsense"],
  ["--jsom"],
  ["-Z"],
  ["--json=3"],
  ["-hZ"],
  ["--", "--help"],
  ["a", "b", "c", "d", "e", "f", "g"],
  ["help"],
  ["--ttl"],
  ["--ttl", "999", "a"],
  ["-4", "--ipv6", "a"],
  ["--why", "--diff"],
  ["--probes", "x", "a"],
  ["down", "--only"],
];

await liveTest(
  "a bundle says of a mistake what its script says",
  BUNDLER,
  () =>
    withBundles(async (folder, names) => {
      await Promise.all(names.map(async (name) => {
        const script = name.replace(/js$/, "ts");
        for (const call of CALLS) {
          const [ours, theirs] = await Promise.all(
            [[`${ROOT}scripts/`, script], [`${folder}/dist/`, name]].map(
              async ([home, file]) => {
                const deno = [Deno.execPath(), "run", "--deny-ffi"];
                const said = await run([...deno, home + file, ...call]);
                // A longer call is wrapped elsewhere.
                const text = said.stdout.replaceAll(/ \\\n +/g, " ") +
                  said.stderr;
                return text.replaceAll(file, name) + said.code;
              },
            ),
          );
          const scripts = "scripts/";
          assertEquals(theirs, ours.replaceAll(scripts, ""), `${name} ${call}`);
        }
      }));
    }),
);

await liveTest(
  "bundles of the pair exchange a message, each alone in its host",
  ["lab", ...BUNDLER],
  () =>
    withBundles(async (folder) => {
      await using lab = await Lab.up(TOPOLOGIES.pair);
      const receiver = await alone(folder, "receive.js");
      const sender = await alone(folder, "send.js");
      // By their first lines, which give the permission.
      await using receiving = new Process(
        lab.inside("receiver", receiver("./receive.js", "-b", "1.1.1.1")),
      );
      await receiving.until("Socket Info");
      const sent = await run(
        lab.inside("sender", sender("./send.js", "1.1.1.1", "Quit")),
      );
      assertEquals([sent.code, sent.stderr], [0, ""]);
      const { code, stdout, stderr } = await receiving.end();
      assertEquals(lines(stdout).at(-2), "Quit");
      assertEquals([code, stderr], [0, ""]);

      const bad = await run(lab.inside("sender", sender("./send.js", "1.1.1")));
      assertEquals([bad.code, bad.stderr], [
        2,
        'send: "1.1.1" is neither an address nor a host name\n',
      ]);
    }),
);

await liveTest(
  "the sender's bundle holds a conversation",
  ["lab", ...BUNDLER],
  () =>
    withBundles(async (folder) => {
      await using lab = await Lab.up(TOPOLOGIES.pair);
      const sender = await alone(folder, "send.js");
      const command = sender("./send.js", "127.0.0.1");
      const { code, stdout, stderr } = await run(
        lab.inside("sender", command),
        { input: "Hi\nQuit\n" },
      );
      assertMatch(stdout, /send : Hi\nSent 2 octets to 127\.0\.0\.1\n/);
      assertMatch(stdout, /--- 2 sent, 6 octets, 0 refused\n$/);
      assertEquals([code, stderr], [0, ""]);
    }),
);

await liveTest(
  "an ordinary user's page is one file, and has a lab in a user namespace",
  [...USER_NEEDS, ...BUNDLER],
  () =>
    withBundles(async (folder) => {
      await using user = await OrdinaryUser.create();
      const page = await alone(folder, "page.js", user.deno);
      await using serving = new Process(user.command(page("./page.js")));
      await serving.until("token=");
      await serving.until("\n");
      const [base, token] = serving.seen.trim().split("#token=");
      const headers = { authorization: `Bearer ${token}` };
      const { body } = await fetch(`${base}events`, { headers });
      const reader = body!.getReader();
      const { value } = await reader.read();
      assertMatch(new TextDecoder().decode(value), /^\{"type":"lab"/);
      await reader.cancel();
      const script = await (await fetch(`${base}page.js`)).text();
      const file = await Deno.readTextFile(`${folder}/dist/page.html`);
      assert(script.length > 100_000);
      assert(file.length < 200_000, "the page is to be light");
    }),
);

await liveTest(
  "an ordinary user's bundles work in a user namespace",
  [...USER_NEEDS, ...BUNDLER],
  () =>
    withBundles(async (folder) => {
      await using user = await OrdinaryUser.create();
      const receiver = await alone(folder, "receive.js", user.deno);
      const sender = await alone(folder, "send.js", user.deno);
      const pair = `
      ${receiver("./receive.js", "-b", "127.0.0.1").join(" ")} | {
        read opening; read socket; echo "$socket"
        ${sender("./send.js", "127.0.0.1", "Quit").join(" ")} >/dev/null
        cat
      }`;
      const { code, stdout, stderr } = await run(
        user.command(inUserNamespace(["sh", "-c", pair])),
      );
      assertEquals([code, stderr], [0, ""]);
      const [socket, packet, ...rest] = lines(stdout);
      assertEquals(
        socket,
        "Socket Info = raw IPv4, protocol 253, address 127.0.0.1",
      );
      assertMatch(packet, /^4500.*51756974$/);
      assertEquals(rest, [
        "Quit",
        "--- 1 received, 24 octets, 0 dropped (quit)",
      ]);
    }),
);

await liveTest(
  "the demo's bundle finds the others beside it",
  [...USER_NEEDS, ...BUNDLER],
  () =>
    withBundles(async (folder) => {
      await using user = await OrdinaryUser.create();
      await run(["chmod", "-R", "a+rX", folder]);
      const flags = ["--allow-ffi", ALLOW_RUN];
      const { code, stdout, stderr } = await run(
        user.command([user.deno, "run", ...flags, `${folder}/dist/demo.js`]),
      );
      assertEquals([code, stderr], [0, ""]);
      assert(
        stdout.includes("\n--- 4 received, 111 octets, 0 dropped (quit)\n"),
      );
    }),
);
