/**
 * How signals end a script.
 *
 * @module
 */

import { system } from "../ffi/own.ts";
import { supports } from "../ffi/supports.ts";
import {
  checkDescriptors,
  endedBy,
  ignoreHangup,
  ignoresHangup,
  lacksTerminal,
} from "../socket/process.ts";

/** Aborted when the script is to end, with the name of the signal as reason. */
export const interrupt = new AbortController();

/** What SIGHUP means to a script that no terminal's closing can have reached. */
let hangup: (() => void) | undefined;

/**
 * Has SIGHUP do something else than end the script, where there is no terminal
 * that can have been closed, as in a service: what it means to daemons.
 */
export function onHangup(act: () => void): void {
  if (supports.signalActions && lacksTerminal()) hangup = act;
}

/**
 * Lets signals abort the script; a second one ends it at once.
 *
 * @param options `leavesInterrupts`: further Ctrl-Cs are meant for a program
 * that it runs
 */
export function listen(
  { leavesInterrupts }: { readonly leavesInterrupts: boolean },
): void {
  const canAsk =
    Deno.permissions.querySync({ name: "ffi" }).state === "granted";
  if (canAsk && supports.signalActions) checkDescriptors();
  const isKept = canAsk && supports.signalActions && ignoresHangup();
  // Of one that may be ignored, nothing is known without asking.
  const names = system.signals
    .filter((name) => name !== "SIGHUP" || (canAsk && !isKept));
  for (const name of names) {
    Deno.addSignalListener(name, () => {
      if (name === "SIGHUP" && hangup !== undefined) return hangup();
      const isMeantForUs = name !== "SIGINT" || !leavesInterrupts;
      if (interrupt.signal.aborted && isMeantForUs) Deno.exit(endedBy(name));
      interrupt.abort(name);
    });
  }
  // As `nohup` wants it: Deno catches it once any signal is listened to.
  if (isKept) ignoreHangup();
  // A file that gets too long is an error to be told, and no sudden end.
  if (supports.signalActions) Deno.addSignalListener("SIGXFSZ", () => {});
}
