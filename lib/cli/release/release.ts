/**
 * What stands beside the bundles of a release.
 *
 * @module
 */

import type { ScriptDefinition } from "./definition.ts";
import {
  bashCompletions,
  fishCompletions,
  zshCompletions,
} from "./completions.ts";
import { manPage } from "./man_page.ts";

/**
 * Manual pages and completions, by their paths beside the bundles.
 *
 * @param scripts in the order of their names
 */
export function documentsOf(
  scripts: readonly ScriptDefinition[],
  release: { readonly version: string; readonly date: string },
): Record<string, string> {
  const pages = scripts.map((script) => [
    `man/man1/raw4-${script.name}.1`,
    manPage(script, release),
  ]);
  return {
    ...Object.fromEntries(pages),
    "completions/raw4.bash": bashCompletions(scripts),
    "completions/_raw4": zshCompletions(scripts),
    "completions/raw4.fish": fishCompletions(scripts),
  };
}

/**
 * The lines of a file `SHA256SUMS`, as `sha256sum --check` reads them.
 *
 * @param paths of files in a folder
 */
export async function sumsOf(
  folder: string,
  paths: readonly string[],
): Promise<string> {
  const lines = paths.toSorted().map(async (path) => {
    const octets = await Deno.readFile(`${folder}/${path}`);
    const sum = await crypto.subtle.digest("SHA-256", octets);
    return `${new Uint8Array(sum).toHex()}  ${path}\n`;
  });
  return (await Promise.all(lines)).join("");
}

/**
 * The day of a release, by its heading in `CHANGELOG.md`.
 *
 * @returns a date such as `2026-11-29`
 * @throws {Error} if it is not there
 */
export function dateOf(version: string, changelog: string): string {
  const headings = changelog.matchAll(/^## (\S+), (\d{4}-\d\d-\d\d)$/gm);
  const heading = headings.find(([, name]) => name === version);
  if (heading !== undefined) return heading[2];
  throw new Error(`CHANGELOG.md has no heading "## ${version}, DATE"`);
}
