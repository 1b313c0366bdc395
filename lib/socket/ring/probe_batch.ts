/**
 * Packets of one length to many addresses, sent by another thread.
 *
 * On loopback a call that sends does the work of receiving and of answering,
 * too. So it runs on a thread of Deno's pool, while this one goes on.
 *
 * @module
 */

import { delay } from "../time.ts";
import { EAGAIN, EINTR, ENOBUFS } from "../../ffi/errno.ts";
import { libc } from "../../ffi/libc.ts";
import {
  AF_INET,
  AF_INET6,
  IPPROTO_ICMP,
  MMSGHDR,
  MSG_DONTWAIT,
  SOCKADDR_IN,
  SOCKADDR_IN6,
} from "../../ffi/linux/numbers.ts";
import type { Family } from "../../wire/address.ts";
import { encodeIPv4, IPV4_MIN_HEADER_LENGTH } from "../../wire/ipv4/ipv4.ts";
import type { SocketError } from "../errors.ts";
import type { RouteOptions } from "../kernel/route.ts";
import type { PublicGuard } from "../public_guard.ts";
import { sendErrorTo } from "../refusal.ts";
import { MessageArena } from "./message_arena.ts";
import type { Unread } from "./unread.ts";
import { fromSockaddr, sockaddrSize, zoneNames } from "../kernel/sockaddr.ts";

/** Packets sent with one call: as many as Linux takes (UIO_MAXIOV). */
const SLOTS = 1024;
/** Fewer are sent sooner than another thread would begin. */
const BACKGROUND_FROM = 32;
/** Where an IPv4 header has its destination (RFC 791 §3.1). */
const IPV4_DESTINATION = 16;
/** How long to wait where the kernel has no room, before it is asked again. */
const RETRY_MS = 1;
/**
 * And how long in all, while nothing leaves. Linux may need some seconds: its
 * table of neighbours has no room until those are given up that are not there.
 */
const NO_ROOM_MS = 10_000;

/** A packet that the kernel refused. */
export interface RefusedPacket {
  /** Where it was to go: as {@linkcode ProbeBatch.add} was given it. */
  readonly address: Int32Array;
  readonly error: SocketError;
}

/** What became of a batch. */
export interface BatchOutcome {
  /** Packets that were tried, those that were refused included. */
  readonly tried: number;
  readonly refused: readonly RefusedPacket[];
}

/** Up to 1,024 packets on their way to the kernel. */
export class ProbeBatch {
  readonly #fd: number;
  readonly #family: Family;
  readonly #place: RouteOptions;
  readonly #arena: MessageArena;
  readonly #headerLength: number;
  /** Where a socket address has its address. */
  readonly #address: number;
  readonly #addressWords: number;
  readonly #guard: PublicGuard;
  readonly #unread: Unread;
  #count = 0;
  #publicCount = 0;

  /**
   * @param options `length`: octets of each, from the ICMP header on; `ttl`:
   * time to live, which an IPv4 packet brings along; `place`: where the socket
   * sends from; `unread`: what its receive buffer has room for
   */
  constructor(
    fd: number,
    family: Family,
    guard: PublicGuard,
    { length, ttl, place, unread }: {
      readonly unread: Unread;
      readonly length: number;
      readonly ttl: number;
      readonly place: RouteOptions;
    },
  ) {
    this.#fd = fd;
    this.#family = family;
    this.#guard = guard;
    this.#place = place;
    this.#unread = unread;
    this.#headerLength = family === 4 ? IPV4_MIN_HEADER_LENGTH : 0;
    this.#address = (family === 4 ? SOCKADDR_IN : SOCKADDR_IN6).ADDRESS;
    // Behind an IPv6 address is its scope.
    this.#addressWords = family === 4 ? 1 : 5;
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

  /** Packets that still find room, here and with their answers. */
  get room(): number {
    return Math.min(SLOTS - this.#count, this.#unread.room);
  }

  /**
   * Adds a packet, for which there must be room.
   *
   * @param address where it goes, its octets in order: IPv4 has one word, IPv6
   * four, and a fifth for its scope
   * @returns where in `words` it is to be written, from the ICMP header on
   */
  add(address: Int32Array): number {
    const { words, bytes } = this.#arena;
    const name = (this.#arena.name(this.#count) + this.#address) >> 2;
    const packet = this.#arena.packet(this.#count);
    for (let i = 0; i < this.#addressWords; i++) words[name + i] = address[i];
    if (this.#guard.isPublic(bytes, name << 2)) this.#publicCount++;
    if (this.#headerLength > 0) {
      words[(packet + IPV4_DESTINATION) >> 2] = address[0];
    }
    this.#count++;
    this.#unread.add();
    return (packet + this.#headerLength) >> 2;
  }

  /**
   * Sends the packets, and makes room for the next. Where the kernel has no
   * room it waits, as long as that may help; what it refuses is passed over.
   *
   * @param signal ends the waiting, and leaves the rest
   * @throws {RangeError} if too many go to public addresses; none is sent then
   */
  async send(signal: AbortSignal): Promise<BatchOutcome> {
    const symbols = libc();
    this.#guard.pass(this.#publicCount);
    const count = this.#count;
    const refused: RefusedPacket[] = [];
    let deadlineMs = Infinity;
    let done = 0;
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
      if (sent > 0) deadlineMs = Infinity;
      done += Math.max(0, sent);
      if (done === count) break;
      // Why not the next one, that thread kept for itself: once more, here.
      const next = this.#from(done);
      const number = -symbols.sendmmsg(this.#fd, next, 1, MSG_DONTWAIT);
      if (number < 0) {
        deadlineMs = Infinity;
        done++;
        continue;
      }
      if (number === EINTR) continue;
      if (number === EAGAIN || number === ENOBUFS) {
        const nowMs = performance.now();
        if (deadlineMs === Infinity) deadlineMs = nowMs + NO_ROOM_MS;
        if (signal.aborted) break;
        if (nowMs < deadlineMs) {
          await delay(RETRY_MS);
          continue;
        }
      }
      refused.push(this.#refused(done, number));
      done++;
    }
    this.#unread.sent(count);
    this.#count = 0;
    this.#publicCount = 0;
    return { tried: done, refused };
  }

  #refused(slot: number, errno: number): RefusedPacket {
    const { bytes, words } = this.#arena;
    const name = this.#arena.name(slot);
    const at = (name + this.#address) >> 2;
    const names = zoneNames(this.#fd);
    const destination = fromSockaddr(bytes, name, this.#family, names);
    return {
      address: words.slice(at, at + this.#addressWords),
      error: sendErrorTo(destination, this.#place, {
        syscall: "sendmmsg",
        errno,
        action: `send an echo request to ${destination}`,
      }),
    };
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
