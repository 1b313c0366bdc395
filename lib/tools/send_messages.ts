/**
 * The sending side of the pair: messages to one destination, and whatever the
 * network complains about them.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { RawSocket, type RawSocketOptions } from "../socket/raw_socket.ts";
import { type Route, routeTo } from "../socket/route.ts";
import { checkMilliseconds } from "../socket/timeout.ts";
import { Complaints } from "./complaints.ts";
import type { GivenPacket } from "./forged_packet.ts";
import { Handover } from "./handover.ts";
import type { ICMPErrorMessage } from "./matching.ts";
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
  const { destination, payloads, protocol, namespace } = options;
  const { intervalMs = 0, lingerMs = 200, diff, why } = options;
  checkMilliseconds("intervalMs", intervalMs);
  checkMilliseconds("lingerMs", lingerMs);
  const events = new Handover<SendEvent>();
  const signal = options.signal === undefined
    ? events.left
    : AbortSignal.any([options.signal, events.left]);
  using socket = RawSocket.open({ ...options, family: 4 });
  using complaints = Complaints.open(destination, { namespace });
  const route = routeTo(destination, { namespace, device: options.device });
  const outgoing = outgoingBy(options, route);
  const isLocal = route.source === destination ||
    destination.startsWith("127.");
  using tap = diff ? WireTap.open(destination, { namespace }) : null;
  using watch = why ? ReplyWatch.open(destination, { namespace }) : null;
  let sent = 0;
  let octets = 0;
  let refused = 0;

  const send = async (given: GivenPacket) => {
    try {
      socket.send(given.payload, destination);
    } catch (refusal) {
      const verdict = await watch?.explain(given, { refusal });
      if (verdict !== undefined) {
        await events.tell({ type: "explained", verdict });
      }
      throw refusal;
    }
    sent++;
    octets += given.payload.length;
    await events.tell({ type: "sent", ...outgoing, payload: given.payload });
    if (tap === null) return;
    const comparison = await tap.compare(given, { signal });
    await events.tell({ type: "compared", comparison });
  };
  events.meanwhile(() =>
    complaints.hear(async (error) => {
      if (error.quoted.protocol !== protocol) return;
      refused++;
      await events.tell({ type: "refused", error });
    })
  );
  events.meanwhile(async () => {
    await events.tell({ type: "opened", ...outgoing, isLocal });
    let last: GivenPacket | undefined;
    for await (const payload of payloads) {
      if (sent > 0 && intervalMs > 0) await pause(intervalMs, signal);
      if (signal.aborted) break;
      const header = chosenHeader(options);
      last = { header, payload, headerIncluded: false };
      await send(last);
      if (isQuit(payload)) break;
    }
    if (watch !== null && last !== undefined && !signal.aborted) {
      const verdict = await watch.explain(last, { signal });
      await events.tell({ type: "explained", verdict });
    } else if (sent > 0) await pause(lingerMs, signal);
    await events.tell({ type: "summary", sent, octets, refused });
    await events.end();
  });
  yield* events;
}

/** What is known of the packets beforehand. */
function outgoingBy(
  options: SendMessagesOptions,
  { source, mtu, ttl, discoversMTU }: Route,
): Outgoing {
  return {
    source: options.bindAddress ?? source,
    destination: options.destination,
    protocol: options.protocol,
    ttl: options.ttl ?? ttl,
    trafficClass: options.trafficClass ?? 0,
    mtu,
    discoversMTU,
  };
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

/** Waits; less if it is aborted. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return delay(ms, { signal }).catch(() => {});
}
