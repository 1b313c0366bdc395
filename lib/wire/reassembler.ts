/**
 * IPv4 packets from their fragments (RFC 791 §3.2, RFC 815).
 *
 * Fragments are hostile: nothing here trusts one. Those that overlap others
 * with anything but the same octets at the same place make the whole packet be
 * dropped, and what comes of it later too (RFC 5722 wants that of IPv6; RFC
 * 1858 and RFC 3128 tell why). Memory, packets and time are limited. Time is
 * what the caller says: nothing here reads a clock.
 *
 * @module
 */

import { checkRange, PacketError, type Problem } from "./errors.ts";
import {
  decodeIPv4,
  encodeIPv4,
  IPV4_MAX_LENGTH,
  type IPv4Header,
} from "./ipv4.ts";

/** RFC 791 §3.1: all but the last fragment have multiples of eight octets. */
const UNIT = 8;
/** What keeping a fragment takes besides its octets, roughly. */
const COST_OF_PIECE = 160;

/** What a {@linkcode Reassembler} allows. */
export interface ReassemblerLimits {
  /** Packets being put together at a time; default 1,024. */
  readonly maxDatagrams?: number;
  /**
   * Octets kept of all of them, 160 for each fragment included; default 4 MiB.
   */
  readonly maxOctets?: number;
  /** Fragments of one packet; default 1,024. */
  readonly maxFragments?: number;
  /** How long a packet may take, in milliseconds; default 30,000 as in Linux. */
  readonly timeoutMs?: number;
}

/** What came of a fragment. */
export type ReassemblyResult =
  /** It was no fragment, or the last one missing. */
  | {
    readonly kind: "complete";
    /**
     * The whole packet: the first fragment's header, with length and checksum
     * computed. What was no fragment shares the input's memory.
     */
    readonly packet: Uint8Array;
  }
  /** It was kept, or was there already. */
  | { readonly kind: "incomplete"; readonly isDuplicate: boolean }
  /** It was not kept, nor is anything else of its packet. */
  | { readonly kind: "dropped"; readonly problem: Problem };

/** Why packets never became whole, counted. */
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

/** A packet being put together. */
interface Datagram {
  readonly startedMs: number;
  /** By their offset, in order. */
  readonly pieces: Piece[];
  /** Octets of payload kept. */
  octets: number;
  /** Octets of the whole payload, once the last fragment is there. */
  length?: number;
  /** That of the first fragment, which the whole packet will have. */
  header?: IPv4Header;
  /** Dropped: whatever else comes is dropped too, until the timeout. */
  isPoisoned: boolean;
}

interface Piece {
  readonly offset: number;
  readonly octets: Uint8Array;
}

