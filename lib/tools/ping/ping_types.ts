/**
 * How hosts are pinged, and what is told meanwhile.
 *
 * @module
 */

import type { ICMPReply } from "../../socket/icmp/icmp_reply.ts";
import type { Family } from "../../wire/address.ts";
import type { Host } from "./host.ts";
import type { Refusal } from "./refusal.ts";

/**
 * How to ping.
 *
 * @category Ping
 */
export interface PingOptions {
  /** Requests to each host, 1 or more, `Infinity` for until aborted; default 4. */
  readonly count?: number;
  /**
   * Milliseconds from one request to a host to the next; default 1000. With 0
   * the next follows an answer at once, and otherwise after 10.
   */
  readonly intervalMs?: number;
  /**
   * Milliseconds to wait for a reply, also after an error; default 2000.
   * `Infinity` waits until something has come, and, after the last request,
   * then for twice the longest round trip, `intervalMs` at least.
   */
  readonly timeoutMs?: number;
  /** The ICMP identifier, 0–65,535; default one that nobody else has. */
  readonly id?: number;
  /** Send from this address of this host, and to addresses of its family. */
  readonly source?: string;
  /** Use this interface only. */
  readonly device?: string;
  /** Resolve names to addresses of this family only. */
  readonly family?: Family;
  /**
   * Raw sockets (default), or ping sockets; where the system has no raw sockets
   * of IPv6, these for IPv6 anyway.
   */
  readonly privileged?: boolean;
  /** What is to be echoed; default `payloadSize` random octets. */
  readonly payload?: Uint8Array;
  /** Octets of the default payload, 0–65,507, in IPv6 0–65,527; default 56. */
  readonly payloadSize?: number;
  /**
   * Time to live, or hop limit, 1–255; default the system's: 64 as a rule, and
   * 1 to multicast addresses.
   */
  readonly ttl?: number;
  /** DSCP and ECN in one octet, 0–255; default 0. */
  readonly trafficClass?: number;
  /** Allow broadcast addresses, which many hosts answer; default false. */
  readonly broadcast?: boolean;
  /** Allow more than 100 packets a second to public addresses; default false. */
  readonly allowPublic?: boolean;
  /**
   * Tell of each reply, also of a late or a second one, and do not only count
   * it; default true. What is no reply is told anyway. Where nobody is told, as
   * nobody is who only awaits the result, a flood by raw sockets takes half the
   * time.
   */
  readonly tellReplies?: boolean;
  /** Open the sockets inside this network namespace. */
  readonly namespace?: string;
  /** Ends it; the result is what was found by then. */
  readonly signal?: AbortSignal;
}

/**
 * How to ping many hosts.
 *
 * @category Ping
 */
export interface MultipingOptions extends PingOptions {
  /** Hosts that are pinged at the same time, at most; default 10,000. */
  readonly concurrency?: number;
}

/**
 * What every event tells of the host that it is about.
 *
 * @category Ping
 */
export interface PingedHost {
  /** The host's place in the list that was given. */
  readonly index: number;
  /** As it was given. */
  readonly name: string;
  /** Its address. */
  readonly address: string;
}

/**
 * A request is about to be sent to a host for the first time.
 *
 * @category Ping
 */
export interface PingStarted extends PingedHost {
  /** Tells it from the other events. */
  readonly type: "start";
  /** When, in seconds since 1970. */
  readonly time: number;
  /** The address to send from; only where it, or a device, was given. */
  readonly source?: string;
}

/**
 * A reply, an ICMP error, or a router's advice, such as a redirect.
 *
 * @category Ping
 */
export interface PingAnswered extends PingedHost {
  /** Which of them. */
  readonly type: "reply" | "error" | "advice";
  /**
   * Of the request, counted from 1 for each host. On the wire it has the one
   * that `reply` tells: the same, unless several hosts are pinged, or nothing
   * else of a request is hard to guess, whose numbers then begin anywhere.
   */
  readonly sequence: number;
  /** The message. */
  readonly reply: ICMPReply;
  /** Whether the request had been answered already. */
  readonly isDuplicate: boolean;
  /** Whether it came after the time to wait for it. */
  readonly isLate: boolean;
}

/**
 * A message that has the numbers of a request, and is not to be believed.
 *
 * @category Ping
 */
export interface PingRefused extends PingedHost, Refusal {
  /** Tells it from the other events. */
  readonly type: "refused";
  /** Of the request, counted from 1; absent if its number was not sent. */
  readonly sequence?: number;
  /** The message. */
  readonly reply: ICMPReply;
}

/**
 * No reply in time, and no error instead.
 *
 * @category Ping
 */
export interface PingTimedOut extends PingedHost {
  /** Tells it from the other events. */
  readonly type: "timeout";
  /** Of the request, counted from 1 for each host. */
  readonly sequence: number;
}

/**
 * A request could not leave, or a host not be pinged at all.
 *
 * @category Ping
 */
export interface PingFailed extends PingedHost {
  /** Tells it from the other events. */
  readonly type: "failed";
  /** Of the request, counted from 1; absent if the host is not pinged at all. */
  readonly sequence?: number;
  /** Why. */
  readonly error: Error;
}

/**
 * A host is done with.
 *
 * @category Ping
 */
export interface PingFinished extends PingedHost {
  /** Tells it from the other events. */
  readonly type: "host";
  /** What was found. */
  readonly host: Host;
}

/**
 * What {@linkcode ping} and {@linkcode multiping} tell.
 *
 * @category Ping
 */
export type PingEvent =
  | PingStarted
  | PingAnswered
  | PingRefused
  | PingTimedOut
  | PingFailed
  | PingFinished;
