/**
 * The memory that `recvmmsg` fills with a great many small packets, which are
 * looked at where they are. {@linkcode MessageRing} says why it is one buffer.
 *
 * @module
 */

import { EAGAIN, EINTR } from "../ffi/errno.ts";
import { addressOf, errno, libc } from "../ffi/libc.ts";
import {
  CMSGHDR,
  IOVEC,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  MMSGHDR,
  MSG_DONTWAIT,
  SO_TIMESTAMPNS,
  SOCKADDR_IN6,
  SOL_SOCKET,
} from "../ffi/linux.ts";
import type { Family } from "../wire/address.ts";
import { socketError } from "./errors.ts";

/** Packets fetched with one call at most. */
const SLOTS = 256;
/** Octets for one sender's address, of either family. */
const NAME_SIZE = 32;
/** Octets for one packet's control messages: a time stamp and a hop limit. */
const CONTROL_SIZE = 64;
/** Octets kept of a packet: errors quote a request behind two headers. */
const SNAP_LENGTH = 256;
/** RFC 791 §3.1 */
const IPV4 = { TTL: 8, SOURCE: 12 } as const;

const HEADERS = 0;
const IOVECS = HEADERS + SLOTS * MMSGHDR.SIZE;
const NAMES = IOVECS + SLOTS * IOVEC.SIZE;
const CONTROLS = NAMES + SLOTS * NAME_SIZE;
const PACKETS = CONTROLS + SLOTS * CONTROL_SIZE;

/** A packet where it was received; valid until the visit of it ends. */
export interface Arrival {
  /** The memory that all offsets are in. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same memory. */
  readonly view: DataView<ArrayBuffer>;
  /** Where the ICMP header begins. */
  start: number;
  /** Where the packet ends. */
  end: number;
  /** Where the octets of the sender's address begin. */
  source: number;
  /** The TTL or hop limit it arrived with. */
  ttl: number;
  /** When the kernel received it: whole seconds since 1970. */
  seconds: number;
  /** And nanoseconds after that. */
  nanoseconds: number;
}

/** Receives into memory of its own, and shows it. */
export class ProbeRing {
  readonly #fd: number;
  readonly #family: Family;
  readonly #words: Int32Array<ArrayBuffer>;
  readonly #arrival: Arrival;

  constructor(fd: number, family: Family) {
    this.#fd = fd;
    this.#family = family;
    const bytes = new Uint8Array(PACKETS + SLOTS * SNAP_LENGTH);
    const view = new DataView(bytes.buffer);
    this.#words = new Int32Array(bytes.buffer, 0, PACKETS / 4);
    this.#arrival = {
      bytes,
      view,
      start: 0,
      end: 0,
      source: 0,
      ttl: 0,
      seconds: 0,
      nanoseconds: 0,
    };
    const base = addressOf(bytes.buffer);
    const pointer = (at: number, offset: number) =>
      view.setBigUint64(at, base + BigInt(offset), true);
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = HEADERS + slot * MMSGHDR.SIZE;
      const iovec = IOVECS + slot * IOVEC.SIZE;
      pointer(header + MMSGHDR.NAME, NAMES + slot * NAME_SIZE);
      pointer(header + MMSGHDR.IOV, iovec);
      view.setUint32(header + MMSGHDR.IOV_COUNT, 1, true);
      pointer(header + MMSGHDR.CONTROL, CONTROLS + slot * CONTROL_SIZE);
      pointer(iovec + IOVEC.BASE, PACKETS + slot * SNAP_LENGTH);
      view.setUint32(iovec + IOVEC.LENGTH, SNAP_LENGTH, true);
      this.#reset(slot);
    }
  }

  /** Shows the packets that are there, 256 at most. */
  drain(visit: (arrival: Arrival) => void): number {
    const symbols = libc();
    for (;;) {
      const count = symbols.recvmmsg(
        this.#fd,
        this.#arrival.bytes,
        SLOTS,
        MSG_DONTWAIT,
        null,
      );
      if (count >= 0) {
        for (let slot = 0; slot < count; slot++) {
          this.#read(slot);
          visit(this.#arrival);
          this.#reset(slot);
        }
        return count;
      }
      const number = errno();
      if (number === EAGAIN) return 0;
      if (number === EINTR) continue;
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
    this.#words[header + (MMSGHDR.NAME_LENGTH >> 2)] = NAME_SIZE;
    this.#words[header + (MMSGHDR.CONTROL_LENGTH >> 2)] = CONTROL_SIZE;
    this.#words[header + (MMSGHDR.FLAGS >> 2)] = 0;
  }

  #read(slot: number): void {
    const arrival = this.#arrival;
    const words = this.#words;
    const header = (HEADERS + slot * MMSGHDR.SIZE) >> 2;
    const start = PACKETS + slot * SNAP_LENGTH;
    arrival.end = start + words[header + (MMSGHDR.LENGTH >> 2)];
    if (this.#family === 4) {
      // The kernel has looked at the header's length; 15 words always fit.
      arrival.start = start + (arrival.bytes[start] & 0xf) * 4;
      arrival.source = start + IPV4.SOURCE;
      arrival.ttl = arrival.bytes[start + IPV4.TTL];
    } else {
      arrival.start = start;
      arrival.source = NAMES + slot * NAME_SIZE + SOCKADDR_IN6.ADDRESS;
    }
    let message = (CONTROLS + slot * CONTROL_SIZE) >> 2;
    const end = message + (words[header + (MMSGHDR.CONTROL_LENGTH >> 2)] >> 2);
    while (message + (CMSGHDR.DATA >> 2) <= end) {
      const level = words[message + (CMSGHDR.LEVEL >> 2)];
      const type = words[message + (CMSGHDR.TYPE >> 2)];
      const data = message + (CMSGHDR.DATA >> 2);
      if (level === SOL_SOCKET && type === SO_TIMESTAMPNS) {
        arrival.seconds = words[data + 1] * 2 ** 32 + (words[data] >>> 0);
        arrival.nanoseconds = words[data + 2];
      } else if (level === IPPROTO_IPV6 && type === IPV6_HOPLIMIT) {
        arrival.ttl = words[data];
      }
      // Each is padded to eight octets; one of no length would never end.
      message += Math.max(2, (words[message] + 7) >> 3 << 1);
    }
  }
}
