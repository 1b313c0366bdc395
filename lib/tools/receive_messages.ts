/**
 * The receiving side of the pair: messages that arrive on a raw socket.
 *
 * @module
 */

import { Raw4Error } from "../wire/errors.ts";
import { decodeIPv4, type IPv4Header } from "../wire/ipv4.ts";
import type { Datagram } from "../socket/datagram.ts";
import { TimeoutExceeded } from "../socket/errors.ts";
import { RawSocket, type RawSocketOptions } from "../socket/raw_socket.ts";
import { isQuit } from "./quit.ts";

/** What to receive, and how long to go on. */
export interface ReceiveMessagesOptions
  extends Omit<RawSocketOptions, "family"> {
  /** End after so many messages; default none. */
  readonly count?: number;
  /** End when none came for so many milliseconds; default never. */
  readonly timeoutMs?: number;
  /** End when it is aborted. */
  readonly signal?: AbortSignal;
}

/** The socket is open: what is sent from now on arrives. The first event. */
export interface ReceiverOpened {
  /** Tells it from the other events. */
  readonly type: "opened";
  /** IP protocol number. */
  readonly protocol: number;
  /** The address it is bound to, if it is. */
  readonly address: string | null;
}

/** A message arrived. */
export interface MessageReceived {
  /** Tells it from the other events. */
  readonly type: "packet";
  /** As the kernel gave it. */
  readonly datagram: Datagram;
  /** Its IP header. */
  readonly header: IPv4Header;
  /** What came behind the header. */
  readonly payload: Uint8Array;
}

/** The last event: it is over. */
export interface ReceiveSummary {
  /** Tells it from the other events. */
  readonly type: "summary";
  /** Messages received. */
  readonly received: number;
  /** Octets received, headers included. */
  readonly octets: number;
  /** Messages lost because they came faster than they were fetched. */
  readonly dropped: number;
  /** Why it ended. */
  readonly reason: "quit" | "count" | "timeout" | "aborted";
}

/** What {@linkcode receiveMessages} tells. */
export type ReceiveEvent = ReceiverOpened | MessageReceived | ReceiveSummary;

/**
 * Receives messages until one says QUIT, in any case, or an option ends it.
 * Packets that are no IPv4 are passed over.
 *
 * @throws {SocketError} if the system reports an error
 *
 * @example
 * ```ts
 * import { RawSocket, receiveMessages } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * using sender = RawSocket.open({ protocol: 253 });
 * const events = receiveMessages({
 *   protocol: 253,
 *   bindAddress: "127.0.0.1",
 *   timeoutMs: 1000,
 * });
 * const lengths = [];
 * for await (const event of events) {
 *   if (event.type === "packet") lengths.push(event.payload.length);
 *   if (event.type !== "opened") continue;
 *   for (const text of ["Hello World!", "Quit"]) {
 *     sender.send(new TextEncoder().encode(text), "127.0.0.1");
 *   }
 * }
 * assertEquals(lengths, [12, 4]);
 * ```
 */
export async function* receiveMessages(
  options: ReceiveMessagesOptions,
): AsyncGenerator<ReceiveEvent, void> {
  const { protocol, bindAddress, count = Infinity, timeoutMs, signal } =
    options;
  using socket = RawSocket.open({ ...options, family: 4 });
  yield { type: "opened", protocol, address: bindAddress ?? null };
  let received = 0;
  let octets = 0;
  let reason: ReceiveSummary["reason"] = "count";
  while (received < count) {
    let datagram: Datagram;
    try {
      datagram = await socket.receive({ timeoutMs, signal });
    } catch (error) {
      if (error instanceof TimeoutExceeded) reason = "timeout";
      else if (signal?.aborted) reason = "aborted";
      else throw error;
      break;
    }
    const event = toEvent(datagram);
    if (event === undefined) continue;
    received++;
    octets += datagram.bytes.length;
    yield event;
    if (isQuit(event.payload)) {
      reason = "quit";
      break;
    }
  }
  const dropped = socket.dropped;
  yield { type: "summary", received, octets, dropped, reason };
}

function toEvent(datagram: Datagram): MessageReceived | undefined {
  try {
    const { header, payload } = decodeIPv4(datagram.bytes);
    return { type: "packet", datagram, header, payload };
  } catch (error) {
    if (error instanceof Raw4Error) return undefined;
    throw error;
  }
}
