/**
 * Receiving: `recvmsg`, and what it leaves as Linux's `recvmmsg` would have
 * left it.
 *
 * @module
 */

import { addressOf } from "./sockaddr.ts";
import * as linux from "../linux/numbers.ts";
import { IOVEC, MMSGHDR } from "../linux/numbers.ts";
import {
  CMSGHDR,
  IP_PKTINFO,
  IP_RECVIF,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  MSG_DONTWAIT,
  MSGHDR,
  SCM_TIMESTAMP,
  SOCKADDR_DL,
  SOL_SOCKET,
} from "./numbers.ts";
import { toLinux } from "./sockaddr.ts";
import type { Symbols } from "./symbols.ts";

/** One control message, as Linux has it. */
export type Control = readonly [
  level: number,
  type: number,
  data: Uint8Array,
];

/** A packet that arrived, or an error about one that was sent. */
export interface Arrival {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Linux's socket address of whoever sent it. */
  readonly from: Uint8Array<ArrayBuffer>;
  readonly controls: readonly Control[];
}

/** Where the parts of what a call fills are. */
const IOV = MSGHDR.SIZE;
const NAME = IOV + IOVEC.SIZE;
const NAME_SIZE = 32;
const CONTROL = NAME + NAME_SIZE;
const CONTROL_SIZE = 256;
const PACKET = CONTROL + CONTROL_SIZE;
const PACKET_SIZE = 65_536;

/** The memory of one call. */
export class Inbox {
  readonly #bytes = new Uint8Array(PACKET + PACKET_SIZE);
  readonly #view = new DataView(this.#bytes.buffer);

