/**
 * What is said where a file or a folder cannot be used, and how files are
 * written that are done at once.
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

/**
 * Writes all of a file, a new one for its owner alone.
 *
 * @throws {ScriptError} if it cannot be written
 */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, text, { mode: 0o600 });
  } catch (error) {
    throw fileFailure(`write the file ${path}`, error);
  }
}
