/**
 * What a bundle begins with: which release it is of, and under which licence.
 *
 * @module
 */

import type { Release } from "../version.ts";

/** Where a bundle that is not minified names a package's file. */
const PACKAGE =
  /^\/\/ .*\/npm\/[^/\n]+\/((?:@[^/\n]+\/)?[^/\n]+)\/([\d.]+)\//gm;

/** `deno.json` in a bundle that is not minified: all of it, for two words. */
const CONFIG = /^(var deno_default = )\{\n[^]*?^\};$/m;

/**
 * Puts a release in place of the sources' configuration, of which a bundle needs
 * no more, and which knows no commit.
 *
 * @throws {Error} if the bundle has it in another form
 */
export function stampRelease(code: string, release: Release): string {
  if (!CONFIG.test(code)) throw new Error("the bundle has no deno.json in it");
  return code.replace(CONFIG, `$1${JSON.stringify(release)};`);
}

/** The packages that a bundle that is not minified has in it: `commander 15.1.0`. */
export function packagesIn(code: string): string[] {
  const names = code.matchAll(PACKAGE).map(([, name, version]) =>
    `${name} ${version}`
  );
  return [...new Set(names)].sort();
}

/**
 * Puts comments below a bundle's first line.
 *
 * @param copyright the line of `LICENSE`
 * @param packages as {@linkcode packagesIn} names them; all have the same licence
 */
export function withNotice(
  code: string,
  { name, release, copyright, packages }: {
    readonly name: string;
    readonly release: Release;
    readonly copyright: string;
    readonly packages: readonly string[];
  },
): string {
  const { version, commit } = release;
  const of = commit === undefined ? "" : `, commit ${commit}`;
  const lines = [
    `// raw4 ${name} ${version}${of}`,
    `// ${copyright}. SPDX-License-Identifier: MIT`,
    `// With ${packages.join(", ")}, under the same licence.`,
  ];
  return code.replace("\n", `\n${lines.join("\n")}\n`);
}
