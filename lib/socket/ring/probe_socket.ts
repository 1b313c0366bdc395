/**
 * Sockets for a great many small packets: none of them becomes an object.
 *
 * @module
 */

import {
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  POLLIN,
  SK_MEMINFO_DROPS,
  SK_MEMINFO_RCVBUF,
  SOCK_RAW,
} from "../../ffi/linux/numbers.ts";
import { libc } from "../../ffi/libc.ts";
import { supports } from "../../ffi/supports.ts";
import type { Family } from "../../wire/address.ts";
import { SocketUnavailableError } from "../errors.ts";
import { attachFilter } from "../filter/attach.ts";
import { answersTo } from "../filter/icmp_filter.ts";
import { interfaceName } from "../kernel/interface.ts";
import type { RouteOptions } from "../kernel/route.ts";
import {
  bufferState,
  keepRequestsAway,
  openSocket,
  setIPOption,
  type SocketOptions,
} from "../kernel/socket_options.ts";
import { addWatch, removeWatch, type Watch } from "../poller.ts";
import { PublicGuard } from "../public_guard.ts";
import { ProbeBatch } from "./probe_batch.ts";
import type { PacketInPlace } from "./packet_in_place.ts";
import { ProbeRing } from "./probe_ring.ts";
import { Unread } from "./unread.ts";

/** Room for what arrives while this process does something else. */
const RECEIVE_BUFFER_BYTES = 32 * 1024 * 1024;
/** Room for the packets of hosts whose link address is still asked for. */
const SEND_BUFFER_BYTES = 16 * 1024 * 1024;

/** What a probe socket shall be. */
export interface ProbeSocketOptions extends SocketOptions {
  /** Of the echo replies that are received, 0–65,535. */
  readonly identifier: number;
}

/** A raw ICMP socket that sends from other threads, and receives in place. */
export class ProbeSocket {
  /** The descriptor; -1 when closed. */
  #fd: number;
  readonly #family: Family;
  readonly #guard: PublicGuard;
  readonly #ttl: number;
  readonly #place: RouteOptions;
  readonly #unread: Unread;
  #ring: ProbeRing | undefined;

  private constructor(fd: number, options: ProbeSocketOptions) {
    const { family = 4, ttl = 64, namespace, device, bindAddress } = options;
    this.#fd = fd;
    this.#family = family;
    this.#guard = new PublicGuard(options);
    this.#ttl = ttl;
    this.#place = { namespace, device, source: bindAddress };
    this.#unread = new Unread(bufferState(fd, SK_MEMINFO_RCVBUF));
  }

  /**
   * Opens a socket.
   *
   * @throws as {@linkcode RawSocket.open} does
   */
  static open(options: ProbeSocketOptions): ProbeSocket {
    const { family = 4, identifier } = options;
    const fd = openSocket(SOCK_RAW, {
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
      ...options,
      protocol: family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
      // Sending a whole packet takes no lock, so that threads can do it at once.
      headerIncluded: family === 4,
      sendBufferBytes: SEND_BUFFER_BYTES,
    });
    const socket = new ProbeSocket(fd, options);
    try {
      setIPOption(fd, family, "packetInfo", 0);
      attachFilter(fd, answersTo(identifier, family));
      keepRequestsAway(fd, family);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** The descriptor, for a system call. Throws once the socket is closed. */
  get #open(): number {
    if (this.#fd >= 0) return this.#fd;
    throw new SocketUnavailableError();
  }

  /** Packets thrown away because nobody fetched them in time, if known. */
  get dropped(): number | undefined {
    return supports.dropCounter
      ? bufferState(this.#open, SK_MEMINFO_DROPS)
      : undefined;
  }

  /** The name of an interface of the socket's namespace, or its number. */
  interfaceName(index: number): string {
    return interfaceName(index, this.#open) ?? `${index}`;
  }

  /**
   * Room for packets to be sent together, by another thread. Several may be on
   * their way at once; the socket must not be closed meanwhile. There is none
   * while as many answers may be unread as the receive buffer holds.
   *
   * @param length octets of each, from the ICMP header on
   */
  batch(length: number): ProbeBatch {
    return new ProbeBatch(this.#open, this.#family, this.#guard, {
      unread: this.#unread,
      length,
      ttl: this.#ttl,
      place: this.#place,
    });
  }

  /**
   * Shows the packets that are there, some hundreds at most.
   *
   * @param visit is shown each; what it is given is overwritten afterwards
   * @returns how many there were
   * @throws {SocketError} if the system reports an error
   */
  drain(visit: (arrival: PacketInPlace) => void): number {
    this.#ring ??= new ProbeRing(this.#open, this.#family);
    const count = this.#ring.drain(visit);
    this.#unread.read(count);
    return count;
  }

  /** Waits until a packet is there, or the signal is aborted. */
  readable(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal.aborted) return Promise.resolve();
    const onAbort = () => {
      removeWatch(watch);
      resolve();
    };
    const settle = () => signal.removeEventListener("abort", onAbort);
    const watch: Watch = {
      fd: this.#open,
      events: POLLIN,
      ready: resolve,
      failed: reject,
    };
    signal.addEventListener("abort", onAbort);
    addWatch(watch);
    return promise.finally(settle);
  }
  /** Closes the socket. */
  close(): void {
    if (this.#fd >= 0) libc().close(this.#fd);
    this.#fd = -1;
  }
}
