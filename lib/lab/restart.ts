/**
 * Starting a script anew, inside a user namespace.
 *
 * @module
 */

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
  const command = inUserNamespace([
    Deno.execPath(),
    "run",
    "--allow-ffi",
    "--allow-run",
    decodeURIComponent(new URL(url).pathname),
    ...args,
  ]);
  return await runHere(command, signal);
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
