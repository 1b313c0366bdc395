/**
 * The sending side of the pair: messages to one destination, and whatever the
 * network complains about them.
 *
 * @module
 */

import { supports } from "../../ffi/supports.ts";
import { SocketError } from "../../socket/errors.ts";
import {
  RAW_SOCKET_FIELDS,
  RawSocket,
  type RawSocketOptions,
} from "../../socket/raw_socket.ts";
import { namesChecker, onlyKnown, type ValueType } from "../../wire/shape.ts";
import { type Route, routeTo } from "../../socket/kernel/route.ts";
import { nextHopTo } from "../../socket/kernel/rtnetlink.ts";
import { type Instant, justBefore } from "../../socket/kernel/clock.ts";
import { requireSupport } from "../../socket/system/support.ts";
import { checkMilliseconds, REAL_CLOCK } from "../../socket/time.ts";
import { checkRange } from "../../wire/errors.ts";
import { IP_PROTOCOL } from "../../wire/ip_protocols.ts";
import {
  encodeIPv4,
  IPV4_MAX_LENGTH,
  IPV4_MIN_HEADER_LENGTH,
} from "../../wire/ipv4/ipv4.ts";
import { fragmentIPv4 } from "../../wire/packet/fragment.ts";
import { Complaints } from "../why/complaints.ts";
import { type GivenPacket, readForged } from "../../compare/forged_packet.ts";
import {
  type ICMPErrorMessage,
  type Reception,
  SentPackets,
} from "../matching.ts";
import { Beat } from "../../socket/time.ts";
import { Run, type RunContext } from "../run.ts";
import { isQuit } from "./receive_messages.ts";
import type { ReplyExplained } from "../why/reply_verdict.ts";
import { ReplyWatch } from "../why/reply_watch.ts";
import type { Comparison, PacketsCompared } from "../../compare/comparison.ts";
import { WireTap } from "../diff/wire_tap.ts";

/**
 * What to send, where and how.
 *
 * @category The pair
 */
export interface SendMessagesOptions extends Omit<RawSocketOptions, "family"> {
  /** An IPv4 address. */
  readonly destination: string;
  /**
   * The messages; one that says QUIT, in any case, is the last. An iterator
   * that is left before its end is closed (`return()`), as a loop does.
   */
  readonly payloads: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /**
   * Send in fragments what is longer than so many octets, 68 up to what the way
   * to the destination takes whole. The header is then not the kernel's, and
   * looks as it would. Default: the kernel does as it likes.
   */
  readonly mtu?: number;
  /** Time between messages, in milliseconds; default none. */
  readonly intervalMs?: number;
  /**
   * How long to listen for complaints after the last message, in milliseconds,
   * unless there is one about each before; default 200, on one cable 100. Those
   * of this host itself are there at once, and nothing waits for them.
   */
  readonly lingerMs?: number;
  /** Compare each message with what leaves and arrives; default false. */
  readonly diff?: boolean;
  /** Find out, after the last, why there is no reply; default false. */
  readonly why?: boolean;
  /** End when it is aborted, as soon as `payloads` gives way. */
  readonly signal?: AbortSignal;
}

/**
 * What is known of the packets, whose headers the kernel writes.
 *
 * @category The pair
 */
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
  /** Octets of the longest packet that leaves whole, if the system tells. */
  readonly mtu: number | undefined;
  /** Whether those that fit into `mtu` leave with "don't fragment" set. */
  readonly discoversMTU: boolean;
}

/**
 * The socket is open. The first event.
 *
 * @category The pair
 */
export interface SenderOpened extends Outgoing {
  /** Tells it from the other events. */
  readonly type: "opened";
  /** Whether they go to this host itself, where the sender hears itself. */
  readonly isLocal: boolean;
}

/**
 * A message was sent.
 *
 * @category The pair
 */
export interface MessageSent extends Outgoing {
  /** Tells it from the other events. */
  readonly type: "sent";
  /** What was sent, without the header that was put before it. */
  readonly payload: Uint8Array;
  /**
   * With `mtu`, the packets in which it left, as the kernel was given them: it
   * writes their checksums again, to the same.
   */
  readonly fragments?: readonly Uint8Array[];
}

/**
 * A message could not leave this host, and is lost; it goes on with the next.
 *
 * @category The pair
 */
export interface MessageFailed {
  /** Tells it from the other events. */
  readonly type: "failed";
  /** Which message, counted from 1. */
  readonly number: number;
  /** Why. */
  readonly error: SocketError;
}

