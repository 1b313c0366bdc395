/**
 * Receiving packets, an object made of each.
 *
 * @module
 */

import { MSG_ERRQUEUE } from "../ffi/linux.ts";
import { fetchInto } from "./fetch.ts";
import { MessageArena } from "./message_arena.ts";
import type { ReceiveBuffer } from "./receiving_socket.ts";

/** Packets fetched with one call at most. */
const SLOTS = 64;
/** Octets for one packet's control messages. */
const CONTROL_SIZE = 192;

/** Receives into memory of its own, and hands out what was made of it. */
export abstract class MessageRing<Received> implements ReceiveBuffer<Received> {
  readonly #fd: number;
  readonly #hasErrors: boolean;
  /** What the kernel has filled. */
  protected readonly arena: MessageArena;

  /**
   * @param snapLength octets kept of each packet
   * @param hasErrors whether errors about sent packets are queued, too
   */
  constructor(fd: number, snapLength: number, hasErrors: boolean) {
    this.#fd = fd;
    this.#hasErrors = hasErrors;
    this.arena = new MessageArena(SLOTS, {
      packet: snapLength,
      control: CONTROL_SIZE,
    });
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
    const arrived = this.#receive(into, 0);
    if (!this.#hasErrors) return arrived;
    return arrived + this.#receive(into, MSG_ERRQUEUE);
  }

  #receive(into: Received[], flags: number): number {
    const { arena } = this;
    const count = fetchInto(arena, this.#fd, SLOTS, flags, this.#hasErrors);
    let taken = 0;
    for (let slot = 0; slot < count; slot++) {
      const received = this.read(slot);
      arena.reset(slot);
      if (received === undefined) continue;
      into.push(received);
      taken++;
    }
    return taken;
  }
}
