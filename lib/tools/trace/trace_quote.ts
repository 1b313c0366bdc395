/**
 * The packet that an ICMP error quotes, held against the one that was sent.
 *
 * Whoever forwards a packet may change all of its IP header but where it comes
 * from and goes to, and a translator changes that, too. So a probe is known by
 * what stands behind the header; what of it has changed is told.
 *
 * @module
 */

import { onesComplementSum } from "../../bytes/checksum.ts";
import type { Family } from "../../wire/address.ts";
import { unlessMalformed } from "../../wire/errors.ts";
import { decodeIPv4 } from "../../wire/ipv4/ipv4.ts";
import { decodeIPv6, IPV6_HEADER_LENGTH } from "../../wire/ipv6/ipv6.ts";
import { get16, put16 } from "../../wire/octets.ts";
import { pseudoHeaderSum } from "../../wire/pseudo_header.ts";
import type { ProbeChange } from "./hop.ts";

/** An IP packet, as it was sent or as it was quoted. */
export interface TracedPacket {
  readonly source: string;
  readonly destination: string;
  /** Or hop limit. */
  readonly ttl: number;
  readonly trafficClass: number;
  readonly totalLength: number;
  readonly protocol: number;
  /** Of IPv4 alone, as the next two. */
  readonly identification: number | undefined;
  readonly dontFragment: boolean | undefined;
  /** Hexadecimal digits. */
  readonly options: string | undefined;
  /** Of IPv6 alone. */
  readonly flowLabel: number | undefined;
  /** What is behind the IP header, as far as it is there. */
  readonly segment: Uint8Array;
}

/** Where the length is, which decides nothing here: some write it wrong. */
const LENGTH_OFFSET = { 4: 2, 6: 4 } as const;

/** Reads a packet, or the beginning of one; `undefined` if it is none. */
export function readTraced(
  packet: Uint8Array,
  family: Family,
): TracedPacket | undefined {
  const whole = packet.slice();
  const offset = LENGTH_OFFSET[family];
  if (whole.length < offset + 2) return undefined;
  const length = get16(whole, offset);
  return unlessMalformed(() => {
    if (family === 6) {
      put16(whole, offset, Math.max(0, whole.length - IPV6_HEADER_LENGTH));
      const { header, payload } = decodeIPv6(whole);
      return {
        source: header.source,
        destination: header.destination,
        protocol: header.protocol,
        ttl: header.hopLimit,
        trafficClass: header.dscp << 2 | header.ecn,
        totalLength: length + IPV6_HEADER_LENGTH,
        identification: undefined,
        dontFragment: undefined,
        options: undefined,
        flowLabel: header.flowLabel,
        segment: payload,
      };
    }
    put16(whole, offset, whole.length);
    const { header, payload } = decodeIPv4(whole);
    return {
      source: header.source,
      destination: header.destination,
      protocol: header.protocol,
      ttl: header.ttl,
      trafficClass: header.dscp << 2 | header.ecn,
      totalLength: length,
      identification: header.identification,
      dontFragment: header.dontFragment,
      options: header.options.toHex(),
      flowLabel: undefined,
      segment: payload,
    };
  });
}

/** Octets that an error quotes at least (RFC 792), behind the IP header. */
export const LEAST_QUOTED = 8;

/**
 * Whether the first eight octets are the same, or those that a translator has
 * made of them. It corrects the checksum by as much as it changes addresses,
 * ports or identifiers, so their sum stays. That is less to guess, and counts
 * only beside the same identification, or octets of the payload, which the
 * caller compares.
 *
 * @param coversAddresses whether the checksum covers a pseudo header
 */
export function isSameOrTranslated(
  sent: TracedPacket,
  quoted: TracedPacket,
  coversAddresses: boolean,
): boolean {
  if (isSameFrom(0, sent.segment, quoted.segment, LEAST_QUOTED)) return true;
  const sum = (packet: TracedPacket) => {
    const outside = coversAddresses ? pseudoHeaderSum(packet, 0, 0) : 0;
    const octets = onesComplementSum(packet.segment, outside, LEAST_QUOTED);
    return octets % 0xffff; // Zero has two forms.
  };
  return sum(sent) === sum(quoted) &&
    (quotesPayload(quoted) || isSameDatagram(sent, quoted));
}

/** Whether enough of the payload is quoted that nobody can guess it. */
export function quotesPayload({ segment }: TracedPacket): boolean {
  return segment.length >= LEAST_QUOTED + 4;
}

function isSameDatagram(sent: TracedPacket, quoted: TracedPacket): boolean {
  return quoted.identification !== undefined &&
    quoted.identification === sent.identification;
}

/** Whether both have the same octets from one offset to another. */
export function isSameFrom(
  from: number,
  sent: Uint8Array,
  quoted: Uint8Array,
  to: number = Math.min(sent.length, quoted.length),
): boolean {
  for (let i = from; i < to; i++) if (sent[i] !== quoted[i]) return false;
  return true;
}

/** 16 bits in the other order. */
function swapped(bits: number): number {
  return bits >>> 8 | (bits & 0xff) << 8;
}

const FIELDS = [
  "source",
  "destination",
  "trafficClass",
  "totalLength",
  "identification",
  "dontFragment",
  "options",
  "flowLabel",
] as const;

/**
 * What of the IP header is no longer as it was sent, but for the TTL, and the
 * checksum, which changes with it.
 */
export function changesBetween(
  sent: TracedPacket,
  quoted: TracedPacket,
): ProbeChange[] {
  // A machine of the other order has swapped the flags, too.
  const isSwapped = quoted.totalLength === swapped(sent.totalLength);
  return FIELDS.filter((field) =>
    sent[field] !== quoted[field] && !(isSwapped && field === "dontFragment")
  ).map((field) =>
    ({ field, sent: sent[field], quoted: quoted[field] }) as ProbeChange
  );
}
