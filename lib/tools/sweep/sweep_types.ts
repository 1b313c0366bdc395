/**
 * How ranges are swept, and what is told meanwhile.
 *
 * @module
 */

import type { SocketError } from "../../socket/errors.ts";

/**
 * How to sweep.
 *
 * @category Sweep
 */
export interface SweepOptions {
  /** Packets a second, more than 0, or `Infinity`; default 1000. */
  readonly rate?: number;
  /** Milliseconds to wait for replies after the last packet; default 1000. */
  readonly timeoutMs?: number;
  /** Further passes over the addresses that have not answered; default 0. */
  readonly retries?: number;
  /** A shuffled order, so that no network gets all at once; default false. */
  readonly shuffle?: boolean;
  /** What the shuffled order follows from, 0–0xffffffff; default 0. */
  readonly seed?: number;
  /**
   * One of `count` shares of the addresses, `index` from 1. The shares of
   * machines with the same ranges, `shuffle` and `seed` are disjoint, and
   * complete together.
   */
  readonly shard?: { readonly index: number; readonly count: number };
  /**
   * Tell four times a second how far it is, by {@linkcode SweepCheckpoint}s;
   * default false. Sending waits where the last of them that was dealt with
   * leaves out more than the last second.
   */
  readonly checkpoints?: boolean;
  /**
   * Go on where an earlier sweep of the same ranges, `shuffle`, `seed` and
   * `shard` was.
   */
  readonly resume?: SweepState;
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

/**
 * An address has answered, for the first time.
 *
 * @category Sweep
 */
export interface SweepAlive {
  /** Tells it from the other events. */
  readonly type: "alive";
  /** Who. */
  readonly address: string;
  /**
   * Milliseconds from handing the request over until the kernel received the
   * reply. At high rates that includes the time that up to 1,024 requests which
   * are sent together wait for one another.
   */
  readonly roundTripMs: number;
  /** The TTL, or hop limit, that the reply arrived with. */
  readonly ttl: number;
  /** When the kernel received it, in seconds since 1970. */
  readonly time: number;
}

/**
 * An ICMP error about the request to an address, for the first time. It quotes
 * the request, 8 octets of it at least (RFC 792), in IPv6 all 36 (RFC 4443 §2.4);
 * these hold random values that only those know who have seen the request.
 *
 * @category Sweep
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
  /** When the kernel received it, in seconds since 1970. */
  readonly time: number;
}

/**
 * A request could not be sent: it counts as sent, and as lost.
 *
 * @category Sweep
 */
export interface SweepFailed {
  /** Tells it from the other events. */
  readonly type: "failed";
  /** Where it was to go. */
  readonly address: string;
  /** Why. */
  readonly error: SocketError;
}

/**
 * How far it is; told four times a second at most.
 *
 * @category Sweep
 */
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

/**
 * Which addresses a sweep asks: what its shares have in common, and which of
 * them it is.
 *
 * @category Sweep
 */
export interface SweepShare {
  /**
   * The ranges in ascending order, without zones, which are each machine's own:
   * `10.0.0.5-10.0.0.77`, or one address.
   */
  readonly ranges: readonly string[];
  /** Whether the order was shuffled. */
  readonly shuffle: boolean;
  /** What a shuffled order follows from. */
  readonly seed: number;
  /** Which of the shares, `index` from 1. */
  readonly shard: { readonly index: number; readonly count: number };
}

/**
 * How far a sweep is; can be written as JSON.
 *
 * @category Sweep
 */
export interface SweepState extends SweepShare {
  /**
   * The interface that each of the ranges is on, by its index, or 0 where that is
   * no matter; absent where it is for none.
   */
  readonly links?: readonly number[];
  /** Which pass it is in, from 0. */
  readonly pass: number;
  /** The place in the order of asking at which to go on. */
  readonly place: number;
  /** Who has answered, by places, in pages of base64. */
  readonly alive: Readonly<Record<string, string>>;
  /** About whom an error came, likewise. */
  readonly unreachable: Readonly<Record<string, string>>;
  /** Packets sent. */
  readonly sent: number;
  /** Packets that the system refused to send. */
  readonly unsent: number;
  /** Messages that were not accepted. */
  readonly refused: number;
  /** Messages that the kernel dropped; `undefined` where it does not tell. */
  readonly dropped?: number;
  /** Milliseconds that it took so far. */
  readonly durationMs: number;
}

/**
 * How far it is, to go on there later. What was told before has been dealt with
 * when this is; the next comes when this has been, too.
 *
 * @category Sweep
 */
export interface SweepCheckpoint {
  /** Tells it from the other events. */
  readonly type: "checkpoint";
  /** What `resume` takes. */
  readonly state: SweepState;
}

/**
 * What {@linkcode sweep} tells.
 *
 * @category Sweep
 */
export type SweepEvent =
  | SweepAlive
  | SweepUnreachable
  | SweepFailed
  | SweepProgress
  | SweepCheckpoint;

/**
 * What a sweep has shown.
 *
 * @category Sweep
 */
export interface SweepResult extends SweepShare {
  /** Addresses that were to be swept. */
  readonly total: number;
  /** How many of them were asked: all, unless it was ended. */
  readonly asked: number;
  /** Packets sent, those included that could not leave this host. */
  readonly sent: number;
  /** Packets that the system refused to send: they are lost. */
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
  /**
   * Messages that the kernel dropped, since they were not fetched in time;
   * unknown where it does not count them. It may be more than were missed, as
   * {@linkcode ReceivingSocket.dropped} tells.
   */
  readonly dropped: number | undefined;
  /** Milliseconds that it took. */
  readonly durationMs: number;
}
