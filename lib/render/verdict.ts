/**
 * Why there is no reply, in words.
 *
 * @module
 */

import type { ReplyVerdict } from "../tools/reply_verdict.ts";
import { wordsOf, wrap, wrapWords } from "./wrap.ts";

/** Why there is no reply, and what to do. */
export function renderVerdict({ text, remedy }: ReplyVerdict): string[] {
  return [
    ...wrap("", `Why: ${text}`),
    ...(remedy === undefined ? [] : wrapWords(wordsOf(remedy), "    ")),
  ];
}
