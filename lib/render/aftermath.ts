/**
 * What became of a packet that was sent, where somebody looks after it.
 *
 * @module
 */

import type { ReplyExplained } from "../tools/reply_verdict.ts";
import type { WireCompared } from "../tools/wire_comparison.ts";
import { jsonLine } from "./text.ts";
import { renderVerdict } from "./verdict.ts";
import { renderWire } from "./wire.ts";

/** What the tools that send tell of it. */
export type Aftermath = WireCompared | ReplyExplained;

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
