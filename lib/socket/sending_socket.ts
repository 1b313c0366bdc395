/**
 * The sending half of every socket: one packet, or many with one call.
 *
 * @module
 */

import { delay, Pace, REAL_CLOCK } from "./time.ts";
import {
  EACCES,
  EAGAIN,
  ECONNREFUSED,
  EHOSTUNREACH,
  EINTR,
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
  MSG_PROBE,
  O_NONBLOCK,
  POLLOUT,
  SK_MEMINFO_WMEM_ALLOC,
} from "../ffi/linux/numbers.ts";
import type { Family } from "../wire/address.ts";
import { checkRange } from "../wire/errors.ts";
import { packetOf, type PacketPart } from "../wire/packet/build.ts";
import type { PacketLayer } from "../wire/packet/protocol.ts";
import type { Datagram } from "./datagram.ts";
import { kernelHeader } from "./destination.ts";
import {
  check,
  type SocketError,
  type SocketFailure,
  SocketUnavailableError,
} from "./errors.ts";
import { addWatch, pollOne, removeWatch, type Watch } from "./poller.ts";
import { PublicGuard } from "./public_guard.ts";
import { checkAnnounced, sendError } from "./refusal.ts";
import {
  checkOutgoing,
  checkSendManyOptions,
  type OutgoingDatagram,
  type SendManyOptions,
} from "./ring/outgoing.ts";
import { ReceiveRing } from "./ring/receive_ring.ts";
import { type ReceiveBuffer, ReceivingSocket } from "./receiving_socket.ts";
import { SendBatch } from "./ring/send_batch.ts";
import {
  setBroadcast,
  setIPOption,
  setTTL,
  type SocketOptions,
} from "./kernel/socket_options.ts";
import { toSockaddr } from "./kernel/sockaddr.ts";
import { nextTurn } from "./time.ts";

/** What there is to know of a socket to send by it. */
interface SendingOptions extends SocketOptions {
  /** What the kernel's IP header announces. */
  readonly protocol?: number;
  readonly headerIncluded?: boolean;
}

/** Octets of the longest packet there can be, so all of any. */
const MAX_PACKET = 65_535;
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

/**
 * A socket that packets can be sent to any destination from.
 *
 * @category Sockets
 */
export abstract class SendingSocket extends ReceivingSocket {
  readonly #family: Family;
  readonly #snapLength: number;
  /** Whether errors about what was sent are received, too. */
  protected readonly hasErrors: boolean;
  readonly #guard: PublicGuard;
  readonly #options: SendingOptions;
  /** Of the last destination sent to. */
  #sockaddr: Uint8Array<ArrayBuffer> = new Uint8Array();
  #destination: string | undefined;
  #isPublic = false;
  #spareBatch: SendBatch | undefined;
  readonly #writeWatches = new Set<Watch>();

  /** Takes a descriptor over; {@linkcode SendingSocket.close} closes it. */
  protected constructor(
    fd: number,
    options: SendingOptions,
    hasErrors = false,
  ) {
    super(fd);
    const { family = 4, snapLength = MAX_PACKET } = options;
    this.hasErrors = hasErrors;
    this.#family = family;
    this.#snapLength = snapLength;
    this.#options = options;
    this.#guard = new PublicGuard(options);
  }

  /** 4 or 6. */
  get family(): Family {
    return this.#family;
  }

  /**
   * Milliseconds until one more packet may go where the last one went; 0 for
   * now, and where as many may as one likes.
   */
  get roomMs(): number {
    return this.#isPublic ? this.#guard.roomMs : 0;
  }

  /**
   * What is asked before anything leaves.
   *
   * @ignore
   */
  protected get guard(): PublicGuard {
    return this.#guard;
  }

  /**
   * The memory to receive into, made when it is first needed.
   *
   * @ignore
   */
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
    setTTL(this.fd, this.family, checkRange("ttl", hops, 1, 255));
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
   * @param packet the payload, or with `headerIncluded` the whole packet: octets
   * as they are, or what {@linkcode buildPacket} takes, one part or a list of
   * them. The checksum of a UDP or TCP header that the payload begins with
   * covers the addresses that the kernel will put before it
   * @param destination an address of the socket's family
   * @throws {RangeError} if `destination` is no such address, or it is public,
   * and more than 100 packets have gone there within the last second
   * @throws {RangeError | TypeError} as `buildPacket` does
   * @throws {TypeError} if it begins with a layer of another protocol than the
   * socket's, such as an IP header without `headerIncluded`
   * @throws {SocketError} if the system refuses
   */
  send(packet: PacketPart | readonly PacketPart[], destination: string): void {
    const { fd } = this;
    this.#aim(destination);
    const bytes = packet instanceof Uint8Array
      ? packet
      : packetOf(packet, ...this.#outer(packet, destination));
    if (this.#isPublic || this.#guard.reaches(bytes)) this.#guard.pass(1);
    let mayBeEarlier = this.hasErrors;
    let hasWaited = false;
    for (;;) {
      const sent = this.#sendTo(bytes, 0);
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
      throw this.#refused(this.#sockaddr, {
        syscall: "sendto",
        errno: number,
        action: `send ${bytes.length} octets to ${destination}`,
      });
    }
  }

