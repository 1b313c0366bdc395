/** The single files, alone on machines that have nothing but Deno. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Lab } from "../../lib/lab/lab.ts";
import { inUserNamespace } from "../../lib/lab/rung.ts";
import { TOPOLOGIES } from "../../lib/lab/topology.ts";
import { OrdinaryUser, USER_NEEDS } from "./lab_user.ts";
import { liveTest, ROOT, run } from "./live.ts";
import { lines, Process } from "./pair_process.ts";

/** `deno bundle` has to download its bundler the first time. */
const BUNDLER = await canBundle() ? [] : ["deno-bundle"];

async function canBundle(): Promise<boolean> {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const bundle = [Deno.execPath(), "bundle", "--quiet", file];
    return (await run(bundle)).code === 0;
  } finally {
    await Deno.remove(file);
  }
}

/** Builds the bundles from elsewhere, hands them to `use`, and removes them. */
async function withBundles(
  use: (folder: string, names: string[], stdout: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "raw4-bundle-" });
  try {
    const flags = "--allow-ffi --allow-run --allow-read --allow-write";
    const { code, stdout, stderr } = await run([
      ...["env", "-C", folder],
      ...[Deno.execPath(), "run", ...flags.split(" ")],
      ...[`${ROOT}scripts/bundle.ts`, "dist"],
    ]);
    assertEquals([code, stderr], [0, ""]);
    const names = [...Deno.readDirSync(`${folder}/dist`)]
      .map(({ name }) => name).sort();
    await use(folder, names, stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A folder with one bundle, nothing else, and the command that starts it. */
async function alone(
  folder: string,
  name: string,
  deno = Deno.execPath(),
): Promise<(...args: string[]) => string[]> {
  const home = await Deno.makeTempDir({ dir: folder });
  await Deno.copyFile(`${folder}/dist/${name}`, `${home}/${name}`);
  await Deno.mkdir(`${home}/empty`);
  // A first line finds Deno by its name.
  await Deno.mkdir(`${home}/bin`);
  await Deno.symlink(deno, `${home}/bin/deno`);
  await run(["chmod", "-R", "a+rwX", folder]);
  const environment = [
    `PATH=${home}/bin:${Deno.env.get("PATH")}`,
    `HOME=${home}/empty`,
    `DENO_DIR=${home}/empty`,
    "NO_COLOR=1",
  ];
  return (...args) => [
    "env",
    "-i",
    `--chdir=${home}`,
    ...environment,
    ...args,
  ];
}

await liveTest(
  "bundle makes a file of each script but itself, to be started as it is",
  BUNDLER,
  () =>
    withBundles(async (folder, names, stdout) => {
      const scripts = [...Deno.readDirSync(`${ROOT}scripts`)]
        .filter(({ name }) => name.endsWith(".ts") && name !== "bundle.ts")
        .map(({ name }) => name.replace(/ts$/, "js")).sort();
      assertEquals(names, scripts);
      assertEquals(
        lines(stdout).map((line) => line.replace(/ {2}\d+ KiB$/, "")).sort(),
        names.map((name) => `dist/${name}`),
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
      const flags = ["--allow-ffi", "--allow-run"];
      const { code, stdout, stderr } = await run(
        user.command([user.deno, "run", ...flags, `${folder}/dist/demo.js`]),
      );
      assertEquals([code, stderr], [0, ""]);
      assert(
        stdout.includes("\n--- 4 received, 111 octets, 0 dropped (quit)\n"),
      );
    }),
);
