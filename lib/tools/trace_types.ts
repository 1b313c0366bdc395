/**
 * How routes are traced, and what is told meanwhile.
 *
 * @module
 */

import type { Family } from "../wire/address.ts";
import type { ICMPExtensionObject } from "../wire/icmp_extensions.ts";
import type { Hop } from "./hop.ts";

/**
 * What probes are: ICMP echo requests, UDP datagrams, TCP SYNs, or packets of
 * any other protocol with random octets.
 */
export type TraceMethod = "icmp" | "udp" | "tcp" | "raw";

/** How to trace a route. */
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
   * Milliseconds to wait for an answer at most; default 3000. Where answers
   * came from beyond a hop, or from itself, it is three times the slowest of
   * these, if that is less, though never less than three milliseconds, or thirty
   * where a UDP server answers.
   */
  readonly waitMs?: number;
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

/** Something that became of a probe on its way, as the quoted packet shows. */
export interface ProbeChange {
  /** `trafficClass` remarked; the rest by address translation (NAT). */
  readonly field:
    | "trafficClass"
    | "source"
    | "destination"
    | "identifier"
    | "sourcePort"
    | "destinationPort";
  /** As it was sent. */
  readonly sent: number | string;
  /** As it was quoted. */
  readonly quoted: number | string;
}

/** What somebody on the way answered to a probe. */
export interface HopAnswer {
  /** Who. */
  readonly from: string;
  /** From the probe's sending until the kernel received it. */
  readonly roundTripMs: number;
  /** ICMP type, 0–255; absent of a TCP segment or a UDP datagram. */
  readonly type: number | undefined;
  /** ICMP code, 0–255; absent of a TCP segment or a UDP datagram. */
  readonly code: number | undefined;
  /** In words, such as `echo reply`, `TCP RST` or `UDP reply`. */
  readonly description: string;
  /** Whether the probe went no further: reached, or unreachable. */
  readonly isFinal: boolean;
  /** Whether it came from the destination. */
  readonly isReached: boolean;
  /** The TTL, or hop limit, that it arrived with. */
  readonly replyTTL: number | undefined;
  /** The MTU that it tells of, or 0. */
  readonly nextHopMTU: number;
  /** The TTL that the probe had when it was quoted; 1 as a rule. */
  readonly quotedTTL: number | undefined;
  /** What else is no longer as it was sent. */
  readonly changes: readonly ProbeChange[];
  /** What stands behind the quoted packet, such as MPLS labels (RFC 4950). */
  readonly extensions: readonly ICMPExtensionObject[];
}

/** What a trace has shown. */
export interface Trace {
  /** The destination as it was given: an address or a name. */
  readonly name: string;
  /** Its address. */
  readonly address: string;
  /** The hops in order, the silent ones too; none beyond the destination. */
  readonly hops: readonly Hop[];
  /** Whether the destination has answered a probe that is known. */
  readonly isReached: boolean;
  /** Octets that all of the path takes, where that was looked for. */
  readonly pathMTU: number | undefined;
  /** From the first probe until the end. */
  readonly durationMs: number;
}

/** A trace begins. */
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
  /** Octets of a probe. */
  readonly packetSize: number;
}

/** A probe was answered. */
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

/** A probe was not answered in time. */
export interface TraceTimedOut {
  /** Tells it from the other events. */
  readonly type: "timeout";
  /** The hop's distance. */
  readonly distance: number;
  /** Which of its probes, counted from 1. */
  readonly probe: number;
}

/** A router said that the next link takes shorter packets only. */
export interface TraceMTU {
  /** Tells it from the other events. */
  readonly type: "mtu";
  /** The router. */
  readonly from: string;
  /** Its distance. */
  readonly distance: number;
  /** Octets that the link behind it takes. */
  readonly mtu: number;
}

/** All is known of a hop. They are told in order. */
export interface TraceHop {
  /** Tells it from the other events. */
  readonly type: "hop";
  /** What was found. */
  readonly hop: Hop;
}

/** What {@linkcode traceroute} tells. */
export type TraceEvent =
  | TraceStarted
  | TraceAnswered
  | TraceTimedOut
  | TraceMTU
  | TraceHop;
