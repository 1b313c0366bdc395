/**
 * Receiving a great many small packets, which are looked at where they are.
 *
 * {@linkcode MessageRing} makes an object of each packet, and this makes none;
 * what they have in common is the arena.
 *
 * @module
 */

import type { Family } from "../../wire/address.ts";
import { fetchInto } from "./fetch.ts";
import { MessageArena } from "./message_arena.ts";
import { type PacketInPlace, SlotView } from "./packet_in_place.ts";

/** Packets fetched with one call at most. */
const SLOTS = 256;
/** Octets for one packet's control messages: a time stamp and a hop limit. */
const CONTROL_SIZE = 64;
/** Octets kept of a packet: errors quote a request behind two headers. */
const SNAP_LENGTH = 256;

/** Receives into memory of its own, and shows it. */
export class ProbeRing {
  readonly #fd: number;
  readonly #arena = new MessageArena(SLOTS, {
    packet: SNAP_LENGTH,
    control: CONTROL_SIZE,
  });
  readonly #view: SlotView;

  constructor(fd: number, family: Family) {
    this.#fd = fd;
    this.#view = new SlotView(this.#arena, family);
  }

  /** Shows the packets that are there, 256 at most. */
  drain(visit: (arrival: PacketInPlace) => void): number {
    const arena = this.#arena;
    const count = fetchInto(arena, this.#fd, SLOTS);
    for (let slot = 0; slot < count; slot++) {
      visit(this.#view.at(slot));
      arena.reset(slot);
    }
    return count;
  }
}
