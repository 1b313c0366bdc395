/**
 * The definitions of all scripts, as bundling reads them.
 *
 * @module
 */

import type { ScriptDefinition } from "../../../lib/cli/release/definition.ts";
import { ROOT, run } from "../live.ts";

/** Reads them from the scripts themselves. */
export async function readDefinitions(): Promise<ScriptDefinition[]> {
  const names = [...Deno.readDirSync(`${ROOT}scripts`)]
    .map(({ name }) => name).filter((name) => name.endsWith(".ts")).sort();
  return await Promise.all(names.map(async (name) => {
    const { stdout } = await run([
      ...[Deno.execPath(), "run", "--preload"],
      ...[`${ROOT}lib/cli/release/definition.ts`, `${ROOT}scripts/${name}`],
    ]);
    return JSON.parse(stdout);
  }));
}
