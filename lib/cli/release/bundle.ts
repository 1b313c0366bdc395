/**
 * A script in one file, for one system.
 *
 * @module
 */

import type { System } from "../../ffi/system.ts";
import { runProgram } from "../../lab/command.ts";
import type { Release } from "../version.ts";
import {
  inlineNumbers,
  inlineSupports,
  numbersFirst,
} from "./inline_numbers.ts";
import { functionsFirst } from "./functions_first.ts";
import { leanCommander, leanSymbols } from "./lean_commander.ts";
import { namedOnce } from "./named_once.ts";
import { packagesIn, stampRelease, withNotice } from "./notice.ts";
import { shortMethods } from "./short_methods.ts";
import { withoutNode } from "./without_node.ts";
import { withoutShapes, withoutUnnamed } from "./without_unnamed.ts";

/** What is bundled, and from where. */
export interface Bundling {
  /** The clone's folder, ending in a slash. */
  readonly root: string;
  readonly release: Release;
  readonly copyright: string;
  /** What is to be in a script's code besides, before it is made smaller. */
  finish(name: string, code: string): string;
}

/**
 * Bundles a script without the files of other systems, by a map of imports in
 * which the system's own stands for the choice among them.
 *
 * @param output where to put it
 * @returns its text
 */
export async function bundleScript(
  name: string,
  system: System,
  output: string,
  { root, release, copyright, finish }: Bundling,
): Promise<string> {
  const config = `${root}deno.json`;
  const map = await Deno.makeTempFile({ suffix: ".json" });
  const bundle = (input: string, ...options: string[]) =>
    runProgram(Deno.execPath(), [
      ...["bundle", "--quiet", "--config", config, "--output", output],
      ...[...options, input],
    ]);
  try {
    await Deno.writeTextFile(map, await importMap(root, system.os));
    await bundle(`${root}scripts/${name}.ts`, "--import-map", map);
  } finally {
    await Deno.remove(map);
  }
  const whole = (await Deno.readTextFile(output))
    // What starts late bears the path of its file on this machine.
    .replace(/(__(?:esm|commonJS)\(\{\s*(?:async )?)"[^"\n]+"\(/g, "$1_(");
  const packages = packagesIn(whole);
  const own = inlineSupports(stampRelease(whole, release), system);
  const lean = [
    inlineNumbers,
    leanCommander,
    leanSymbols,
    withoutNode,
    withoutUnnamed,
    withoutShapes,
    shortMethods,
    namedOnce,
    functionsFirst,
    numbersFirst,
  ].reduce((code, pass) => pass(code), own);
  await Deno.writeTextFile(output, finish(name, lean));
  await bundle(output, "--minify");
  const code = (await Deno.readTextFile(output))
    // A remedy's command, for who has no clone.
    .replaceAll("scripts/lab.ts", "./lab.js");
  const text = withNotice(code, { name, release, copyright, packages });
  await Deno.writeTextFile(output, text);
  await Deno.chmod(output, 0o755);
  return text;
}

/** The clone's imports, and the system's file for the choice. */
async function importMap(root: string, os: string): Promise<string> {
  const base = `file://${root.split("/").map(encodeURIComponent).join("/")}`;
  const { imports } = JSON.parse(await Deno.readTextFile(`${root}deno.json`));
  const own = `${base}lib/ffi/own.ts`;
  return JSON.stringify({
    imports: {
      ...Object.fromEntries(
        Object.entries<string>(imports).map(([name, to]) => [
          name,
          to.startsWith(".") ? new URL(to, base).href : to,
        ]),
      ),
      [own]: `${base}lib/ffi/${os}/libc.ts`,
    },
  });
}
