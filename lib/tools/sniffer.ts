/**
 * Sniffing: what crosses an interface, frame by frame.
 *
 * @module
 */

import { TimeoutExceeded } from "../socket/errors.ts";
import type { Frame } from "../socket/frame.ts";
import {
  PacketSocket,
  type PacketSocketOptions,
} from "../socket/packet_socket.ts";

/** What to listen to, and how long. */
export interface SniffOptions extends PacketSocketOptions {
  /** End after so many frames; default none. */
  readonly count?: number;
  /** End when none came for so many milliseconds; default never. */
  readonly timeoutMs?: number;
  /** End when it is aborted. */
  readonly signal?: AbortSignal;
}

/** The socket is open: what crosses from now on is seen. The first event. */
export interface SnifferOpened {
  /** Tells it from the other events. */
  readonly type: "opened";
  /** The interface; `null` for all of them. */
  readonly device: string | null;
  /** What the frames begin with. */
  readonly linkType: number;
  /** Octets kept of each. */
  readonly snapLength: number;
}

/** A frame crossed. */
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

/** The last event: it is over. */
export interface SniffSummary {
  /** Tells it from the other events. */
  readonly type: "summary";
  /** Frames captured. */
  readonly captured: number;
  /** Octets that they had on the wire. */
  readonly octets: number;
  /** Frames lost because they came faster than they were fetched. */
  readonly dropped: number;
  /** Why it ended. */
  readonly reason: "count" | "timeout" | "aborted";
}

/** What {@linkcode sniff} tells. */
export type SniffEvent = SnifferOpened | FrameCaptured | SniffSummary;

/**
 * Room for a burst, or while others have the processor: half a second of
 * 100,000 short frames a second, which the kernel counts as 768 octets each.
 */
const RECEIVE_BUFFER_BYTES = 32 * 1024 * 1024;

/**
 * Tells every frame that crosses an interface, until an option ends it.
 *
 * @throws as {@linkcode PacketSocket.open} does
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
export async function* sniff(
  options: SniffOptions = {},
): AsyncGenerator<SniffEvent, void> {
  const { device = null, count = Infinity, timeoutMs, signal } = options;
  using socket = PacketSocket.open({
    receiveBufferBytes: RECEIVE_BUFFER_BYTES,
    ...options,
  });
  const { linkType, snapLength } = socket;
  yield { type: "opened", device, linkType, snapLength };
  let captured = 0;
  let octets = 0;
  let reason: SniffSummary["reason"] = "count";
  while (captured < count) {
    let frames: Frame[];
    try {
      frames = await socket.receiveBatch({ timeoutMs, signal });
    } catch (error) {
      if (error instanceof TimeoutExceeded) reason = "timeout";
      else if (signal?.aborted) reason = "aborted";
      else throw error;
      break;
    }
    const wanted = Math.min(frames.length, count - captured);
    for (let i = 0; i < wanted; i++) {
      const frame = frames[i];
      captured++;
      octets += frame.originalLength;
      const device = socket.interfaceName(frame.interfaceIndex);
      const more = i + 1 < wanted;
      yield { type: "packet", number: captured, frame, device, more };
    }
  }
  const { dropped } = socket;
  yield { type: "summary", captured, octets, dropped, reason };
}
