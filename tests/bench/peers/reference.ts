/**
 * The C programs that raw4 is compared with, where a compiler is.
 *
 * @module
 */

import { runProgram, tryProgram } from "../../../lib/lab/command.ts";

/**
 * Compiles a program of this folder.
 *
 * @returns its path, for as long as the benchmark runs; `undefined` without a
 * compiler
 */
export async function compileReference(
  name: "reference" | "sweep" | "frames" | "read",
): Promise<string | undefined> {
  const source = `${import.meta.dirname}/${name}.c`;
  const program = `${await Deno.makeTempDir()}/${name}`;
  const options = ["-O2", "-pthread", "-o", program, source];
  if (name === "read") options.push("-l:libpcap.so.0.8");
  if (await tryProgram("cc", options) !== undefined) return program;
  const wanted = name === "read" ? "cc with libpcap" : "cc";
  console.log(`No C compiler here (${wanted}): ${name}.c is left out.`);
}

/** Packets a second at which the program sends. */
export async function referenceRate(
  program: string,
  mode: "sendto" | "sendmmsg" | "paced",
  packets: number,
): Promise<number> {
  return Number(await runProgram(program, [mode, `${packets}`]));
}
