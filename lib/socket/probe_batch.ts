/**
 * Packets of one length to many addresses, sent by another thread.
 *
 * On loopback a call that sends does the work of receiving and of answering,
 * too. So it runs on a thread of Deno's pool, while this one goes on.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { EAGAIN, EINTR, ENOBUFS } from "../ffi/errno.ts";
import { addressOf, errno, libc } from "../ffi/libc.ts";
import {
  AF_INET,
  AF_INET6,
  IOVEC,
  IPPROTO_ICMP,
  MMSGHDR,
  MSG_DONTWAIT,
  SOCKADDR_IN,
  SOCKADDR_IN6,
} from "../ffi/linux.ts";
import type { Family } from "../wire/address.ts";
import { encodeIPv4, IPV4_MIN_HEADER_LENGTH } from "../wire/ipv4.ts";
import { type SocketError, socketError } from "./errors.ts";
import { sockaddrSize } from "./sockaddr.ts";

/** Packets sent with one call at most. */
const SLOTS = 512;
/** Fewer are sent sooner than another thread would begin. */
const BACKGROUND_FROM = 32;
/** Octets for one destination, of either family. */
const NAME_SIZE = 32;
/** Where an IPv4 header has its destination (RFC 791 §3.1). */
const IPV4_DESTINATION = 16;
/** How long to wait where the kernel has no room. */
const RETRY_MS = 1;

const HEADERS = 0;
const IOVECS = HEADERS + SLOTS * MMSGHDR.SIZE;
const NAMES = IOVECS + SLOTS * IOVEC.SIZE;
const PACKETS = NAMES + SLOTS * NAME_SIZE;

/** What became of a batch. */
export interface BatchOutcome {
  /** Packets that the kernel took. */
  readonly sent: number;
  /** Packets that it refused. */
  readonly refused: number;
  /** Why it refused the first of them. */
  readonly failure: SocketError | undefined;
}

/** Up to 512 packets on their way to the kernel. */
export class ProbeBatch {
  readonly #fd: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #stride: number;
  readonly #headerLength: number;
  /** Where a socket address has its address. */
  readonly #address: number;
  readonly #addressLength: number;
  #count = 0;

  /**
   * @param length octets of each packet, from the ICMP header on
   * @param ttl time to live, which an IPv4 packet brings along
   */
  constructor(fd: number, family: Family, length: number, ttl: number) {
    this.#fd = fd;
    this.#headerLength = family === 4 ? IPV4_MIN_HEADER_LENGTH : 0;
    this.#address = (family === 4 ? SOCKADDR_IN : SOCKADDR_IN6).ADDRESS;
    this.#addressLength = family === 4 ? 4 : 16;
    const total = this.#headerLength + length;
    this.#stride = (total + 7) & ~7;
    this.#bytes = new Uint8Array(PACKETS + SLOTS * this.#stride);
    const header = family === 4 ? headerOf(length, ttl) : new Uint8Array();
    const view = new DataView(this.#bytes.buffer);
    const base = addressOf(this.#bytes.buffer);
    const pointer = (at: number, offset: number) =>
      view.setBigUint64(at, base + BigInt(offset), true);
    for (let slot = 0; slot < SLOTS; slot++) {
      const message = HEADERS + slot * MMSGHDR.SIZE;
      const iovec = IOVECS + slot * IOVEC.SIZE;
      const name = NAMES + slot * NAME_SIZE;
      const packet = PACKETS + slot * this.#stride;
      pointer(message + MMSGHDR.NAME, name);
      view.setUint32(message + MMSGHDR.NAME_LENGTH, sockaddrSize(family), true);
      pointer(message + MMSGHDR.IOV, iovec);
      view.setUint32(message + MMSGHDR.IOV_COUNT, 1, true);
      pointer(iovec + IOVEC.BASE, packet);
      view.setUint32(iovec + IOVEC.LENGTH, total, true);
      view.setUint16(name, family === 4 ? AF_INET : AF_INET6, true);
      this.#bytes.set(header, packet);
    }
  }

  /** Packets that still find room. */
  get room(): number {
    return SLOTS - this.#count;
  }

  /**
   * Copies a packet in, for which there must be room.
   *
   * @param message from the ICMP header on, of the batch's length
   * @param address the octets of where it goes; what follows them is not read
   */
  add(message: Uint8Array, address: Uint8Array): void {
    const bytes = this.#bytes;
    const name = NAMES + this.#count * NAME_SIZE + this.#address;
    const packet = PACKETS + this.#count * this.#stride;
    for (let i = 0; i < this.#addressLength; i++) bytes[name + i] = address[i];
    if (this.#headerLength > 0) {
      for (let i = 0; i < 4; i++) {
        bytes[packet + IPV4_DESTINATION + i] = address[i];
      }
    }
    const start = packet + this.#headerLength;
    for (let i = 0; i < message.length; i++) bytes[start + i] = message[i];
    this.#count++;
  }

  /**
   * Sends the packets, and makes room for the next. Where the kernel has no
   * room it waits; what it refuses is passed over.
   */
  async send(): Promise<BatchOutcome> {
    const symbols = libc();
    const count = this.#count;
    let done = 0;
    let refused = 0;
    let failure: SocketError | undefined;
    while (done < count) {
      const left = count - done;
      const from = this.#from(done);
      const sent = left < BACKGROUND_FROM
        ? symbols.sendmmsg(this.#fd, from, left, MSG_DONTWAIT)
        : await symbols.sendmmsgInBackground(
          this.#fd,
          from,
          left,
          MSG_DONTWAIT,
        );
      done += Math.max(0, sent);
      if (done === count) break;
      // Why not the next one, that thread kept for itself: once more, here.
      if (symbols.sendmmsg(this.#fd, this.#from(done), 1, MSG_DONTWAIT) > 0) {
        done++;
        continue;
      }
      const number = errno();
      if (number === EINTR) continue;
      if (number === EAGAIN || number === ENOBUFS) {
        await delay(RETRY_MS);
        continue;
      }
      refused++;
      done++;
      failure ??= socketError({
        syscall: "sendmmsg",
        errno: number,
        action: "send an echo request",
      });
    }
    this.#count = 0;
    return { sent: count - refused, refused, failure };
  }

  #from(slot: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(HEADERS + slot * MMSGHDR.SIZE);
  }
}

/** The kernel writes the source, the length and the checksum into it. */
function headerOf(length: number, ttl: number): Uint8Array {
  return encodeIPv4({
    source: "0.0.0.0",
    destination: "0.0.0.0",
    protocol: IPPROTO_ICMP,
    ttl,
    // RFC 6864 §4.1: with DF any identification will do, and ours spares the
    // kernel to look for one.
    dontFragment: true,
    identification: 1,
  }, new Uint8Array(length)).subarray(0, IPV4_MIN_HEADER_LENGTH);
}
