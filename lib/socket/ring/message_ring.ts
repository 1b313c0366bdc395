/**
 * Receiving packets, an object made of each.
 *
 * @module
 */

import { MSG_ERRQUEUE } from "../../ffi/linux/numbers.ts";
import { fetchInto } from "./fetch.ts";
import { MessageArena } from "./message_arena.ts";
import type {
  PastOptions,
  ReceiveBuffer,
  TakeInPlace,
} from "../receiving_socket.ts";

/** Packets fetched with one call at most. */
const SLOTS = 64;
/** Fetches in a row that give nothing but packets to be passed over. */
const MAX_BATCHES = 64;
/** Octets for one packet's control messages. */
const CONTROL_SIZE = 192;

/** What the system tells the time of. */
interface Timed {
  readonly timestampNs: bigint;
}

/** What two queues gave, by time, and what is of the same one in its order. */
export function mergeByTime<Item extends Timed>(
  some: readonly Item[],
  others: readonly Item[],
): Item[] {
  const merged: Item[] = [];
  const rest = [...others];
  for (const item of some) {
    while (rest.length > 0 && rest[0].timestampNs < item.timestampNs) {
      merged.push(rest.shift()!);
    }
    merged.push(item);
  }
  return [...merged, ...rest];
}

/** Receives into memory of its own, and hands out what was made of it. */
export abstract class MessageRing<Received extends Timed>
  implements ReceiveBuffer<Received> {
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

  /**
   * What is made of the packet in a slot; `undefined` passes it over.
   *
   * @param take passes over what it takes
   */
  protected abstract read(
    slot: number,
    take?: TakeInPlace,
  ): Received | undefined;

  /**
   * Fetches packets that are there, without waiting, 64 at most, or what `past`
   * asks for; more where none of them is for the caller.
   *
   * @returns how many were appended to `into`
   * @throws {SocketError} if the socket reports an error
   */
  receive(into: Received[], past?: PastOptions): number {
    const before = into.length;
    const errors = this.#hasErrors ? this.#receive(into, MSG_ERRQUEUE) : 0;
    const others = this.#receive(into, 0, past);
    // They come from two queues, of which neither tells what is in the other.
    if (errors > 0 && others > 0) {
      const [some, rest] = [into.splice(before, errors), into.splice(before)];
      into.push(...mergeByTime(some, rest));
    }
    return errors + others;
  }

  #receive(into: Received[], flags: number, past?: PastOptions): number {
    const { arena } = this;
    const slots = Math.min(SLOTS, past?.most ?? SLOTS);
    let taken = 0;
    for (let batch = 0; taken === 0 && batch < MAX_BATCHES; batch++) {
      const count = fetchInto(arena, this.#fd, slots, flags, this.#hasErrors);
      for (let slot = 0; slot < count; slot++) {
        const received = this.read(slot, past?.take);
        arena.reset(slot);
        if (received === undefined) continue;
        into.push(received);
        taken++;
      }
      if (count < SLOTS) break;
    }
    return taken;
  }
}