  /**
   * Asks the kernel whether it would send a packet, and sends nothing. For raw
   * sockets; Linux' ping sockets of IPv6 would send it.
   *
   * @ignore for the tools' own use
   * @throws {SocketError} if no way leads there
   */
  ask(bytes: Uint8Array, destination: string): void {
    this.#aim(destination);
    const answer = this.#sendTo(bytes, MSG_PROBE);
    if (answer >= 0) return;
    throw this.#refused(this.#sockaddr, {
      syscall: "sendto",
      errno: -answer,
      action: `send to ${destination}`,
    });
  }

  #refused(
    sockaddr: Uint8Array<ArrayBuffer>,
    failure: SocketFailure,
  ): SocketError {
    const { device, bindAddress: source } = this.#options;
    const place = { device, source };
    return sendError(this.fd, this.#family, sockaddr, place, failure);
  }

  /** What stands for the IP header that the kernel writes, if it matters. */
  #outer(
    packet: PacketPart | readonly PacketPart[],
    destination: string,
  ): PacketLayer[] {
    const { headerIncluded, protocol } = this.#options;
    if (headerIncluded || typeof packet === "string") return [];
    checkAnnounced(packet, protocol);
    return [kernelHeader(destination, this.#options)];
  }

  /** What is asked of the address again and again is found out once. */
  #aim(destination: string): void {
    if (destination === this.#destination) return;
    this.#sockaddr = toSockaddr(destination, this.family, this.fd);
    this.#destination = destination;
    this.#isPublic = this.#guard.isPublicSockaddr(this.#sockaddr);
  }

  #sendTo(bytes: Uint8Array, flags: number): number {
    const { fd } = this;
    return libc().sendto(
      fd,
      bytes as Uint8Array<ArrayBuffer>,
      bytes.length,
      flags,
      this.#sockaddr,
      this.#sockaddr.length,
    );
  }

  /**
   * Sends many packets, up to 64 with one system call. Where the kernel has no
   * room it waits, and goes on.
   *
   * @returns how many were sent: all
   * @throws {SocketError} at the first packet that the system refuses; `sent`
   * tells how many went out before it, and none after it did
   * @throws {RangeError} as {@linkcode SendingSocket.send} does
   * @throws {RangeError} if `rate` is not above 0
   * @throws {TypeError} if an option is unknown, or a packet is none
   * @throws whatever iterating `packets` throws, after those before are sent
   */
  async sendMany(
    packets: Iterable<OutgoingDatagram>,
    options: SendManyOptions = {},
  ): Promise<number> {
    checkSendManyOptions(options);
    const { rate = Infinity } = options;
    if (!(rate > 0)) {
      throw new RangeError(`rate must be above 0, but is ${rate}`);
    }
    const pace = new Pace(rate, REAL_CLOCK.now);
    // A batch of one's own, since other calls may run while this one waits.
    const batch = this.#spareBatch ??
      new SendBatch(this.fd, this.family, this.#guard);
    this.#spareBatch = undefined;
    let sent = 0;
    let batches = 0;
    let packet = NONE_YET;
    const flush = async () => {
      sent += await this.#flush(batch, sent);
      if (++batches % BATCHES_PER_TURN === 0) {
        await nextTurn();
      }
    };
    try {
      for (packet of packets) {
        if (batch.count === 0) checkOutgoing(packet, sent + 1);
        const { bytes, destination } = packet;
        if (!batch.hasRoom(bytes.length)) await flush();
        while (pace.take(1) === 0) {
          if (batch.count > 0) await flush();
          await delay(pace.delayMs);
        }
        batch.add(bytes, destination);
      }
    } catch (error) {
      // Looking at each of millions would cost more than it tells.
      if (error instanceof TypeError) {
        checkOutgoing(packet, sent + batch.count + 1);
      }
      throw error;
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
      this.#guard.pass(batch.publicCount);
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
          const to = batch.sockaddr(done);
          const error = this.#refused(to, {
            syscall: "sendmmsg",
            errno: number,
            action: `send packet ${sentBefore + done + 1} of a batch`,
          });
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

/** Not to be blamed for what the iterable throws. */
const NONE_YET: OutgoingDatagram = { bytes: new Uint8Array(), destination: "" };

/** Blocks this thread until the send buffer is half empty. */
function waitUntilWritable(fd: number): void {
  while (pollOne(fd, POLLOUT, -1) === -EINTR);
}
