/**
 * Packets of any length, gathered to be sent with one `sendmmsg`.
 *
 * @module
 */

import { libc } from "../../ffi/libc.ts";
import { MMSGHDR, MSG_DONTWAIT } from "../../ffi/linux/numbers.ts";
import type { Family } from "../../wire/address.ts";
import type { PublicGuard } from "../public_guard.ts";
import { MessageArena } from "./message_arena.ts";
import { sockaddrSize, toSockaddr } from "../kernel/sockaddr.ts";

/** Packets sent with one call at most. */
const SLOTS = 64;
/** Octets of the longest packet that any IP header can tell the length of. */
const MAX_PACKET = 65_535;
/** Octets of all packets in a batch together: four of the longest, and more. */
const ROOM = 4 * (MAX_PACKET + 1);

/** Up to 64 packets on their way to the kernel. */
export class SendBatch {
  readonly #fd: number;
  readonly #family: Family;
  readonly #arena = new MessageArena(SLOTS, { packet: ROOM / SLOTS });
  /** They are put one behind the other, whatever the length. */
  readonly #start = this.#arena.packet(0);
  #count = 0;
  #end = this.#start;
  /** What each slot's socket address says, to write it only when it changes. */
  readonly #destinations: string[] = new Array(SLOTS).fill("");
  readonly #arePublic: boolean[] = new Array(SLOTS).fill(false);
  readonly #guard: PublicGuard;
  #publicCount = 0;

  constructor(fd: number, family: Family, guard: PublicGuard) {
    this.#fd = fd;
    this.#family = family;
    this.#guard = guard;
    for (let slot = 0; slot < SLOTS; slot++) {
      this.#arena.setNameLength(slot, sockaddrSize(family));
    }
  }

  /** Packets that wait to be sent. */
  get count(): number {
    return this.#count;
  }

  /** How many of them the guard is to count. */
  get publicCount(): number {
    return this.#publicCount;
  }

  /** Whether a packet of that many octets still finds room. */
  hasRoom(length: number): boolean {
    return this.#count < SLOTS &&
      this.#end + length <= this.#arena.bytes.length;
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
      this.#arena.bytes.set(sockaddr, this.#arena.name(slot));
      this.#destinations[slot] = destination;
      this.#arePublic[slot] = this.#guard.isPublicSockaddr(sockaddr);
    }
    if (this.#arePublic[slot] || this.#guard.reaches(packet)) {
      this.#publicCount++;
    }
    this.#arena.place(slot, this.#end, packet.length);
    copy(packet, this.#arena.bytes, this.#end);
    this.#end += packet.length;
    this.#count++;
  }

  /**
   * Sends the packets from the `from`th on, without waiting.
   *
   * @returns how many were sent, or the negated error number of the first
   */
  send(from: number): number {
    const { bytes } = this.#arena;
    const headers = from === 0 ? bytes : bytes.subarray(from * MMSGHDR.SIZE);
    return libc().sendmmsg(
      this.#fd,
      headers,
      this.#count - from,
      MSG_DONTWAIT,
    );
  }

  /** Where a packet goes; shares the batch's memory. */
  sockaddr(slot: number): Uint8Array<ArrayBuffer> {
    const start = this.#arena.name(slot);
    return this.#arena.bytes.subarray(
      start,
      start + sockaddrSize(this.#family),
    );
  }

  /** Makes room for the next packets. */
  clear(): void {
    this.#count = 0;
    this.#publicCount = 0;
    this.#end = this.#start;
  }
}

/** A loop beats `set` for the few octets of most probes. */
function copy(from: Uint8Array, to: Uint8Array, at: number): void {
  if (from.length > 64) return to.set(from, at);
  for (let i = 0; i < from.length; i++) to[at + i] = from[i];
}
