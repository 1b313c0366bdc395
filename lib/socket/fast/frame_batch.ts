/**
 * One frame, to be put on a device again and again: many with one call, and
 * nothing made for each.
 *
 * @module
 */

import { onesComplementSum } from "../../bytes/checksum.ts";
import { libc } from "../../ffi/libc.ts";
import { MSG_DONTWAIT } from "../../ffi/linux/numbers.ts";
import { ETHERNET_HEADER_LENGTH } from "../../wire/link/ethernet.ts";
import { IPV4_MIN_HEADER_LENGTH, OFFSET } from "../../wire/ipv4/ipv4.ts";
import { put16 } from "../../wire/octets.ts";
import { MessageArena } from "../ring/message_arena.ts";

/** Frames that leave with one call at most. */
export const MOST_FRAMES = 256;

/** Copies of an IPv4 packet without options behind an Ethernet header. */
export class FrameBatch {
  readonly #arena: MessageArena;
  /** Octets from one copy to the next, and to the first. */
  readonly #length: number;
  readonly #start: number;
  /** Of the IP header, but for its identification and its checksum. */
  readonly #sum: number;
  /** Counted from anywhere, as the kernel's. */
  #identification = crypto.getRandomValues(new Uint16Array(1))[0];

  constructor(frame: Uint8Array) {
    const { length } = frame;
    const arena = new MessageArena(MOST_FRAMES, { packet: length });
    this.#arena = arena;
    this.#length = arena.packet(1) - arena.packet(0);
    this.#start = arena.packet(0);
    for (let slot = 0; slot < MOST_FRAMES; slot++) {
      arena.bytes.set(frame, arena.packet(slot));
      // The socket is bound to where they go.
      arena.setNameLength(slot, 0);
    }
    const header = frame.slice(ETHERNET_HEADER_LENGTH);
    put16(header, OFFSET.IDENTIFICATION, 0);
    put16(header, OFFSET.CHECKSUM, 0);
    this.#sum = onesComplementSum(header, 0, IPV4_MIN_HEADER_LENGTH);
  }

  /**
   * Sends the frame so many times, `MOST_FRAMES` at most, without waiting, each
   * with an identification of its own.
   *
   * @param fd a packet socket that is bound to a device
   * @returns how many were sent, or the negated error number of the first
   */
  send(fd: number, count: number): number {
    this.#number(count);
    return libc().sendmmsg(fd, this.#arena.bytes, count, MSG_DONTWAIT);
  }

  #number(count: number): void {
    const { bytes } = this.#arena;
    let at = this.#start + ETHERNET_HEADER_LENGTH;
    for (let copy = 0; copy < count; copy++, at += this.#length) {
      this.#identification = (this.#identification + 1) & 0xffff;
      put16(bytes, at + OFFSET.IDENTIFICATION, this.#identification);
      const sum = this.#sum + this.#identification;
      put16(bytes, at + OFFSET.CHECKSUM, ~((sum & 0xffff) + (sum >>> 16)));
    }
  }
}
