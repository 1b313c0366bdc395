/**
 * The C program that raw4 is compared with, where a compiler is.
 *
 * @module
 */

import { runProgram, tryProgram } from "../../lib/lab/command.ts";

/** Compiles the program; `undefined` without a compiler. */
export async function compileReference(): Promise<string | undefined> {
  const source = new URL("./reference.c", import.meta.url).pathname;
  const program = `${await Deno.makeTempDir()}/reference`;
  const done = await tryProgram("cc", ["-O2", "-o", program, source]);
  return done === undefined ? undefined : program;
}

/** Packets a second at which the program sends. */
export async function referenceRate(
  program: string,
  mode: "sendto" | "sendmmsg" | "paced",
  packets: number,
): Promise<number> {
  return Number(await runProgram(program, [mode, `${packets}`]));
}
