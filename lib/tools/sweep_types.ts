/**
 * How ranges are swept, and what is told meanwhile.
 *
 * @module
 */

import type { SocketError } from "../socket/errors.ts";

/** How to sweep. */
export interface SweepOptions {
  /** Packets a second, more than 0, or `Infinity`; default 1000. */
  readonly rate?: number;
  /** Milliseconds to wait for replies after the last packet; default 1000. */
  readonly waitMs?: number;
  /** Further passes over the addresses that have not answered; default 0. */
  readonly retries?: number;
  /** A shuffled order, so that no network gets all at once; default false. */
  readonly shuffle?: boolean;
  /** What the shuffled order follows from, 0–0xffffffff; default 0. */
  readonly seed?: number;
  /**
   * One of `count` shares of the addresses, `index` from 0. The shares of
   * machines with the same ranges, `shuffle` and `seed` are disjoint, and
   * complete together.
   */
  readonly shard?: { readonly index: number; readonly count: number };
  /** Send from this address of this host. */
  readonly source?: string;
  /** Use this interface only. */
  readonly device?: string;
  /** Open the sockets inside this network namespace. */
  readonly namespace?: string;
  /** Time to live, or hop limit, 1–255; default 64. */
  readonly ttl?: number;
  /** Allow more than 100 packets a second to public addresses. */
  readonly allowPublic?: boolean;
  /** Ends it; the result is what was found by then. */
  readonly signal?: AbortSignal;
}

/** An address has answered, for the first time. */
export interface SweepAlive {
  /** Tells it from the other events. */
  readonly type: "alive";
  /** Who. */
  readonly address: string;
  /**
   * Milliseconds from handing the request over until the kernel received the
   * reply. At high rates that includes the time that up to 512 requests which
   * are sent together wait for one another.
   */
  readonly roundTripMs: number;
  /** The TTL, or hop limit, that the reply arrived with. */
  readonly ttl: number;
}

/**
 * An ICMP error about the request to an address, for the first time. It must
 * quote the request with its first 36 octets behind the IP header, as nearly
 * all do: of one that quotes 8 (the least that RFC 792 asks for) nobody could
 * tell that it is not forged, and it is passed over.
 */
export interface SweepUnreachable {
  /** Tells it from the other events. */
  readonly type: "unreachable";
  /** Where the request was sent to. */
  readonly address: string;
  /** Who sent the error. */
  readonly from: string;
  /** ICMP type, 0–255. */
  readonly icmpType: number;
  /** ICMP code, 0–255. */
  readonly icmpCode: number;
  /** In words: `destination unreachable: host unreachable`. */
  readonly description: string;
}

/** How far it is; told four times a second at most. */
export interface SweepProgress {
  /** Tells it from the other events. */
  readonly type: "progress";
  /** Packets sent so far. */
  readonly sent: number;
  /** Addresses to be swept. */
  readonly total: number;
  /** Addresses that have answered so far. */
  readonly alive: number;
  /** Milliseconds since the beginning. */
  readonly elapsedMs: number;
}

/** What {@linkcode sweep} tells. */
export type SweepEvent = SweepAlive | SweepUnreachable | SweepProgress;

/** What a sweep has shown. */
export interface SweepResult {
  /** Addresses that were to be swept. */
  readonly total: number;
  /** Packets sent. */
  readonly sent: number;
  /** Packets that the system refused to send. */
  readonly unsent: number;
  /** Why it refused the first of them. */
  readonly failure: SocketError | undefined;
  /** Addresses that have answered. */
  readonly alive: number;
  /** Addresses that an ICMP error has come about, and no reply from. */
  readonly unreachable: number;
  /**
   * Messages that were not accepted: from somebody else than was asked, with
   * altered contents, of an earlier run, or damaged.
   */
  readonly refused: number;
  /** Messages that the kernel dropped, since they were not fetched in time. */
  readonly dropped: number;
  /** Milliseconds that it took. */
  readonly durationMs: number;
}
