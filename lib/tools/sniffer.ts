/**
 * Sniffing: what crosses an interface, frame by frame.
 *
 * @module
 */

import { TimeoutExceeded } from "../socket/errors.ts";
import type { Frame } from "../socket/ring/frame.ts";
import {
  PACKET_RECEIVER_FIELDS,
  type PacketReceiverOptions,
} from "../socket/packet_receiver.ts";
import { namesChecker, type ValueType } from "../wire/shape.ts";
import {
  FrameReassembler,
  type ReassemblyEvent,
  type ReassemblySummary,
} from "./frame_reassembler.ts";
import { Run, type RunContext } from "./run.ts";
import {
  type PlacedFrame,
  type SniffPlace,
  SniffSockets,
} from "./sniff_sockets.ts";

/**
 * What to listen to, and how long.
 *
 * @category Sniffing
 */
export interface SniffOptions extends PacketReceiverOptions {
  /**
   * Where to listen, instead of one `device` in one `namespace`: what crosses is
   * told in the order of the kernel's timestamps, some milliseconds late.
   */
  readonly places?: readonly SniffPlace[];
  /** End after so many frames; default none. */
  readonly count?: number;
  /** End when none came for so many milliseconds; default never. */
  readonly timeoutMs?: number;
  /**
   * Tell, behind the last of its fragments, each packet that they make; and
   * those that never become whole, with the first frame that comes 30 s later,
   * or at the end. Default false.
   */
  readonly reassemble?: boolean;
  /** End when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * The socket is open: what crosses from now on is seen. The first event.
 *
 * @category Sniffing
 */
export interface SnifferOpened {
  /** Tells it from the other events. */
  readonly type: "opened";
  /** The interface; `null` for all of them, or for several places. */
  readonly device: string | null;
  /** The places, if several were wanted. */
  readonly places?: readonly SniffPlace[];
  /** What the frames begin with. */
  readonly linkType: number;
  /** Octets kept of each. */
  readonly snapLength: number;
}

/**
 * A frame crossed.
 *
 * @category Sniffing
 */
export interface FrameCaptured {
  /** Tells it from the other events. */
  readonly type: "packet";
  /** Counted from 1. */
  readonly number: number;
  /** The frame, and what the kernel says of it. */
  readonly frame: Frame;
  /** The interface that it crossed. */
  readonly device: string;
  /** Whether another was fetched with it, and is told at once. */
  readonly more: boolean;
}

/**
 * Frames were lost because they came faster than they were fetched.
 *
 * @category Sniffing
 */
export interface FramesDropped {
  /** Tells it from the other events. */
  readonly type: "dropped";
  /** How many since sniffing began. */
  readonly dropped: number;
}

/**
 * The last event: it is over.
 *
 * @category Sniffing
 */
export interface SniffSummary {
  /** Tells it from the other events. */
  readonly type: "summary";
  /** Frames captured. */
  readonly captured: number;
  /** Octets that they had on the wire. */
  readonly octets: number;
  /** Frames lost because they came faster than they were fetched, if known. */
  readonly dropped: number | undefined;
  /** Why it ended; a failure is thrown after it. */
  readonly reason: "count" | "timeout" | "aborted" | "failed";
  /** What became of fragments, if they were put together. */
  readonly reassembly?: ReassemblySummary;
}

/**
 * What {@linkcode sniff} tells.
 *
 * @category Sniffing
 */
export type SniffEvent =
  | SnifferOpened
  | FrameCaptured
  | FramesDropped
  | ReassemblyEvent
  | SniffSummary;

/**
 * Room for a burst, or while others have the processor: half a second of
 * 100,000 short frames a second, which the kernel counts as 768 octets each.
 */
const RECEIVE_BUFFER_BYTES = 32 * 1024 * 1024;

const checkNames = namesChecker("sniff", {
  fields: {
    ...PACKET_RECEIVER_FIELDS,
    ...{ places: "text", count: "number", timeoutMs: "number" },
    ...{ reassemble: "flag", signal: "flag" },
  } satisfies Record<keyof SniffOptions, ValueType>,
});

/**
 * Tells every frame that crosses an interface, until an option ends it.
 *
 * @category Sniffing
 * @returns a run: iterate it for its events, or await its `result`, the summary
 * @throws {TypeError} if there is no such option
 * @throws as {@linkcode PacketReceiver.open} does
 * @throws {SocketError} if the system reports an error, such as that the
 * interface went down
 *
 * @example
 * ```ts
 * import { RawSocket, sniff } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * using sender = RawSocket.open({ protocol: 253 });
 * const events = sniff({
 *   device: "lo",
 *   filter: { protocol: 253, host: "127.0.0.8" },
 *   count: 1,
 *   timeoutMs: 1000,
 * });
 * const lengths = [];
 * for await (const event of events) {
 *   if (event.type === "packet") lengths.push(event.frame.originalLength);
 *   if (event.type !== "opened") continue;
 *   sender.send(new TextEncoder().encode("Hello World!"), "127.0.0.8");
 * }
 * assertEquals(lengths, [14 + 20 + 12]);
 * ```
 */
export function sniff(
  options: SniffOptions = {},
): Run<SniffEvent, SniffSummary> {
  checkNames(options);
  return new Run((context) => capture(options, context), options.signal);
}

async function capture(
  options: SniffOptions,
  { emit, tell, signal }: RunContext<SniffEvent>,
): Promise<SniffSummary> {
  const { places, count = Infinity, timeoutMs, ...others } = options;
  const { receiveBufferBytes = RECEIVE_BUFFER_BYTES } = options;
  const device = places === undefined ? options.device ?? null : null;
  using sockets = new SniffSockets({ ...others, receiveBufferBytes }, places);
  const { linkType, snapLength } = sockets;
  const reassembler = options.reassemble ? new FrameReassembler() : undefined;
  await tell({ type: "opened", device, places, linkType, snapLength });
  let captured = 0;
  let octets = 0;
  let dropped = 0;
  let reason: SniffSummary["reason"] = "count";
  let failure: unknown;
  while (captured < count && reason === "count") {
    let frames: PlacedFrame[] = [];
    try {
      frames = await sockets.receive({ timeoutMs, signal });
    } catch (error) {
      if (error instanceof TimeoutExceeded) reason = "timeout";
      else if (signal.aborted) {
        reason = "aborted";
        frames = sockets.rest();
      } else {
        reason = "failed";
        failure = error;
      }
    }
    const wanted = Math.min(frames.length, count - captured);
    const events: SniffEvent[] = [];
    for (let i = 0; i < wanted; i++) {
      const { frame, device } = frames[i];
      captured++;
      octets += frame.originalLength;
      const more = i + 1 < wanted;
      const number = captured;
      events.push({ type: "packet", number, frame, device, more });
      events.push(...reassembler?.add({ ...frame, number }) ?? []);
    }
    const now = sockets.dropped ?? 0;
    if (now > dropped) {
      dropped = now;
      events.push({ type: "dropped", dropped });
    }
    // The kernel keeps what comes while these are read, not this process.
    await tell(...events);
  }
  for (const event of reassembler?.end() ?? []) emit(event);
  const reassembly = reassembler?.summary;
  const summary: SniffSummary = {
    ...{ type: "summary", captured, octets, reason, reassembly },
    dropped: sockets.dropped,
  };
  emit(summary);
  if (reason === "failed") throw failure;
  return summary;
}