/**
 * Somebody complained about a message.
 *
 * @category The pair
 */
export interface MessageRefused {
  /** Tells it from the other events. */
  readonly type: "refused";
  /** The ICMP message. */
  readonly error: ICMPErrorMessage;
}

/**
 * The last event: it is over.
 *
 * @category The pair
 */
export interface SendSummary {
  /** Tells it from the other events. */
  readonly type: "summary";
  /** Messages sent, those included that could not leave. */
  readonly sent: number;
  /** Octets sent, without headers. */
  readonly octets: number;
  /** Complaints received. */
  readonly refused: number;
  /** Messages that could not leave. */
  readonly failed: number;
}

/**
 * What {@linkcode sendMessages} tells.
 *
 * @category The pair
 */
export type SendEvent =
  | SenderOpened
  | MessageSent
  | MessageFailed
  | MessageRefused
  | PacketsCompared
  | ReplyExplained
  | SendSummary;

/** The pair speaks IPv4 alone. */
const { family: _, ...SOCKET_FIELDS } = RAW_SOCKET_FIELDS;

const checkNames = namesChecker("sendMessages", {
  fields: {
    ...SOCKET_FIELDS,
    ...{ destination: "text", payloads: "octets", mtu: "number" },
    ...{ intervalMs: "number", lingerMs: "number", diff: "flag", why: "flag" },
    signal: "flag",
  } satisfies Record<keyof SendMessagesOptions, ValueType>,
});

/**
 * Sends messages one by one, and listens for ICMP errors about them: a host
 * where nobody receives the protocol answers "protocol unreachable".
 *
 * @category The pair
 * @returns a run: iterate it for its events, or await its `result`, the summary
 * @throws {RangeError} if the destination is no IPv4 address, or an option is
 * out of range
 * @throws {TypeError} if there is no such option
 * @throws {SocketError} if the system refuses the first message already
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
export function sendMessages(
  options: SendMessagesOptions,
): Run<SendEvent, SendSummary> {
  checkNames(options);
  return new Run((context) => sendAll(options, context), options.signal);
}

async function sendAll(
  options: SendMessagesOptions,
  { emit, tell, signal }: RunContext<SendEvent>,
): Promise<SendSummary> {
  const { destination, payloads, namespace } = options;
  const { intervalMs = 0, diff, why } = options;
  checkMilliseconds("intervalMs", intervalMs);
  checkMilliseconds("lingerMs", options.lingerMs);
  if (diff || why) requireSupport("packetSocket");
  using socket = RawSocket.open({
    ...onlyKnown<RawSocketOptions>(RAW_SOCKET_FIELDS, options),
    family: 4,
    ...options.mtu === undefined ? {} : OWN_HEADER,
  });
  using complaints = Complaints.open(destination, { namespace });
  const route = routeTo(destination, { namespace, device: options.device });
  const outgoing = outgoingBy(options, route);
  checkMTU(options, route);
  const isLocal = route.source === destination ||
    destination.startsWith("127.");
  using tap = diff ? WireTap.open(destination, { namespace }) : null;
  using watch = why ? ReplyWatch.open(destination, { namespace }) : null;
  const packets = new SentPackets();
  const packetOf = ownHeader(outgoing);
  let sent = 0;
  let octets = 0;
  let refused = 0;
  let failed = 0;

  let sentAt: Instant | undefined;
  const send = async (given: GivenPacket, fragments?: Uint8Array[]) => {
    const comparisons: Comparison[] = [];
    const { payload } = given;
    try {
      for (const [i, piece] of (fragments ?? [payload]).entries()) {
        const at = justBefore(() => socket.send(piece, destination));
        if (i === 0) packets.add({ header: outgoing, payload }, sentAt = at);
        if (tap === null) continue;
        const part = fragments === undefined ? given : readForged(piece);
        comparisons.push(await tap.compare(part, { signal }));
      }
    } catch (refusal) {
      if (sent > 0 && refusal instanceof SocketError) {
        sent++;
        failed++;
        const error = refusal;
        return await tell({ type: "failed", number: sent, error });
      }
      const verdict = await watch?.explain(given, { refusal });
      if (verdict !== undefined) {
        await tell({ type: "explained", verdict });
      }
      throw refusal;
    }
    sent++;
    octets += payload.length;
    await tell(
      { type: "sent", ...outgoing, payload, fragments },
      ...comparisons.map((comparison) => ({
        ...{ type: "compared" as const, comparison },
      })),
    );
    // This host has complained by now, or will not.
    if (isLocal) await complaints.rest(heard);
  };
  /** Aborted when nothing is waited for any more. */
  let waiting: AbortController | undefined;
  const heard = async (error: ICMPErrorMessage, reception: Reception) => {
    if (!packets.isAbout(error, reception)) return;
    refused++;
    if (refused + failed >= sent) waiting?.abort();
    await tell({ type: "refused", error });
  };
  const linger = async () => {
    if (isLocal || refused + failed >= sent) return;
    const { lingerMs = lingerTo(destination, namespace) } = options;
    waiting = new AbortController();
    const either = AbortSignal.any([signal, waiting.signal]);
    await REAL_CLOCK.sleep(lingerMs, either);
  };
  const sendEach = async () => {
    await tell({ type: "opened", ...outgoing, isLocal });
    let last: GivenPacket | undefined;
    const beat = new Beat(intervalMs);
    for await (const payload of payloads) {
      await beat.next(signal);
      if (signal.aborted) break;
      if (options.mtu === undefined) {
        const header = chosenHeader(options);
        last = { header, payload, headerIncluded: false };
        await send(last);
      } else {
        const packet = packetOf(payload);
        last = readForged(packet);
        await send(last, fragmentIPv4(packet, options.mtu));
      }
      if (isQuit(payload)) break;
    }
    if (watch !== null && last !== undefined && !signal.aborted) {
      const verdict = await watch.explain(last, { signal, sentAt });
      await tell({ type: "explained", verdict });
    } else await linger();
    await complaints.rest(heard);
    complaints.close();
  };
  // Whichever fails first, since nobody wants the rest, say, ends it at once:
  // not even messages that never come keep the sockets open.
  const hearing = isLocal ? undefined : complaints.hear(heard);
  await Promise.all([hearing, sendEach()]);
  const counts = { sent, octets, refused, failed };
  const summary: SendSummary = { type: "summary", ...counts };
  emit(summary);
  return summary;
}

