/**
 * ICMP sockets without blocking.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import type { IgnoredCounts } from "./echo_ledger.ts";
import { SocketUnavailableError, TimeoutExceeded } from "../errors.ts";
import type { ICMPReply } from "./icmp_reply.ts";
import type { ICMPRequest } from "./icmp_request.ts";
import { type ICMPSocket, ICMPv4Socket } from "./icmp_socket.ts";
import type { ReceiveOptions } from "../receiving_socket.ts";
import { checkMilliseconds } from "../time.ts";

/** Somebody who waits for an answer. */
interface Waiter {
  readonly request: ICMPRequest | undefined;
  resolve(reply: ICMPReply): void;
  reject(reason: unknown): void;
}

const DEFAULT_TIMEOUT_MS = 2000;

/**
 * Wraps an ICMP socket, so that `receive` is awaited. Any number of requests
 * may be waited for at once. The socket itself should no longer be used.
 *
 * @category ICMP sockets
 *
 * @example
 * ```ts
 * import { AsyncSocket, ICMPRequest, ICMPv4Socket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * using socket = new AsyncSocket(new ICMPv4Socket());
 * const requests = ["127.0.0.1", "127.0.0.2"].map((address, sequence) =>
 *   new ICMPRequest(address, { id: 4712, sequence })
 * );
 * for (const request of requests) socket.send(request);
 * const replies = await Promise.all(
 *   requests.map((request) => socket.receive(request, { timeoutMs: 1000 })),
 * );
 * assertEquals(replies.map((reply) => reply.source), ["127.0.0.1", "127.0.0.2"]);
 * ```
 */
export class AsyncSocket<Socket extends ICMPSocket = ICMPSocket>
  implements Disposable {
  #socket: Socket | null;
  readonly #waiters = new Set<Waiter>();
  #isPumping = false;
  #stop = new AbortController();

  /** Takes a socket over. */
  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The wrapped socket, or `null` once it is closed or detached. */
  get socket(): Socket | null {
    return this.isClosed ? null : this.#socket;
  }

  /** Whether the wrapped socket is closed, or detached from this. */
  get isClosed(): boolean {
    return this.#socket === null || this.#socket.isClosed;
  }

  /** The address that the socket was bound to, or `null`. */
  get address(): string | null {
    return this.#open().address;
  }

  /** Whether it is a raw socket, not a ping socket. */
  get isPrivileged(): boolean {
    return this.#open().isPrivileged;
  }

  /** 4 or 6. */
  get family(): Family {
    return this.#open().family;
  }

  /** Messages that were passed over, because they answer no request of ours. */
  get ignored(): Readonly<IgnoredCounts> {
    return this.#open().ignored;
  }

  /** Whether sending waits for room in the send buffer; default false. */
  get blocking(): boolean {
    return this.#open().blocking;
  }

  set blocking(isBlocking: boolean) {
    this.#open().blocking = isBlocking;
  }

  /**
   * Whether broadcast addresses are allowed as destinations; default false.
   *
   * @throws {RangeError} if it is set for IPv6, which has no broadcasts
   */
  get broadcast(): boolean {
    const socket = this.#open();
    return socket instanceof ICMPv4Socket && socket.broadcast;
  }

  set broadcast(isAllowed: boolean) {
    const socket = this.#open();
    if (!(socket instanceof ICMPv4Socket)) {
      throw new RangeError("IPv6 has no broadcasts, but multicast addresses");
    }
    socket.broadcast = isAllowed;
  }

  /**
   * Sends a request, as the wrapped socket does.
   *
   * @throws as {@linkcode ICMPSocket.send} does
   */
  send(request: ICMPRequest): void {
    this.#open().send(request);
  }

  /**
   * The next answer to a request, as the wrapped socket gives it, but without
   * blocking.
   *
   * @param request default any: the next ICMP message that nobody else gets
   * @param options `timeoutMs`: how long to wait, default 2000; `signal`
   * @throws {RangeError} if `timeoutMs` is out of range
   * @throws {TimeoutExceeded} if none came in time
   * @throws {SocketUnavailableError} if it is, or gets, closed or detached
   * @throws {SocketError} if the system reports an error
   */
  receive(
    request?: ICMPRequest,
    { timeoutMs = DEFAULT_TIMEOUT_MS, signal }: ReceiveOptions = {},
  ): Promise<ICMPReply> {
    const { promise, resolve, reject } = Promise.withResolvers<ICMPReply>();
    if (this.isClosed) {
      reject(new SocketUnavailableError());
      return promise;
    }
    try {
      checkMilliseconds("timeoutMs", timeoutMs);
    } catch (error) {
      reject(error);
      return promise;
    }
    if (signal?.aborted) {
      reject(signal.reason);
      return promise;
    }
    const waiter: Waiter = { request, resolve, reject };
    const timer = setTimeout(async () => {
      // What is there this process may not have been told of yet.
      await this.#socket?.socket?.handOut();
      if (!this.#waiters.has(waiter)) return;
      if (request !== undefined) this.#socket?.giveUp(request);
      reject(new TimeoutExceeded(timeoutMs));
    }, timeoutMs);
    const onAbort = () => reject(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      this.#waiters.delete(waiter);
      if (this.#waiters.size === 0) this.#stop.abort();
    };
    promise.then(settle, settle);
    this.#waiters.add(waiter);
    this.#expect();
    if (!this.#isPumping) this.#pump();
    return promise;
  }

  /**
   * Gives the socket back, for other use. This cannot be used any more.
   *
   * @throws {SocketUnavailableError} if it is closed or detached already
   */
  detach(): Socket {
    const socket = this.#open();
    this.#socket = null;
    for (const waiter of this.#waiters) {
      waiter.reject(new SocketUnavailableError());
    }
    // At once: what comes next is for whoever has the socket then.
    this.#stop.abort();
    return socket;
  }

  /** Detaches the socket, and closes it. */
  close(): void {
    if (!this.isClosed) this.detach().close();
  }

  /** Closes the socket, at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Hands out what arrives, for as long as anybody waits. */
  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (this.#waiters.size > 0 && this.#socket !== null) {
        const { socket } = this.#open();
        this.#stop = new AbortController();
        const { signal } = this.#stop;
        const datagram = await socket!.receive({ signal });
        const waiting = [...this.#waiters];
        const answer = this.#socket?.accept(
          datagram,
          waiting.map((waiter) => waiter.request),
        );
        if (answer === undefined) continue;
        const waiter = waiting.find(({ request }) =>
          request === answer.request
        )!;
        this.#waiters.delete(waiter);
        waiter.resolve(answer.reply);
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) {
        for (const waiter of this.#waiters) waiter.reject(error);
      }
    } finally {
      this.#isPumping = false;
    }
    // Somebody may have come while the last one left.
    if (this.#waiters.size > 0 && !this.isClosed) this.#pump();
  }

  #expect(): void {
    const requests = [...this.#waiters].map((waiter) => waiter.request);
    const isForAny = requests.includes(undefined);
    this.#open().expect(isForAny ? [] : requests as ICMPRequest[]);
  }

  #open(): Socket {
    if (this.#socket !== null && !this.#socket.isClosed) return this.#socket;
    throw new SocketUnavailableError();
  }
}
