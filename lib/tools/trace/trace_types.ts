/**
 * How routes are traced, and what is told meanwhile.
 *
 * @module
 */

import type { SocketError } from "../../socket/errors.ts";
import type { Family } from "../../wire/address.ts";
import type { Hop, HopAnswer } from "./hop.ts";

/**
 * What probes are: ICMP echo requests, UDP datagrams, TCP SYNs, or packets of
 * any other protocol with random octets.
 *
 * @category Traceroute
 */
export type TraceMethod = "icmp" | "udp" | "tcp" | "raw";

/**
 * How to trace a route.
 *
 * @category Traceroute
 */
export interface TracerouteOptions {
  /** Default `icmp`. */
  readonly method?: TraceMethod;
  /** Of method `raw`: the IP protocol number, 0–255; default 253. */
  readonly protocol?: number;
  /**
   * The port to probe, 0–65,535; default 33,434 for UDP, 80 for TCP. A server
   * that answers at a UDP port does not say to which of the probes of one flow:
   * after its first reply, those that may have got there go out again, one at a
   * time. That takes a few round trips more than where nobody listens.
   */
  readonly port?: number;
  /**
   * `paris` (default): all that routers choose between equal paths by is the
   * same in every probe, so that they take one path. `classic`: ports (UDP,
   * TCP) or checksums (ICMP) vary, as they do in old programs.
   */
  readonly flow?: "paris" | "classic";
  /** The first hop's distance, 1–255; default 1. */
  readonly firstHop?: number;
  /** Go no further than that, `firstHop`–255; default 30. */
  readonly maxHops?: number;
  /** Probes to each hop, 1–10; default 3. */
  readonly probes?: number;
  /**
   * Milliseconds to wait for an answer. By default 5000 at most, and less where
   * answers came: three times the slowest of the hop itself, ten times the first
   * of the next hop that answered, and 300 for routers that are slow to answer;
   * where answers take less than a millisecond, 300 times the fastest.
   */
  readonly timeoutMs?: number;
  /**
   * Probes on their way at the same time at most, 1–1024; default 64, and 16
   * where the path MTU is looked for.
   */
  readonly concurrency?: number;
  /**
   * Octets of each probe, its IP header included; from 32 in IPv4 and 52 in
   * IPv6 to 65,535. Default 60 in IPv4 and 80 in IPv6. A SYN has always 40 or
   * 60.
   */
  readonly packetSize?: number;
  /**
   * Find the path MTU: probes are as long as the first link takes, may not be
   * fragmented, and get shorter where a router says so; default false.
   */
  readonly discoverMTU?: boolean;
  /** DSCP and ECN in one octet, 0–255; default 0. */
  readonly trafficClass?: number;
  /** Send from this address of this host. */
  readonly source?: string;
  /** Use this interface only. */
  readonly device?: string;
  /** Resolve a name to addresses of this family only. */
  readonly family?: Family;
  /** Open the sockets inside this network namespace. */
  readonly namespace?: string;
  /** Ends it; the result is what was found by then. */
  readonly signal?: AbortSignal;
}

/**
 * What a trace has shown.
 *
 * @category Traceroute
 */
export interface Trace {
  /** The destination as it was given: an address or a name. */
  readonly name: string;
  /** Its address. */
  readonly address: string;
  /** The hops in order, the silent ones too; none beyond the destination. */
  readonly hops: readonly Hop[];
  /** Whether the destination has answered a probe that is known. */
  readonly isReached: boolean;
  /**
   * Octets that all of the path takes, where that was looked for: of probes that
   * the destination has answered. Not known if it has not, or if a router lets
   * probes be fragmented that should not be.
   */
  readonly pathMTU: number | undefined;
  /** From the first probe until the end. */
  readonly durationMs: number;
}

/**
 * A trace begins.
 *
 * @category Traceroute
 */
export interface TraceStarted {
  /** Tells it from the other events. */
  readonly type: "start";
  /** As it was given. */
  readonly name: string;
  /** Its address. */
  readonly address: string;
  /** Where probes are sent from. */
  readonly source: string;
  /** The greatest distance. */
  readonly maxHops: number;
  /** Octets of a probe, at first. */
  readonly packetSize: number;
  /** Whether the path MTU is looked for. */
  readonly discoverMTU: boolean;
  /** When, in seconds since 1970. */
  readonly time: number;
}

/**
 * A probe was answered.
 *
 * @category Traceroute
 */
export interface TraceAnswered {
  /** Tells it from the other events. */
  readonly type: "answer";
  /** The hop's distance. */
  readonly distance: number;
  /** Which of its probes, counted from 1. */
  readonly probe: number;
  /** By whom, and how. */
  readonly answer: HopAnswer;
  /** Whether the probe had been answered before. */
  readonly isDuplicate: boolean;
  /** Whether its hop had been told before. */
  readonly isLate: boolean;
}

/**
 * A probe was not answered in time.
 *
 * @category Traceroute
 */
export interface TraceTimedOut {
  /** Tells it from the other events. */
  readonly type: "timeout";
  /** The hop's distance. */
  readonly distance: number;
  /** Which of its probes, counted from 1. */
  readonly probe: number;
}

/**
 * A probe could not be sent: it counts as sent, and as lost.
 *
 * @category Traceroute
 */
export interface TraceFailed {
  /** Tells it from the other events. */
  readonly type: "failed";
  /** The hop's distance. */
  readonly distance: number;
  /** Which of its probes, counted from 1. */
  readonly probe: number;
  /** Why. */
  readonly error: SocketError;
}

/**
 * A router said that the next link takes shorter packets only.
 *
 * @category Traceroute
 */
export interface TraceMTU {
  /** Tells it from the other events. */
  readonly type: "mtu";
  /** The router. */
  readonly from: string;
  /** Its distance. */
  readonly distance: number;
  /** Octets of the probes that are tried from now on. */
  readonly mtu: number;
  /** Octets that the link behind it takes, as it says; 0 if it says nothing. */
  readonly claimedMTU: number;
}

/**
 * All is known of a hop. They are told in order.
 *
 * @category Traceroute
 */
export interface TraceHop {
  /** Tells it from the other events. */
  readonly type: "hop";
  /** What was found. */
  readonly hop: Hop;
}

/**
 * What {@linkcode traceroute} tells.
 *
 * @category Traceroute
 */
export type TraceEvent =
  | TraceStarted
  | TraceAnswered
  | TraceTimedOut
  | TraceFailed
  | TraceMTU
  | TraceHop;
