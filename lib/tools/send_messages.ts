/**
 * The sending side of the pair: messages to one destination, and whatever the
 * network complains about them.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { parseIPv4 } from "../wire/address.ts";
import { RawSocket, type RawSocketOptions } from "../socket/raw_socket.ts";
import { routeTo } from "../socket/route.ts";
import { errorsAbout } from "../socket/icmp_filter.ts";
import { checkMilliseconds } from "../socket/timeout.ts";
import type { GivenPacket } from "./forged_packet.ts";
import { type ICMPErrorMessage, readICMPError } from "./matching.ts";
import { isQuit } from "./quit.ts";
import type { ReplyExplained } from "./reply_verdict.ts";
import { ReplyWatch } from "./reply_watch.ts";
import type { WireCompared } from "./wire_comparison.ts";
import { WireTap } from "./wire_tap.ts";

/** What to send, where and how. */
export interface SendMessagesOptions extends Omit<RawSocketOptions, "family"> {
  /** An IPv4 address. */
  readonly destination: string;
  /**
   * The messages; one that says QUIT, in any case, is the last. An iterator
   * that is left before its end is closed (`return()`), as a loop does.
   */
  readonly payloads: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Time between messages, in milliseconds; default none. */
  readonly intervalMs?: number;
  /**
   * How long to listen for complaints after the last message, in
   * milliseconds; default 200.
   */
  readonly lingerMs?: number;
  /** Compare each message with what leaves and arrives; default false. */
  readonly diff?: boolean;
  /** Find out, after the last, why there is no reply; default false. */
  readonly why?: boolean;
  /** End when it is aborted, as soon as `payloads` gives way. */
  readonly signal?: AbortSignal;
}

/** What is known of the packets, whose headers the kernel writes. */
export interface Outgoing {
  /** The address that the kernel sends from. */
  readonly source: string;
  /** Where they go. */
  readonly destination: string;
  /** IP protocol number. */
  readonly protocol: number;
  /** Time to live, in hops. */
  readonly ttl: number;
  /** DSCP and ECN in one octet. */
  readonly trafficClass: number;
  /** Octets of the longest packet that the path takes whole. */
  readonly mtu: number;
  /** Whether those that fit into `mtu` leave with "don't fragment" set. */
  readonly discoversMTU: boolean;
}

/** The socket is open. The first event. */
export interface SenderOpened extends Outgoing {
  /** Tells it from the other events. */
  readonly type: "opened";
  /** Whether they go to this host itself, where the sender hears itself. */
  readonly isLocal: boolean;
}

/** A message was sent. */
export interface MessageSent extends Outgoing {
  /** Tells it from the other events. */
  readonly type: "sent";
  /** What was sent, without the header that the kernel put before it. */
  readonly payload: Uint8Array;
}

/** Somebody complained about a message. */
export interface MessageRefused {
  /** Tells it from the other events. */
  readonly type: "refused";
  /** The ICMP message. */
  readonly error: ICMPErrorMessage;
}

/** The last event: it is over. */
export interface SendSummary {
  /** Tells it from the other events. */
  readonly type: "summary";
  /** Messages sent. */
  readonly sent: number;
  /** Octets sent, without headers. */
  readonly octets: number;
  /** Complaints received. */
  readonly refused: number;
}

/** What {@linkcode sendMessages} tells. */
export type SendEvent =
  | SenderOpened
  | MessageSent
  | MessageRefused
  | WireCompared
  | ReplyExplained
  | SendSummary;

/**
 * Sends messages one by one, and listens for ICMP errors about them: a host
 * where nobody receives the protocol answers "protocol unreachable".
 *
 * @throws {RangeError} if the destination is no IPv4 address, or an option is
 * out of range
 * @throws {SocketError} if the system refuses
 *
 * @example
 * ```ts
 * import { sendMessages } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const types = [];
 * for await (
 *   const event of sendMessages({
 *     protocol: 253,
 *     destination: "127.0.0.1",
 *     payloads: [new TextEncoder().encode("Hello World!")],
 *   })
 * ) {
 *   types.push(event.type);
 * }
 * assertEquals(types.slice(0, 2), ["opened", "sent"]);
 * ```
 */
