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
  IP_PKTINFO,
  IP_RECVERR,
  IP_TTL,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  MMSGHDR,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  MSG_TRUNC,
  SO_TIMESTAMPNS,
  SOCK_EXTENDED_ERR,
  SOCKADDR_IN,
  SOL_SOCKET,
} from "../ffi/linux.ts";
import { type Family, formatIPv6 } from "../wire/address.ts";
import { Datagram, type DatagramError } from "./datagram.ts";
import { socketError } from "./errors.ts";
import { fromSockaddr } from "./sockaddr.ts";

/** Packets fetched with one call at most. */
const SLOTS = 64;
/** Octets for one sender's address, of either family. */
const NAME_SIZE = 32;
/** Octets for one packet's control messages. */
const CONTROL_SIZE = 192;
/** In `in_pktinfo` the header's destination address comes last. */
const IN_PKTINFO_ADDRESS = 8;
/** In `in6_pktinfo` the interface follows the address of 16 octets. */
const IN6_PKTINFO_INTERFACE = 16;

const HEADERS = 0;
const IOVECS = HEADERS + SLOTS * MMSGHDR.SIZE;
const NAMES = IOVECS + SLOTS * IOVEC.SIZE;
const CONTROLS = NAMES + SLOTS * NAME_SIZE;
const PACKETS = CONTROLS + SLOTS * CONTROL_SIZE;

/** Receives into memory of its own, and hands out copies. */
export class ReceiveRing {
  readonly #fd: number;
  readonly #family: Family;
  readonly #hasErrors: boolean;
  readonly #stride: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  /** The same memory in 32-bit words, since all fields read often are such. */
  readonly #words: Int32Array<ArrayBuffer>;

