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
 * @returns its exit code
 */
export async function restartInUserNamespace(
  url: string,
  args: readonly string[],
): Promise<number> {
  const [program, ...rest] = inUserNamespace([
    Deno.execPath(),
    "run",
    "--allow-ffi",
    "--allow-run",
    new URL(url).pathname,
    ...args,
  ]);
  return await runHere([program, ...rest]);
}

/**
 * Runs a command on this terminal to its end.
 *
 * @param signal on SIGTERM, which a terminal does not hand to it, it is told
 * @returns its exit code
 */
export async function runHere(
  [program, ...args]: readonly string[],
  signal?: AbortSignal,
): Promise<number> {
  const child = new Deno.Command(program, { args }).spawn();
  signal?.addEventListener("abort", () => {
    if (signal.reason === "SIGTERM") child.kill("SIGTERM");
  });
  const { code } = await child.status;
  return code;
}