export async function* sendMessages(
  options: SendMessagesOptions,
): AsyncGenerator<SendEvent, void> {
  const { destination, payloads, protocol, namespace, device } = options;
  const { intervalMs = 0, lingerMs = 200 } = options;
  checkMilliseconds("intervalMs", intervalMs);
  checkMilliseconds("lingerMs", lingerMs);
  const left = new AbortController();
  const signal = options.signal === undefined
    ? left.signal
    : AbortSignal.any([options.signal, left.signal]);
  using socket = RawSocket.open({ ...options, family: 4 });
  using complaints = RawSocket.open({ protocol: 1, namespace });
  complaints.attachFilter(errorsAbout(parseIPv4(destination)));
  const { readable, writable } = new TransformStream<Told, Told>();
  const events = writable.getWriter();
  // Ends when the event has been dealt with: whoever is asked for the next
  // message has seen by then what became of the last one. It throws when nobody
  // wants the rest.
  const tell = async (event: SendEvent) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await events.write({ event, done: resolve });
    await promise;
    left.signal.throwIfAborted();
  };
  const { source, mtu, ttl, discoversMTU } = routeTo(destination, {
    namespace,
    device,
  });
  const outgoing: Outgoing = {
    source: options.bindAddress ?? source,
    destination,
    protocol,
    ttl: options.ttl ?? ttl,
    trafficClass: options.trafficClass ?? 0,
    mtu,
    discoversMTU,
  };
  let sent = 0;
  let octets = 0;
  let refused = 0;

  const listen = async () => {
    for await (const { bytes } of complaints) {
      const error = readICMPError(bytes);
      if (error?.quoted.protocol !== protocol) continue;
      refused++;
      await tell({ type: "refused", error });
    }
  };
  const { diff, why } = options;
  using tap = diff ? WireTap.open(destination, { namespace }) : null;
  using watch = why ? ReplyWatch.open(destination, { namespace }) : null;
  const given = (payload: Uint8Array): GivenPacket => ({
    header: chosenHeader(options),
    payload,
    headerIncluded: false,
  });
  const talk = async () => {
    const isLocal = source === destination || destination.startsWith("127.");
    await tell({ type: "opened", ...outgoing, isLocal });
    let last: GivenPacket | undefined;
    for await (const payload of payloads) {
      if (sent > 0 && intervalMs > 0) await pause(intervalMs, signal);
      if (signal?.aborted) break;
      last = given(payload);
      try {
        socket.send(payload, destination);
      } catch (refusal) {
        const verdict = await watch?.explain(last, { refusal });
        if (verdict !== undefined) await tell({ type: "explained", verdict });
        throw refusal;
      }
      sent++;
      octets += payload.length;
      await tell({ type: "sent", ...outgoing, payload });
      if (tap !== null) {
        const comparison = await tap.compare(last, { signal });
        await tell({ type: "compared", comparison });
      }
      if (isQuit(payload)) break;
    }
    if (watch !== null && last !== undefined && !signal?.aborted) {
      const verdict = await watch.explain(last, { signal });
      await tell({ type: "explained", verdict });
    } else if (sent > 0) await pause(lingerMs, signal);
    await tell({ type: "summary", sent, octets, refused });
    await events.close();
  };

  // A failure of either ends the stream, and is thrown to whoever reads it.
  for (const half of [listen, talk]) {
    half().catch((error) => events.abort(error).catch(() => {}));
  }
  let acknowledge = () => {};
  try {
    for await (const { event, done } of readable) {
      acknowledge = done;
      yield event;
      done();
    }
  } finally {
    // Whoever reads may leave early: that ends both halves, and `payloads`.
    left.abort();
    acknowledge();
  }
}

/** The fields of the header that the socket was told. */
function chosenHeader(
  { destination, protocol, bindAddress, ttl, trafficClass }:
    SendMessagesOptions,
): GivenPacket["header"] {
  return {
    destination,
    protocol,
    source: bindAddress,
    ttl,
    dscp: trafficClass && trafficClass >> 2,
    ecn: trafficClass && trafficClass & 3,
  };
}

/** An event on its way to whoever reads them. */
interface Told {
  readonly event: SendEvent;
  /** To be called when it has been dealt with. */
  readonly done: () => void;
}

/** Waits; less if it is aborted. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return delay(ms, { signal }).catch(() => {});
}
