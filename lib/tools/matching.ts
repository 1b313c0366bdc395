/**
 * Whether an ICMP message is about a packet of ours.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import { PacketError } from "../wire/errors.ts";
import { decodeIPv4, type IPv4Header } from "../wire/ipv4.ts";
import type { FilterInstruction } from "../socket/receiving_socket.ts";

const ICMP = { TYPE: 0, CODE: 1, QUOTE: 8 } as const;

/** Types that quote the packet they are about (RFC 792). */
const ERROR_TYPES = [3, 4, 5, 11, 12];

/** An ICMP error message, and the header of the packet it complains about. */
export interface ICMPErrorMessage {
  /** Who sent it. */
  readonly from: string;
  /** Such as 3, destination unreachable. */
  readonly type: number;
  /** Such as 2, protocol unreachable. */
  readonly code: number;
  /** The quoted packet's header. */
  readonly quoted: IPv4Header;
}

/**
 * Reads a packet as an ICMP error message, if it is a sound one: its checksum
 * is right, and it quotes at least an IP header.
 *
 * @param packet from the IP header on
 */
export function readICMPError(
  packet: Uint8Array,
): ICMPErrorMessage | undefined {
  try {
    const { header, payload } = decodeIPv4(packet);
    if (header.protocol !== 1 || internetChecksum(payload) !== 0) return;
    const type = payload[ICMP.TYPE];
    if (!ERROR_TYPES.includes(type)) return;
    const quoted = decodeIPv4(payload.subarray(ICMP.QUOTE)).header;
    return { from: header.source, type, code: payload[ICMP.CODE], quoted };
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}

/**
 * A filter for a raw ICMP socket: lets errors through that quote a packet to
 * `destination`, and nothing else, so that other traffic does not wake us.
 *
 * @param destination 32 bits, as `parseIPv4` gives them
 */
export function errorsAbout(destination: number): FilterInstruction[] {
  const quotedDestination = ICMP.QUOTE + 16;
  return [
    // X = the header's length, A = the ICMP type.
    { code: 0xb1, jt: 0, jf: 0, k: 0 },
    { code: 0x50, jt: 0, jf: 0, k: ICMP.TYPE },
    ...ERROR_TYPES.map((type, i) => ({
      code: 0x15,
      jt: ERROR_TYPES.length - i,
      jf: 0,
      k: type,
    })),
    { code: 0x06, jt: 0, jf: 0, k: 0 },
    { code: 0x40, jt: 0, jf: 0, k: quotedDestination },
    { code: 0x15, jt: 0, jf: 1, k: destination },
    { code: 0x06, jt: 0, jf: 0, k: 0xffff_ffff },
    { code: 0x06, jt: 0, jf: 0, k: 0 },
  ];
}