/**
 * Puts IPv4 packets together.
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
   * @throws {RangeError} if a limit is not a whole number of 1 or more
   */
  constructor(limits: ReassemblerLimits = {}) {
    const limit = (name: keyof ReassemblerLimits, byDefault: number) =>
      checkRange(name, limits[name] ?? byDefault, 1, Number.MAX_SAFE_INTEGER);
    this.#limits = {
      maxDatagrams: limit("maxDatagrams", 1024),
      maxOctets: limit("maxOctets", 4 << 20),
      maxFragments: limit("maxFragments", 1024),
      timeoutMs: limit("timeoutMs", 30_000),
    };
  }

  /** Packets of which fragments are there, those dropped included. */
  get pending(): number {
    return this.#datagrams.size;
  }

  /** Octets that are kept, 160 for each fragment included. */
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
   * @param packet header and payload; octets after the total length are left out
   * @param nowMs the time, in milliseconds; it never goes back
   * @returns what came of it; octets that cannot be decoded are `dropped`
   */
  add(packet: Uint8Array, nowMs: number): ReassemblyResult {
    this.expire(nowMs);
    let decoded;
    try {
      decoded = decodeIPv4(packet);
    } catch (error) {
      if (!(error instanceof PacketError)) throw error;
      const { layer, field, offset, reason } = error;
      return { kind: "dropped", problem: { layer, field, offset, reason } };
    }
    const { header, payload, missing } = decoded;
    const { fragmentOffset, moreFragments } = header;
    if (fragmentOffset === 0 && !moreFragments) {
      const whole = packet.subarray(0, header.totalLength);
      return { kind: "complete", packet: whole };
    }

    const key = keyOf(header);
    let datagram = this.#datagrams.get(key);
    if (datagram?.isPoisoned) {
      return dropped("is of a packet whose fragments overlapped");
    }
    const wrong = missing > 0
      ? `lacks ${missing} octets`
      : payload.length === 0
      ? "has no payload"
      : moreFragments && payload.length % UNIT !== 0
      ? `has ${payload.length} octets of payload, a multiple of 8 wanted`
      : fragmentOffset + payload.length + header.headerLength > IPV4_MAX_LENGTH
      ? `ends beyond ${IPV4_MAX_LENGTH} octets`
      : undefined;
    // Such a fragment says nothing about the others, which may be honest.
    if (wrong !== undefined) return dropped(wrong);

    if (datagram === undefined) {
      datagram = { startedMs: nowMs, pieces: [], octets: 0, isPoisoned: false };
      this.#datagrams.set(key, datagram);
      if (this.#datagrams.size > this.#limits.maxDatagrams) this.#evictOldest();
    }
    const found = place(datagram, header, payload);
    if (typeof found === "string") {
      this.#poison(datagram);
      this.#counts.contradictory++;
      return dropped(found);
    }
    if (found < 0) return { kind: "incomplete", isDuplicate: true };
    if (datagram.pieces.length === this.#limits.maxFragments) {
      this.#poison(datagram);
      this.#counts.evicted++;
      return dropped(`is one of more than ${this.#limits.maxFragments}`);
    }
    const piece = { offset: fragmentOffset, octets: payload.slice() };
    datagram.pieces.splice(found, 0, piece);
    datagram.octets += payload.length;
    this.#cost += payload.length + COST_OF_PIECE;
    if (!moreFragments) datagram.length = fragmentOffset + payload.length;
    if (fragmentOffset === 0) {
      datagram.header = { ...header, options: header.options.slice() };
    }
    if (datagram.octets !== datagram.length || datagram.header === undefined) {
      return this.#makeRoom(key);
    }
    return this.#complete(key, datagram, datagram.header);
  }

  /**
   * Gives up packets that took too long; {@linkcode add} does so too.
   *
   * @param nowMs the time, in milliseconds
   * @returns how many were given up
   */
  expire(nowMs: number): number {
    let count = 0;
    for (const [key, datagram] of this.#datagrams) {
      // Those after it began later.
      if (nowMs - datagram.startedMs < this.#limits.timeoutMs) break;
      this.#remove(key, datagram);
      if (datagram.isPoisoned) continue;
      this.#counts.timedOut++;
      count++;
    }
    return count;
  }

  #complete(
    key: string,
    datagram: Datagram,
    header: IPv4Header,
  ): ReassemblyResult {
    this.#remove(key, datagram);
    const payload = new Uint8Array(datagram.octets);
    for (const { offset, octets } of datagram.pieces) {
      payload.set(octets, offset);
    }
    if (header.headerLength + payload.length > IPV4_MAX_LENGTH) {
      // The first fragment's header is longer than those of the others.
      this.#counts.contradictory++;
      return dropped(`ends beyond ${IPV4_MAX_LENGTH} octets`);
    }
    this.#counts.completed++;
    const packet = encodeIPv4({
      ...header,
      totalLength: undefined,
      checksum: undefined,
      moreFragments: false,
    }, payload);
    return { kind: "complete", packet };
  }

  /** Until all fits: the oldest goes first, the one just added last. */
  #makeRoom(key: string): ReassemblyResult {
    while (this.#cost > this.#limits.maxOctets) this.#evictOldest();
    if (this.#datagrams.has(key)) {
      return { kind: "incomplete", isDuplicate: false };
    }
    return dropped(`does not fit into ${this.#limits.maxOctets} octets`);
  }

  #evictOldest(): void {
    for (const [key, datagram] of this.#datagrams) {
      this.#remove(key, datagram);
      if (!datagram.isPoisoned) this.#counts.evicted++;
      return;
    }
  }

  #poison(datagram: Datagram): void {
    this.#cost -= costOf(datagram);
    datagram.octets = 0;
    datagram.pieces.length = 0;
    datagram.isPoisoned = true;
  }

  #remove(key: string, datagram: Datagram): void {
    this.#cost -= costOf(datagram);
    this.#datagrams.delete(key);
  }
}

function costOf({ octets, pieces }: Datagram): number {
  return octets + pieces.length * COST_OF_PIECE;
}

/** RFC 791 §3.2: these four tell the fragments of one packet from others. */
function keyOf(header: IPv4Header): string {
  const { source, destination, protocol, identification } = header;
  return `${source} ${destination} ${protocol} ${identification}`;
}

/**
 * Where among the pieces a fragment belongs; -1 if the very same is there
 * already; a reason if it contradicts what is there.
 */
function place(
  { pieces, length }: Datagram,
  { fragmentOffset: start, moreFragments }: IPv4Header,
  payload: Uint8Array,
): number | string {
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
  if (isSame && !moreFragments === (length === end)) return -1;
  if (
    isSame ||
    before !== undefined && before.offset + before.octets.length > start ||
    after !== undefined && after.offset < end
  ) {
    return `overlaps another fragment, at ${start} to ${end}`;
  }
  const last = pieces.at(-1);
  const reached = last === undefined ? 0 : last.offset + last.octets.length;
  if (!moreFragments && (length !== undefined || reached > end)) {
    return `is the last, at ${start} to ${end}, but is not`;
  }
  if (moreFragments && length !== undefined && end >= length) {
    return `goes on beyond the last fragment, at ${start} to ${end}`;
  }
  return low;
}

function dropped(reason: string): ReassemblyResult {
  const problem = { layer: "ipv4", field: "fragmentOffset", offset: 6, reason };
  return { kind: "dropped", problem };
}
