/**
 * Runs the tests where all of them can run: as root, or as root of a user
 * namespace, or as far as that goes without.
 *
 * @module
 */

import { inUserNamespace } from "../lib/lab/rung.ts";
import { findRung } from "../lib/lab/rung.ts";
import { runHere } from "../lib/lab/restart.ts";

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
const rung = await findRung();
Deno.exit(
  await runHere(rung === "user-namespace" ? inUserNamespace(test) : test),
);
