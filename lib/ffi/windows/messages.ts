/**
 * Packets in Linux' batches, which Windows takes and gives one by one.
 *
 * @module
 */

import type { Remembered } from "./options.ts";

/** `struct mmsghdr` and `struct iovec` of Linux. */
const HEADER = {
  SIZE: 64,
  NAME: 0,
  NAME_LENGTH: 8,
  IOV: 16,
  CONTROL: 32,
  CONTROL_LENGTH: 40,
  FLAGS: 48,
  LENGTH: 56,
} as const;
const IOV_LENGTH = 8;
const MSG_TRUNC = 0x20;
/** Where an IPv4 header has what is looked at here (RFC 791 §3.1). */
const IPV4 = {
  LENGTH: 2,
  ID: 4,
  CHECKSUM: 10,
  SOURCE: 12,
  DESTINATION: 16,
} as const;
const ICMP = 1;

/** A packet in a batch: where its parts are. */
export interface Slot {
  readonly name: Uint8Array<ArrayBuffer>;
  readonly packet: Uint8Array<ArrayBuffer>;
}

/** The slots of a batch, by the pointers in its headers. */
export class Batch {
  readonly #view: DataView<ArrayBuffer>;
  readonly #start: number;
  readonly #base: bigint;

  /** @param bytes from the first header on */
  constructor({ buffer, byteOffset }: Uint8Array<ArrayBuffer>) {
    this.#view = new DataView(buffer);
    this.#start = byteOffset;
    this.#base = Deno.UnsafePointer.value(Deno.UnsafePointer.of(buffer));
  }

  /** Where a packet and its address are. */
  at(slot: number): Slot {
    const { buffer } = this.#view;
    const header = this.#header(slot);
    const iov = this.#offset(header + HEADER.IOV);
    return {
      name: new Uint8Array(
        buffer,
        this.#offset(header + HEADER.NAME),
        this.#view.getUint32(header + HEADER.NAME_LENGTH, true),
      ),
      packet: new Uint8Array(
        buffer,
        this.#offset(iov),
        this.#view.getUint32(iov + IOV_LENGTH, true),
      ),
    };
  }

  /** Says what has become of a slot: octets sent, or received. */
  done(slot: number, length: number, isCut = false): void {
    const header = this.#header(slot);
    this.#view.setUint32(header + HEADER.LENGTH, length, true);
    this.#view.setUint32(header + HEADER.FLAGS, isCut ? MSG_TRUNC : 0, true);
    this.#view.setBigUint64(header + HEADER.CONTROL_LENGTH, 0n, true);
  }

  /**
   * Adds a control message, whose data begin at octet 16 of what is returned,
   * and are as long as `length` says; the batch's own memory.
   */
  control(slot: number, level: number, type: number, length: number): DataView {
    const at = this.#header(slot) + HEADER.CONTROL_LENGTH;
    const used = Number(this.#view.getBigUint64(at, true));
    const start = this.#offset(this.#header(slot) + HEADER.CONTROL) + used;
    const view = new DataView(this.#view.buffer, start, 16 + length);
    view.setBigUint64(0, BigInt(16 + length), true);
    view.setInt32(8, level, true);
    view.setInt32(12, type, true);
    this.#view.setBigUint64(at, BigInt(used + 16 + (length + 7 & ~7)), true);
    return view;
  }

  #header(slot: number): number {
    return this.#start + slot * HEADER.SIZE;
  }

  #offset(at: number): number {
    return Number(this.#view.getBigUint64(at, true) - this.#base);
  }
}

/** Notes when a packet came, as SO_TIMESTAMPNS does. */
export function addTime(batch: Batch, slot: number, now: bigint): void {
  const time = batch.control(slot, 1, 35, 16);
  time.setBigInt64(16, now / 1_000_000_000n, true);
  time.setBigInt64(24, now % 1_000_000_000n, true);
}

/** Notes where a packet was sent to, as IP_PKTINFO does. */
export function addDestination(
  batch: Batch,
  slot: number,
  packet: Uint8Array,
): void {
  const info = batch.control(slot, 0, 8, 12);
  new Uint8Array(info.buffer, info.byteOffset + 16, 12).fill(0)
    .set(packet.subarray(IPV4.DESTINATION, IPV4.DESTINATION + 4), 8);
}

/** Whether a socket wants a packet that begins with its IPv4 header. */
export function isWanted(socket: Remembered, packet: Uint8Array): boolean {
  const { icmpMask, passes, protocol } = socket;
  if (protocol === ICMP && icmpMask !== 0) {
    const type = packet[(packet[0] & 0xf) * 4];
    if (type < 32 && (icmpMask >>> type & 1) !== 0) return false;
  }
  return passes?.(packet) ?? true;
}

/**
 * A copy of a packet with its own header, with what Linux writes into one: the
 * total length, the checksum, and the identification and source that are 0.
 *
 * @param sourceTo the address that this host would send from, to an address
 */
export function complete(
  given: Uint8Array,
  identification: number,
  sourceTo: (destination: Uint8Array) => Uint8Array,
): Uint8Array<ArrayBuffer> {
  const packet = Uint8Array.from(given);
  const size = (packet[0] & 0xf) * 4;
  // What is no header is for Windows to refuse.
  if (size < 20 || packet.length < size) return packet;
  const view = new DataView(packet.buffer);
  view.setUint16(IPV4.LENGTH, packet.length);
  if (view.getUint16(IPV4.ID) === 0) view.setUint16(IPV4.ID, identification);
  if (view.getUint32(IPV4.SOURCE) === 0) {
    const to = packet.subarray(IPV4.DESTINATION, IPV4.DESTINATION + 4);
    packet.set(sourceTo(to), IPV4.SOURCE);
  }
  view.setUint16(IPV4.CHECKSUM, 0);
  view.setUint16(IPV4.CHECKSUM, checksum(packet.subarray(0, size)));
  return packet;
}

/** The Internet checksum (RFC 1071). */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) {
    sum += i % 2 === 0 ? bytes[i] << 8 : bytes[i];
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
