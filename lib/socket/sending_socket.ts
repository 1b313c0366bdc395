/**
 * The sending half of every socket: one packet, or many with one call.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import {
  EACCES,
  EAGAIN,
  ECONNREFUSED,
  EHOSTUNREACH,
  EINTR,
  EINVAL,
  EMSGSIZE,
  ENETUNREACH,
  ENOBUFS,
  ENOPROTOOPT,
  EPROTO,
} from "../ffi/errno.ts";
import { libc } from "../ffi/libc.ts";
import {
  F_GETFL,
  F_SETFL,
  O_NONBLOCK,
  POLLFD,
  POLLOUT,
  SK_MEMINFO_WMEM_ALLOC,
} from "../ffi/linux.ts";
import type { Family } from "../wire/address.ts";
import { checkRange } from "../wire/errors.ts";
import type { Datagram } from "./datagram.ts";
import {
  BLACKHOLE,
  check,
  PROHIBITED,
  type SocketError,
  socketError,
  SocketPermissionError,
  SocketUnavailableError,
} from "./errors.ts";
import { addWatch, removeWatch, type Watch } from "./poller.ts";
import { ReceiveRing } from "./receive_ring.ts";
import { type ReceiveBuffer, ReceivingSocket } from "./receiving_socket.ts";
import { SendBatch } from "./send_batch.ts";
import {
  allowsBroadcast,
  setBroadcast,
  setIPOption,
} from "./socket_options.ts";
import { toSockaddr } from "./sockaddr.ts";

/** A packet for {@linkcode SendingSocket.sendMany}. */
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
 * Errors about earlier packets, which a socket that queues errors is told of
 * by the next call, whatever that call was about.
 */
const ABOUT_EARLIER = [
  EACCES,
  ECONNREFUSED,
  EHOSTUNREACH,
  EMSGSIZE,
  ENETUNREACH,
  ENOPROTOOPT,
  EPROTO,
];

/** A socket that packets can be sent to any destination from. */
export abstract class SendingSocket extends ReceivingSocket {
  readonly #family: Family;
  readonly #snapLength: number;
  /** Whether errors about what was sent are received, too. */
  protected readonly hasErrors: boolean;
  /** Of the last destination sent to. */
  #sockaddr: Uint8Array<ArrayBuffer> = new Uint8Array();
  #destination: string | undefined;
  #spareBatch: SendBatch | undefined;
  readonly #writeWatches = new Set<Watch>();

  /** Takes a descriptor over; {@linkcode SendingSocket.close} closes it. */
  protected constructor(
    fd: number,
    family: Family,
    snapLength: number,
    hasErrors = false,
  ) {
    super(fd);
    this.hasErrors = hasErrors;
    this.#family = family;
    this.#snapLength = snapLength;
  }

  /** 4 or 6. */
  get family(): Family {
    return this.#family;
  }

  /** The memory to receive into, made when it is first needed. */
  protected override newBuffer(): ReceiveBuffer<Datagram> {
    return new ReceiveRing(
      this.fd,
      this.#family,
      this.#snapLength,
      this.hasErrors,
    );
  }

  /**
   * The time to live, or hop limit, of what is sent from now on, 1–255.
   *
   * @throws {RangeError} if it is out of range
   */
  set ttl(hops: number) {
    setIPOption(this.fd, this.family, "ttl", checkRange("ttl", hops, 1, 255));
  }

  /**
   * DSCP and ECN, in one octet, of what is sent from now on, 0–255.
   *
   * @throws {RangeError} if it is out of range
   */
  set trafficClass(octet: number) {
    checkRange("trafficClass", octet, 0, 255);
    setIPOption(this.fd, this.family, "trafficClass", octet);
  }

  /** Whether broadcast addresses are allowed as destinations from now on. */
  set broadcast(isAllowed: boolean) {
    setBroadcast(this.fd, isAllowed);
  }

  /** Whether `send` waits for room in the send buffer; true when opened. */
  get blocking(): boolean {
    const flags = libc().fcntl(this.fd, F_GETFL, 0);
    return (check(flags, "fcntl", "read blocking") & O_NONBLOCK) === 0;
  }

  set blocking(isBlocking: boolean) {
    const flag = isBlocking ? 0 : O_NONBLOCK;
    const result = libc().fcntl(this.fd, F_SETFL, flag);
    check(result, "fcntl", `set blocking to ${isBlocking}`);
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
    let mayBeEarlier = this.hasErrors;
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
      const number = -sent;
      if (number === EINTR) continue;
      if (mayBeEarlier && ABOUT_EARLIER.includes(number)) {
        mayBeEarlier = false;
        continue;
      }
      // Without headerIncluded, Linux does not wait for room by itself.
      if (number === ENOBUFS && !hasWaited && this.blocking) {
        waitUntilWritable(fd);
        hasWaited = true;
        continue;
      }
      throw this.#sendError(
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
    let mayBeEarlier = this.hasErrors;
    try {
      while (done < batch.count) {
        void this.fd; // Throws if it was closed while we waited.
        const sent = batch.send(done);
        if (sent >= 0) {
          done += sent;
          futileTries = 0;
          mayBeEarlier = this.hasErrors;
          continue;
        }
        const number = -sent;
        if (mayBeEarlier && ABOUT_EARLIER.includes(number)) {
          mayBeEarlier = false;
          continue;
        }
        if (number === EAGAIN) await this.#writable();
        else if (number === ENOBUFS && futileTries < NO_BUFFER_TRIES) {
          if (this.memory(SK_MEMINFO_WMEM_ALLOC) === 0) futileTries++;
          await delay(NO_BUFFER_RETRY_MS);
        } else if (number !== EINTR) {
          const error = this.#sendError(
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

  #sendError(syscall: string, number: number, what: string): SocketError {
    const failure = { syscall, errno: number, action: `send ${what}` };
    if (number === EINVAL) {
      return socketError({ ...failure, remedy: BLACKHOLE });
    }
    // Allowed broadcasts are no reason: then it is a route that says so.
    return number === EACCES && allowsBroadcast(this.fd)
      ? new SocketPermissionError({ ...failure, remedy: PROHIBITED })
      : socketError(failure);
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
  while (libc().poll(pollfd, 1, -1) === -EINTR);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
