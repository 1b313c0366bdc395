/**
 * A received packet looked at where it is: no object is made of it.
 *
 * @module
 */

import {
  CMSGHDR,
  IPPROTO_IPV6,
  IPV6_HOPLIMIT,
  SO_TIMESTAMPNS,
  SOCKADDR_IN6,
  SOL_SOCKET,
} from "../../ffi/linux/numbers.ts";
import type { Family } from "../../wire/address.ts";
import type { MessageArena } from "./message_arena.ts";

/** RFC 791 §3.1 */
const IPV4 = { TTL: 8, SOURCE: 12 } as const;

/** A packet where a raw socket received it; valid until the visit of it ends. */
export interface PacketInPlace {
  /** The memory that all offsets are in. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same memory. */
  readonly words: Int32Array<ArrayBuffer>;
  /** Where what is behind the IP header begins, a multiple of 4. */
  readonly start: number;
  /** Where the packet ends. */
  readonly end: number;
  /** Where the octets of the sender's address begin, a multiple of 4. */
  readonly source: number;
  /** The TTL or hop limit it arrived with. */
  readonly ttl: number;
  /** When the kernel received it: whole seconds since 1970. */
  readonly seconds: number;
  /** And nanoseconds after that. */
  readonly nanoseconds: number;
}

/** The packet in one of an arena's slots, after another. */
export class SlotView implements PacketInPlace {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly words: Int32Array<ArrayBuffer>;
  start = 0;
  end = 0;
  source = 0;
  ttl = 0;
  seconds = 0;
  nanoseconds = 0;
  readonly #arena: MessageArena;
  readonly #family: Family;

  constructor(arena: MessageArena, family: Family) {
    this.#arena = arena;
    this.#family = family;
    this.bytes = arena.bytes;
    this.words = arena.words;
  }

  /** Turns to the packet in a slot. */
  at(slot: number): this {
    const arena = this.#arena;
    const { bytes, words } = this;
    const start = arena.packet(slot);
    this.end = start + arena.packetLength(slot);
    if (this.#family === 4) {
      // The kernel has looked at the header's length; 15 words always fit.
      this.start = start + (bytes[start] & 0xf) * 4;
      this.source = start + IPV4.SOURCE;
      this.ttl = bytes[start + IPV4.TTL];
    } else {
      this.start = start;
      this.source = arena.name(slot) + SOCKADDR_IN6.ADDRESS;
    }
    const end = arena.controlEnd(slot);
    let message = arena.controlStart(slot);
    for (; message <= end; message = arena.nextControl(message)) {
      const level = words[message + (CMSGHDR.LEVEL >> 2)];
      const type = words[message + (CMSGHDR.TYPE >> 2)];
      const data = message + (CMSGHDR.DATA >> 2);
      if (level === SOL_SOCKET && type === SO_TIMESTAMPNS) {
        this.seconds = words[data + 1] * 2 ** 32 + (words[data] >>> 0);
        this.nanoseconds = words[data + 2];
      } else if (level === IPPROTO_IPV6 && type === IPV6_HOPLIMIT) {
        this.ttl = words[data];
      }
    }
    return this;
  }
}
