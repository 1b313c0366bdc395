/**
 * Sockets for a great many small packets: none of them becomes an object.
 *
 * @module
 */

import {
  ICMP_FILTER,
  IPPROTO_ICMP,
  IPPROTO_ICMPV6,
  POLLIN,
  SK_MEMINFO_RCVBUF,
  SOCK_RAW,
  SOL_RAW,
} from "../ffi/linux/numbers.ts";
import { libc } from "../ffi/libc.ts";
import { supports } from "../ffi/supports.ts";
import { check } from "./errors.ts";
import { answersTo, REPLIES_AND_ERRORS } from "./filter/icmp_filter.ts";
import type { RouteOptions } from "./kernel/route.ts";
import { addWatch, removeWatch, type Watch } from "./poller.ts";
import { ProbeBatch } from "./ring/probe_batch.ts";
import { type ProbeAnswer, ProbeRing } from "./ring/probe_ring.ts";
import { Unread } from "./ring/unread.ts";
import { SendingSocket } from "./sending_socket.ts";
import {
  openSocket,
  setIPOption,
  type SocketOptions,
} from "./kernel/socket_options.ts";

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
export class ProbeSocket extends SendingSocket {
  #ring: ProbeRing | undefined;
  #ttl = 64;
  #place: RouteOptions = {};
  readonly #unread = new Unread(this.memory(SK_MEMINFO_RCVBUF));

  /**
   * Opens a socket.
   *
   * @throws as {@linkcode RawSocket.open} does
   */
  static open(options: ProbeSocketOptions): ProbeSocket {
    const { family = 4, identifier, ttl = 64 } = options;
    const fd = openSocket(SOCK_RAW, {
      receiveBufferBytes: RECEIVE_BUFFER_BYTES,
      ...options,
      protocol: family === 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6,
      // Sending a whole packet takes no lock, so that threads can do it at once.
      headerIncluded: family === 4,
      sendBufferBytes: SEND_BUFFER_BYTES,
    });
    const socket = new ProbeSocket(fd, options);
    socket.#ttl = ttl;
    const { namespace, device, bindAddress: source } = options;
    socket.#place = { namespace, device, source };
    try {
      setIPOption(fd, family, "packetInfo", 0);
      socket.attachFilter(answersTo(identifier, family));
      // Where no kernel runs filters, the other one does as well.
      if (family === 4 && supports.kernelFilters) {
        const types = Int32Array.of(REPLIES_AND_ERRORS);
        const result = libc().setsockopt(fd, SOL_RAW, ICMP_FILTER, types, 4);
        check(result, "setsockopt", "choose the ICMP types to receive");
      }
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /**
   * Room for packets to be sent together, by another thread. Several may be on
   * their way at once; the socket must not be closed meanwhile. There is none
   * while as many answers may be unread as the receive buffer holds.
   *
   * @param length octets of each, from the ICMP header on
   */
  batch(length: number): ProbeBatch {
    return new ProbeBatch(this.fd, this.family, this.guard, {
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
  drain(visit: (arrival: ProbeAnswer) => void): number {
    this.#ring ??= new ProbeRing(this.fd, this.family);
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
      fd: this.fd,
      events: POLLIN,
      ready: resolve,
      failed: reject,
    };
    signal.addEventListener("abort", onAbort);
    addWatch(watch);
    return promise.finally(settle);
  }
}
