/**
 * What a bad cable does to the packets of one direction: it delays, loses,
 * doubles and reorders them.
 *
 * Which of them follows from a seed: the n-th packet of two runs fares alike.
 * What hosts need to find each other (ARP, Neighbor Discovery, groups) takes as
 * long as the rest, but fares well, and is not counted.
 *
 * @module
 */

import { ETHER_TYPE } from "../../wire/ether_types.ts";

/**
 * How bad a cable is; each default is not at all.
 *
 * @category Labs
 */
export interface Impairment {
  /** Milliseconds that each packet takes. */
  readonly delayMs?: number;
  /** Of a hundred packets, those lost, 0–100. */
  readonly dropPercent?: number;
  /** Those that arrive twice, 0–100. */
  readonly duplicatePercent?: number;
  /** Those that wait until the next has overtaken them, 0–100. */
  readonly reorderPercent?: number;
  /** What their choice follows from, 32 bits; default 0. */
  readonly seed?: number;
}

/**
 * What became of the packets so far.
 *
 * @category Labs
 */
export interface ImpairmentCounts {
  /** Packets that came in. */
  taken: number;
  /** Packets lost. */
  dropped: number;
  /** Packets that went out twice. */
  duplicated: number;
  /** Packets that another has overtaken. */
  reordered: number;
}

/** So long a packet waits to be overtaken, and no longer. */
const MAX_HOLD_MS = 100;

interface Waiting {
  readonly frame: Uint8Array;
  readonly dueMs: number;
  readonly copies: number;
  readonly isHeld: boolean;
}

/** One direction of a cable. It knows no time but what it is told. */
export class ImpairedLine {
  readonly counts: ImpairmentCounts = {
    taken: 0,
    dropped: 0,
    duplicated: 0,
    reordered: 0,
  };
  readonly #impairment: Required<Impairment>;
  readonly #random: Random;
  /** In the order in which they came, which is that in which they are due. */
  readonly #queue: Waiting[] = [];
  /** Due, but waiting to be overtaken. */
  #held: Waiting | undefined;

  /** @param direction 0 or 1, whose packets fare differently */
  constructor(impairment: Impairment, direction: 0 | 1) {
    this.#impairment = {
      delayMs: impairment.delayMs ?? 0,
      dropPercent: impairment.dropPercent ?? 0,
      duplicatePercent: impairment.duplicatePercent ?? 0,
      reorderPercent: impairment.reorderPercent ?? 0,
      seed: impairment.seed ?? 0,
    };
    const { seed } = this.#impairment;
    this.#random = seededRandom(
      Math.imul(2 * seed + direction + 1, 0x9e3779b1),
    );
  }

  /** A frame comes in. */
  take(frame: Uint8Array, nowMs: number): void {
    const { delayMs } = this.#impairment;
    const fate = isTraffic(frame)
      ? this.#decide()
      : { copies: 1, isHeld: false };
    if (fate.copies === 0) return;
    this.#queue.push({ frame, dueMs: nowMs + delayMs, ...fate });
  }

  /** When the next frame goes out; `Infinity` if there is none. */
  get nextMs(): number {
    const queuedMs = this.#queue[0]?.dueMs ?? Infinity;
    if (this.#held === undefined) return queuedMs;
    return Math.min(queuedMs, this.#held.dueMs + MAX_HOLD_MS);
  }

  /** The frames that go out by now, in their order. */
  due(nowMs: number): Uint8Array[] {
    const out: Uint8Array[] = [];
    while (this.nextMs <= nowMs) {
      const held = this.#held;
      const next = this.#queue[0];
      if (held !== undefined && !(next?.dueMs <= held.dueMs + MAX_HOLD_MS)) {
        // Nobody came to overtake it.
        this.#held = undefined;
        out.push(...copiesOf(held));
      } else if (held === undefined && next.isHeld) {
        this.#held = this.#queue.shift();
      } else {
        this.#queue.shift();
        out.push(...copiesOf(next));
        if (held === undefined) continue;
        this.#held = undefined;
        this.counts.reordered++;
        out.push(...copiesOf(held));
      }
    }
    return out;
  }

  /** Always as many random numbers, so that one fate changes no other. */
  #decide(): Pick<Waiting, "copies" | "isHeld"> {
    const { dropPercent, duplicatePercent, reorderPercent } = this.#impairment;
    const draw = (percent: number) => this.#random() * 100 < percent;
    const isDropped = draw(dropPercent);
    const isDuplicated = draw(duplicatePercent) && !isDropped;
    const isHeld = draw(reorderPercent);
    this.counts.taken++;
    if (isDropped) this.counts.dropped++;
    if (isDuplicated) this.counts.duplicated++;
    return { copies: isDropped ? 0 : isDuplicated ? 2 : 1, isHeld };
  }
}

function copiesOf({ frame, copies }: Waiting): Uint8Array[] {
  return Array(copies).fill(frame);
}

const ETHER_TYPE_OFFSET = 12;
const IP_OFFSET = 14;
const NEXT_HEADER_OFFSET = IP_OFFSET + 6;
const ICMPV6_OFFSET = IP_OFFSET + 40;
const ICMPV6 = 58;
/** Router Solicitation to Redirect, RFC 4861. */
const NEIGHBOR_DISCOVERY = { first: 133, last: 137 };

/** Whether a frame carries what somebody says to somebody. */
function isTraffic(frame: Uint8Array): boolean {
  const isGroup = (frame[0] & 1) !== 0;
  if (isGroup || frame.length < IP_OFFSET) return false;
  const type = frame[ETHER_TYPE_OFFSET] << 8 | frame[ETHER_TYPE_OFFSET + 1];
  if (type === ETHER_TYPE.IPV4) return true;
  if (type !== ETHER_TYPE.IPV6) return false;
  const message = frame[ICMPV6_OFFSET];
  return frame[NEXT_HEADER_OFFSET] !== ICMPV6 ||
    message < NEIGHBOR_DISCOVERY.first || message > NEIGHBOR_DISCOVERY.last;
}

/** A source of numbers x with 0 <= x < 1, like `Math.random`. */
export type Random = () => number;

/**
 * Mulberry32: a small generator whose sequence follows from `seed` alone. Good
 * enough to spread things, of no use for anything secret.
 *
 * @param seed 32 bits
 */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
