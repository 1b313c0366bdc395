/**
 * Label stacks of Multiprotocol Label Switching (RFC 3032 §2.1, RFC 5462), as
 * the extensions of ICMP errors tell them (RFC 4950).
 *
 * @module
 */

import { checkBits } from "../errors.ts";
import { get32, put32 } from "../octets.ts";

/** Octets of one entry. */
export const MPLS_ENTRY_LENGTH = 4;

/**
 * One entry of an MPLS label stack (RFC 3032 §2.1, RFC 5462).
 *
 * @category ICMP
 */
export interface MPLSLabel {
  /** 0–0xfffff. */
  readonly label: number;
  /** 0–7; once called the experimental bits. */
  readonly trafficClass: number;
  /** Whether it is the last entry. */
  readonly bottomOfStack: boolean;
  /** In hops, 0–255, as it was when the packet arrived. */
  readonly ttl: number;
}

/** Reads a stack: so many whole entries. */
export function decodeMPLSStack(octets: Uint8Array): MPLSLabel[] {
  const labels: MPLSLabel[] = [];
  for (let at = 0; at < octets.length; at += MPLS_ENTRY_LENGTH) {
    const entry = get32(octets, at);
    labels.push({
      label: entry >>> 12,
      trafficClass: entry >>> 9 & 7,
      bottomOfStack: (entry >>> 8 & 1) !== 0,
      ttl: entry & 0xff,
    });
  }
  return labels;
}

/**
 * Writes a stack into new octets.
 *
 * @throws {RangeError} if a value does not fit its field
 */
export function encodeMPLSStack(
  labels: readonly MPLSLabel[],
): Uint8Array<ArrayBuffer> {
  const octets = new Uint8Array(labels.length * MPLS_ENTRY_LENGTH);
  labels.forEach((entry, i) =>
    put32(
      octets,
      i * MPLS_ENTRY_LENGTH,
      checkBits("MPLS label", entry.label, 20) << 12 |
        checkBits("MPLS trafficClass", entry.trafficClass, 3) << 9 |
        (entry.bottomOfStack ? 0x100 : 0) |
        checkBits("MPLS ttl", entry.ttl, 8),
    )
  );
  return octets;
}

/** An entry in words. */
export function mplsText(entry: MPLSLabel): string {
  const { label, trafficClass, bottomOfStack, ttl } = entry;
  return `Label: ${label}, TC: ${trafficClass}, S: ${bottomOfStack ? 1 : 0}, ` +
    `TTL: ${ttl}`;
}