  constructor() {
    const base = addressOf(this.#bytes.buffer);
    const point = (at: number, to: number) =>
      this.#view.setBigUint64(at, base + BigInt(to), true);
    point(MSGHDR.NAME, NAME);
    point(MSGHDR.IOV, IOV);
    point(MSGHDR.CONTROL, CONTROL);
    point(IOV + IOVEC.BASE, PACKET);
    this.#view.setInt32(MSGHDR.IOV_COUNT, 1, true);
    this.#view.setUint32(IOV + IOVEC.LENGTH, PACKET_SIZE, true);
  }

  /**
   * The next packet, which is valid until the next call; or an error number.
   *
   * @param hasHeader whether it begins with an IPv4 header
   */
  receive(
    { recvmsg }: Symbols,
    fd: number,
    hasHeader: boolean,
  ): Arrival | number {
    const view = this.#view;
    view.setUint32(MSGHDR.NAME_LENGTH, NAME_SIZE, true);
    view.setUint32(MSGHDR.CONTROL_LENGTH, CONTROL_SIZE, true);
    const length = recvmsg(fd, this.#bytes, MSG_DONTWAIT);
    if (length < 0) return length;
    const bytes = this.#bytes.subarray(PACKET, PACKET + length);
    if (hasHeader) restoreHeader(bytes);
    const nameLength = view.getUint32(MSGHDR.NAME_LENGTH, true);
    const from = this.#bytes.subarray(NAME, NAME + nameLength);
    toLinux(from);
    return { bytes, from, controls: this.#controls() };
  }

  #controls(): Control[] {
    const view = this.#view;
    const controls: Control[] = [];
    const end = CONTROL + view.getUint32(MSGHDR.CONTROL_LENGTH, true);
    for (let at = CONTROL; at + CMSGHDR.DATA <= end;) {
      const length = view.getUint32(at + CMSGHDR.LENGTH, true);
      if (length < CMSGHDR.DATA) break;
      const level = view.getInt32(at + CMSGHDR.LEVEL, true);
      const type = view.getInt32(at + CMSGHDR.TYPE, true);
      const data = this.#bytes.subarray(at + CMSGHDR.DATA, at + length);
      const control = toLinuxControl(level, type, data);
      if (control !== undefined) controls.push(control);
      at += (length + 3) & ~3;
    }
    return controls;
  }
}

function toLinuxControl(
  level: number,
  type: number,
  data: Uint8Array,
): Control | undefined {
  if (level === SOL_SOCKET && type === SCM_TIMESTAMP) {
    // A `struct timeval` into a `struct timespec`.
    const time = data.slice(0, 16);
    const view = new DataView(time.buffer);
    const microseconds = view.getInt32(8, true);
    view.setBigInt64(8, BigInt(microseconds) * 1000n, true);
    return [linux.SOL_SOCKET, linux.SO_TIMESTAMPNS, time];
  }
  if (level === IPPROTO_IP && type === IP_PKTINFO) {
    return [level, linux.IP_PKTINFO, data];
  }
  if (level === IPPROTO_IP && type === IP_RECVIF) {
    return [level, IP_RECVIF_ONLY, data.slice(SOCKADDR_DL.INDEX, 4)];
  }
  if (level === IPPROTO_IPV6) {
    if (type === IPV6_PKTINFO) return [level, linux.IPV6_PKTINFO, data];
    if (type === IPV6_HOPLIMIT) return [level, linux.IPV6_HOPLIMIT, data];
  }
}

/** An interface's index alone, which Linux tells with an address only. */
export const IP_RECVIF_ONLY = -IP_RECVIF;

/**
 * Gives a received header the order of the wire again (xnu: ip_input.c): the
 * length lacks the header's own, and is, as the fragment's place, in the order
 * of the machine.
 */
export function restoreHeader(packet: Uint8Array<ArrayBuffer>): void {
  if (packet.length < 20) return;
  const view = new DataView(packet.buffer, packet.byteOffset);
  const headerLength = (packet[0] & 0xf) * 4;
  view.setUint16(2, view.getUint16(2, true) + headerLength);
  view.setUint16(6, view.getUint16(6, true));
}

/** Writes an arrival where Linux's `recvmmsg` would have put it. */
export function deliver(
  { bytes, from, controls }: Arrival,
  { buffer, at, base, flags }: {
    readonly buffer: ArrayBuffer;
    /** Where its `struct mmsghdr` is. */
    readonly at: number;
    /** The address of the buffer. */
    readonly base: bigint;
    readonly flags: number;
  },
): void {
  const all = new Uint8Array(buffer);
  const view = new DataView(buffer);
  const pointed = (where: number) =>
    Number(view.getBigUint64(where, true) - base);
  const iovec = pointed(at + MMSGHDR.IOV);
  const room = view.getUint32(iovec + IOVEC.LENGTH, true);
  const kept = bytes.subarray(0, room);
  all.set(kept, pointed(iovec + IOVEC.BASE));
  view.setUint32(at + MMSGHDR.LENGTH, kept.length, true);
  all.set(from, pointed(at + MMSGHDR.NAME));
  view.setUint32(at + MMSGHDR.NAME_LENGTH, from.length, true);
  const isCut = kept.length < bytes.length;
  const told = flags | (isCut ? linux.MSG_TRUNC : 0);
  view.setInt32(at + MMSGHDR.FLAGS, told, true);

  const start = pointed(at + MMSGHDR.CONTROL);
  const end = start + view.getUint32(at + MMSGHDR.CONTROL_LENGTH, true);
  let next = start;
  for (const [level, type, data] of controls) {
    const length = linux.CMSGHDR.DATA + data.length;
    if (next + length > end) break;
    view.setBigUint64(next + linux.CMSGHDR.LENGTH, BigInt(length), true);
    view.setInt32(next + linux.CMSGHDR.LEVEL, level, true);
    view.setInt32(next + linux.CMSGHDR.TYPE, type, true);
    all.set(data, next + linux.CMSGHDR.DATA);
    next += (length + 7) & ~7;
  }
  view.setUint32(at + MMSGHDR.CONTROL_LENGTH, next - start, true);
}
