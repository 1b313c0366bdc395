/**
 * The memory that `sendmmsg` reads: packets gathered to be sent in one call.
 *
 * As with the receive ring, one `ArrayBuffer` holds all that the kernel is
 * pointed to, and lives as long as the batch.
 *
 * @module
 */

import { addressOf, libc } from "../ffi/libc.ts";
import { IOVEC, MMSGHDR, MSG_DONTWAIT } from "../ffi/linux.ts";
import type { Family } from "../wire/address.ts";
import { sockaddrSize, toSockaddr } from "./sockaddr.ts";

/** Packets sent with one call at most. */
const SLOTS = 64;
/** Octets for one destination, of either family. */
const NAME_SIZE = 32;
/** Octets of the longest packet that any IP header can tell the length of. */
const MAX_PACKET = 65_535;
/** Octets of all packets in a batch together. */
const ROOM = 4 * MAX_PACKET;

const HEADERS = 0;
const IOVECS = HEADERS + SLOTS * MMSGHDR.SIZE;
const NAMES = IOVECS + SLOTS * IOVEC.SIZE;
const PACKETS = NAMES + SLOTS * NAME_SIZE;

/** Up to 64 packets on their way to the kernel. */
export class SendBatch {
  readonly #fd: number;
  readonly #family: Family;
  readonly #bytes = new Uint8Array(PACKETS + ROOM);
  readonly #words = new Uint32Array(this.#bytes.buffer, 0, PACKETS / 4);
  readonly #baseLow: number;
  readonly #baseHigh: number;
  #count = 0;
  #end = PACKETS;
  /** What each slot's socket address says, to write it only when it changes. */
  readonly #destinations: string[] = new Array(SLOTS).fill("");

  constructor(fd: number, family: Family) {
    this.#fd = fd;
    this.#family = family;
    const base = addressOf(this.#bytes.buffer);
    this.#baseLow = Number(base & 0xffff_ffffn);
    this.#baseHigh = Number(base >> 32n);
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = (HEADERS + slot * MMSGHDR.SIZE) >> 2;
      const iovec = IOVECS + slot * IOVEC.SIZE;
      this.#point(header + (MMSGHDR.NAME >> 2), NAMES + slot * NAME_SIZE);
      this.#point(header + (MMSGHDR.IOV >> 2), iovec);
      this.#words[header + (MMSGHDR.NAME_LENGTH >> 2)] = sockaddrSize(family);
      this.#words[header + (MMSGHDR.IOV_COUNT >> 2)] = 1;
    }
  }

  /** Packets that wait to be sent. */
  get count(): number {
    return this.#count;
  }

  /** Whether a packet of that many octets still finds room. */
  hasRoom(length: number): boolean {
    return this.#count < SLOTS &&
      this.#end + length <= this.#bytes.length;
  }

  /**
   * Copies a packet in, for which there must be room.
   *
   * @throws {RangeError} if the destination is no address of the family, or
   * the packet is longer than any packet can be
   */
  add(packet: Uint8Array, destination: string): void {
    const slot = this.#count;
    if (packet.length > MAX_PACKET) {
      throw new RangeError(
        `a packet has at most ${MAX_PACKET} octets, this one ${packet.length}`,
      );
    }
    if (destination !== this.#destinations[slot]) {
      const sockaddr = toSockaddr(destination, this.#family, this.#fd);
      this.#bytes.set(sockaddr, NAMES + slot * NAME_SIZE);
      this.#destinations[slot] = destination;
    }
    const iovec = (IOVECS + slot * IOVEC.SIZE) >> 2;
    this.#point(iovec + (IOVEC.BASE >> 2), this.#end);
    this.#words[iovec + (IOVEC.LENGTH >> 2)] = packet.length;
    copy(packet, this.#bytes, this.#end);
    this.#end += packet.length;
    this.#count++;
  }

  /**
   * Sends the packets from the `from`th on, without waiting.
   *
   * @returns how many were sent, or -1, with errno to tell why not the first
   */
  send(from: number): number {
    const headers = from === 0
      ? this.#bytes
      : this.#bytes.subarray(HEADERS + from * MMSGHDR.SIZE);
    return libc().sendmmsg(
      this.#fd,
      headers,
      this.#count - from,
      MSG_DONTWAIT,
    );
  }

  /** Makes room for the next packets. */
  clear(): void {
    this.#count = 0;
    this.#end = PACKETS;
  }

  /** Writes the address of an offset into two words. */
  #point(word: number, offset: number): void {
    const low = this.#baseLow + offset;
    this.#words[word] = low;
    this.#words[word + 1] = low > 0xffff_ffff
      ? this.#baseHigh + 1
      : this.#baseHigh;
  }
}

/** A loop beats `set` for the few octets of most probes. */
function copy(from: Uint8Array, to: Uint8Array, at: number): void {
  if (from.length > 64) return to.set(from, at);
  for (let i = 0; i < from.length; i++) to[at + i] = from[i];
}
