/**
 * How hosts are pinged, and what is told meanwhile.
 *
 * @module
 */

import type { ICMPReply } from "../socket/icmp_reply.ts";
import type { Family } from "../wire/address.ts";
import type { Host } from "./host.ts";

/** How to ping. */
export interface PingOptions {
  /** Requests to each host, 1 or more, `Infinity` for until aborted; default 4. */
  readonly count?: number;
  /** Milliseconds from one request to a host to the next; default 1000. */
  readonly intervalMs?: number;
  /** Milliseconds to wait for a reply; default 2000. */
  readonly timeoutMs?: number;
  /** The ICMP identifier, 0–65,535; default one that nobody else has. */
  readonly id?: number;
  /** Send from this address of this host, and to addresses of its family. */
  readonly source?: string;
  /** Use this interface only. */
  readonly device?: string;
  /** Resolve names to addresses of this family only. */
  readonly family?: Family;
  /** Raw sockets (default), or ping sockets. */
  readonly privileged?: boolean;
  /** What is to be echoed; default `payloadSize` random octets. */
  readonly payload?: Uint8Array;
  /** Octets of the default payload, 0–65,507; default 56. */
  readonly payloadSize?: number;
  /** Time to live, or hop limit, 1–255; default 64. */
  readonly ttl?: number;
  /** DSCP and ECN in one octet, 0–255; default 0. */
  readonly trafficClass?: number;
  /** Allow broadcast addresses, which many hosts answer; default false. */
  readonly broadcast?: boolean;
  /** Allow more than 100 packets a second to a public address; default false. */
  readonly allowPublic?: boolean;
  /** Open the sockets inside this network namespace. */
  readonly namespace?: string;
  /** Ends it; the result is what was found by then. */
  readonly signal?: AbortSignal;
}

/** How to ping many hosts. */
export interface MultipingOptions extends PingOptions {
  /** Hosts that are pinged at the same time, at most; default 1000. */
  readonly concurrentTasks?: number;
}

/** What every event tells of the host that it is about. */
export interface PingedHost {
  /** The host's place in the list that was given. */
  readonly index: number;
  /** As it was given. */
  readonly name: string;
  /** Its address. */
  readonly address: string;
}

/** A request is about to be sent to a host for the first time. */
export interface PingStarted extends PingedHost {
  /** Tells it from the other events. */
  readonly type: "start";
  /** The address to send from; only where it, or a device, was given. */
  readonly source?: string;
}

/** A reply, or an ICMP error instead. */
export interface PingAnswered extends PingedHost {
  /** Which of the two. */
  readonly type: "reply" | "error";
  /** Of the request, counted from 1 for each host. */
  readonly sequence: number;
  /** The message. */
  readonly reply: ICMPReply;
  /** Whether the request had been answered already. */
  readonly isDuplicate: boolean;
  /** Whether it came after the time to wait for it. */
  readonly isLate: boolean;
}

/** No reply in time. */
export interface PingTimedOut extends PingedHost {
  /** Tells it from the other events. */
  readonly type: "timeout";
  /** Of the request, counted from 1 for each host. */
  readonly sequence: number;
}

/** A request could not be sent, or the name not be resolved. */
export interface PingFailed extends PingedHost {
  /** Tells it from the other events. */
  readonly type: "failed";
  /** Why. */
  readonly error: Error;
}

/** A host is done with. */
export interface PingFinished extends PingedHost {
  /** Tells it from the other events. */
  readonly type: "host";
  /** What was found. */
  readonly host: Host;
}

/** What {@linkcode ping} and {@linkcode multiping} tell. */
export type PingEvent =
  | PingStarted
  | PingAnswered
  | PingTimedOut
  | PingFailed
  | PingFinished;
