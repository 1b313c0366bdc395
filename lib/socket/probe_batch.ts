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
import { libc } from "../ffi/libc.ts";
import {
  AF_INET,
  AF_INET6,
  IPPROTO_ICMP,
  MMSGHDR,
  MSG_DONTWAIT,
  SOCKADDR_IN,
  SOCKADDR_IN6,
} from "../ffi/linux.ts";
import type { Family } from "../wire/address.ts";
import { encodeIPv4, IPV4_MIN_HEADER_LENGTH } from "../wire/ipv4.ts";
import { type SocketError, socketError } from "./errors.ts";
import { MessageArena } from "./message_arena.ts";
import { sockaddrSize } from "./sockaddr.ts";

/** Packets sent with one call at most. */
const SLOTS = 512;
/** Fewer are sent sooner than another thread would begin. */
const BACKGROUND_FROM = 32;
/** Where an IPv4 header has its destination (RFC 791 §3.1). */
const IPV4_DESTINATION = 16;
/** How long to wait where the kernel has no room. */
const RETRY_MS = 1;

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
  readonly #arena: MessageArena;
  readonly #headerLength: number;
  /** Where a socket address has its address. */
  readonly #address: number;
  readonly #addressWords: number;
  #count = 0;

  /**
   * @param length octets of each packet, from the ICMP header on
   * @param ttl time to live, which an IPv4 packet brings along
   */
  constructor(fd: number, family: Family, length: number, ttl: number) {
    this.#fd = fd;
    this.#headerLength = family === 4 ? IPV4_MIN_HEADER_LENGTH : 0;
    this.#address = (family === 4 ? SOCKADDR_IN : SOCKADDR_IN6).ADDRESS;
    this.#addressWords = family === 4 ? 1 : 4;
    const arena = new MessageArena(SLOTS, {
      packet: this.#headerLength + length,
    });
    this.#arena = arena;
    const header = family === 4 ? headerOf(length, ttl) : new Uint8Array();
    const view = new DataView(arena.bytes.buffer);
    for (let slot = 0; slot < SLOTS; slot++) {
      const name = arena.name(slot);
      view.setUint16(name, family === 4 ? AF_INET : AF_INET6, true);
      arena.setNameLength(slot, sockaddrSize(family));
      arena.bytes.set(header, arena.packet(slot));
    }
  }

  /** The memory that packets are written to. */
  get words(): Int32Array<ArrayBuffer> {
    return this.#arena.words;
  }

  /** Packets that still find room. */
  get room(): number {
    return SLOTS - this.#count;
  }

  /**
   * Adds a packet, for which there must be room.
   *
   * @param address where it goes, its octets in order; of four words IPv4 has
   * the first
   * @returns where in `words` it is to be written, from the ICMP header on
   */
  add(address: Int32Array): number {
    const { words } = this.#arena;
    const name = (this.#arena.name(this.#count) + this.#address) >> 2;
    const packet = this.#arena.packet(this.#count);
    for (let i = 0; i < this.#addressWords; i++) words[name + i] = address[i];
    if (this.#headerLength > 0) {
      words[(packet + IPV4_DESTINATION) >> 2] = address[0];
    }
    this.#count++;
    return (packet + this.#headerLength) >> 2;
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
      const next = this.#from(done);
      const number = -symbols.sendmmsg(this.#fd, next, 1, MSG_DONTWAIT);
      if (number < 0) {
        done++;
        continue;
      }
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
    return this.#arena.bytes.subarray(slot * MMSGHDR.SIZE);
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
