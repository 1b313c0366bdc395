/**
 * IPv4 and IPv6 packets from their fragments (RFC 791 §3.2, RFC 815; RFC 8200
 * §4.5).
 *
 * Fragments are hostile: nothing here trusts one. Those that overlap others
 * with anything but the same octets at the same place make the whole packet be
 * dropped, and what comes of it later too (RFC 5722 wants that of IPv6; RFC
 * 1858 and RFC 3128 tell why). Memory, packets and time are limited. Time is
 * what the caller says: nothing here reads a clock.
 *
 * @module
 */

import { checkRange, PacketError, type Problem } from "../errors.ts";
import {
  faultOf,
  type FragmentedPacket,
  type IPFragment,
  keyOf,
  readFragment,
} from "./ip_fragment.ts";
import { PartialPacket } from "./partial_packet.ts";

export type { FragmentedPacket };

/**
 * What a {@linkcode Reassembler} allows.
 *
 * @category Fragments
 */
export interface ReassemblerLimits {
  /** Packets being put together at a time; default 1,024. */
  readonly maxDatagrams?: number;
  /**
   * Octets kept of all of them, 160 for each fragment and the packets' headers
   * included; default 4 MiB.
   */
  readonly maxOctets?: number;
  /** Fragments of one packet; default 1,024. */
  readonly maxFragments?: number;
  /** How long a packet may take, in milliseconds; default 30,000 as in Linux. */
  readonly timeoutMs?: number;
}

/**
 * What came of a fragment.
 *
 * @category Fragments
 */
export type ReassemblyResult =
  /** It was no fragment, or the last one missing. */
  | {
    readonly kind: "complete";
    /**
     * The whole packet: the first fragment's header, with length, checksum and
     * congestion mark computed. What was no fragment shares the input's memory.
     */
    readonly packet: Uint8Array;
    /** What the caller calls its fragments, in their order. */
    readonly numbers: readonly number[];
  }
  /** It was kept, or was there already. */
  | { readonly kind: "incomplete"; readonly isDuplicate: boolean }
  /** It was not kept, nor is anything else of its packet. */
  | { readonly kind: "dropped"; readonly problem: Problem };

/**
 * Why packets never became whole, counted.
 *
 * @category Fragments
 */
export interface ReassemblyCounts {
  /** Put together. */
  readonly completed: number;
  /** Dropped since fragments overlapped or contradicted one another. */
  readonly contradictory: number;
  /** Given up since they took too long. */
  readonly timedOut: number;
  /** Given up to make room for others, or since they had too many fragments. */
  readonly evicted: number;
}

/**
 * What a caller knows of a fragment.
 *
 * @category Fragments
 */
export interface FragmentOrigin {
  /**
   * Where it was seen. What was seen in different places, such as on two
   * interfaces, is never put together. Default nowhere in particular.
   */
  readonly where?: string;
  /** What to call it, in `numbers`; default nothing. */
  readonly number?: number;
}

/**
 * A packet that was given up.
 *
 * @category Fragments
 */
export interface UnfinishedPacket extends FragmentedPacket {
  /** Whether it took too long, or had to make room for others. */
  readonly cause: "timedOut" | "evicted";
  /** Octets of its payload that had come. */
  readonly octets: number;
  /** Octets of its whole payload, if the last fragment had come. */
  readonly length?: number;
  /** What the caller calls the fragments that had come, in their order. */
  readonly numbers: readonly number[];
}

/** A packet being put together. */
interface Datagram {
  readonly startedMs: number;
  /**
   * What is there; absent where it was dropped: whatever else comes is dropped
   * too, until the timeout.
   */
  partial?: PartialPacket;
}

/**
 * Puts IPv4 and IPv6 packets together.
 *
 * @category Fragments
 *
 * @example
 * ```ts
 * import { buildPacket, fragmentIPv4, ipv4, Reassembler } from "raw4";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2", protocol: 253 }),
 *   new Uint8Array(3000),
 * );
 * const [first, second, third] = fragmentIPv4(packet, 1500);
 * const reassembler = new Reassembler();
 * reassembler.add(third, 0);
 * reassembler.add(first, 1);
 * const result = reassembler.add(second, 2);
 * assert(result.kind === "complete");
 * assertEquals(result.packet, packet);
 * ```
 */
