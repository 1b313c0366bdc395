/**
 * One forged packet, once or many times.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import type { OutgoingDatagram } from "../socket/sending_socket.ts";
import { checkMilliseconds } from "../socket/timeout.ts";
import { checkRange } from "../wire/errors.ts";
import { readForged } from "./forged_packet.ts";
import type { ReplyExplained } from "./reply_verdict.ts";
import { ReplyWatch } from "./reply_watch.ts";
import {
  checkForged,
  openForged,
  type SendForgedOptions,
} from "./send_forged.ts";
import type { WireCompared } from "./wire_comparison.ts";
import { WireTap } from "./wire_tap.ts";

/** How a packet is to be sent. */
export interface SpoofOptions extends SendForgedOptions {
  /** How often, 1 or more; default once. */
  readonly count?: number;
  /** Time between two, in milliseconds; default none: as fast as it goes. */
  readonly intervalMs?: number;
  /** Compare each packet with what leaves and arrives; default false. */
  readonly diff?: boolean;
  /** Find out, after the last, why there is no reply; default false. */
  readonly why?: boolean;
  /** How long to look for each of the two, in milliseconds; default 1000. */
  readonly timeoutMs?: number;
  /** Ends it when aborted. */
  readonly signal?: AbortSignal;
}

/** A packet was sent. Not told of many that are sent without an interval. */
export interface SpoofSent {
  /** Tells it from the other events. */
  readonly type: "sent";
  /** Counted from 1. */
  readonly number: number;
}

/** The last event: it is over. */
export interface SpoofSummary {
  /** Tells it from the other events. */
  readonly type: "summary";
  /** Where they went. */
  readonly destination: string;
  /** Packets sent. */
  readonly sent: number;
  /** Octets sent, headers included. */
  readonly octets: number;
  /** From the first to the last, in milliseconds. */
  readonly durationMs: number;
}

/** What {@linkcode spoof} tells. */
export type SpoofEvent =
  | SpoofSent
  | WireCompared
  | ReplyExplained
  | SpoofSummary;

/**
 * Sends a packet with a header of its own, as {@linkcode sendForged} does, once
 * or many times. Without an interval they leave by `sendMany`.
 *
 * @param packet from the IP header on, such as {@linkcode forgedPacket} makes it
 * @throws {RangeError} if it is no IPv4 packet, its destination is public, or
 * an option is out of range
 * @throws {SocketError} if the system refuses one
 *
 * @example
 * ```ts
 * import { forgedPacket, spoof } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = forgedPacket({
 *   source: "127.0.0.7",
 *   destination: "127.0.0.1",
 * });
 * for await (const event of spoof(packet, { count: 100 })) {
 *   if (event.type === "summary") assertEquals(event.sent, 100);
 * }
 * ```
 */
export async function* spoof(
  packet: Uint8Array,
  options: SpoofOptions = {},
): AsyncGenerator<SpoofEvent, void> {
  const { count = 1, intervalMs = 0, signal, namespace, timeoutMs } = options;
  checkRange("count", count, 1, Number.MAX_SAFE_INTEGER);
  checkMilliseconds("intervalMs", intervalMs);
  checkMilliseconds("timeoutMs", timeoutMs);
  const [destination] = checkForged([packet], options);
  const given = readForged(packet);
  using socket = openForged(options);
  using tap = options.diff ? WireTap.open(destination, { namespace }) : null;
  using watch = options.why
    ? ReplyWatch.open(destination, { namespace })
    : null;
  const start = performance.now();
  let sent = 0;
  try {
    if (intervalMs === 0 && count > 1 && tap === null) {
      const one: OutgoingDatagram = { bytes: packet, destination };
      sent = await socket.sendMany(repeated(one, count, signal));
    }
    while (sent < count && !signal?.aborted) {
      if (sent > 0) await delay(intervalMs, { signal }).catch(() => {});
      if (signal?.aborted) break;
      socket.send(packet, destination);
      sent++;
      yield { type: "sent", number: sent };
      if (tap === null) continue;
      const comparison = await tap.compare(given, { timeoutMs, signal });
      yield { type: "compared", comparison };
    }
  } catch (refusal) {
    if (watch === null) throw refusal;
    const verdict = await watch.explain(given, { refusal });
    yield { type: "explained", verdict };
    throw refusal;
  }
  const durationMs = performance.now() - start;
  if (watch !== null && !signal?.aborted) {
    const verdict = await watch.explain(given, { timeoutMs, signal });
    yield { type: "explained", verdict };
  }
  const octets = sent * packet.length;
  yield { type: "summary", destination, sent, octets, durationMs };
}

function* repeated<T>(
  value: T,
  count: number,
  signal: AbortSignal | undefined,
): Generator<T, void> {
  for (let i = 0; i < count && !signal?.aborted; i++) yield value;
}