  /**
   * @param snapLength octets kept of each packet
   * @param hasErrors whether errors about sent packets are queued, too
   */
  constructor(
    fd: number,
    family: Family,
    snapLength: number,
    hasErrors: boolean,
  ) {
    this.#fd = fd;
    this.#family = family;
    this.#hasErrors = hasErrors;
    this.#stride = (snapLength + 7) & ~7;
    this.#bytes = new Uint8Array(PACKETS + SLOTS * this.#stride);
    this.#words = new Int32Array(this.#bytes.buffer, 0, PACKETS / 4);
    const view = new DataView(this.#bytes.buffer);
    const base = addressOf(this.#bytes.buffer);
    const pointer = (at: number, offset: number) =>
      view.setBigUint64(at, base + BigInt(offset), true);
    for (let slot = 0; slot < SLOTS; slot++) {
      const header = HEADERS + slot * MMSGHDR.SIZE;
      const iovec = IOVECS + slot * IOVEC.SIZE;
      pointer(header + MMSGHDR.NAME, NAMES + slot * NAME_SIZE);
      pointer(header + MMSGHDR.IOV, iovec);
      view.setUint32(header + MMSGHDR.IOV_COUNT, 1, true);
      pointer(header + MMSGHDR.CONTROL, CONTROLS + slot * CONTROL_SIZE);
      pointer(iovec + IOVEC.BASE, PACKETS + slot * this.#stride);
      view.setUint32(iovec + IOVEC.LENGTH, snapLength, true);
      this.#reset(slot);
    }
  }

  /**
   * Fetches the packets that are there, without waiting, 64 at most.
   *
   * @returns how many were appended to `into`
   * @throws {SocketError} if the socket reports an error
   */
  receive(into: Datagram[]): number {
    const arrived = this.#receive(into, MSG_DONTWAIT);
    if (!this.#hasErrors) return arrived;
    return arrived + this.#receive(into, MSG_DONTWAIT | MSG_ERRQUEUE);
  }

  #receive(into: Datagram[], flags: number): number {
    const symbols = libc();
    // With errors queued, the pending one is told here first, and is gone.
    let mayBeQueued = this.#hasErrors;
    for (;;) {
      const count = symbols.recvmmsg(this.#fd, this.#bytes, SLOTS, flags, null);
      if (count >= 0) {
        for (let slot = 0; slot < count; slot++) {
          into.push(this.#datagram(slot));
          this.#reset(slot);
        }
        return count;
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
    this.#words[header + (MMSGHDR.NAME_LENGTH >> 2)] = NAME_SIZE;
    this.#words[header + (MMSGHDR.CONTROL_LENGTH >> 2)] = CONTROL_SIZE;
    this.#words[header + (MMSGHDR.FLAGS >> 2)] = 0;
  }

  #datagram(slot: number): Datagram {
    const words = this.#words;
    const header = (HEADERS + slot * MMSGHDR.SIZE) >> 2;
    const start = PACKETS + slot * this.#stride;
    const length = words[header + (MMSGHDR.LENGTH >> 2)];
    let seconds = 0;
    let nanoseconds = 0;
    let interfaceIndex = 0;
    let destination: number | string | undefined;
    let hopLimit: number | undefined;
    let error: DatagramError | undefined;
    let message = (CONTROLS + slot * CONTROL_SIZE) >> 2;
    const end = message + (words[header + (MMSGHDR.CONTROL_LENGTH >> 2)] >> 2);
    while (message + (CMSGHDR.DATA >> 2) <= end) {
      const level = words[message + (CMSGHDR.LEVEL >> 2)];
      const type = words[message + (CMSGHDR.TYPE >> 2)];
      const data = message + (CMSGHDR.DATA >> 2);
      if (level === SOL_SOCKET) {
        if (type === SO_TIMESTAMPNS) {
          seconds = words[data + 1] * 2 ** 32 + (words[data] >>> 0);
          nanoseconds = words[data + 2];
        }
      } else if (level === IPPROTO_IP) {
        if (type === IP_PKTINFO) {
          interfaceIndex = words[data];
          destination = this.#ipv4At(4 * data + IN_PKTINFO_ADDRESS);
        } else if (type === IP_TTL) {
          hopLimit = words[data];
        } else if (type === IP_RECVERR) {
          error = this.#error(4 * data);
        }
      } else if (level === IPPROTO_IPV6) {
        if (type === IPV6_PKTINFO) {
          interfaceIndex = words[data + (IN6_PKTINFO_INTERFACE >> 2)];
          destination = formatIPv6(this.#bytes, 4 * data);
        } else if (type === IPV6_HOPLIMIT) {
          hopLimit = words[data];
        } else if (type === IPV6_RECVERR) {
          error = this.#error(4 * data);
        }
      }
      // Each is padded to eight octets; one of no length would never end.
      message += Math.max(2, (words[message] + 7) >> 3 << 1);
    }
    return new Datagram(this.#bytes.slice(start, start + length), {
      source: this.#source(NAMES + slot * NAME_SIZE),
      destination,
      seconds,
      nanoseconds,
      truncated: (words[header + (MMSGHDR.FLAGS >> 2)] & MSG_TRUNC) !== 0,
      interfaceIndex,
      hopLimit,
      error,
    });
  }

  #source(name: number): number | string {
    return this.#family === 6
      ? fromSockaddr(this.#bytes, name, 6)
      : this.#ipv4At(name + SOCKADDR_IN.ADDRESS);
  }

  #ipv4At(at: number): number {
    const octets = this.#bytes;
    return (octets[at] << 24 | octets[at + 1] << 16 | octets[at + 2] << 8 |
      octets[at + 3]) >>> 0;
  }

  #error(at: number): DatagramError {
    return {
      from: fromSockaddr(
        this.#bytes,
        at + SOCK_EXTENDED_ERR.SIZE,
        this.#family,
      ),
      type: this.#bytes[at + SOCK_EXTENDED_ERR.TYPE],
      code: this.#bytes[at + SOCK_EXTENDED_ERR.CODE],
      info: this.#words[(at + SOCK_EXTENDED_ERR.INFO) >> 2] >>> 0,
    };
  }
}
