/**
 * The packet that an ICMP error quotes, held against the one that was sent.
 *
 * @module
 */

import { onesComplementSum } from "../bytes/checksum.ts";
import type { Family } from "../wire/address.ts";
import { PacketError } from "../wire/errors.ts";
import { decodeIPv4 } from "../wire/ipv4.ts";
import { decodeIPv6 } from "../wire/ipv6.ts";
import { pseudoHeaderSum } from "../wire/pseudo_header.ts";
import type { ProbeChange } from "./trace_types.ts";

/** An IP packet, as it was sent or as it was quoted. */
export interface TracedPacket {
  readonly source: string;
  readonly destination: string;
  /** Or hop limit. */
  readonly ttl: number;
  readonly trafficClass: number;
  /** 0 in IPv6, which has none. */
  readonly identification: number;
  readonly protocol: number;
  /** What is behind the IP header, as far as it is there. */
  readonly segment: Uint8Array;
}

/** Reads a packet, or the beginning of one; `undefined` if it is none. */
export function readTraced(
  packet: Uint8Array,
  family: Family,
): TracedPacket | undefined {
  try {
    if (family === 6) {
      const { header, payload } = decodeIPv6(packet);
      return {
        ...header,
        ttl: header.hopLimit,
        trafficClass: header.dscp << 2 | header.ecn,
        identification: 0,
        segment: payload,
      };
    }
    const { header, payload } = decodeIPv4(packet);
    if (header.fragmentOffset > 0) return undefined;
    return {
      ...header,
      trafficClass: header.dscp << 2 | header.ecn,
      segment: payload,
    };
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}

/** Octets that an error quotes at least (RFC 792), behind the IP header. */
export const LEAST_QUOTED = 8;

/**
 * Whether the sums that a transport checksum must agree with are the same:
 * those of the first eight octets of both segments, the checksum among them,
 * and of their addresses. Whoever translates addresses, ports or identifiers
 * on the way keeps this sum, since it corrects the checksum by as much.
 *
 * @param coversAddresses whether the checksum covers a pseudo header
 */
export function isSameSum(
  sent: TracedPacket,
  quoted: TracedPacket,
  coversAddresses: boolean,
): boolean {
  const sum = (packet: TracedPacket) => {
    const outside = coversAddresses ? pseudoHeaderSum(packet, 0, 0) : 0;
    const octets = onesComplementSum(packet.segment, outside, LEAST_QUOTED);
    return octets % 0xffff; // Zero has two forms.
  };
  return sum(sent) === sum(quoted);
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

/** What of the IP header is no longer as it was sent, but for the TTL. */
export function changesBetween(
  sent: TracedPacket,
  quoted: TracedPacket,
): ProbeChange[] {
  const fields = ["source", "destination", "trafficClass"] as const;
  return fields.filter((field) => sent[field] !== quoted[field])
    .map((field) => ({ field, sent: sent[field], quoted: quoted[field] }));
}
