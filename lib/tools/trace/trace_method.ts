/**
 * What probes are made of, and how they are known again: what all methods have
 * in common.
 *
 * Errors quote no more than eight octets of a probe for certain, behind its IP
 * header, so these must tell which probe it was: routers may rewrite the
 * identification (RFC 6864). They hold random values too, 30 bits at least,
 * which whoever has not seen the probe does not know: from him, no message is
 * believed.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import type { Family } from "../../wire/address.ts";
import { get16, get32, put16 } from "../../wire/octets.ts";
import type { ICMPv4Echo } from "../../wire/icmp/icmpv4_messages.ts";
import type { ICMPv6Echo } from "../../wire/icmp/icmpv6_messages.ts";
import type { TCPHeader } from "../../wire/transport/tcp.ts";
import type { UDPHeader } from "../../wire/transport/udp.ts";
import { isSameFrom, type TracedPacket } from "./trace_quote.ts";
import type { ProbeChange } from "./hop.ts";

/** What all probes of a trace have in common. */
export interface Flow {
  readonly family: Family;
  /** Where they come from, without a zone. */
  readonly source: string;
  /** Where they go, without a zone. */
  readonly destination: string;
  /** Of the destination. */
  readonly port: number;
  /** Whether what routers choose paths by varies. */
  readonly isClassic: boolean;
}

/** An echo reply of either version. */
export type EchoReply = ICMPv4Echo | ICMPv6Echo;

/** Makes probes, and recognizes them. */
export interface ProbeMethod {
  /** The IP protocol number. */
  readonly protocol: number;
  /** Whether a hop's next probe has to wait for what became of the last. */
  readonly isSequential?: boolean;
  /** Octets of a probe behind its IP header, where that is not free. */
  readonly fixedLength?: number;
  /** The identifier of echo replies that shall be received. */
  readonly identifier?: number;
  /** The port from which TCP segments shall be received. */
  readonly tcpPort?: number;
  /** The port to which UDP datagrams shall be received. */
  readonly udpPort?: number;
  /** The next probe, from behind its IP header on. */
  segment(length: number): Uint8Array<ArrayBuffer>;
  /** Whether a quoted packet, of eight octets at least, is one that was sent. */
  isQuoted(sent: TracedPacket, quoted: TracedPacket): boolean;
  /** Whether an echo reply from the destination answers it. */
  isEcho?(sent: TracedPacket, reply: EchoReply): boolean;
  /** Whether a TCP segment from the destination answers it. */
  isSegment?(sent: TracedPacket, header: TCPHeader): boolean;
  /** Whether a UDP datagram from the destination may answer it. */
  isDatagram?(sent: TracedPacket, header: UDPHeader): boolean;
  /** What address translation has made of it. */
  changes(sent: TracedPacket, quoted: TracedPacket): ProbeChange[];
  close?(): void;
}

/** Random octets to be used up, since each call for some takes its time. */
const pool = new Uint8Array(4096);
let used = pool.length;

/** Random octets. */
export function randomOctets(length: number): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(length);
  for (let at = 0; at < length;) {
    if (used === pool.length) {
      crypto.getRandomValues(pool);
      used = 0;
    }
    const count = Math.min(length - at, pool.length - used);
    octets.set(pool.subarray(used, used + count), at);
    at += count;
    used += count;
  }
  return octets;
}

/** A random number of up to 32 bits. */
export function randomBits(width: number): number {
  return get32(randomOctets(4), 0) >>> (32 - width);
}

/** Random numbers from 1 to 0xfffe, none of them twice. */
export class Tokens {
  readonly #used = new Set<number>();

  next(): number {
    // All used up only after many thousands of probes; then once more.
    if (this.#used.size === 0xfffe) this.#used.clear();
    for (;;) {
      const token = randomBits(16);
      if (token === 0 || token === 0xffff || this.#used.has(token)) continue;
      this.#used.add(token);
      return token;
    }
  }
}

/**
 * Writes a checksum into a segment, and two octets of its payload that make it
 * the right one.
 *
 * @param payload where these two octets are, an even number
 * @param initial the sum of the pseudo header, if it covers one
 */
export function writeChecksum(
  segment: Uint8Array,
  checksum: number,
  { field, payload, initial = 0 }: {
    field: number;
    payload: number;
    initial?: number;
  },
): void {
  put16(segment, field, checksum);
  put16(segment, payload, 0);
  put16(segment, payload, internetChecksum(segment, initial));
}

/** A port that Linux gives to nobody by itself. */
export function randomPort(): number {
  const [first, last] = [61_000, 65_535];
  return first + randomBits(24) % (last - first + 1);
}

/** The fields among some, 16 bits each, that differ. */
export function changed(
  fields: readonly (readonly [ProbeChange["field"], number])[],
  sent: Uint8Array,
  quoted: Uint8Array,
): ProbeChange[] {
  return fields.flatMap(([field, at]) => {
    const values = { sent: get16(sent, at), quoted: get16(quoted, at) };
    return values.sent === values.quoted ? [] : [{ field, ...values }];
  });
}

/**
 * Makes packets of any protocol, and recognizes them: what they carry is
 * random, and tells them apart. A flow is nothing but its addresses.
 */
export class RawMethod implements ProbeMethod {
  constructor(readonly protocol: number) {}

  segment(length: number): Uint8Array<ArrayBuffer> {
    return randomOctets(length);
  }

  isQuoted(sent: TracedPacket, quoted: TracedPacket): boolean {
    return isSameFrom(0, sent.segment, quoted.segment);
  }

  changes(): ProbeChange[] {
    return [];
  }
}
