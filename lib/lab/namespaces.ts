/**
 * Network namespaces, and what is done inside them.
 *
 * @module
 */

import { delay } from "../socket/time.ts";
import { removeHostFolders } from "./host_folder.ts";
import { signalProcess } from "./process.ts";
import { runProgram, tryProgram } from "./command.ts";

/** Two seconds at least, for processes to end in. */
const END_TRIES = 200;
const END_RETRY_MS = 10;

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
 * Ends whatever runs inside network namespaces, and waits for it.
 *
 * @param signal `KILL` ends anything; `TERM` lets a program write its last; what
 * does not heed it gets `HUP`, so that a shell puts its terminal right, and is
 * killed in the end
 */
export async function endProcesses(
  namespaces: readonly string[],
  signal: "KILL" | "TERM",
): Promise<void> {
  for (let tries = 0; tries < END_TRIES; tries++) {
    const pids = await processesIn(namespaces);
    if (pids.length === 0) return;
    if (signal === "KILL" || tries === 0) {
      for (const pid of pids) signalProcess(pid, signal);
    } else if (tries === END_TRIES / 2) {
      for (const pid of pids) signalProcess(pid, "HUP");
    }
    await delay(END_RETRY_MS);
  }
  if (signal === "TERM") await endProcesses(namespaces, "KILL");
}

/** Their ids; those of a namespace that is gone are none. */
async function processesIn(namespaces: readonly string[]): Promise<number[]> {
  const listed = await Promise.all(
    namespaces.map((name) => tryProgram("ip", ["netns", "pids", name])),
  );
  return listed.flatMap((pids = "") =>
    pids.split("\n").filter(Boolean).map(Number)
  );
}

/** Removes network namespaces, as far as they are there, with their folders. */
export async function removeNamespaces(
  namespaces: readonly string[],
): Promise<void> {
  await removeHostFolders(namespaces);
  await Promise.all(
    namespaces.map((name) => tryProgram("ip", ["netns", "delete", name])),
  );
}
