/**
 * Which packets are shown, in their order: those that the filter let through.
 *
 * @module
 */

import type { Packet, PacketStore } from "../state/store.ts";
import type { Verdicts } from "./work.ts";

/** What is shown of what there is; goes on where it was, as far as it can. */
export class ShownPackets {
  /** Not to be changed. */
  readonly packets: Packet[] = [];
  /** By number: 1 is shown, 2 is not, 0 is not known yet. */
  #verdicts = new Uint8Array(1024);
  #version = 0;
  #epoch = 0;
  /** Where in the store to go on. */
  #at = 0;

  /** Another filter: all verdicts so far count no more. */
  renew(): number {
    this.#verdicts.fill(0);
    this.#begin();
    return ++this.#version;
  }

  #begin(): void {
    this.packets.length = 0;
    this.#at = 0;
  }

  /** Takes verdicts, unless they are of another filter. */
  judge({ version, numbers, isShown }: Verdicts): void {
    if (version !== this.#version) return;
    const last = numbers.at(-1) ?? 0;
    if (last >= this.#verdicts.length) {
      const grown = new Uint8Array(last * 2);
      grown.set(this.#verdicts);
      this.#verdicts = grown;
    }
    numbers.forEach((number, i) =>
      this.#verdicts[number] = isShown[i] === 1 ? 1 : 2
    );
  }

  /** Shows all that is known of the store by now. */
  update({ packets, epoch }: PacketStore): void {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#begin();
    }
    for (; this.#at < packets.length; this.#at++) {
      const packet = packets[this.#at];
      const verdict = this.#verdicts[packet.number];
      // Those behind it would stand before it, and so wait.
      if (!verdict) return;
      if (verdict === 1) this.packets.push(packet);
    }
  }
}
