/**
 * The receiving side of the pair: messages that arrive on a raw socket.
 *
 * @module
 */

import { Raw4Error } from "../../wire/errors.ts";
import { decodeIPv4, type IPv4Header } from "../../wire/ipv4/ipv4.ts";
import type { Datagram } from "../../socket/datagram.ts";
import { TimeoutExceeded } from "../../socket/errors.ts";
import { requireSupport } from "../../socket/system/support.ts";
import { IP_PROTOCOL } from "../../wire/ip_protocols.ts";
import {
  RAW_SOCKET_FIELDS,
  RawSocket,
  type RawSocketOptions,
} from "../../socket/raw_socket.ts";
import { namesChecker, onlyKnown, type ValueType } from "../../wire/shape.ts";
import { Run, type RunContext } from "../run.ts";

/**
 * What to receive, and how long to go on.
 *
 * @category The pair
 */
export interface ReceiveMessagesOptions
  extends Omit<RawSocketOptions, "family"> {
  /** End after so many messages; default none. */
  readonly count?: number;
  /** End when none came for so many milliseconds; default never. */
  readonly timeoutMs?: number;
  /** End when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * The socket is open: what is sent from now on arrives. The first event.
 *
 * @category The pair
 */
export interface ReceiverOpened {
  /** Tells it from the other events. */
  readonly type: "opened";
  /** IP protocol number. */
  readonly protocol: number;
  /** The address it is bound to, if it is. */
  readonly address: string | null;
}

/**
 * A message arrived.
 *
 * @category The pair
 */
export interface MessageReceived {
  /** Tells it from the other events. */
  readonly type: "packet";
  /** As the kernel gave it. */
  readonly datagram: Datagram;
  /** Its IP header. */
  readonly header: IPv4Header;
  /** What came behind the header. */
  readonly payload: Uint8Array;
  /** The interface that it came in by. */
  readonly device: string;
  /** Whether another was fetched with it, and is told at once. */
  readonly more: boolean;
}

/**
 * The last event: it is over.
 *
 * @category The pair
 */
export interface ReceiveSummary {
  /** Tells it from the other events. */
  readonly type: "summary";
  /** Messages received. */
  readonly received: number;
  /** Octets received, headers included. */
  readonly octets: number;
  /** Messages lost because they came faster than they were fetched; unknown where
   * the system does not count them. */
  readonly dropped: number | undefined;
  /** Why it ended. */
  readonly reason: "quit" | "count" | "timeout" | "aborted";
}

/**
 * What {@linkcode receiveMessages} tells.
 *
 * @category The pair
 */
export type ReceiveEvent = ReceiverOpened | MessageReceived | ReceiveSummary;

/** The pair speaks IPv4 alone. */
const { family: _, ...SOCKET_FIELDS } = RAW_SOCKET_FIELDS;

const checkNames = namesChecker("receiveMessages", {
  fields: {
    ...SOCKET_FIELDS,
    ...{ count: "number", timeoutMs: "number", signal: "flag" },
  } satisfies Record<keyof ReceiveMessagesOptions, ValueType>,
});

/**
 * Whether a message ends the conversation: QUIT, in any case, and no more.
 *
 * @category The pair
 */
export function isQuit(payload: Uint8Array): boolean {
  return payload.length === 4 &&
    /^quit$/i.test(String.fromCharCode(...payload));
}

/**
 * Receives messages until one says QUIT, in any case, or an option ends it.
 * Packets that are no IPv4 are passed over.
 *
 * @category The pair
 * @returns a run: iterate it for its events, or await its `result`, the summary
 * @throws {TypeError} if there is no such option
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
export function receiveMessages(
  options: ReceiveMessagesOptions,
): Run<ReceiveEvent, ReceiveSummary> {
  checkNames(options);
  return new Run((context) => receive(options, context), options.signal);
}

async function receive(
  options: ReceiveMessagesOptions,
  { emit, tell, signal }: RunContext<ReceiveEvent>,
): Promise<ReceiveSummary> {
  const { protocol, bindAddress, count = Infinity, timeoutMs } = options;
  if (protocol === IP_PROTOCOL.TCP) requireSupport("tcpReplies");
  if (protocol === IP_PROTOCOL.UDP) requireSupport("udpReplies");
  using socket = RawSocket.open({
    ...onlyKnown<RawSocketOptions>(RAW_SOCKET_FIELDS, options),
    family: 4,
  });
  await tell({ type: "opened", protocol, address: bindAddress ?? null });
  let received = 0;
  let octets = 0;
  let reason: ReceiveSummary["reason"] = "count";
  while (received < count && reason === "count") {
    let datagrams: Datagram[] = [];
    try {
      datagrams = await socket.receiveBatch({ timeoutMs, signal });
    } catch (error) {
      if (error instanceof TimeoutExceeded) reason = "timeout";
      else if (signal.aborted) {
        reason = "aborted";
        datagrams = socket.receiveRest();
      } else throw error;
    }
    const messages = datagrams.flatMap(read).slice(0, count - received);
    const last = messages.findIndex(({ payload }) => isQuit(payload));
    if (last >= 0) {
      messages.length = last + 1;
      reason = "quit";
    }
    received += messages.length;
    for (const { datagram } of messages) octets += datagram.bytes.length;
    await tell(...messages.map((message, i) => ({
      ...{ type: "packet" as const, ...message },
      device: socket.interfaceName(message.datagram.interfaceIndex),
      more: i + 1 < messages.length,
    })));
  }
  const { dropped } = socket;
  const summary: ReceiveSummary = {
    ...{ type: "summary", received, octets, dropped, reason },
  };
  emit(summary);
  return summary;
}

/** What of it is a message: none is, if it is no IPv4. */
function read(
  datagram: Datagram,
): Pick<MessageReceived, "datagram" | "header" | "payload">[] {
  try {
    const { header, payload } = decodeIPv4(datagram.bytes);
    return [{ datagram, header, payload }];
  } catch (error) {
    if (error instanceof Raw4Error) return [];
    throw error;
  }
}
