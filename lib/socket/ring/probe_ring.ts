/**
 * Receiving a great many small packets, which are looked at where they are.
 *
 * {@linkcode MessageRing} makes an object of each packet, and this makes none;
 * what they have in common is the arena.
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
import { fetchInto } from "./fetch.ts";
import { MessageArena } from "./message_arena.ts";

/** Packets fetched with one call at most. */
const SLOTS = 256;
/** Octets for one packet's control messages: a time stamp and a hop limit. */
const CONTROL_SIZE = 64;
/** Octets kept of a packet: errors quote a request behind two headers. */
const SNAP_LENGTH = 256;
/** RFC 791 §3.1 */
const IPV4 = { TTL: 8, SOURCE: 12 } as const;

/** A packet where it was received; valid until the visit of it ends. */
export interface ProbeAnswer {
  /** The memory that all offsets are in. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same memory. */
  readonly words: Int32Array<ArrayBuffer>;
  /** Where the ICMP header begins, a multiple of 4. */
  start: number;
  /** Where the packet ends. */
  end: number;
  /** Where the octets of the sender's address begin, a multiple of 4. */
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
  readonly #arena = new MessageArena(SLOTS, {
    packet: SNAP_LENGTH,
    control: CONTROL_SIZE,
  });
  readonly #arrival: ProbeAnswer;

  constructor(fd: number, family: Family) {
    this.#fd = fd;
    this.#family = family;
    const { bytes, words } = this.#arena;
    this.#arrival = {
      bytes,
      words,
      start: 0,
      end: 0,
      source: 0,
      ttl: 0,
      seconds: 0,
      nanoseconds: 0,
    };
  }

  /** Shows the packets that are there, 256 at most. */
  drain(visit: (arrival: ProbeAnswer) => void): number {
    const arena = this.#arena;
    const count = fetchInto(arena, this.#fd, SLOTS);
    for (let slot = 0; slot < count; slot++) {
      this.#read(slot);
      visit(this.#arrival);
      arena.reset(slot);
    }
    return count;
  }

  #read(slot: number): void {
    const arrival = this.#arrival;
    const arena = this.#arena;
    const { bytes, words } = arena;
    const start = arena.packet(slot);
    arrival.end = start + arena.packetLength(slot);
    if (this.#family === 4) {
      // The kernel has looked at the header's length; 15 words always fit.
      arrival.start = start + (bytes[start] & 0xf) * 4;
      arrival.source = start + IPV4.SOURCE;
      arrival.ttl = bytes[start + IPV4.TTL];
    } else {
      arrival.start = start;
      arrival.source = arena.name(slot) + SOCKADDR_IN6.ADDRESS;
    }
    const end = arena.controlEnd(slot);
    let message = arena.controlStart(slot);
    for (; message <= end; message = arena.nextControl(message)) {
      const level = words[message + (CMSGHDR.LEVEL >> 2)];
      const type = words[message + (CMSGHDR.TYPE >> 2)];
      const data = message + (CMSGHDR.DATA >> 2);
      if (level === SOL_SOCKET && type === SO_TIMESTAMPNS) {
        arrival.seconds = words[data + 1] * 2 ** 32 + (words[data] >>> 0);
        arrival.nanoseconds = words[data + 2];
      } else if (level === IPPROTO_IPV6 && type === IPV6_HOPLIMIT) {
        arrival.ttl = words[data];
      }
    }
  }
}
