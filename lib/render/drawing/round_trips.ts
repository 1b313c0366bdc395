/**
 * Round trips drawn: a line of blocks for terminals.
 *
 * @module
 */

import type { PingEvent } from "../../tools/ping/ping_types.ts";
import { escapeText } from "../text.ts";
import { wrap } from "../wrap.ts";

export type { PingEvent };

/** The round trips to one host, in the order of its requests. */
export class RoundTrips {
  /** Milliseconds; `NaN` if lost, and nothing while nobody knows. */
  readonly rttsMs: (number | undefined)[] = [];

  /** @param name as the host was given */
  constructor(readonly name: string) {}

  /** Takes what an event tells of a request. */
  note(event: PingEvent): void {
    if (!("sequence" in event) || event.sequence === undefined) return;
    const at = event.sequence - 1;
    if (event.type === "reply" && !event.isDuplicate && !event.isLate) {
      this.rttsMs[at] = event.reply.roundTripMs ?? 0;
    } else if (["timeout", "failed", "error"].includes(event.type)) {
      // After an error, the reply may come yet.
      this.rttsMs[at] ??= NaN;
    }
  }
}

const BLOCKS = "▁▂▃▄▅▆▇█";
const LOST = "×";
const PENDING = "?";
/** Requests that one line shows. */
const MOST = 72;

/**
 * The last round trips as a line of blocks, and their scale: from 0 to the
 * longest of them.
 */
export function renderRoundTrips({ name, rttsMs }: RoundTrips): string[] {
  if (rttsMs.length === 0) return [];
  const first = Math.max(0, rttsMs.length - MOST);
  const shown = Array.from(rttsMs.slice(first));
  const longest = Math.max(0, ...shown.filter((ms) => ms! >= 0) as number[]);
  const bars = shown.map((ms) => {
    if (ms === undefined) return PENDING;
    if (Number.isNaN(ms)) return LOST;
    return BLOCKS[Math.max(0, Math.ceil(ms / longest * BLOCKS.length) - 1)];
  });
  const lost = shown.filter(Number.isNaN).length;
  const scale = [
    `${escapeText(name)} icmp_seq ${first + 1} to ${rttsMs.length}`,
    ...(longest > 0 ? [`█ ${longest.toFixed(3)} ms`] : []),
    ...(lost > 0 ? [`${LOST} lost: ${lost}`] : []),
  ];
  return [bars.join(""), ...wrap("", scale.join(", "))];
}
