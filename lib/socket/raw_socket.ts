/**
 * Raw IP sockets.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { EAGAIN, EINTR, ENOBUFS } from "../ffi/errno.ts";
import { errno, libc } from "../ffi/libc.ts";
import {
  AF_INET,
  AF_INET6,
  POLLFD,
  POLLOUT,
  SK_MEMINFO_WMEM_ALLOC,
  SOCK_CLOEXEC,
  SOCK_RAW,
} from "../ffi/linux.ts";
import {
  check,
  type SocketError,
  socketError,
  SocketUnavailableError,
} from "./errors.ts";
import { inNamespace } from "./namespace.ts";
import { addWatch, removeWatch, type Watch } from "./poller.ts";
import { ReceivingSocket } from "./receiving_socket.ts";
import { SendBatch } from "./send_batch.ts";
import {
  checkOptions,
  configure,
  type RawSocketOptions,
} from "./raw_socket_options.ts";
import { toSockaddr } from "./sockaddr.ts";

/** A packet for {@linkcode RawSocket.sendMany}. */
export interface OutgoingDatagram {
  /** The payload, or with `headerIncluded` the whole packet. */
  readonly bytes: Uint8Array;
  /** The address to send it to. */
  readonly destination: string;
}

/** Batches sent without a turn of the event loop in between. */
const BATCHES_PER_TURN = 16;
/** A full device queue is nothing that can be waited for; look again so often. */
const NO_BUFFER_RETRY_MS = 1;
/** Tries for a packet for which an empty send buffer seems to have no room. */
const NO_BUFFER_TRIES = 500;

/**
 * A raw IP socket (raw(7), RFC 3542): sends and receives packets of one IP
 * protocol. Needs root or CAP_NET_RAW, and `--allow-ffi`.
 *
 * @example
 * ```ts
 * import { decodeIPv4, RawSocket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * using receiver = RawSocket.open({ protocol: 253, bindAddress: "127.0.0.1" });
 * using sender = RawSocket.open({ protocol: 253 });
 * sender.send(new TextEncoder().encode("Hello World!"), "127.0.0.1");
 *
 * const { bytes } = await receiver.receive({ timeoutMs: 1000 });
 * const { payload } = decodeIPv4(bytes);
 * assertEquals(new TextDecoder().decode(payload), "Hello World!");
 * ```
 */
export class RawSocket extends ReceivingSocket {
  /** Of the last destination sent to. */
  #sockaddr: Uint8Array<ArrayBuffer> = new Uint8Array();
  #destination: string | undefined;
  #spareBatch: SendBatch | undefined;
  readonly #writeWatches = new Set<Watch>();

  /**
   * Opens a socket.
   *
   * @throws {RangeError} if an option is out of range
   * @throws {SocketPermissionError} without root or CAP_NET_RAW
   * @throws {SocketAddressError} if `bindAddress` is not this host's
   * @throws {SocketError} if the system refuses anything else
   * @throws {Deno.errors.NotCapable} without `--allow-ffi`
   */
  static open(options: RawSocketOptions): RawSocket {
    checkOptions(options);
    const family = options.family ?? 4;
    const open = () =>
      check(
        libc().socket(
          family === 4 ? AF_INET : AF_INET6,
          SOCK_RAW | SOCK_CLOEXEC,
          options.protocol,
        ),
        "socket",
        `open a raw socket for protocol ${options.protocol}`,
      );
    const fd = options.namespace === undefined
      ? open()
      : inNamespace(options.namespace, open);
    try {
      configure(fd, family, options);
    } catch (error) {
      libc().close(fd);
      throw error;
    }
    return new RawSocket(fd, family, options.snapLength ?? 65_535);
  }

