/**
 * Echo requests that carry all that is needed to recognize their replies, so
 * that nothing is remembered of a request on its way: its place in the order
 * of asking, when it was sent, and a keyed hash over both, which nobody can
 * make who has not the run's key. The place tells which address was asked.
 *
 * An error need not quote that much: eight octets are enough (RFC 792). So the
 * sequence number, and in IPv4 the checksum, are a keyed hash of the place, too,
 * and the payload has what makes the checksum right.
 *
 * Messages are written and read as 32-bit words where they are, since octet by
 * octet would take several times as long.
 *
 * @module
 */

import { onesComplementSumOfWords } from "../../bytes/checksum.ts";
import { halfSipHash } from "../../bytes/siphash.ts";
import { type Instant, plausibleNs } from "../../socket/kernel/clock.ts";
import type { Family } from "../../wire/address.ts";

/**
 * Which word has what. RFC 792 and RFC 4443 §4: type, code and checksum, then
 * identifier and sequence. What follows is ours, and read by nobody else: it
 * is in this machine's order. The upper half of the last word is what makes the
 * checksum right.
 */
const WORD = {
  TYPE: 0,
  IDENTIFIER: 1,
  PLACE: 2,
  TIMES: 3,
  HASH: 7,
  LAST: 8,
} as const;

/** Words of a request, from its ICMP header on. */
const WORDS = WORD.LAST + 1;
/** Words of what is hashed: identifier and sequence, place and times. */
const HASHED_WORDS = WORD.HASH - WORD.IDENTIFIER;
/** Octets of a request, from its ICMP header on. */
export const STAMPED_LENGTH = 4 * WORDS;
/** Octets of it that an error quotes at least. */
const LEAST_QUOTED = 8;

/** Types, as the first octet of a little-endian word, its code 0. */
const REQUEST = { 4: 8, 6: 128 } as const;
const REPLY = { 4: 0, 6: 129 } as const;

/** Makes requests, and recognizes what answers them. */
export class EchoStamp {
  /** Where identifiers and sequences are swapped into the wire's order. */
  readonly #identifier: number;
  readonly #began: Instant;
  /** The same by the system's clock: whole seconds, and the rest. */
  readonly #beganSeconds: number;
  readonly #beganNanoseconds: number;
  readonly #key = crypto.getRandomValues(new Uint32Array(2));
  readonly #hash = new Int32Array(2);
  readonly #hashed = new Int32Array(HASHED_WORDS);
  readonly #place = new Int32Array(1);
  /** Of requests: nanoseconds since the beginning, by both clocks. */
  readonly #sent = new Times();
  /** Of the last reply: when its request was sent. */
  readonly #replied = new Times();
  /** When what arrives is read. */
  #readMonotonicNs = 0;
  #readRealtimeNs = 0;

  /**
   * @param identifier the ICMP identifier, 0–65,535
   * @param began the moment that all times are counted from
   */
  constructor(identifier: number, began: Instant) {
    this.#identifier = swap16(identifier);
    this.#began = began;
    this.#beganSeconds = Number(began.realtimeNs / 1_000_000_000n);
    this.#beganNanoseconds = Number(began.realtimeNs % 1_000_000_000n);
  }

  /** The moment that the next requests tell. */
  set sendTime(now: Instant) {
    this.#sent.ns[0] = Number(now.monotonicNs - this.#began.monotonicNs);
    this.#sent.ns[1] = Number(now.realtimeNs - this.#began.realtimeNs);
  }

  /** The moment that the next messages are read. */
  set readTime(now: Instant) {
    this.#readMonotonicNs = Number(now.monotonicNs - this.#began.monotonicNs);
    this.#readRealtimeNs = Number(now.realtimeNs - this.#began.realtimeNs);
  }

  /**
   * Writes a request, which tells `sendTime`.
   *
   * @param at the word where its ICMP header begins
   */
  write(words: Int32Array, at: number, family: Family, place: number): void {
    const token = this.#tokenOf(place);
    words[at + WORD.TYPE] = typeWord(token, family);
    words[at + WORD.IDENTIFIER] = this.#identifierWord(token);
    words[at + WORD.PLACE] = place;
    const times = this.#sent.words;
    for (let i = 0; i < 4; i++) words[at + WORD.TIMES + i] = times[i];
    this.#hashWords(words, at);
    words[at + WORD.HASH] = this.#hash[0];
    words[at + WORD.LAST] = this.#hash[1] & 0xffff;
    if (family === 6) return;
    const sum = onesComplementSumOfWords(words, at, at + WORDS);
    words[at + WORD.LAST] |= ~sum << 16;
  }

