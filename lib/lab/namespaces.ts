/**
 * Network namespaces, and what is done inside them.
 *
 * @module
 */

import { runProgram, tryProgram } from "./command.ts";

/** A command that runs `command` inside a network namespace. */
export function inNamespace(
  namespace: string,
  command: readonly string[],
): string[] {
  return ["nsenter", `--net=/run/netns/${namespace}`, ...command];
}

/**
 * Runs lines of `ip -batch`, inside a network namespace or here.
 *
 * @throws {LabError} at the first that fails
 */
export async function runBatch(
  lines: readonly string[],
  namespace?: string,
): Promise<void> {
  const where = namespace === undefined ? [] : ["-netns", namespace];
  await runProgram("ip", [...where, "-batch", "-"], `${lines.join("\n")}\n`);
}

/**
 * Ends whatever runs inside a network namespace.
 *
 * @param signal `KILL` ends a shell too, `TERM` lets a program write its last
 */
export async function endProcesses(
  namespace: string,
  signal: "KILL" | "TERM",
): Promise<void> {
  const pids = await tryProgram("ip", ["netns", "pids", namespace]) ?? "";
  for (const pid of pids.split("\n").filter(Boolean)) {
    await tryProgram("kill", [`-${signal}`, pid]);
  }
}

/** Removes network namespaces, as far as they are there. */
export async function removeNamespaces(
  namespaces: readonly string[],
): Promise<void> {
  await Promise.all(
    namespaces.map((name) => tryProgram("ip", ["netns", "delete", name])),
  );
}
