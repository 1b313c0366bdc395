#!/usr/bin/env -S deno run --allow-run --allow-read --allow-write
/** Makes each script one self-contained file, to be copied to lab machines. */

import { EXIT } from "../lib/cli/exit.ts";
import { fileFailure } from "../lib/cli/file_failure.ts";
import { print } from "../lib/cli/output.ts";
import { requirePermission, run, script } from "../lib/cli/script.ts";
import { bundleScript } from "../lib/cli/release/bundle.ts";
import { dateOf, documentsOf, sumsOf } from "../lib/cli/release/release.ts";
import { pathOf } from "../lib/cli/sibling.ts";
import { RELEASE } from "../lib/cli/version.ts";
import { SYSTEMS } from "../lib/ffi/systems.ts";
import { runProgram, tryProgram } from "../lib/lab/command.ts";
import {
  bundlingOf,
  embedded,
  packedScript,
  staticPage,
} from "../lib/server/page_source.ts";

/** Not to be copied: this one needs the sources. */
const HERE = "bundle.ts";

const program = script({
  url: import.meta.url,
  flags: "--allow-run --allow-read --allow-write",
  description: "Makes each script one self-contained file in dist/.",
  examples: [[
    "",
    "dist/send.js, the others, page.html, and what goes with them",
  ]],
})
  .argument("[folder]", "where to put them", "dist");

/** What starts a bundle where the system does not read its first line. */
function windowsCommand(name: string, code: string): string {
  const [, flags] = /^#!.* deno run (.*)/.exec(code) ?? [];
  return `@echo off\r\ndeno run ${flags} "%~dp0${name}.js" %*\r\n`;
}

await run(program, async () => {
  requirePermission({ name: "run" }, "--allow-run", "to run deno bundle");
  requirePermission({ name: "read" }, "--allow-read", "to list the scripts");
  requirePermission({ name: "write" }, "--allow-write", "to write the bundles");
  const [folder] = program.processedArgs;
  const root = pathOf(new URL("../", import.meta.url).href);
  const scripts = `${root}scripts/`;
  const config = `${root}deno.json`;
  const deno = (command: string, ...args: string[]) =>
    runProgram(Deno.execPath(), [
      command,
      "--quiet",
      "--config",
      config,
      ...args,
    ]);
  await makeFolder(folder, "");

  const git = [`--git-dir=${root}.git`, `--work-tree=${root}`, "describe"];
  // The whole name, whatever tags there are; `-dirty` behind what is changed.
  const naming = ["--always", "--dirty", "--abbrev=40", "--exclude=*"];
  const commit = (await tryProgram("git", [...git, ...naming]))?.trim();
  const release = { version: RELEASE.version, commit };
  const [copyright] = /^Copyright .*$/m
    .exec(await Deno.readTextFile(`${root}LICENSE`))!;
  const names = [...Deno.readDirSync(scripts)]
    .filter(({ name, isFile }) =>
      isFile && name.endsWith(".ts") && name !== HERE
    )
    .map(({ name }) => name.replace(/\.ts$/, "")).sort();
  const made: string[] = [];
  const page = await packedScript(
    await runProgram(
      Deno.execPath(),
      bundlingOf(`${root}lib/page/main.tsx`),
    ),
  );
  await Deno.writeTextFile(`${folder}/page.html`, await staticPage(page));
  made.push("page.html");
  const bundling = {
    ...{ root, release, copyright },
    finish: (name: string, code: string) =>
      name === "page" ? embedded(code, page) : code,
  };
  for (const name of names) {
    // Linux's stand in the folder itself.
    await Promise.all(
      Object.values(SYSTEMS).map(async (system) => {
        const { os } = system;
        const inner = os === "linux" ? "" : `${os}/`;
        if (inner !== "") await makeFolder(folder, `/${inner}`);
        const output = `${folder}/${inner}${name}.js`;
        const code = await bundleScript(name, system, output, bundling);
        await print(`${output}  ${Math.round(code.length / 1024)} KiB\n`);
        made.push(`${inner}${name}.js`);
        if (os !== "windows") return;
        const command = `${inner}${name}.cmd`;
        await Deno.writeTextFile(
          `${folder}/${command}`,
          windowsCommand(name, code),
        );
        made.push(command);
      }),
    );
  }
  // In whatever order they were finished.
  made.sort();

  const definition = `${root}lib/cli/release/definition.ts`;
  const definitions = await Promise.all(names.map(async (name) => {
    const preload = ["--preload", definition];
    return JSON.parse(await deno("run", ...preload, `${scripts}${name}.ts`));
  }));
  const changelog = await Deno.readTextFile(`${root}CHANGELOG.md`);
  const date = dateOf(release.version, changelog);
  const documents = documentsOf(definitions, { ...release, date });
  for (const [path, text] of Object.entries(documents)) {
    await makeFolder(folder, `/${path}`.replace(/\/[^/]*$/, ""));
    await Deno.writeTextFile(`${folder}/${path}`, text);
    made.push(path);
  }
  await Deno.writeTextFile(`${folder}/SHA256SUMS`, await sumsOf(folder, made));
  return EXIT.DONE;
}, { usesSockets: false });

/** @throws {ScriptError} if it cannot be made */
async function makeFolder(folder: string, inner: string): Promise<void> {
  await Deno.mkdir(folder + inner, { recursive: true }).catch((error) => {
    const elsewhere = "Name a folder that can be made: bundle.ts FOLDER";
    throw fileFailure(`make the folder ${folder}`, error, elsewhere);
  });
}
