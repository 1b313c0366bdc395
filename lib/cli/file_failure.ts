/**
 * What is said where a file or a folder cannot be used.
 *
 * @module
 */

import { EXIT, notPermitted, ScriptError } from "./exit.ts";

/**
 * The failure of something done to a file, once Deno has granted its path.
 *
 * @param action what was done to which, to go after "cannot": `read the file x`
 * @param remedy what to do, where the system refused
 */
export function fileFailure(
  action: string,
  error: unknown,
  remedy?: string,
): ScriptError {
  // Deno guards those of the system by more than the flags for its path.
  if (error instanceof Deno.errors.NotCapable) {
    return notPermitted(
      `not permitted by Deno to ${action}`,
      "It is one of the system's, as all in /proc is: take another, or add " +
        "--allow-all to the command.",
    );
  }
  const [reason] = (error as Error).message.split(" (os error ");
  return new ScriptError(`cannot ${action}: ${reason}`, EXIT.SYSTEM, remedy);
}
