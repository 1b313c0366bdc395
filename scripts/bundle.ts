#!/usr/bin/env -S deno run --allow-run --allow-read --allow-write
/** Makes each script one self-contained file, to be copied to lab machines. */

import { EXIT } from "../lib/cli/exit.ts";
import { fileFailure } from "../lib/cli/file_failure.ts";
import { requirePermission, run, script } from "../lib/cli/script.ts";
import { pathOf } from "../lib/cli/sibling.ts";
import { withoutNode } from "../lib/cli/without_node.ts";
import { runProgram } from "../lib/lab/command.ts";

/** Not to be copied: this one needs the sources. */
const HERE = "bundle.ts";

const program = script({
  url: import.meta.url,
  flags: "--allow-run --allow-read --allow-write",
  description: "Makes each script one self-contained file in dist/.",
  examples: [["", "dist/send.js, dist/receive.js and the others"]],
})
  .argument("[folder]", "where to put them", "dist");

await run(program, async () => {
  requirePermission({ name: "run" }, "--allow-run", "to run deno bundle");
  requirePermission({ name: "read" }, "--allow-read", "to list the scripts");
  requirePermission({ name: "write" }, "--allow-write", "to write the bundles");
  const [folder] = program.processedArgs;
  const scripts = pathOf(new URL("./", import.meta.url).href);
  const config = pathOf(new URL("../deno.json", import.meta.url).href);
  await Deno.mkdir(folder, { recursive: true }).catch((error) => {
    const elsewhere = "Name a folder that can be made: bundle.ts FOLDER";
    throw fileFailure(`make the folder ${folder}`, error, elsewhere);
  });
  for (const { name, isFile } of Deno.readDirSync(scripts)) {
    if (!isFile || !name.endsWith(".ts") || name === HERE) continue;
    const output = `${folder}/${name.replace(/\.ts$/, ".js")}`;
    const options = ["--quiet", "--minify", "--config", config];
    const files = ["--output", output, scripts + name];
    await runProgram(Deno.execPath(), ["bundle", ...options, ...files]);
    const code = withoutNode(await Deno.readTextFile(output))
      // A remedy's command, for who has no clone.
      .replaceAll("scripts/lab.ts", "./lab.js");
    await Deno.writeTextFile(output, code);
    await Deno.chmod(output, 0o755);
    console.log(`${output}  ${Math.round(code.length / 1024)} KiB`);
  }
  return EXIT.DONE;
}, { usesSockets: false });
