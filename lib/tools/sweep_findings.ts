/**
 * What a sweep has found: who answers, about whom an error came, and what is
 * not to be believed.
 *
 * @module
 */

import { onesComplementSum } from "../bytes/checksum.ts";
import { ERROR_TYPES } from "../socket/icmp_filter.ts";
import type { Arrival } from "../socket/probe_ring.ts";
import type { Family } from "../wire/address.ts";
import { icmpName } from "../wire/icmp_names.ts";
import { ICMP_PROTOCOL } from "../wire/ip_protocols.ts";
import { BitSet } from "./bit_set.ts";
import type { EchoStamp } from "./echo_stamp.ts";
import type { SweepEvent } from "./sweep_types.ts";
import { addressText, type Targets } from "./targets.ts";

/** Who is asked, and in which order. */
export interface SweepOrder {
  readonly targets: Targets;
  /** How many of them. */
  readonly total: number;
  /** The target whose turn is at each place, 0 to `total` - 1. */
  readonly indexAt: (place: number) => number;
}

/** Headers that errors quote (RFC 792, RFC 4443 §3): what is looked at. */
const ERROR_HEADER = 8;
const QUOTED = {
  4: { PROTOCOL: 9, DESTINATION: 16, SIZE: 20 },
  6: { PROTOCOL: 6, DESTINATION: 24, SIZE: 40 },
} as const;

/** Judges all that arrives. */
export class SweepFindings {
  readonly #order: SweepOrder;
  readonly #stamp: EchoStamp;
  readonly #emit: (event: SweepEvent) => void;
  readonly #alive = new BitSet();
  readonly #unreachable = new BitSet();
  /** Addresses that an error has come about, and later a reply from. */
  #both = 0;
  #refused = 0;
  /** The address that was asked at the place a message claims. */
  readonly #asked = new Int32Array(4);

  /** @param emit is told each finding */
  constructor(
    order: SweepOrder,
    stamp: EchoStamp,
    emit: (event: SweepEvent) => void,
  ) {
    this.#order = order;
    this.#stamp = stamp;
    this.#emit = emit;
  }

  /** Addresses that have answered. */
  get alive(): number {
    return this.#alive.size;
  }

  /** Addresses that an error has come about, and no reply from. */
  get unreachable(): number {
    return this.#unreachable.size - this.#both;
  }

  /** Messages that were not accepted. */
  get refused(): number {
    return this.#refused;
  }

  /** Whether there is nothing left to be found. */
  get isComplete(): boolean {
    return this.alive + this.unreachable === this.#order.total;
  }

  /** Whether something is known of the address at a place. */
  has(place: number): boolean {
    return this.#alive.has(place) || this.#unreachable.has(place);
  }

  /** Judges a message. The stamp must know when it is read. */
  take(arrival: Arrival, family: Family): void {
    const { bytes, start, end } = arrival;
    const length = end - start;
    const isError = length >= ERROR_HEADER &&
      (ERROR_TYPES[family] as readonly number[]).includes(bytes[start]);
    const isAccepted = isError
      ? this.#takeError(arrival, family)
      : this.#takeReply(arrival, length, family);
    if (!isAccepted) this.#refused++;
  }

  #takeReply(arrival: Arrival, length: number, family: Family): boolean {
    const { words, start, source } = arrival;
    const at = start >> 2;
    const place = this.#stamp.placeIn(words, at, length, family, "reply");
    // ICMPv6's checksum the kernel has verified.
    const isIntact = family === 6 || this.#stamp.isIntact(words, at);
    if (place < 0 || !isIntact) return false;
    if (!this.#isFrom(place, family, words, at, source)) return false;
    if (!this.#alive.add(place)) return true;
    // An error came first, as of a host that was still starting.
    if (this.#unreachable.has(place)) this.#both++;
    const { seconds, nanoseconds, ttl } = arrival;
    this.#emit({
      type: "alive",
      address: addressText(this.#asked, family),
      roundTripMs: this.#stamp.roundTripMs(words, at, seconds, nanoseconds),
      ttl,
    });
    return true;
  }

  #takeError(arrival: Arrival, family: Family): boolean {
    const { words, bytes, start, end, source } = arrival;
    const isIntact = family === 6 ||
      onesComplementSum(bytes.subarray(start, end)) === 0xffff;
    if (!isIntact) return false;
    const quoted = start + ERROR_HEADER;
    const at = QUOTED[family];
    const size = family === 4 ? (bytes[quoted] & 0xf) * 4 : at.SIZE;
    // Somebody else's errors come here, too: they are none of our business.
    if (
      end - quoted < at.SIZE ||
      bytes[quoted + at.PROTOCOL] !== ICMP_PROTOCOL[family]
    ) {
      return true;
    }
    const request = (quoted + size) >> 2;
    const length = end - quoted - size;
    const place = this.#stamp.placeIn(
      words,
      request,
      length,
      family,
      "request",
    );
    if (place < 0) return true;
    const destination = quoted + at.DESTINATION;
    if (!this.#isFrom(place, family, words, request, destination)) return false;
    if (this.#alive.has(place) || !this.#unreachable.add(place)) return true;
    const [icmpType, icmpCode] = bytes.subarray(start, start + 2);
    this.#emit({
      type: "unreachable",
      address: addressText(this.#asked, family),
      from: addressText(words.slice(source >> 2, (source >> 2) + 4), family),
      icmpType,
      icmpCode,
      description: icmpName(family, icmpType, icmpCode),
    });
    return true;
  }

  /**
   * Whether a message is about the request whose place it claims: the address
   * whose octets begin at `address` is the one of that place, and the hash is
   * ours.
   */
  #isFrom(
    place: number,
    family: Family,
    words: Int32Array,
    message: number,
    address: number,
  ): boolean {
    const { total, targets, indexAt } = this.#order;
    if (place >= total) return false;
    const asked = this.#asked;
    if (targets.write(indexAt(place), asked) !== family) return false;
    const length = family === 4 ? 1 : 4;
    for (let i = 0; i < length; i++) {
      if (words[(address >> 2) + i] !== asked[i]) return false;
    }
    return this.#stamp.isOurs(words, message);
  }
}
