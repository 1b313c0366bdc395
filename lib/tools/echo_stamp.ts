/**
 * Echo requests that carry all that is needed to recognize their replies, so
 * that nothing is remembered of a request on its way: its place, when it was
 * sent, and a keyed hash over both and the address, which nobody can make who
 * has not the run's key.
 *
 * @module
 */

import { onesComplementSum } from "../bytes/checksum.ts";
import { halfSipHash } from "../bytes/siphash.ts";
import type { Family } from "../wire/address.ts";

/** RFC 792 and RFC 4443 §4: the echo header; from 8 on what is ours. */
const OFFSET = {
  TYPE: 0,
  CODE: 1,
  CHECKSUM: 2,
  IDENTIFIER: 4,
  SEQUENCE: 6,
  PLACE: 8,
  MONOTONIC: 12,
  REALTIME: 20,
  HASH: 28,
} as const;

/** Octets of a request, from its ICMP header on. */
export const STAMPED_LENGTH = 36;

const REQUEST = { 4: 8, 6: 128 } as const;
const REPLY = { 4: 0, 6: 129 } as const;
/** Octets of what is hashed behind the address: place and times. */
const HASHED = OFFSET.HASH - OFFSET.PLACE;

/** Makes requests, and recognizes what answers them. */
export class EchoStamp {
  /** The request that {@linkcode EchoStamp.write} has written. */
  readonly request = new Uint8Array(STAMPED_LENGTH);
  /** Of the last message recognized: when its request was sent. */
  monotonicNs = 0;
  /** The same, by the system's clock. */
  realtimeNs = 0;
  readonly #view = new DataView(this.request.buffer);
  readonly #identifier: number;
  readonly #key = crypto.getRandomValues(new Uint32Array(2));
  readonly #hash = new Uint32Array(2);
  /** What is hashed, for each family: the address comes first. */
  readonly #messages = {
    4: new Uint8Array(4 + HASHED),
    6: new Uint8Array(16 + HASHED),
  };

  /** @param identifier the ICMP identifier, 0–65,535 */
  constructor(identifier: number) {
    this.#identifier = identifier;
  }

  /**
   * Writes a request into `request`. Both times are nanoseconds since some
   * moment of the caller's choice.
   *
   * @param address its octets, of the family; what follows them is not read
   */
  write(
    family: Family,
    address: Uint8Array,
    place: number,
    monotonicNs: number,
    realtimeNs: number,
  ): void {
    const { request } = this;
    const view = this.#view;
    view.setUint16(OFFSET.TYPE, REQUEST[family] << 8);
    view.setUint16(OFFSET.CHECKSUM, 0);
    view.setUint16(OFFSET.IDENTIFIER, this.#identifier);
    view.setUint16(OFFSET.SEQUENCE, place & 0xffff);
    view.setUint32(OFFSET.PLACE, place);
    view.setFloat64(OFFSET.MONOTONIC, monotonicNs);
    view.setFloat64(OFFSET.REALTIME, realtimeNs);
    this.#hashOf(family, address, request, 0);
    view.setUint32(OFFSET.HASH, this.#hash[0]);
    view.setUint32(OFFSET.HASH + 4, this.#hash[1]);
    // ICMPv6's checksum the kernel computes, since it knows the source.
    if (family === 4) {
      view.setUint16(OFFSET.CHECKSUM, ~onesComplementSum(request));
    }
  }

  /**
   * The place that a message claims, as a reply or as a quoted request; -1 if
   * it cannot be ours. Whether it is, only {@linkcode EchoStamp.isOurs} tells.
   *
   * @param at where its ICMP header begins
   * @param end where it ends
   */
  placeIn(
    view: DataView,
    at: number,
    end: number,
    family: Family,
    kind: "reply" | "request",
  ): number {
    const type = (kind === "reply" ? REPLY : REQUEST)[family];
    const hasLength = kind === "reply"
      ? end - at === STAMPED_LENGTH
      : end - at >= STAMPED_LENGTH;
    if (!hasLength || view.getUint16(at + OFFSET.TYPE) !== type << 8) return -1;
    const place = view.getUint32(at + OFFSET.PLACE);
    const isPlausible =
      view.getUint16(at + OFFSET.IDENTIFIER) === this.#identifier &&
      view.getUint16(at + OFFSET.SEQUENCE) === (place & 0xffff);
    return isPlausible ? place : -1;
  }

  /**
   * Whether a message is, or quotes, a request of ours to `address`. If so,
   * tells when that was sent.
   */
  isOurs(
    view: DataView,
    bytes: Uint8Array,
    at: number,
    family: Family,
    address: Uint8Array,
  ): boolean {
    this.#hashOf(family, address, bytes, at);
    const isOurs = view.getUint32(at + OFFSET.HASH) === this.#hash[0] &&
      view.getUint32(at + OFFSET.HASH + 4) === this.#hash[1];
    if (isOurs) {
      this.monotonicNs = view.getFloat64(at + OFFSET.MONOTONIC);
      this.realtimeNs = view.getFloat64(at + OFFSET.REALTIME);
    }
    return isOurs;
  }

  #hashOf(
    family: Family,
    address: Uint8Array,
    bytes: Uint8Array,
    at: number,
  ): void {
    const message = this.#messages[family];
    const addressLength = message.length - HASHED;
    for (let i = 0; i < addressLength; i++) message[i] = address[i];
    for (let i = 0; i < HASHED; i++) {
      message[addressLength + i] = bytes[at + OFFSET.PLACE + i];
    }
    halfSipHash(this.#key, message, this.#hash);
  }
}
