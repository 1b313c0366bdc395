/**
 * What a sweep has found: who answers, about whom an error came, and what is
 * not to be believed.
 *
 * @module
 */

import { onesComplementSum } from "../../bytes/checksum.ts";
import { ERROR_TYPES } from "../../socket/filter/icmp_filter.ts";
import { isAdvice } from "../../socket/icmp/icmp_reply.ts";
import type { PacketInPlace } from "../../socket/ring/packet_in_place.ts";
import type { Family } from "../../wire/address.ts";
import { icmpName } from "../../wire/icmp/icmp_names.ts";
import { ICMP_PROTOCOL } from "../../wire/ip_protocols.ts";
import { BitSet } from "./bit_set.ts";
import type { EchoStamp } from "./echo_stamp.ts";
import type { SweepEvent, SweepState } from "./sweep_types.ts";
import { ADDRESS_WORDS, addressText, type Targets } from "./targets.ts";

/** Who is asked, and in which order. */
export interface SweepOrder {
  readonly targets: Targets;
  /** How many of them. */
  readonly total: number;
  /** The target whose turn is at each place, 0 to `total` - 1. */
  readonly indexAt: (place: number) => number;
  /** The place of a target; -1 if it has no turn. */
  readonly placeOf: (index: number) => number;
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
  readonly #zoneName: (index: number) => string;
  /** The places of those that have answered. */
  readonly #alive = new BitSet();
  /** The places of those that an error has come about. */
  readonly #unreachable = new BitSet();
  /** Addresses that an error has come about, and later a reply from. */
  #both = 0;
  #refused = 0;
  /** The address that was asked at the place a message claims. */
  readonly #asked = new Int32Array(ADDRESS_WORDS);

  /**
   * @param options `emit` is told each finding; `zoneName` names interfaces by
   * their index
   */
  constructor(
    order: SweepOrder,
    stamp: EchoStamp,
    { emit, zoneName }: {
      readonly emit: (event: SweepEvent) => void;
      readonly zoneName: (index: number) => string;
    },
  ) {
    this.#order = order;
    this.#stamp = stamp;
    this.#emit = emit;
    this.#zoneName = zoneName;
  }

  /** Goes on where others were. */
  resume({ alive, unreachable, refused }: SweepState): void {
    this.#unreachable.addPages(unreachable);
    this.#alive.addPages(alive);
    this.#both = this.#alive.countShared(this.#unreachable);
    this.#refused = refused;
  }

  /** What {@linkcode SweepFindings.resume} takes. */
  get state(): Pick<SweepState, "alive" | "unreachable" | "refused"> {
    return {
      alive: this.#alive.toPages(),
      unreachable: this.#unreachable.toPages(),
      refused: this.#refused,
    };
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
  take(arrival: PacketInPlace, family: Family): void {
    const { bytes, start, end } = arrival;
    const length = end - start;
    const isError = length >= ERROR_HEADER &&
      (ERROR_TYPES[family] as readonly number[]).includes(bytes[start]);
    const isAccepted = isError
      ? this.#takeError(arrival, family)
      : this.#takeReply(arrival, length, family);
    if (!isAccepted) this.#refused++;
  }

  #takeReply(arrival: PacketInPlace, length: number, family: Family): boolean {
    const { words, start, source } = arrival;
    const at = start >> 2;
    const place = this.#stamp.placeIn(words, at, length, family);
    // ICMPv6's checksum the kernel has verified.
    const isIntact = family === 6 || this.#stamp.isIntact(words, at);
    const isOurs = place >= 0 && isIntact &&
      this.#isFrom(place, family, words, source) &&
      this.#stamp.isOurs(words, at);
    if (!isOurs) return false;
    if (!this.#alive.add(place)) return true;
    // An error came first, as of a host that was still starting.
    if (this.#unreachable.has(place)) this.#both++;
    const { seconds, nanoseconds, ttl } = arrival;
    this.#emit({
      type: "alive",
      address: this.#text(this.#asked, family),
      roundTripMs: this.#stamp.roundTripMs(words, at, seconds, nanoseconds),
      ttl,
      time: seconds + nanoseconds / 1e9,
    });
    return true;
  }

  #takeError(arrival: PacketInPlace, family: Family): boolean {
    const { words, bytes, start, end, source } = arrival;
    const isIntact = family === 6 ||
      onesComplementSum(bytes.subarray(start, end)) === 0xffff;
    if (!isIntact) return false;
    const [icmpType, icmpCode] = bytes.subarray(start, start + 2);
    // The request went on nevertheless.
    if (isAdvice({ family, type: icmpType })) return true;
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
    const stamp = this.#stamp;
    const request = (quoted + size) >> 2;
    const length = end - quoted - size;
    if (!stamp.isRequest(words, request, length, family)) return true;
    const destination = (quoted + at.DESTINATION) >> 2;
    this.#asked.set(words.subarray(destination, destination + 4));
    const place = this.#placesOf(this.#asked, family).find((place) =>
      stamp.isRequestOf(words, request, length, family, place)
    );
    if (place === undefined) return false;
    if (this.#alive.has(place) || !this.#unreachable.add(place)) return true;
    this.#emit({
      type: "unreachable",
      address: this.#text(this.#asked, family),
      from: this.#text(
        words.slice(source >> 2, (source >> 2) + ADDRESS_WORDS),
        family,
      ),
      icmpType,
      icmpCode,
      description: icmpName(family, icmpType, icmpCode),
      time: arrival.seconds + arrival.nanoseconds / 1e9,
    });
    return true;
  }

  /** Whether the address whose octets begin at `source` was asked at a place. */
  #isFrom(
    place: number,
    family: Family,
    words: Int32Array,
    source: number,
  ): boolean {
    const { total, targets, indexAt } = this.#order;
    if (place >= total) return false;
    const asked = this.#asked;
    if (targets.write(indexAt(place), asked) !== family) return false;
    const length = family === 4 ? 1 : ADDRESS_WORDS;
    for (let i = 0; i < length; i++) {
      if (words[(source >> 2) + i] !== asked[i]) return false;
    }
    return true;
  }

  /** The places at which an address was asked: in each zone that it may be in. */
  *#placesOf(address: Int32Array, family: Family): Generator<number> {
    const { targets, placeOf } = this.#order;
    for (const scope of targets.scopes) {
      address[ADDRESS_WORDS - 1] = scope;
      const index = targets.indexOf(address, family);
      const place = index < 0 ? -1 : placeOf(index);
      if (place >= 0) yield place;
    }
  }

  #text(address: Int32Array, family: Family): string {
    return addressText(address, family, this.#zoneName);
  }
}
