/**
 * Starting a script anew: inside a user namespace, or in the background; and
 * what it runs on this terminal.
 *
 * @module
 */

import { endedBy } from "../socket/process.ts";
import { replaceProcess } from "./process.ts";
import { ALLOW_RUN, LabError, pathsOf, start } from "./command.ts";
import { besideProcess, isThere } from "./own_labs.ts";
import { inUserNamespace } from "./rung.ts";

/**
 * Goes on as the same script, called anew, as root of a user namespace. It is
 * the same process: whoever ends this one, ends that.
 *
 * @param url `import.meta.url` of the script
 * @param beside a process in whose user namespace, unless that has ended;
 * default a new one
 * @returns only if a signal came beforehand: its exit code
 * @throws {LabError} if there is no unshare, or nsenter
 */
export async function restartInUserNamespace(
  url: string,
  args: readonly string[],
  signal: AbortSignal,
  beside?: number,
): Promise<number> {
  if (signal.aborted) return endedBy(signal.reason);
  const call = ownCall(url, args);
  const [program, ...rest] = beside !== undefined && await isThere(beside)
    ? besideProcess(beside, call)
    : inUserNamespace(call);
  let reason = "";
  for (const path of pathsOf(program)) {
    reason = replaceProcess(path, [program, ...rest]);
  }
  throw new LabError(`cannot run ${program}: ${reason}`);
}

/**
 * Runs a script again in the background, where it stays, and waits until it
 * has printed something.
 *
 * @param around makes a command that runs the script somewhere else
 * @throws {LabError} if it ends instead
 */
export async function startInBackground(
  url: string,
  args: readonly string[],
  around: (command: readonly string[]) => readonly string[],
): Promise<void> {
  const [program, ...rest] = around(ownCall(url, args));
  const child = start(program, {
    args: rest,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    detached: true,
  });
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  if (done) throw new LabError(`\`${args.join(" ")}\` ended in the background`);
  child.unref();
}

function ownCall(url: string, args: readonly string[]): string[] {
  const path = decodeURIComponent(new URL(url).pathname);
  // Not a list where none was needed: PATH may find another ip than ours.
  const hasAll = Deno.permissions.querySync({ name: "run" }).state ===
    "granted";
  const run = hasAll ? "--allow-run" : ALLOW_RUN;
  return [Deno.execPath(), "run", "--allow-ffi", run, path, ...args];
}

/**
 * Runs a command on this terminal to its end.
 *
 * @param signal on SIGTERM, which a terminal does not hand to it, it is told;
 * aborted beforehand, it is not even started
 * @returns its exit code; 128 and the signal's number, if one ended it
 */
export async function runHere(
  [program, ...args]: readonly string[],
  signal?: AbortSignal,
): Promise<number> {
  if (signal?.aborted) return endedBy(signal.reason);
  const child = start(program, { args });
  signal?.addEventListener("abort", () => {
    if (signal.reason !== "SIGTERM") return;
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended already: the signal went to all of us.
    }
  });
  const { code } = await child.status;
  return code;
}
