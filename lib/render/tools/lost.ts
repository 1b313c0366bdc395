/**
 * What could not leave, and is sent and lost.
 *
 * @module
 */

import type { MessageFailed } from "../../tools/pair/send_messages.ts";
import type { SpoofFailed } from "../../tools/spoof/spoof.ts";
import { wordsOf, wrap, wrapWords } from "../wrap.ts";

type Lost = MessageFailed | SpoofFailed;

/** Which one is lost, why, and what to do; `what` begins the sentence. */
export function renderLost(what: string, { number, error }: Lost): string[] {
  const { message, remedy } = error;
  return [
    ...wrap("", `${what} ${number} is lost: ${message}`),
    ...(remedy === undefined ? [] : wrapWords(wordsOf(remedy))),
  ];
}

/** The same for programs. */
export function lostToJSON({ type, number, error }: Lost) {
  return { type, number, reason: error.message };
}

/** What a summary adds where some could not leave. */
export function lostInAll(failed: number): string {
  return failed > 0 ? `, ${failed} could not leave` : "";
}
