/**
 * A packet of which some fragments are there (RFC 815, RFC 8200 §4.5).
 *
 * @module
 */

import {
  type FragmentedPacket,
  type IPFragment,
  markOf,
  TOO_LONG,
  wholePacket,
} from "./ip_fragment.ts";

/** What keeping a fragment takes besides its octets, roughly. */
const COST_OF_PIECE = 160;

/** A fragment that is kept. */
interface Piece {
  readonly offset: number;
  readonly octets: Uint8Array;
  readonly ecn: number;
  readonly number?: number;
}

/** What the first fragment alone tells. */
interface First {
  /** The whole packet's header. */
  readonly head: Uint8Array;
  /** Octets of payload that there may be behind it. */
  readonly room: number;
}

/** The fragments of one packet, none of which overlaps another. */
export class PartialPacket {
  readonly of: FragmentedPacket;
  /** By their offset, in order. */
  readonly #pieces: Piece[] = [];
  #first?: First;
  /** Octets of payload that are there. */
  octets = 0;
  /** Octets of the whole payload, once the last fragment is there. */
  length?: number;
  /** What it takes to keep it, in octets. */
  cost = 0;

  constructor(of: FragmentedPacket) {
    this.of = of;
  }

  /** How many fragments are there. */
  get count(): number {
    return this.#pieces.length;
  }

  /** What the caller calls them, in their order. */
  get numbers(): number[] {
    return this.#pieces.map(({ number }) => number)
      .filter((number) => number !== undefined);
  }

  /** Whether all are there. */
  get isComplete(): boolean {
    return this.octets === this.length && this.#first !== undefined;
  }

  /**
   * Keeps a copy of a fragment that belongs to it, unless the very same is
   * there already.
   *
   * @param number what the caller calls it
   * @returns whether it was new; or in what it contradicts those that are there
   */
  add(fragment: IPFragment, number?: number): boolean | string {
    const { offset, more, payload, ecn } = fragment;
    const found = this.#placeFor(fragment);
    if (typeof found === "string") return found;
    if (found < 0) return false;
    this.#pieces.splice(found, 0, {
      ...{ offset, ecn, number },
      octets: payload.slice(),
    });
    this.octets += payload.length;
    this.cost += payload.length + COST_OF_PIECE;
    if (!more) this.length = offset + payload.length;
    if (offset === 0) {
      this.#first = { head: fragment.head(), room: fragment.room };
      this.cost += this.#first.head.length;
    }
    return true;
  }

  /**
   * The whole packet, once it is complete.
   *
   * @returns in what its fragments contradict one another, if they do
   */
  join(): Uint8Array | string {
    const { head, room } = this.#first!;
    // The first fragment's header may be longer than those of the others.
    if (this.octets > room) return TOO_LONG;
    const ecn = markOf(this.#pieces.map(({ ecn }) => ecn));
    if (ecn === undefined) {
      return "is of a packet whose fragments are ECN-capable in part only " +
        "(RFC 3168 §5.3)";
    }
    const payload = new Uint8Array(this.octets);
    for (const { offset, octets } of this.#pieces) payload.set(octets, offset);
    return wholePacket(head, payload, ecn);
  }

  /**
   * Where among the pieces a fragment belongs; -1 if the very same is there
   * already; a reason if it contradicts what is there.
   */
  #placeFor({ offset: start, more, payload }: IPFragment): number | string {
    const pieces = this.#pieces;
    const end = start + payload.length;
    let low = 0;
    let high = pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (pieces[middle].offset < start) low = middle + 1;
      else high = middle;
    }
    const before = pieces[low - 1];
    const after = pieces[low];
    const isSame = after !== undefined && after.offset === start &&
      after.octets.length === payload.length &&
      after.octets.every((octet, i) => octet === payload[i]);
    // The same octets, but is it as much the last as the one before?
    if (isSame && !more === (this.length === end)) return -1;
    if (
      isSame ||
      before !== undefined && before.offset + before.octets.length > start ||
      after !== undefined && after.offset < end
    ) {
      return `overlaps another fragment, at ${start} to ${end}`;
    }
    const last = pieces.at(-1);
    const reached = last === undefined ? 0 : last.offset + last.octets.length;
    if (!more && (this.length !== undefined || reached > end)) {
      return `is the last, at ${start} to ${end}, but is not`;
    }
    if (more && this.length !== undefined && end >= this.length) {
      return `goes on beyond the last fragment, at ${start} to ${end}`;
    }
    return low;
  }
}
