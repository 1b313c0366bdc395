/**
 * The pseudo header that the checksums of ICMPv6, UDP and TCP cover too: parts
 * of the IP header outside (RFC 768, RFC 9293 §3.1, RFC 8200 §8.1).
 *
 * @module
 */

import { onesComplementSum } from "../bytes/checksum.ts";
import { isIPv4, parseIPv4, parseIPv6 } from "./address.ts";
import { put16, put32 } from "./octets.ts";

/** Where a packet comes from and where it goes, two addresses of one family. */
export interface AddressPair {
  /** The source address. */
  readonly source: string;
  /** The final destination's address. */
  readonly destination: string;
}

/** What an IP header contributes to the checksum of its whole payload. */
export interface PseudoHeader extends AddressPair {
  /** Octets of the payload; IPv6 extension headers do not count. */
  readonly length: number;
}

/**
 * The one's complement sum of a pseudo header, to be passed to
 * {@linkcode internetChecksum} as `initial`. It is the same sum for IPv4 and
 * IPv6, though their pseudo headers differ in shape.
 *
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
  const rest = new Uint8Array(6);
  put32(rest, 0, length);
  put16(rest, 4, protocol);
  return [octetsOf(source), octetsOf(destination), rest].reduce(
    (sum, octets) => onesComplementSum(octets, sum),
    0,
  );
}

function octetsOf(address: string): Uint8Array {
  if (!isIPv4(address)) return parseIPv6(address);
  const octets = new Uint8Array(4);
  put32(octets, 0, parseIPv4(address));
  return octets;
}
