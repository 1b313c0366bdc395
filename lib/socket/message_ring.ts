/**
 * The memory that `recvmmsg` fills: as many packets as are there, in one call.
 *
 * The kernel is handed addresses inside structs, which keep nothing alive in
 * JavaScript. So all of it is one `ArrayBuffer`, held by the ring, and every
 * pointer is an offset from its base, looked up once: nothing that the kernel
 * writes to can be collected.
 *
 * @module
 */

import { EAGAIN, EINTR } from "../ffi/errno.ts";
import { addressOf, errno, libc } from "../ffi/libc.ts";
import {
  CMSGHDR,
  IOVEC,
  MMSGHDR,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
} from "../ffi/linux.ts";
import { socketError } from "./errors.ts";
import type { ReceiveBuffer } from "./receiving_socket.ts";

/** Packets fetched with one call at most. */
const SLOTS = 64;
/** Octets for one sender's address, of any kind. */
const NAME_SIZE = 32;
/** Octets for one packet's control messages. */
const CONTROL_SIZE = 192;

const HEADERS = 0;
const IOVECS = HEADERS + SLOTS * MMSGHDR.SIZE;
const NAMES = IOVECS + SLOTS * IOVEC.SIZE;
const CONTROLS = NAMES + SLOTS * NAME_SIZE;
const PACKETS = CONTROLS + SLOTS * CONTROL_SIZE;

/** Receives into memory of its own, and hands out what was made of it. */
export abstract class MessageRing<Received> implements ReceiveBuffer<Received> {
  readonly #fd: number;
  readonly #hasErrors: boolean;
  readonly #stride: number;
  /** All the memory. */
  protected readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same in 32-bit words, since all fields read often are such. */
  protected readonly words: Int32Array<ArrayBuffer>;

  /**
   * @param snapLength octets kept of each packet
   * @param hasErrors whether errors about sent packets are queued, too
   */
  constructor(fd: number, snapLength: number, hasErrors: boolean) {
    this.#fd = fd;
    this.#hasErrors = hasErrors;
    this.#stride = (snapLength + 7) & ~7;
    this.bytes = new Uint8Array(PACKETS + SLOTS * this.#stride);
    this.words = new Int32Array(this.bytes.buffer, 0, PACKETS / 4);
    const view = new DataView(this.bytes.buffer);
    const base = addressOf(this.bytes.buffer);
    const pointer = (at: number, offset: number) =>
      view.setBigUint64(at, base + BigInt(offset), true);
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = HEADERS + slot * MMSGHDR.SIZE;
      const iovec = IOVECS + slot * IOVEC.SIZE;
      pointer(header + MMSGHDR.NAME, this.name(slot));
      pointer(header + MMSGHDR.IOV, iovec);
      view.setUint32(header + MMSGHDR.IOV_COUNT, 1, true);
      pointer(header + MMSGHDR.CONTROL, CONTROLS + slot * CONTROL_SIZE);
      pointer(iovec + IOVEC.BASE, this.packet(slot));
      view.setUint32(iovec + IOVEC.LENGTH, snapLength, true);
      this.#reset(slot);
    }
  }

  /** What is made of the packet in a slot; `undefined` passes it over. */
  protected abstract read(slot: number): Received | undefined;

  /**
   * Fetches the packets that are there, without waiting, 64 at most.
   *
   * @returns how many were appended to `into`
   * @throws {SocketError} if the socket reports an error
   */
  receive(into: Received[]): number {
    const arrived = this.#receive(into, MSG_DONTWAIT);
    if (!this.#hasErrors) return arrived;
    return arrived + this.#receive(into, MSG_DONTWAIT | MSG_ERRQUEUE);
  }

  /** Where a slot's sender's address is, in octets. */
  protected name(slot: number): number {
    return NAMES + slot * NAME_SIZE;
  }

  /** Where a slot's packet is, in octets. */
  protected packet(slot: number): number {
    return PACKETS + slot * this.#stride;
  }

  /** Octets that were kept of a slot's packet. */
  protected packetLength(slot: number): number {
    return this.#headerWord(slot, MMSGHDR.LENGTH);
  }

  /** What the kernel says of a slot's packet: `MSG_TRUNC` and others. */
  protected flags(slot: number): number {
    return this.#headerWord(slot, MMSGHDR.FLAGS);
  }

  /** Where a slot's control messages begin, in words. */
  protected controlStart(slot: number): number {
    return (CONTROLS + slot * CONTROL_SIZE) >> 2;
  }

  /** Where the last control message of a slot can begin, in words. */
  protected controlEnd(slot: number): number {
    return this.controlStart(slot) - (CMSGHDR.DATA >> 2) +
      (this.#headerWord(slot, MMSGHDR.CONTROL_LENGTH) >> 2);
  }

  /** Where the control message after this one begins, in words. */
  protected nextControl(message: number): number {
    // Each is padded to eight octets; one of no length would never end.
    return message + Math.max(2, (this.words[message] + 7) >> 3 << 1);
  }

  #headerWord(slot: number, field: number): number {
    return this.words[(HEADERS + slot * MMSGHDR.SIZE + field) >> 2];
  }

  #receive(into: Received[], flags: number): number {
    const symbols = libc();
    // With errors queued, the pending one is told here first, and is gone.
    let mayBeQueued = this.#hasErrors;
    for (;;) {
      const count = symbols.recvmmsg(this.#fd, this.bytes, SLOTS, flags, null);
      if (count >= 0) {
        let taken = 0;
        for (let slot = 0; slot < count; slot++) {
          const received = this.read(slot);
          this.#reset(slot);
          if (received === undefined) continue;
          into.push(received);
          taken++;
        }
        return taken;
      }
      const number = errno();
      if (number === EAGAIN) return 0;
      if (number === EINTR) continue;
      if (mayBeQueued) {
        mayBeQueued = false;
        continue;
      }
      throw socketError({
        syscall: "recvmmsg",
        errno: number,
        action: "receive",
      });
    }
  }

  /** The kernel overwrites these with what it used of them. */
  #reset(slot: number): void {
    const header = (HEADERS + slot * MMSGHDR.SIZE) >> 2;
    this.words[header + (MMSGHDR.NAME_LENGTH >> 2)] = NAME_SIZE;
    this.words[header + (MMSGHDR.CONTROL_LENGTH >> 2)] = CONTROL_SIZE;
    this.words[header + (MMSGHDR.FLAGS >> 2)] = 0;
  }
}
