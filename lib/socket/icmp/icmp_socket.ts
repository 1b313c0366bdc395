/**
 * Sockets that send ICMP echo requests and receive what answers them.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import { isMulticast } from "../../wire/address_scope.ts";
import { encodeICMPv4 } from "../../wire/icmp/icmpv4.ts";
import { encodeICMPv6 } from "../../wire/icmp/icmpv6.ts";
import { justBefore, readClocks } from "../kernel/clock.ts";
import type { Datagram } from "../datagram.ts";
import {
  EchoLedger,
  type IgnoredCounts,
  type SentEcho,
} from "./echo_ledger.ts";
import { SocketUnavailableError, TimeoutExceeded } from "../errors.ts";
import { answersToEcho } from "../filter/icmp_filter.ts";
import { readMessage } from "./icmp_message.ts";
import { type ICMPReply, isAdvice } from "./icmp_reply.ts";
import type { ICMPRequest } from "./icmp_request.ts";
import { PingSocket } from "../ping_socket.ts";
import { RawSocket } from "../raw_socket.ts";
import { localAddress, remoteAddress } from "../destination.ts";
import { routeTo } from "../kernel/route.ts";
import { hasRawICMP } from "../system/support.ts";
import { checkMilliseconds } from "../time.ts";

/**
 * What an ICMP socket shall be.
 *
 * @category ICMP sockets
 */
export interface ICMPSocketOptions {
  /** Send from, and receive for, this address of this host only. */
  readonly address?: string;
  /**
   * Raw (default), which needs root or CAP_NET_RAW; or a ping socket, which
   * needs the system's leave, and puts an identifier of the kernel's in. Where
   * the system has no raw sockets of IPv6, that is by ping sockets anyway.
   */
  readonly privileged?: boolean;
  /** Open it inside this network namespace, as `ip netns` names it. */
  readonly namespace?: string;
  /** As of {@linkcode SocketOptions}. */
  readonly allowPublic?: boolean;
}

/** Requests that are remembered, to tell what comes late or twice. */
const REMEMBERED = 1024;

/** Room for what answers all of those, if that comes at once. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

const DEFAULT_TIMEOUT_MS = 2000;

/**
 * What the two ICMP sockets have in common.
 *
 * @category ICMP sockets
 */
export abstract class ICMPSocket implements Disposable {
  /** 4 or 6. */
  readonly family: Family;
  /** The address it was bound to, or `null`. */
  readonly address: string | null;
  /** Whether it is a raw socket, not a ping socket. */
  readonly isPrivileged: boolean;
  /** Messages that were passed over, because they answer no request of ours. */
  readonly ignored: Readonly<IgnoredCounts>;
  readonly #ledger = new EchoLedger(REMEMBERED);
  readonly #sent = new WeakMap<ICMPRequest, SentEcho>();
  #socket: RawSocket | PingSocket | null;
  #ttl: number | undefined;
  #trafficClass = 0;
  /** Of the replies that the kernel lets through; -1 for all of them. */
  #filteredId = -1;
  #broadcast = false;
  readonly #namespace: string | undefined;

  /** Opens the socket. */
  protected constructor(
    family: Family,
    { address: given, privileged = true, namespace, allowPublic }:
      ICMPSocketOptions,
  ) {
    const address = given && localAddress(given, family, { namespace });
    const options = {
      ...{ namespace, allowPublic },
      family,
      bindAddress: address,
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
    };
    this.family = family;
    this.address = address ?? null;
    this.isPrivileged = privileged && hasRawICMP(family);
    this.#namespace = namespace;
    this.#socket = this.isPrivileged
      ? RawSocket.open({ ...options, protocol: family === 4 ? 1 : 58 })
      : PingSocket.open(options);
    this.ignored = this.#ledger.ignored;
    this.blocking = false;
  }

