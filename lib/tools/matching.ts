/**
 * Whether an ICMP message is about a packet of ours.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import { PacketError } from "../wire/errors.ts";
import { icmpv4Name } from "../wire/icmp_names.ts";
import { decodeICMPv4 } from "../wire/icmpv4.ts";
import { IP_PROTOCOL } from "../wire/ip_protocols.ts";
import { decodeIPv4, type IPv4Header } from "../wire/ipv4.ts";

/** An ICMP error message, and the header of the packet it complains about. */
export interface ICMPErrorMessage {
  /** Who sent it. */
  readonly from: string;
  /** Such as 3, destination unreachable. */
  readonly type: number;
  /** Such as 2, protocol unreachable. */
  readonly code: number;
  /** Both in words. */
  readonly description: string;
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
    if (
      header.protocol !== IP_PROTOCOL.ICMP || internetChecksum(payload) !== 0
    ) return;
    const message = decodeICMPv4(payload);
    if (!("quoted" in message)) return;
    const { type, code } = message;
    return {
      from: header.source,
      type,
      code,
      description: icmpv4Name(type, code),
      quoted: decodeIPv4(message.quoted).header,
    };
  } catch (error) {
    if (error instanceof PacketError) return undefined;
    throw error;
  }
}
