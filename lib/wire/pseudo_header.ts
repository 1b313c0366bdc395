/**
 * The pseudo header that the checksums of ICMPv6, UDP and TCP cover too: parts
 * of the IP header outside (RFC 768, RFC 9293 §3.1, RFC 8200 §8.1).
 *
 * @module
 */

import { onesComplementSum } from "../bytes/checksum.ts";
import { parseIPv4, putIPv6 } from "./address.ts";

/**
 * Where a packet comes from and where it goes, two addresses of one family.
 *
 * @category Checksums
 */
export interface AddressPair {
  /** The source address. */
  readonly source: string;
  /** The final destination's address. */
  readonly destination: string;
}

/**
 * What an IP header contributes to the checksum of its whole payload.
 *
 * @category Checksums
 */
export interface PseudoHeader extends AddressPair {
  /** Octets of the payload; IPv6 extension headers do not count. */
  readonly length: number;
}

/**
 * The one's complement sum of a pseudo header, to be passed to
 * {@linkcode internetChecksum} as `initial`. It is the same sum for IPv4 and
 * IPv6, though their pseudo headers differ in shape.
 *
 * @category Checksums
 * @param addresses both of the same family
 * @param protocol the number of the upper-layer protocol, 0–255; in IPv6 that
 * of the last header's next header
 * @param length octets of the upper-layer header and its data
 * @returns 0–0xffff
 * @throws {RangeError} if an address is none
 *
 * @example
 * ```ts
 * import { internetChecksum, pseudoHeaderSum } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const echoRequest = Uint8Array.fromHex("8000000012340001");
 * const initial = pseudoHeaderSum(
 *   { source: "2001:db8::1", destination: "2001:db8::2" },
 *   58,
 *   echoRequest.length,
 * );
 * assertEquals(internetChecksum(echoRequest, initial), 0x1213);
 * ```
 */
export function pseudoHeaderSum(
  { source, destination }: AddressPair,
  protocol: number,
  length: number,
): number {
  // The words in any order: addition does not mind.
  return fold(
    sumOfAddress(source) + sumOfAddress(destination) + (length >>> 16) +
      (length & 0xffff) + protocol,
  );
}

/** Whether the addresses are of IPv6. */
export function isIPv6Pair({ source }: AddressPair): boolean {
  return source.includes(":");
}

/** The sum of an address's words, carries not yet folded in. */
function sumOfAddress(address: string): number {
  if (address.includes(":")) return sumOfIPv6(address);
  const value = parseIPv4(address);
  return (value >>> 16) + (value & 0xffff);
}

const octets = new Uint8Array(16);
/** The two that were summed last: packet after packet has the same. */
let last = { address: "::", sum: 0 };
let beforeLast = last;

function sumOfIPv6(address: string): number {
  if (address === last.address) return last.sum;
  if (address !== beforeLast.address) {
    putIPv6(octets, 0, address);
    beforeLast = { address, sum: onesComplementSum(octets) };
  }
  [last, beforeLast] = [beforeLast, last];
  return last.sum;
}

/** Twice is enough for the few words that were added. */
function fold(sum: number): number {
  const once = (sum >>> 16) + (sum & 0xffff);
  return (once >>> 16) + (once & 0xffff);
}
