/**
 * Many lines at once, by scripts that may ask the system about their output.
 *
 * @module
 */

import { supports } from "../../ffi/supports.ts";
import { hasRoom } from "../../socket/process.ts";
import { firstPiece, printOctets } from "../output.ts";

const STDOUT = 1;

/**
 * Writes text to standard output as {@linkcode print} does, but at once as far
 * as nothing has to be waited for: else a thread is woken for each piece, which
 * on a busy machine takes this one's place.
 *
 * @throws {ScriptError} if it cannot be written, such as to a full disk
 */
export async function printMuch(text: string): Promise<void> {
  let left: Uint8Array = new TextEncoder().encode(text);
  if (mayAsk()) {
    try {
      while (left.length > 0 && hasRoom(STDOUT)) {
        left = left.subarray(Deno.stdout.writeSync(firstPiece(left)));
      }
    } catch { /* It fails again, and is told. */ }
  }
  await printOctets(left);
}

/** A terminal takes less than it says, once somebody has stopped it. */
function mayAsk(): boolean {
  return supports.pageOfRoom && !Deno.stdout.isTerminal() &&
    Deno.permissions.querySync({ name: "ffi" }).state === "granted";
}
