/**
 * Filtering, as a worker does it beside the page: what the two tell each other.
 *
 * @module
 */

import { dissect } from "../../wire/packet/dissect.ts";
import type { Packet } from "../state/store.ts";
import {
  type Criterion,
  type Facts,
  factsOf,
  parseFilter,
} from "./criteria.ts";

/** Packets on their way to the worker: octets in one piece, to be handed over. */
export interface PackedPackets {
  readonly numbers: Uint32Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
  readonly linkTypes: Uint32Array<ArrayBuffer>;
  readonly places: readonly (readonly string[])[];
  readonly octets: Uint8Array<ArrayBuffer>;
}

/** What the page tells the worker. */
export type FilterTask =
  | { readonly type: "add"; readonly packed: PackedPackets }
  | {
    readonly type: "filter";
    /** Told again with the verdicts: those of older ones count no more. */
    readonly version: number;
    readonly text: string;
    readonly hidesNoise: boolean;
  }
  | { readonly type: "clear" };

/** What the worker says: of each packet, by its number, whether to show it. */
export interface Verdicts {
  readonly version: number;
  readonly numbers: Uint32Array<ArrayBuffer>;
  readonly isShown: Uint8Array<ArrayBuffer>;
}

/** The worker, as far as the page talks with it. */
export interface FilterWorker {
  post(task: FilterTask, transfer?: Transferable[]): void;
  listen(listener: (verdicts: Verdicts) => void): void;
}

/** Packs packets. */
export function pack(packets: readonly Packet[]): PackedPackets {
  const size = packets.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const octets = new Uint8Array(size);
  let at = 0;
  for (const { bytes } of packets) {
    octets.set(bytes, at);
    at += bytes.length;
  }
  return {
    octets,
    numbers: Uint32Array.from(packets, ({ number }) => number),
    lengths: Uint32Array.from(packets, ({ bytes }) => bytes.length),
    linkTypes: Uint32Array.from(packets, ({ linkType }) => linkType),
    places: packets.map(({ point: { name, otherName } }) =>
      otherName === undefined ? [name] : [name, otherName]
    ),
  };
}

/** The worker's side: knows all packets' facts, and the filter of now. */
export class FilterWork {
  #numbers: number[] = [];
  #facts: Facts[] = [];
  #version = 0;
  #criterion: Criterion = () => true;

  /** @param tell hands verdicts on */
  constructor(readonly tell: (verdicts: Verdicts) => void) {}

  /** Does what the page asks. */
  take(task: FilterTask): void {
    if (task.type === "clear") {
      this.#numbers = [];
      this.#facts = [];
      return;
    }
    if (task.type === "filter") {
      const { version, text, hidesNoise } = task;
      const wanted = parseFilter(text);
      this.#version = version;
      this.#criterion = (facts) =>
        !(hidesNoise && facts.isNoise) && wanted(facts);
      this.#judge(0);
      return;
    }
    const from = this.#numbers.length;
    const { numbers, lengths, linkTypes, places, octets } = task.packed;
    let at = 0;
    for (const [i, number] of numbers.entries()) {
      const bytes = octets.subarray(at, at += lengths[i]);
      const dissection = dissect(bytes, { linkType: linkTypes[i] });
      this.#numbers.push(number);
      this.#facts.push(factsOf(dissection, places[i]));
    }
    this.#judge(from);
  }

  #judge(from: number): void {
    const numbers = Uint32Array.from(this.#numbers.slice(from));
    if (numbers.length === 0) return;
    const facts = this.#facts.slice(from);
    const isShown = Uint8Array.from(facts, (one) => +this.#criterion(one));
    this.tell({ version: this.#version, numbers, isShown });
  }
}
