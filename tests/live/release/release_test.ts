/** What a release is made of: the same for everybody, and it says what it is. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { BUNDLER, withBundles } from "../bundles.ts";
import { OrdinaryUser, USER_NEEDS } from "../lab/lab_user.ts";
import { liveTest, ROOT, run } from "../live.ts";

const FLAGS = ["--allow-run", "--allow-read", "--allow-write"];

/** Files in a folder, and in those in it. */
function* filesIn(folder: string, prefix = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder + prefix)) {
    if (isDirectory) yield* filesIn(folder, `${prefix}${name}/`);
    else yield prefix + name;
  }
}

/** Runs a command that is to succeed without a word on standard error. */
async function done(command: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(command);
  assertEquals([code, stderr], [0, ""]);
  return stdout;
}

await liveTest(
  "the same commit makes the same octets in any folder, for any user",
  ["git", "sha256sum", ...USER_NEEDS, ...BUNDLER],
  async () => {
    await using user = await OrdinaryUser.create();
    const theirs = `${user.home}/clone`;
    const ours = `${user.home}/raw4 für #1`;
    await Deno.mkdir(theirs);
    const sources = ["scripts", "lib", "mod.ts", "deno.json", "deno.lock"]
      .concat("CHANGELOG.md", "LICENSE").map((name) => ROOT + name);
    await done(["cp", "-r", ...sources, theirs]);
    const git = [
      "git",
      "-C",
      theirs,
      "-c",
      "user.name=x",
      "-c",
      "user.email=x",
    ];
    await done([...git, "init", "--quiet"]);
    await done([...git, "add", "."]);
    await done([...git, "commit", "--quiet", "--message", "Begin"]);
    const commit = (await done([...git, "rev-parse", "HEAD"])).trim();
    await done(["cp", "-r", theirs, ours]);
    // The bundler that Deno has fetched.
    const { denoDir } = JSON.parse(
      await done([Deno.execPath(), "info", "--json"]),
    );
    await done(["cp", "-r", `${denoDir}/dl`, `${user.home}/.deno`]);
    await done(["chown", "-R", user.owner, theirs, `${user.home}/.deno`]);

    const bundle = [...FLAGS, `${theirs}/scripts/bundle.ts`, `${theirs}/dist`];
    await done(user.command([user.deno, "run", ...bundle]));
    await done([
      ...["env", "-C", ours, Deno.execPath(), "run", ...FLAGS],
      "scripts/bundle.ts",
    ]);

    const files = [...filesIn(`${theirs}/dist/`)].sort();
    for (const folder of [theirs, ours]) {
      assertEquals([...filesIn(`${folder}/dist/`)].sort(), files);
      const check = ["sha256sum", "--strict", "--check", "SHA256SUMS"];
      const checked = await done(["env", "-C", `${folder}/dist`, ...check]);
      assertEquals(
        checked.trim().split("\n").map((line) => line.split(": ")[0]).sort(),
        files.filter((name) => name !== "SHA256SUMS"),
      );
    }
    const sums = "dist/SHA256SUMS";
    await done(["cmp", `${theirs}/${sums}`, `${ours}/${sums}`]);

    const version = ["run", `${ours}/dist/ping.js`, "--version", "--json"];
    const told = JSON.parse(await done([Deno.execPath(), ...version]));
    assertEquals([told.version, told.commit], [config.version, commit]);
  },
);

await liveTest(
  "a bundle begins with its release and licence, tells its version, and refuses an old Deno",
  BUNDLER,
  () =>
    withBundles(async (folder, names) => {
      const { npmCache } = JSON.parse(
        await done([Deno.execPath(), "info", "--json"]),
      );
      const old = `${folder}/old.js`;
      await Deno.writeTextFile(
        old,
        'Object.defineProperty(Deno, "version", { value: { deno: "2.4.5" } });',
      );
      for (const file of names) {
        const name = file.slice(0, -3);
        const code = await Deno.readTextFile(`${folder}/dist/${file}`);
        const [, release, licence, others] = code.split("\n");
        assert(
          release.startsWith(`// raw4 ${name} ${config.version}`),
          release,
        );
        assertMatch(
          licence,
          /^\/\/ Copyright .* SPDX-License-Identifier: MIT$/,
        );
        const packages = /^\/\/ With (.*), under the same licence\.$/
          .exec(others)![1].split(", ");
        for (const [name, version] of packages.map((text) => text.split(" "))) {
          // A folder for each registry.
          const licences = [...Deno.readDirSync(npmCache)]
            .map(({ name }) => `${npmCache}/${name}`)
            .flatMap((registry) => {
              const path = `${registry}/${name}/${version}/package.json`;
              const text = readIfThere(path);
              return text === undefined ? [] : JSON.parse(text).license;
            });
          assertEquals(new Set(licences), new Set(["MIT"]), name);
        }
        const bundle = `${folder}/dist/${file}`;
        const version = await done([Deno.execPath(), "run", bundle, "-V"]);
        assertMatch(
          version,
          new RegExp(
            `^raw4 ${name} ${
              RegExp.escape(config.version)
            }(, commit [0-9a-f]{40}` +
              "(-dirty)?)?\nDeno 2\\.5\\.0 or newer\n$",
          ),
        );
      }
      const { code, stderr } = await run([
        ...[Deno.execPath(), "run", "--allow-ffi", "--preload", old],
        ...[`${folder}/dist/ping.js`, "127.0.0.1"],
      ]);
      const [sentence] = stderr.split("\n");
      assertEquals(
        [code, sentence],
        [4, "ping: raw4 takes Deno 2.5.0 or newer, and this is 2.4.5"],
      );
    }),
);

await liveTest(
  "a bundle installed by deno install runs under its name",
  BUNDLER,
  () =>
    withBundles(async (folder) => {
      const name = ["--name", "raw4-ping", "--allow-ffi"];
      await done([
        ...[
          Deno.execPath(),
          "install",
          "--quiet",
          "--global",
          "--root",
          folder,
        ],
        ...[...name, `${folder}/dist/ping.js`],
      ]);
      const installed = `${folder}/bin/raw4-ping`;
      const version = await done([installed, "--version"]);
      assert(version.startsWith(`raw4 ping ${config.version}`), version);
    }),
);

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}