export class Reassembler {
  readonly #limits: Required<ReassemblerLimits>;
  readonly #gaveUp: (packet: UnfinishedPacket) => void;
  /** The oldest first, as a Map keeps them. */
  readonly #datagrams = new Map<string, Datagram>();
  readonly #counts = {
    completed: 0,
    contradictory: 0,
    timedOut: 0,
    evicted: 0,
  };
  #cost = 0;

  /**
   * Makes one that holds nothing yet.
   *
   * @param gaveUp is told each packet that did not become whole in time, or had
   * to make room. One that was `dropped` for its fragments is none of them
   * @throws {RangeError} if a limit is not a whole number of 1 or more
   */
  constructor(
    limits: ReassemblerLimits = {},
    gaveUp: (packet: UnfinishedPacket) => void = () => {},
  ) {
    const limit = (name: keyof ReassemblerLimits, byDefault: number) =>
      checkRange(name, limits[name] ?? byDefault, 1, Number.MAX_SAFE_INTEGER);
    this.#limits = {
      maxDatagrams: limit("maxDatagrams", 1024),
      maxOctets: limit("maxOctets", 4 << 20),
      maxFragments: limit("maxFragments", 1024),
      timeoutMs: limit("timeoutMs", 30_000),
    };
    this.#gaveUp = gaveUp;
  }

  /** Packets of which fragments are there, those dropped included. */
  get pending(): number {
    return this.#datagrams.size;
  }

  /** Octets that are kept, 160 for each fragment and the headers included. */
  get octets(): number {
    return this.#cost;
  }

  /** What came of all packets so far. */
  get counts(): ReassemblyCounts {
    return { ...this.#counts };
  }

  /**
   * Takes a packet in. One that is no fragment is complete at once. Its octets
   * are copied where they are kept.
   *
   * @param packet header and payload; octets after their length are left out
   * @param nowMs the time, in milliseconds; it never goes back
   * @param origin where the packet was seen, and what to call it
   * @returns what came of it; octets that cannot be decoded are `dropped`
   */
  add(
    packet: Uint8Array,
    nowMs: number,
    { where = "", number }: FragmentOrigin = {},
  ): ReassemblyResult {
    this.expire(nowMs);
    let fragment;
    try {
      fragment = readFragment(packet);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      const { layer, field, offset, reason } = error;
      return { kind: "dropped", problem: { layer, field, offset, reason } };
    }
    if (fragment instanceof Uint8Array) {
      const numbers = number === undefined ? [] : [number];
      return { kind: "complete", packet: fragment, numbers };
    }

    const key = `${keyOf(fragment.of)} ${where}`;
    let datagram = this.#datagrams.get(key);
    if (datagram !== undefined && datagram.partial === undefined) {
      return dropped(fragment, "is of a packet whose fragments overlapped");
    }
    // Such a fragment says nothing about the others, which may be honest.
    const fault = faultOf(fragment);
    if (fault !== undefined) return dropped(fragment, fault);

    if (datagram === undefined) {
      datagram = { startedMs: nowMs, partial: new PartialPacket(fragment.of) };
      this.#datagrams.set(key, datagram);
      if (this.#datagrams.size > this.#limits.maxDatagrams) this.#evictOldest();
    }
    const partial = datagram.partial!;
    this.#cost -= partial.cost;
    const isNew = partial.add(fragment, number);
    this.#cost += partial.cost;
    if (isNew === false) return { kind: "incomplete", isDuplicate: true };
    const { maxFragments, maxOctets } = this.#limits;
    if (typeof isNew === "string") {
      this.#poison(datagram);
      this.#counts.contradictory++;
      return dropped(fragment, isNew);
    }
    if (partial.count > maxFragments) {
      this.#poison(datagram);
      this.#counts.evicted++;
      return dropped(fragment, `is one of more than ${maxFragments}`);
    }
    if (!partial.isComplete) {
      // The oldest goes first, the one just added last.
      while (this.#cost > maxOctets) this.#evictOldest();
      return this.#datagrams.has(key)
        ? { kind: "incomplete", isDuplicate: false }
        : dropped(fragment, `does not fit into ${maxOctets} octets`);
    }
    this.#remove(key, datagram);
    const whole = partial.join();
    if (typeof whole === "string") {
      this.#counts.contradictory++;
      return dropped(fragment, whole);
    }
    this.#counts.completed++;
    return { kind: "complete", packet: whole, numbers: partial.numbers };
  }

  /**
   * Gives up packets that took too long; {@linkcode add} does so too.
   *
   * @param nowMs the time, in milliseconds; `Infinity` gives all of them up
   * @returns how many were given up
   */
  expire(nowMs: number): number {
    const before = this.#counts.timedOut;
    for (const [key, datagram] of this.#datagrams) {
      // Those after it began later.
      if (nowMs - datagram.startedMs < this.#limits.timeoutMs) break;
      this.#giveUp(key, datagram, "timedOut");
    }
    return this.#counts.timedOut - before;
  }

  #evictOldest(): void {
    for (const [key, datagram] of this.#datagrams) {
      return this.#giveUp(key, datagram, "evicted");
    }
  }

  #giveUp(
    key: string,
    datagram: Datagram,
    cause: UnfinishedPacket["cause"],
  ): void {
    this.#remove(key, datagram);
    const { partial } = datagram;
    if (partial === undefined) return;
    this.#counts[cause]++;
    const { of, octets, length, numbers } = partial;
    this.#gaveUp({ ...of, cause, octets, length, numbers });
  }

  #poison(datagram: Datagram): void {
    this.#cost -= datagram.partial?.cost ?? 0;
    datagram.partial = undefined;
  }

  #remove(key: string, datagram: Datagram): void {
    this.#cost -= datagram.partial?.cost ?? 0;
    this.#datagrams.delete(key);
  }
}

function dropped(
  { of: { layer }, offsetField: offset }: IPFragment,
  reason: string,
): ReassemblyResult {
  const problem = { layer, field: "fragmentOffset", offset, reason };
  return { kind: "dropped", problem };
}
