/**
 * Starting a script anew: inside a user namespace, or in the background.
 *
 * @module
 */

import { LabError } from "./command.ts";
import { inUserNamespace } from "./rung.ts";

/**
 * Runs a script again as root of a user namespace, on this terminal.
 *
 * @param url `import.meta.url` of the script
 * @param signal as in {@linkcode runHere}
 * @returns its exit code
 */
export async function restartInUserNamespace(
  url: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  return await runHere(inUserNamespace(ownCall(url, args)), signal);
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
  const child = new Deno.Command(program, {
    args: rest,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    detached: true,
  }).spawn();
  const reader = child.stdout.getReader();
  const { done } = await reader.read();
  if (done) throw new LabError(`\`${args.join(" ")}\` ended in the background`);
  child.unref();
}

function ownCall(url: string, args: readonly string[]): string[] {
  const path = decodeURIComponent(new URL(url).pathname);
  const call = [Deno.execPath(), "run", "--allow-ffi", "--allow-run", path];
  return [...call, ...args];
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
  if (signal?.aborted) return signal.reason === "SIGTERM" ? 143 : 130;
  const child = new Deno.Command(program, { args }).spawn();
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