/** How long complaints take, in milliseconds: those of neighbours, and others. */
function lingerTo(destination: string, namespace: string | undefined): number {
  if (!supports.routeTable) return 200;
  const { gateway } = nextHopTo(destination, { namespace });
  return gateway === undefined ? 100 : 200;
}

/** What every link carries whole, in octets (RFC 791 §3.2). */
const LEAST_MTU = 68;

/**
 * How many packets a message leaves in.
 *
 * @category The pair
 * @param length its octets
 * @param mtu that of {@linkcode SendMessagesOptions}
 */
export function fragmentCount(length: number, mtu = Infinity): number {
  const room = mtu - IPV4_MIN_HEADER_LENGTH;
  return length <= room ? 1 : Math.ceil(length / (room - room % 8));
}

/** Of a socket that sends packets with their own header. */
const OWN_HEADER = { protocol: IP_PROTOCOL.RAW, headerIncluded: true } as const;

/**
 * Asserts that fragments of that size can leave.
 *
 * @throws {RangeError} if they cannot
 */
function checkMTU(
  { mtu, destination }: SendMessagesOptions,
  route: Route,
): void {
  if (mtu === undefined) return;
  checkRange("mtu", mtu, LEAST_MTU, IPV4_MAX_LENGTH);
  if (route.mtu === undefined || mtu <= route.mtu) return;
  throw new RangeError(
    `an MTU of ${mtu} octets is more than the ${route.mtu} that the way to ` +
      `${destination} takes`,
  );
}

/** Puts before payloads the header that the kernel would write. */
function ownHeader(outgoing: Outgoing): (payload: Uint8Array) => Uint8Array {
  let [identification] = crypto.getRandomValues(new Uint16Array(1));
  const { trafficClass } = outgoing;
  return (payload) => {
    identification = identification % 0xffff + 1;
    const { source, destination, protocol, ttl } = outgoing;
    return encodeIPv4({
      ...{ source, destination, protocol, ttl, identification },
      dscp: trafficClass >> 2,
      ecn: trafficClass & 3,
    }, payload);
  };
}

/** What is known of the packets beforehand. */
export function outgoingBy(
  options: Omit<SendMessagesOptions, "payloads">,
  { source, mtu, ttl, discoversMTU }: Route,
): Outgoing {
  return {
    source: options.bindAddress ?? source,
    destination: options.destination,
    protocol: options.protocol,
    ttl: options.ttl ?? ttl,
    trafficClass: options.trafficClass ?? 0,
    mtu: options.mtu ?? mtu,
    // What is to be fragmented leaves without.
    discoversMTU: discoversMTU && options.mtu === undefined,
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
