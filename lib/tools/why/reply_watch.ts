/**
 * Why there is no reply, looked into: the facts are gathered from the kernel's
 * tables and from captures.
 *
 * @module
 */

import { SocketError } from "../../socket/errors.ts";
import {
  isSwitchedOn,
  reversePathDrops,
  reversePathFilter,
} from "../../socket/kernel/ip_settings.ts";
import {
  type Instant,
  readClocks,
  wasBefore,
} from "../../socket/kernel/clock.ts";
import { neighbourAt, nextHopTo } from "../../socket/kernel/rtnetlink.ts";
import { checksumFault } from "../../compare/checksum_fault.ts";
import { Complaints } from "./complaints.ts";
import { diagnoseReply } from "./diagnose_reply.ts";
import type { GivenPacket } from "../../compare/forged_packet.ts";
import { linksAhead } from "./links_ahead.ts";
import { SentPackets } from "../matching.ts";
import {
  isForMany,
  PacketWitness,
  type Post,
} from "../witness/packet_witness.ts";
import {
  errorsSeen,
  type HeardError,
  isEchoRequest,
  questionsFor,
  replyTo,
  sourceOf,
} from "./reply_sightings.ts";
import type { HostFacts, ReplyFacts } from "./reply_facts.ts";
import type { ReplyVerdict } from "./reply_verdict.ts";
import {
  hasArrived,
  isSame,
  packetsSeen,
  type SeenPacket,
} from "../../compare/seen_packets.ts";

/**
 * How long to look for a reply.
 *
 * @category Why no reply came
 */
export interface ReplyWatchOptions {
  /** In milliseconds; default 1000. */
  readonly timeoutMs?: number;
  /** Gives up when it is aborted. */
  readonly signal?: AbortSignal;
  /** The error by which the system refused the packet, if it did. */
  readonly refusal?: unknown;
  /**
   * Just before the packet was sent: what came before that is about something
   * else. Default when the watch was opened, or has explained another.
   */
  readonly sentAt?: Instant;
}

/**
 * Whether a packet was farther on its way when it was seen than when it was
 * another time. Its TTL tells, before its time: what comes when a socket is
 * hardly open may be stamped by the kernel only when it is read.
 */
function isFarther(seen: SeenPacket, other: SeenPacket): boolean {
  const { ttl } = seen.header;
  return ttl === other.header.ttl
    ? seen.frame.timestampNs > other.frame.timestampNs
    : ttl < other.header.ttl;
}

/** A packet that arrived at a host. */
interface Arrival {
  readonly post: Post;
  /** As it arrived. */
  readonly seen: SeenPacket;
  /** As it had left its sender. */
  readonly left: SeenPacket;
  readonly isDestination: boolean;
}

/**
 * Watches what becomes of packets to a destination: here, and in a lab at all
 * of its hosts. Needs root or CAP_NET_RAW, and `--allow-ffi`; in a lab the
 * right to enter its namespaces.
 *
 * @category Why no reply came
 *
 * @example
 * ```ts
 * import { forgedPacket, readForged, ReplyWatch, sendForged } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = forgedPacket({
 *   source: "127.0.0.7",
 *   destination: "127.0.0.1",
 * });
 * using watch = ReplyWatch.open("127.0.0.1");
 * sendForged([packet]);
 * const { cause } = await watch.explain(readForged(packet));
 * assertEquals(cause, "answered");
 * ```
 */
export class ReplyWatch implements Disposable {
  readonly #destination: string;
  readonly #namespace: string | undefined;
  readonly #witness: PacketWitness;
  readonly #complaints: Complaints;
  readonly #errors: HeardError[] = [];
  /** Packets that each host's reverse path filter had dropped before. */
  readonly #drops = new Map<string | undefined, number>();
  /** Since when it watches for the next packet. */
  #since = readClocks();

