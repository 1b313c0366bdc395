/**
 * One forged packet, once or many times.
 *
 * @module
 */

import {
  type Instant,
  justBefore,
  readClocks,
} from "../../socket/kernel/clock.ts";
import { SocketError } from "../../socket/errors.ts";
import { requireSupport } from "../../socket/system/support.ts";
import { checkMilliseconds, nextTurn } from "../../socket/time.ts";
import { Beat } from "../../socket/time.ts";
import { Run, type RunContext } from "../run.ts";
import { checkRange } from "../../wire/errors.ts";
import { namesChecker, type ValueType } from "../../wire/shape.ts";
import { readForged } from "../../compare/forged_packet.ts";
import type { ReplyExplained } from "../why/reply_verdict.ts";
import { ReplyWatch } from "../why/reply_watch.ts";
import {
  checkForged,
  FORGED_FIELDS,
  openForged,
  type SendForgedOptions,
} from "./send_forged.ts";
import type { Comparison, PacketsCompared } from "../../compare/comparison.ts";
import { WireTap } from "../diff/wire_tap.ts";

/**
 * How a packet is to be sent.
 *
 * @category Forged packets
 */
export interface SpoofOptions extends SendForgedOptions {
  /**
   * Its fragments, such as {@linkcode fragmentIPv4} makes them, to be sent in its
   * stead; default none: it is sent as it is.
   */
  readonly fragments?: readonly Uint8Array[];
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

/**
 * A packet was sent. Not told of many that are sent without an interval.
 *
 * @category Forged packets
 */
export interface SpoofSent {
  /** Tells it from the other events. */
  readonly type: "sent";
  /** Counted from 1. */
  readonly number: number;
}

/**
 * A packet could not leave this host, and is lost; it goes on with the next. Of
 * many that are sent without an interval, only the first is told.
 *
 * @category Forged packets
 */
export interface SpoofFailed {
  /** Tells it from the other events. */
  readonly type: "failed";
  /** Which packet, counted from 1. */
  readonly number: number;
  /** Why. */
  readonly error: SocketError;
}

/**
 * The last event: it is over.
 *
 * @category Forged packets
 */
export interface SpoofSummary {
  /** Tells it from the other events. */
  readonly type: "summary";
  /** Where they went. */
  readonly destination: string;
  /** Packets sent, those included that could not leave. */
  readonly sent: number;
  /** Packets that could not leave. */
  readonly failed: number;
  /** Octets sent, headers included. */
  readonly octets: number;
  /** From the first to the last, in milliseconds. */
  readonly durationMs: number;
}

/**
 * What {@linkcode spoof} tells.
 *
 * @category Forged packets
 */
export type SpoofEvent =
  | SpoofSent
  | SpoofFailed
  | PacketsCompared
  | ReplyExplained
  | SpoofSummary;

const checkNames = namesChecker("spoof", {
  fields: {
    ...FORGED_FIELDS,
    ...{ fragments: "octets", count: "number", intervalMs: "number" },
    ...{ diff: "flag", why: "flag", timeoutMs: "number", signal: "flag" },
  } satisfies Record<keyof SpoofOptions, ValueType>,
});

/**
 * Sends a packet with a header of its own, as {@linkcode sendForged} does, once
 * or many times. Without an interval they leave by `sendMany`.
 *
 * @category Forged packets
 * @param packet from the IP header on, such as {@linkcode forgedPacket} makes it
 * @returns a run: iterate it for its events, or await its `result`, the summary
 * @throws {RangeError} if it is no IPv4 packet, its destination is public, or
 * an option is out of range
 * @throws {TypeError} if there is no such option
 * @throws {SocketError} if the system refuses the first already
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
 * const { sent } = await spoof(packet, { count: 100 }).result;
 * assertEquals(sent, 100);
 * ```
 */
export function spoof(
  packet: Uint8Array,
  options: SpoofOptions = {},
): Run<SpoofEvent, SpoofSummary> {
  checkNames(options);
  return new Run((context) => send(packet, options, context), options.signal);
}

async function send(
  packet: Uint8Array,
  options: SpoofOptions,
  { emit, tell, signal }: RunContext<SpoofEvent>,
): Promise<SpoofSummary> {
  const { count = 1, intervalMs = 0, namespace, timeoutMs } = options;
  checkRange("count", count, 1, Number.MAX_SAFE_INTEGER);
  checkMilliseconds("intervalMs", intervalMs);
  checkMilliseconds("timeoutMs", timeoutMs);
  if (options.diff || options.why) requireSupport("packetSocket");
  const { fragments: pieces = [packet] } = options;
  const perSecond = Math.min(count, 1000 / intervalMs);
  const given = readForged(packet);
  const [destination] = checkForged(pieces, options, perSecond);
  using socket = openForged(options);
  using tap = options.diff ? WireTap.open(destination, { namespace }) : null;
  using watch = options.why
    ? ReplyWatch.open(destination, { namespace })
    : null;
  const start = performance.now();
  let sent = 0;
  let failed = 0;
  let sentAt: Instant | undefined;
  const beat = new Beat(intervalMs);
  const isMany = intervalMs === 0 && count > 1 && tap === null;
  const sendMany = async () => {
    const all = pieces.map((bytes) => ({ bytes, destination }));
    sentAt ??= readClocks();
    try {
      const packets = repeated(all, count - sent, signal);
      sent += await socket.sendMany(packets) / all.length;
    } catch (error) {
      const { sent: before = 0 } = error as SocketError;
      sent += Math.floor(before / all.length);
      throw error;
    }
  };
  const sendOne = async () => {
    await beat.next(signal);
    if (signal.aborted) return;
    const comparisons: Comparison[] = [];
    for (const piece of pieces) {
      const at = justBefore(() => socket.send(piece, destination));
      // Of one that is sent many times, what comes may be about any of them.
      sentAt ??= at;
      if (tap === null) continue;
      const given = readForged(piece);
      comparisons.push(await tap.compare(given, { timeoutMs, signal }));
    }
    sent++;
    await tell(
      { type: "sent", number: sent },
      ...comparisons.map((comparison) => ({
        ...{ type: "compared" as const, comparison },
      })),
    );
  };
  try {
    while (sent < count && !signal.aborted) {
      try {
        await (isMany ? sendMany() : sendOne());
      } catch (error) {
        if (sent === 0 || !(error instanceof SocketError)) throw error;
        sent++;
        failed++;
        if (isMany && failed > 1) await nextTurn();
        else await tell({ type: "failed", number: sent, error });
      }
    }
  } catch (refusal) {
    if (watch === null || signal.aborted) throw refusal;
    const verdict = await watch.explain(given, { refusal });
    await tell({ type: "explained", verdict });
    throw refusal;
  }
  const durationMs = performance.now() - start;
  if (watch !== null && !signal.aborted) {
    const verdict = await watch.explain(given, {
      timeoutMs,
      signal,
      sentAt,
    });
    await tell({ type: "explained", verdict });
  }
  const length = pieces.reduce((sum, { length }) => sum + length, 0);
  const summary: SpoofSummary = {
    ...{ type: "summary", destination, sent, failed },
    octets: (sent - failed) * length,
    durationMs,
  };
  emit(summary);
  return summary;
}

/**
 * The values again and again. What it hands out is one object, for nothing is to
 * be made for each of a million packets: a generator takes as long as the rest.
 */
function repeated<T>(
  values: readonly T[],
  count: number,
  signal: AbortSignal,
): Iterable<T, void> {
  const result = { value: values[0], done: false };
  let left = count;
  let i = 0;
  const next = () => {
    if (i === 0 && (signal.aborted || left-- === 0)) {
      return { value: undefined, done: true as const };
    }
    result.value = values[i];
    i = (i + 1) % values.length;
    return result as IteratorYieldResult<T>;
  };
  return { [Symbol.iterator]: () => ({ next }) };
}