  /** The socket beneath, or `null` once it is closed. */
  get socket(): RawSocket | PingSocket | null {
    return this.#socket;
  }

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.#socket === null;
  }

  /** Whether sending waits for room in the send buffer; default false. */
  get blocking(): boolean {
    return this.#open().blocking;
  }

  set blocking(isBlocking: boolean) {
    this.#open().blocking = isBlocking;
  }

  /** Whether broadcast addresses are allowed as destinations. */
  protected get allowsBroadcast(): boolean {
    return this.#broadcast;
  }

  protected set allowsBroadcast(isAllowed: boolean) {
    this.#open().broadcast = isAllowed;
    this.#broadcast = isAllowed;
  }

  /**
   * Sends a request, and notes the time in it. Does not wait for the reply. A
   * request may be sent again; each sending may then be answered once.
   *
   * @throws {RangeError} if its destination is of the other family, or is one of
   * several links and does not say of which
   * @throws {SocketBroadcastError} if it goes to a broadcast address, and
   * `broadcast` is not set
   * @throws {SocketUnavailableError} if the socket is closed
   * @throws {SocketError} if the system refuses
   */
  send(request: ICMPRequest): void {
    const socket = this.#open();
    const { family } = this;
    const namespace = this.#namespace;
    const source = this.address ?? undefined;
    const destination = remoteAddress(request.destination, family, {
      namespace,
      source,
    });
    if (request.ttl !== this.#ttl) {
      socket.ttl = this.#ttl = request.ttl;
    }
    if (request.trafficClass !== this.#trafficClass) {
      socket.trafficClass = this.#trafficClass = request.trafficClass;
    }
    const message = {
      kind: "echoRequest",
      identifier: request.id,
      sequence: request.sequence,
      payload: request.payload,
    } as const;
    const bytes = family === 4
      ? encodeICMPv4(message)
      // The kernel computes its checksum, since it knows the source.
      : encodeICMPv6(message);
    const isBroadcast = isMulticast(destination) ||
      (this.#broadcast && routeTo(destination, { namespace }).isBroadcast);
    // Its answer may be there before anybody waits for it.
    if (request.id !== this.#filteredId) this.expect([]);

    const at = justBefore(() => socket.send(bytes, destination));
    request.time = Number(at.realtimeNs) / 1e9;
    const id = socket instanceof PingSocket ? socket.identifier : request.id;
    const { sequence, payload } = request;
    const before = this.#sent.get(request);
    const sent = before?.id === id
      ? this.#ledger.again(before, at)
      : this.#ledger.add(
        { destination, source, isBroadcast, id, sequence, payload },
        at,
      );
    this.#sent.set(request, sent);
  }

  /**
   * The next answer to a request: its echo reply, or an ICMP error about it.
   * Whatever else arrives is passed over, and counted in `ignored`, as redirects
   * and source quench are: the reply may still come. Blocks the
   * whole thread until then. Can be called again for further answers, as to a
   * broadcast.
   *
   * @param request default any: the next ICMP message, whatever it is
   * @param options `timeoutMs`: how long to wait; default 2000
   * @throws {RangeError} if `timeoutMs` is out of range
   * @throws {TimeoutExceeded} if none came in time
   * @throws {SocketUnavailableError} if the socket is closed
   * @throws {SocketError} if the system reports an error
   */
  receive(
    request?: ICMPRequest,
    { timeoutMs = DEFAULT_TIMEOUT_MS }: { timeoutMs?: number } = {},
  ): ICMPReply {
    const socket = this.#open();
    checkMilliseconds("timeoutMs", timeoutMs);
    this.expect(request === undefined ? [] : [request]);
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      let datagram: Datagram;
      try {
        const leftMs = Math.max(0, deadline - performance.now());
        datagram = socket.receiveSync({ timeoutMs: leftMs });
      } catch (error) {
        if (!(error instanceof TimeoutExceeded)) throw error;
        if (request !== undefined) this.giveUp(request);
        throw new TimeoutExceeded(timeoutMs);
      }
      const reply = this.accept(datagram, [request]);
      if (reply !== undefined) return reply.reply;
    }
  }

  /** Closes the socket. It cannot be used after this. */
  close(): void {
    this.#socket?.close();
    this.#socket = null;
  }

  /** Closes the socket, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Lets the kernel discard what answers none of these requests, as far as it
   * can; without requests, nothing.
   *
   * @ignore for the sockets' own use
   */
  expect(requests: readonly ICMPRequest[]): void {
    if (!this.isPrivileged) return;
    const ids = new Set(requests.map((request) => request.id));
    const id = ids.size === 1 ? requests[0].id : -1;
    if (id === this.#filteredId) return;
    this.#filteredId = id;
    if (id < 0) this.#open().detachFilter();
    else this.#open().attachFilter(answersToEcho(id, this.family));
  }

  /**
   * Finds out which of those who wait a datagram is for.
   *
   * @param waiting requests; `undefined` stands for one who takes anything
   * @returns `undefined` if it is for none, which is counted
   * @ignore for the sockets' own use
   */
  accept(
    datagram: Datagram,
    waiting: readonly (ICMPRequest | undefined)[],
  ): { reply: ICMPReply; request: ICMPRequest | undefined } | undefined {
    const message = readMessage(datagram, this.family, this.isPrivileged);
    if (message === undefined) {
      this.#ledger.ignored.malformed++;
      return undefined;
    }
    const seen = readClocks();
    // The kernel gives the errors that it queues no time stamp.
    const receivedNs = datagram.timestampNs || seen.realtimeNs;
    const arrival = { message, receivedNs, seen };
    const sent = this.#ledger.find(message);
    for (const request of waiting) {
      if (request === undefined) {
        return { reply: this.#ledger.reply(arrival, sent), request };
      }
      if (sent === undefined || this.#sent.get(request) !== sent) continue;
      if (isAdvice(message)) {
        this.#ledger.ignored.advice++;
        return undefined;
      }
      const reply = this.#ledger.reply(arrival, sent);
      // Of one that was sent several times, the one that is answered here.
      if (sent.sendings.length > 1) {
        request.time = reply.time - reply.roundTripMs! / 1000;
      }
      return { reply, request };
    }
    const only = waiting.length === 1 ? waiting[0] : undefined;
    this.#ledger.ignore(arrival, only && this.#sent.get(only));
  }

  /**
   * Notes that an answer to a request would now be late.
   *
   * @ignore for the sockets' own use
   */
  giveUp(request: ICMPRequest): void {
    const sent = this.#sent.get(request);
    if (sent !== undefined) this.#ledger.giveUp(sent);
  }

  #open(): RawSocket | PingSocket {
    if (this.#socket !== null) return this.#socket;
    throw new SocketUnavailableError();
  }
}

/**
 * A socket for ICMP over IPv4.
 *
 * @category ICMP sockets
 *
 * @example
 * ```ts
 * import { ICMPRequest, ICMPv4Socket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * using socket = new ICMPv4Socket();
 * const request = new ICMPRequest("127.0.0.1", { id: 4711, sequence: 1 });
 * socket.send(request);
 * const reply = socket.receive(request, { timeoutMs: 1000 });
 * reply.raiseForStatus();
 * assertEquals([reply.source, reply.bytesReceived], ["127.0.0.1", 64]);
 * ```
 */
export class ICMPv4Socket extends ICMPSocket {
  /**
   * Opens a socket.
   *
   * @throws {SocketPermissionError} if the system does not allow it
   * @throws {SocketAddressError} if `address` is not this host's
   * @throws {SocketError} if the system refuses anything else
   */
  constructor(options: ICMPSocketOptions = {}) {
    super(4, options);
  }

  /** Whether broadcast addresses are allowed as destinations; default false. */
  get broadcast(): boolean {
    return this.allowsBroadcast;
  }

  set broadcast(isAllowed: boolean) {
    this.allowsBroadcast = isAllowed;
  }
}

/**
 * A socket for ICMPv6.
 *
 * @category ICMP sockets
 *
 * @example
 * ```ts
 * import { ICMPRequest, ICMPv6Socket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * using socket = new ICMPv6Socket();
 * const request = new ICMPRequest("::1", { id: 4711, sequence: 1 });
 * socket.send(request);
 * const reply = socket.receive(request, { timeoutMs: 1000 });
 * assertEquals([reply.source, reply.type], ["::1", 129]);
 * ```
 */
export class ICMPv6Socket extends ICMPSocket {
  /**
   * Opens a socket.
   *
   * @throws {SocketPermissionError} if the system does not allow it
   * @throws {SocketAddressError} if `address` is not this host's
   * @throws {SocketError} if the system refuses anything else
   */
  constructor(options: ICMPSocketOptions = {}) {
    super(6, options);
  }
}
