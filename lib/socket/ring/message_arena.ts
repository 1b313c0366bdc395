/**
 * The memory of many packets at once, as `sendmmsg` reads and `recvmmsg` fills
 * it: for each slot a header, a socket address, control messages, a packet.
 *
 * The kernel is handed addresses inside structs, which keep nothing alive in
 * JavaScript. So all of it is one `ArrayBuffer`, held by whoever sends or
 * receives, and every pointer is an offset from its base, looked up once:
 * nothing that the kernel writes to can be collected.
 *
 * @module
 */

import { addressOf } from "../../ffi/libc.ts";
import { CMSGHDR, IOVEC, MMSGHDR } from "../../ffi/linux/numbers.ts";

/** Octets for a socket address of any kind. */
const NAME_SIZE = 32;

/** How large each slot's parts are, in octets. */
export interface SlotSizes {
  /** Room for a packet. */
  readonly packet: number;
  /** Room for the control messages of a received packet; default none. */
  readonly control?: number;
}

/** Slots, each for one packet to be sent or received. */
export class MessageArena {
  /** All the memory; it begins with the headers, as the calls want it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same in 32-bit words, since all fields used often are such. */
  readonly words: Int32Array<ArrayBuffer>;
  readonly #controlSize: number;
  readonly #stride: number;
  /** Where these begin, in octets. */
  readonly #iovecs: number;
  readonly #names: number;
  readonly #controls: number;
  readonly #packets: number;
  readonly #baseLow: number;
  readonly #baseHigh: number;

  /** Lays out the slots, their pointers set, and makes each ready to receive. */
  constructor(slots: number, { packet, control = 0 }: SlotSizes) {
    this.#controlSize = control;
    this.#stride = (packet + 7) & ~7;
    this.#iovecs = slots * MMSGHDR.SIZE;
    this.#names = this.#iovecs + slots * IOVEC.SIZE;
    this.#controls = this.#names + slots * NAME_SIZE;
    this.#packets = this.#controls + slots * control;
    this.bytes = new Uint8Array(this.#packets + slots * this.#stride);
    this.words = new Int32Array(this.bytes.buffer);
    const base = addressOf(this.bytes.buffer);
    this.#baseLow = Number(base & 0xffff_ffffn);
    this.#baseHigh = Number(base >> 32n);
    for (let slot = 0; slot < slots; slot++) {
      const header = this.header(slot);
      this.#point(header + (MMSGHDR.NAME >> 2), this.name(slot));
      this.#point(
        header + (MMSGHDR.IOV >> 2),
        this.#iovecs + slot * IOVEC.SIZE,
      );
      this.words[header + (MMSGHDR.IOV_COUNT >> 2)] = 1;
      this.#point(header + (MMSGHDR.CONTROL >> 2), this.control(slot));
      this.place(slot, this.packet(slot), packet);
      this.reset(slot);
    }
  }

  /** Where a slot's header begins, in words. */
  header(slot: number): number {
    return slot * (MMSGHDR.SIZE >> 2);
  }

  /** Where a slot's socket address begins, in octets. */
  name(slot: number): number {
    return this.#names + slot * NAME_SIZE;
  }

  /** Where a slot's control messages begin, in octets. */
  control(slot: number): number {
    return this.#controls + slot * this.#controlSize;
  }

  /** Where a slot's packet begins, in octets, unless it was placed elsewhere. */
  packet(slot: number): number {
    return this.#packets + slot * this.#stride;
  }

  /** Octets that the kernel has received into a slot's packet. */
  packetLength(slot: number): number {
    return this.words[this.header(slot) + (MMSGHDR.LENGTH >> 2)];
  }

  /** What the kernel says of a slot's packet: `MSG_TRUNC` and others. */
  flags(slot: number): number {
    return this.words[this.header(slot) + (MMSGHDR.FLAGS >> 2)];
  }

  /** Says where a slot's packet is and how long, in octets. */
  place(slot: number, offset: number, length: number): void {
    const iovec = (this.#iovecs + slot * IOVEC.SIZE) >> 2;
    this.#point(iovec + (IOVEC.BASE >> 2), offset);
    this.words[iovec + (IOVEC.LENGTH >> 2)] = length;
  }

  /** Says how long a slot's socket address is, in octets; 0 is none. */
  setNameLength(slot: number, length: number): void {
    this.words[this.header(slot) + (MMSGHDR.NAME_LENGTH >> 2)] = length;
  }

  /** Makes a slot ready to receive: the kernel has told there what it used. */
  reset(slot: number): void {
    const { words } = this;
    const header = this.header(slot);
    words[header + (MMSGHDR.NAME_LENGTH >> 2)] = NAME_SIZE;
    words[header + (MMSGHDR.CONTROL_LENGTH >> 2)] = this.#controlSize;
    words[header + (MMSGHDR.FLAGS >> 2)] = 0;
  }

  /** Where the first control message of a slot begins, in words. */
  controlStart(slot: number): number {
    return this.control(slot) >> 2;
  }

  /** Where the last control message of a slot can begin, in words. */
  controlEnd(slot: number): number {
    const length =
      this.words[this.header(slot) + (MMSGHDR.CONTROL_LENGTH >> 2)];
    return (this.control(slot) + length - CMSGHDR.DATA) >> 2;
  }

  /** Where the control message after this one begins, in words. */
  nextControl(message: number): number {
    // Each is padded to eight octets; one of no length would never end.
    return message + Math.max(2, (this.words[message] + 7) >> 3 << 1);
  }

  /** Writes the address of an offset into two words. */
  #point(word: number, offset: number): void {
    const low = this.#baseLow + offset;
    this.words[word] = low;
    this.words[word + 1] = low > 0xffff_ffff
      ? this.#baseHigh + 1
      : this.#baseHigh;
  }
}
