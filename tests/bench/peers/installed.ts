/**
 * The programs that raw4 is compared with, and the packages that have them.
 *
 * @module
 */

import { pathsOf, runProgram } from "../../../lib/lab/command.ts";

/** Debian's package of a program, where it is called otherwise. */
const PACKAGES: Readonly<Record<string, string>> = {
  capinfos: "tshark",
  cc: "gcc",
  mtr: "mtr-tiny",
  ping: "iputils-ping",
  trafgen: "netsniff-ng",
};

/**
 * Whether a program is there; with `--install` it is made so on Debian.
 *
 * @param also packages that it is of no use without
 */
export async function isInstalled(
  program: string,
  ...also: string[]
): Promise<boolean> {
  if (isThere(program)) return true;
  const names = [PACKAGES[program] ?? program, ...also];
  if (!Deno.args.includes("--install")) {
    console.error(`${program} is missing: apt-get install ${names.join(" ")}`);
    return false;
  }
  await runProgram("apt-get", [
    ...["install", "-y", "-qq", "--no-install-recommends", ...names],
  ]);
  return isThere(program);
}

function isThere(program: string): boolean {
  return pathsOf(program).some((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
}