  private constructor(destination: string, namespace: string | undefined) {
    this.#destination = destination;
    this.#namespace = namespace;
    this.#witness = new PacketWitness(destination, {
      namespace,
      everywhere: true,
    });
    try {
      const others = this.#witness.others.map(({ namespace }) => namespace);
      for (const name of [namespace, ...others]) {
        this.#drops.set(name, reversePathDrops({ namespace: name }));
      }
      this.#complaints = Complaints.open(destination, { namespace });
    } catch (error) {
      this.#witness.close();
      throw error;
    }
    this.#complaints.hear((error, when) => this.#note({ error, ...when }))
      .catch((error) => this.#witness.fail(error));
  }

  /**
   * Begins to watch. To be called before the packet is sent.
   *
   * @param destination an IPv4 address
   * @param options `namespace`: packets leave this network namespace
   * @throws {RangeError} if `destination` is no IPv4 address
   * @throws {SocketPermissionError} without root or CAP_NET_RAW
   * @throws {SocketError} if the system refuses anything else
   */
  static open(
    destination: string,
    { namespace }: { namespace?: string } = {},
  ): ReplyWatch {
    return new ReplyWatch(destination, namespace);
  }

  /**
   * Waits for a reply to a packet that was sent, or an ICMP error about it, and
   * says why there is none. What was seen is forgotten afterwards.
   *
   * @throws {RangeError} if `timeoutMs` is not from 0 to 2,147,483,647
   * @throws {SocketError} if the system reports an error
   */
  async explain(
    given: GivenPacket,
    options: ReplyWatchOptions = {},
  ): Promise<ReplyVerdict> {
    return diagnoseReply(await this.gather(given, options));
  }

  /**
   * The same, but for the verdict: the facts themselves.
   *
   * @ignore
   *
   * @throws {RangeError} if `timeoutMs` is not from 0 to 2,147,483,647
   * @throws {SocketError} if the system reports an error
   */
  async gather(
    given: GivenPacket,
    { timeoutMs = 1000, signal, refusal, sentAt = this.#since }:
      ReplyWatchOptions = {},
  ): Promise<ReplyFacts> {
    const { route, here, others } = this.#witness;
    const refused = refusal instanceof SocketError ? refusal.code : undefined;
    const source = sourceOf(given, route.source);
    const isSourceOurs = this.#nextHop(source).type === "local";
    const sent = new SentPackets();
    sent.add({ ...given, header: { ...given.header, source } }, sentAt);
    const isOurs = ({ error, ...when }: HeardError) =>
      sent.isAbout(error, when);
    const isLikeReply = replyTo(given, source, route);
    const isReply = (seen: SeenPacket) =>
      isLikeReply(seen) &&
      !wasBefore(sentAt, seen.frame.timestampNs, readClocks());
    const hasCome = () =>
      here !== undefined && packetsSeen(here, "in").some(isReply);
    const hasGone = () =>
      others.some((post) => packetsSeen(post, "out").some(isReply));
    const isOver = () =>
      this.#errors.some(isOurs) || hasCome() ||
      !isSourceOurs && hasGone();
    if (refusal === undefined) {
      await this.#witness.until(isOver, { timeoutMs, signal });
    }
    const [left] = here === undefined
      ? []
      : packetsSeen(here, "out").filter((seen) => isSame(seen, given));
    const nextHop = route.gateway ?? this.#destination;
    const facts: ReplyFacts = {
      packet: {
        source,
        destination: this.#destination,
        protocol: given.header.protocol,
        length: (given.header.headerLength ?? 20) + given.payload.length,
        isEcho: isEchoRequest(given),
      },
      refused,
      route,
      isSourceOurs,
      neighbour: neighbourAt(nextHop, { namespace: this.#namespace }),
      questions: here === undefined ? 0 : questionsFor(nextHop, here),
      hasLeft: left !== undefined,
      checksumFault: left && checksumFault(left, given),
      errors: this.#allErrors().filter(isOurs).map(({ error }) => error),
      isAnswered: isSourceOurs && hasCome(),
      isAnsweredElsewhere: !isSourceOurs && (hasCome() || hasGone()),
      reversePathDrops: this.#dropsOf(this.#namespace),
      last: left && this.#last(given, left),
      isLab: others.length > 0,
    };
    this.#witness.forget();
    this.#errors.length = 0;
    this.#since = readClocks();
    return facts;
  }

  /** Ends watching. */
  close(): void {
    this.#witness.close();
    this.#complaints.close();
  }

  /** Ends watching, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  #note(heard: HeardError): void {
    this.#errors.push(heard);
    this.#witness.wake();
  }

  /** Those that were received, and those that were seen on their way. */
  #allErrors(): HeardError[] {
    const { here, others } = this.#witness;
    return [...this.#errors, ...errorsSeen(here, others)];
  }

  /** The host that had the packet last, as far as that can be seen. */
  #last(given: GivenPacket, left: SeenPacket): HostFacts | undefined {
    const { route, here, there, others } = this.#witness;
    if (route.type === "local") {
      const arrival = { post: here!, seen: left, left, isDestination: true };
      return this.#hostFacts(arrival, given);
    }
    const arrivals = others.flatMap((post) => {
      // The last time, if it came in a circle.
      const seen = packetsSeen(post, "in").findLast((seen) =>
        seen.frame.direction !== "otherHost" && hasArrived(seen, left)
      );
      return seen === undefined ? [] : [{ post, seen }];
    });
    const last = arrivals.find(({ post }) => post === there) ??
      arrivals.toSorted((a, b) => isFarther(a.seen, b.seen) ? -1 : 1).at(0);
    if (last === undefined) return undefined;
    const isDestination = last.post === there || isForMany(route);
    const arrival = { ...last, left, isDestination };
    return this.#hostFacts(arrival, given);
  }

  #hostFacts(
    { post, seen, left, isDestination }: Arrival,
    given: GivenPacket,
  ): HostFacts {
    const { host } = post;
    const { device, header: { source, ttl: arrived } } = seen;
    const isReply = replyTo(given, source, this.#witness.route);
    const where = { namespace: post.namespace };
    const wayBack = nextHopTo(source, where);
    const links = linksAhead(this.#destination, post, this.#witness);
    return {
      host,
      isDestination,
      device,
      source,
      reversePathFilter: reversePathFilter(device, where),
      reversePathDrops: this.#dropsOf(post.namespace),
      wayBack,
      wayOn: nextHopTo(this.#destination, where),
      ttl: {
        left: left.header.ttl,
        arrived,
        // With one left it may arrive, but not be sent on.
        needed: links === undefined
          ? undefined
          : left.header.ttl - arrived + 1 + links,
      },
      forwards: isSwitchedOn("ip_forward", where),
      ignoresEcho: isSwitchedOn(this.#echoSwitch, where),
      questions: questionsFor(wayBack.gateway ?? source, post),
      hasAnswered: packetsSeen(post, "out").some(isReply),
    };
  }

  /** Which switch decides whether the packet is answered. */
  get #echoSwitch(): string {
    return isForMany(this.#witness.route)
      ? "icmp_echo_ignore_broadcasts"
      : "icmp_echo_ignore_all";
  }

  #dropsOf(namespace: string | undefined): number {
    const before = this.#drops.get(namespace) ?? 0;
    return reversePathDrops({ namespace }) - before;
  }

  #nextHop(address: string) {
    return nextHopTo(address, { namespace: this.#namespace });
  }
}
