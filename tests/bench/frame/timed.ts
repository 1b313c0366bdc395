/**
 * Whole processes: how long they take, and how much of it on a processor.
 *
 * @module
 */

import { runProgram } from "../../../lib/lab/command.ts";
import type { Sample } from "./rounds.ts";

/** What the shell says of a command: seconds, of its own and of the kernel. */
const TIMED = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1';

/**
 * Runs a command to its end, its output thrown away.
 *
 * @param work how much it does, for the rate
 * @param inside puts a command where it is to run, such as a lab's host
 */
export async function timed(
  command: readonly string[],
  work = 1,
  inside: (command: readonly string[]) => readonly string[] = (it) => it,
): Promise<Sample> {
  const shell = ["bash", "-c", `{ ${TIMED}; } 2>&1 || true`, "bash"];
  const [program, ...args] = inside([...shell, ...command]);
  const [seconds, user, system] = (await runProgram(program, args))
    .trim().split(" ").map(Number);
  return { rate: work / seconds, cpuSeconds: user + system };
}

/** A rate of whole processes as the milliseconds that each took. */
export function milliseconds(rate: number): string {
  return `${(1000 / rate).toFixed(1)} ms`;
}
