/**
 * Which release this is, and which Deno it takes.
 *
 * @module
 */

import config from "../../deno.json" with { type: "json" };
import { EXIT, ScriptError } from "./exit.ts";

/** What a script knows of the release that it is of. */
export interface Release {
  readonly version: string;
  /** The commit that a bundle was made of, where that was known. */
  readonly commit?: string;
}

/** Of sources; `bundle.ts` puts a bundle's own in place of the whole file. */
export const RELEASE: Release = config;

/** Older ones lack `Uint8Array.prototype.toHex`. */
export const LOWEST_DENO = "2.5.0";

/** What `--version` shows; one JSON object, if so wanted. */
export function versionText(
  script: string,
  isJSON: boolean,
  { version, commit }: Release = RELEASE,
): string {
  if (isJSON) {
    const facts = { type: "version", script, version, commit: commit ?? null };
    return JSON.stringify({ ...facts, lowestDeno: LOWEST_DENO });
  }
  const of = commit === undefined ? "" : `, commit ${commit}`;
  return `raw4 ${script} ${version}${of}\nDeno ${LOWEST_DENO} or newer`;
}

/**
 * Asserts that Deno is new enough.
 *
 * @param deno `Deno.version.deno`
 * @throws {ScriptError} in a sentence
 */
export function checkDeno(deno: string): void {
  const [major, minor] = deno.split(".").map(Number);
  const [lowestMajor, lowestMinor] = LOWEST_DENO.split(".").map(Number);
  if ((major - lowestMajor || minor - lowestMinor) >= 0) return;
  throw new ScriptError(
    `raw4 takes Deno ${LOWEST_DENO} or newer, and this is ${deno}`,
    EXIT.SYSTEM,
    "Upgrade it: deno upgrade. Or run another: npx -y deno@2.9 run …",
  );
}