  /**
   * The place that a reply claims; -1 if it cannot be ours. Whether it is, only
   * {@linkcode EchoStamp.isOurs} tells. Its code may be any, as ping has it.
   *
   * @param at the word where its ICMP header begins
   * @param length its octets
   */
  placeIn(
    words: Int32Array,
    at: number,
    length: number,
    family: Family,
  ): number {
    const isReply = length === STAMPED_LENGTH &&
      (words[at] & 0xff) === REPLY[family];
    return isReply ? words[at + WORD.PLACE] >>> 0 : -1;
  }

  /**
   * Whether what is quoted may be a request of this run: it has the type and the
   * identifier, which everybody knows who was asked.
   *
   * @param length octets that are quoted of it
   */
  isRequest(
    words: Int32Array,
    at: number,
    length: number,
    family: Family,
  ): boolean {
    return length >= LEAST_QUOTED &&
      (words[at] & 0xffff) === REQUEST[family] &&
      (words[at + WORD.IDENTIFIER] & 0xffff) === this.#identifier;
  }

  /**
   * Whether a quoted request is the one that was sent at a place: all of it is,
   * or its first eight octets are. In IPv6 these have half as much to guess, and
   * errors quote more (RFC 4443 §2.4).
   */
  isRequestOf(
    words: Int32Array,
    at: number,
    length: number,
    family: Family,
    place: number,
  ): boolean {
    const token = this.#tokenOf(place);
    if (words[at + WORD.IDENTIFIER] !== this.#identifierWord(token)) {
      return false;
    }
    return length >= STAMPED_LENGTH
      ? words[at + WORD.PLACE] >>> 0 === place && this.isOurs(words, at)
      : family === 4 && words[at] === typeWord(token, family);
  }

  /** Whether the checksum of a message as long as a request is right. */
  isIntact(words: Int32Array, at: number): boolean {
    return onesComplementSumOfWords(words, at, at + WORDS) === 0xffff;
  }

  /** Whether a whole message has the hash that a request of ours has. */
  isOurs(words: Int32Array, at: number): boolean {
    this.#hashWords(words, at);
    return words[at + WORD.HASH] === this.#hash[0] &&
      (words[at + WORD.LAST] & 0xffff) === (this.#hash[1] & 0xffff);
  }

  /**
   * Milliseconds from sending a request that {@linkcode EchoStamp.isOurs}
   * until the kernel received the reply, at a moment by the system's clock.
   */
  roundTripMs(
    words: Int32Array,
    at: number,
    seconds: number,
    nanoseconds: number,
  ): number {
    const times = this.#replied;
    for (let i = 0; i < 4; i++) times.words[i] = words[at + WORD.TIMES + i];
    const received = (seconds - this.#beganSeconds) * 1e9 +
      nanoseconds - this.#beganNanoseconds;
    return plausibleNs({
      passed: this.#readMonotonicNs - times.ns[0],
      shown: this.#readRealtimeNs - times.ns[1],
      direct: received - times.ns[1],
    }) / 1e6;
  }

  /** 32 bits that tell a place to nobody else: sequence and checksum. */
  #tokenOf(place: number): number {
    this.#place[0] = place;
    halfSipHash(this.#key, this.#place, this.#hash);
    return this.#hash[0];
  }

  /** Identifier and sequence. */
  #identifierWord(token: number): number {
    return this.#identifier | token & ~0xffff;
  }

  #hashWords(words: Int32Array, at: number): void {
    const hashed = this.#hashed;
    for (let i = 0; i < HASHED_WORDS; i++) {
      hashed[i] = words[at + WORD.IDENTIFIER + i];
    }
    halfSipHash(this.#key, hashed, this.#hash);
  }
}

/** Type, code and checksum; ICMPv6's the kernel computes, as it knows the source. */
function typeWord(token: number, family: Family): number {
  return REQUEST[family] | (family === 4 ? token << 16 : 0);
}

/** A moment as nanoseconds by two clocks, and as the words of a message. */
class Times {
  /** By the monotonic clock, and by the system's. */
  readonly ns = new Float64Array(2);
  readonly words = new Int32Array(this.ns.buffer);
}

/** 16 bits in the other order. */
function swap16(bits: number): number {
  return bits >>> 8 | (bits & 0xff) << 8;
}
