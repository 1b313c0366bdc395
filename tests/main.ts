/**
 * Runs the tests where all of them can run: as root, or as root of a user
 * namespace, or as far as that goes without.
 *
 * @module
 */

import { tryProgram } from "../lib/lab/command.ts";
import { runHere } from "../lib/lab/restart.ts";
import { findRung, inUserNamespace } from "../lib/lab/rung.ts";

const root = new URL("../", import.meta.url).pathname;
const test = [
  Deno.execPath(),
  "test",
  "--allow-all",
  "--doc",
  ...(Deno.args.length > 0
    ? Deno.args
    : ["mod.ts", "lib", "tests"].map((path) => root + path)),
];
// Fetches the packages, and what `deno bundle` needs: there is no way to them
// from within a namespace. Where that fails the tests will tell.
await tryProgram(Deno.execPath(), [
  "bundle",
  "--quiet",
  `${root}scripts/send.ts`,
]);
const rung = await findRung();
Deno.exit(
  await runHere(rung === "user-namespace" ? inUserNamespace(test) : test),
);