  /**
   * Sends one packet. Returns when the kernel has taken it, which may wait for
   * room in the send buffer.
   *
   * @param bytes the payload, or with `headerIncluded` the whole packet
   * @param destination an address of the socket's family
   * @throws {RangeError} if `destination` is no such address
   * @throws {SocketError} if the system refuses
   */
  send(bytes: Uint8Array, destination: string): void {
    const { fd } = this;
    if (destination !== this.#destination) {
      this.#sockaddr = toSockaddr(destination, this.family, fd);
      this.#destination = destination;
    }
    const symbols = libc();
    let hasWaited = false;
    for (;;) {
      const sent = symbols.sendto(
        fd,
        bytes as Uint8Array<ArrayBuffer>,
        bytes.length,
        0,
        this.#sockaddr,
        this.#sockaddr.length,
      );
      if (sent >= 0) return;
      const number = errno();
      if (number === EINTR) continue;
      // Without headerIncluded, Linux does not wait for room by itself.
      if (number === ENOBUFS && !hasWaited) {
        waitUntilWritable(fd);
        hasWaited = true;
        continue;
      }
      throw sendError(
        "sendto",
        number,
        `${bytes.length} octets to ${destination}`,
      );
    }
  }

  /**
   * Sends many packets, up to 64 with one system call. Where the kernel has no
   * room it waits, and goes on.
   *
   * @returns how many were sent: all
   * @throws {SocketError} at the first packet that the system refuses; `sent`
   * tells how many went out before it, and none after it did
   * @throws whatever iterating `packets` throws, after those before are sent
   */
  async sendMany(packets: Iterable<OutgoingDatagram>): Promise<number> {
    // A batch of one's own, since other calls may run while this one waits.
    const batch = this.#spareBatch ?? new SendBatch(this.fd, this.family);
    this.#spareBatch = undefined;
    let sent = 0;
    let batches = 0;
    const flush = async () => {
      sent += await this.#flush(batch, sent);
      if (++batches % BATCHES_PER_TURN === 0) {
        await nextTurn();
      }
    };
    try {
      for (const { bytes, destination } of packets) {
        if (!batch.hasRoom(bytes.length)) await flush();
        batch.add(bytes, destination);
      }
    } finally {
      if (batch.count > 0) await flush();
      this.#spareBatch = batch;
    }
    return sent;
  }

  async #flush(batch: SendBatch, sentBefore: number): Promise<number> {
    let done = 0;
    let futileTries = 0;
    try {
      while (done < batch.count) {
        void this.fd; // Throws if it was closed while we waited.
        const sent = batch.send(done);
        if (sent >= 0) {
          done += sent;
          futileTries = 0;
          continue;
        }
        const number = errno();
        if (number === EAGAIN) await this.#writable();
        else if (number === ENOBUFS && futileTries < NO_BUFFER_TRIES) {
          if (this.memory(SK_MEMINFO_WMEM_ALLOC) === 0) futileTries++;
          await delay(NO_BUFFER_RETRY_MS);
        } else if (number !== EINTR) {
          const error = sendError(
            "sendmmsg",
            number,
            `packet ${sentBefore + done + 1} of a batch`,
          );
          error.sent = sentBefore + done;
          throw error;
        }
      }
      return done;
    } finally {
      batch.clear();
    }
  }

  #writable(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const watch: Watch = {
      fd: this.fd,
      events: POLLOUT,
      ready: () => {
        this.#writeWatches.delete(watch);
        resolve();
      },
      failed: (error) => {
        this.#writeWatches.delete(watch);
        reject(error);
      },
    };
    this.#writeWatches.add(watch);
    addWatch(watch);
    return promise;
  }

  /** Closes the socket; whoever waits for a packet or for room is told at once. */
  override close(): void {
    for (const watch of this.#writeWatches) {
      removeWatch(watch);
      watch.failed(new SocketUnavailableError());
    }
    super.close();
  }
}

/** Blocks this thread until the send buffer is half empty. */
function waitUntilWritable(fd: number): void {
  const pollfd = new DataView(new ArrayBuffer(POLLFD.SIZE));
  pollfd.setInt32(POLLFD.FD, fd, true);
  pollfd.setInt16(POLLFD.EVENTS, POLLOUT, true);
  libc().poll(pollfd, 1, -1);
}

function sendError(
  syscall: string,
  number: number,
  what: string,
): SocketError {
  return socketError({ syscall, errno: number, action: `send ${what}` });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
