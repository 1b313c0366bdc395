/**
 * What became of a packet that was sent, where somebody looks after it.
 *
 * @module
 */

import type {
  ReplyExplained,
  ReplyVerdict,
} from "../../tools/why/reply_verdict.ts";
import type { PacketsCompared } from "../../compare/comparison.ts";
import { jsonLine } from "../text.ts";
import { wordsOf, wrap, wrapWords } from "../wrap.ts";
import { renderWire } from "./comparison.ts";

/** What the tools that send tell of it. */
export type Aftermath = PacketsCompared | ReplyExplained;

/** Whether an event is of this kind. */
export function isAftermath<Event extends { readonly type: string }>(
  event: Event | Aftermath,
): event is Aftermath {
  return event.type === "compared" || event.type === "explained";
}

/** What the wire made of it, or why there is no reply; or one JSON object. */
export function renderAftermath(
  event: Aftermath,
  { json }: { readonly json?: boolean },
): string {
  if (event.type === "compared") {
    const { type, comparison } = event;
    return json
      ? jsonLine({ type, ...comparison })
      : ["", ...renderWire(comparison), ""].join("\n");
  }
  const { type, verdict } = event;
  return json
    ? jsonLine({ type, ...verdict })
    : renderVerdict(verdict).join("\n");
}

/** Why there is no reply, and what to do. */
export function renderVerdict({ text, remedy }: ReplyVerdict): string[] {
  return [
    ...wrap("", `Why: ${text}`),
    ...(remedy === undefined ? [] : wrapWords(wordsOf(remedy), "    ")),
  ];
}
