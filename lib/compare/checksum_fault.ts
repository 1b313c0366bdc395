/**
 * Checksums for which a receiver drops a packet without a word.
 *
 * @module
 */

import { parseIPv4 } from "../wire/address.ts";
import { dissect } from "../wire/packet/dissect.ts";
import { ipProtocolName } from "../wire/ip_protocols.ts";
import { OFFSET } from "../wire/ipv4/ipv4.ts";
import { put32 } from "../wire/octets.ts";
import type { GivenPacket } from "./forged_packet.ts";
import type { SeenPacket } from "./seen_packets.ts";

/**
 * A wrong checksum behind an IP header.
 *
 * @category Why no reply came
 */
export interface ChecksumFault {
  /** Whose it is, such as `UDP`. */
  readonly protocol: string;
  /** The source that it was computed over, if it is wrong for another's sake. */
  readonly source?: string;
}

/**
 * What is wrong with the checksum of a packet as it left. Those of UDP and TCP
 * cover the addresses (RFC 768, RFC 9293 §3.1), and the kernel writes a source
 * where there was none.
 */
export function checksumFault(
  { bytes, header }: SeenPacket,
  { header: { source } }: GivenPacket,
): ChecksumFault | undefined {
  if (!isWrong(bytes)) return undefined;
  const protocol = ipProtocolName(header.protocol) ?? `${header.protocol}`;
  if (source === undefined || source === header.source) return { protocol };
  const before = bytes.slice();
  put32(before, OFFSET.SOURCE, parseIPv4(source));
  return isWrong(before) ? { protocol } : { protocol, source };
}

/** Whether what is right behind the IP header has a wrong checksum. */
function isWrong(packet: Uint8Array): boolean {
  const { layers: [, inner], problems } = dissect(packet);
  return problems.some(({ layer, field }) =>
    layer === inner?.protocol && field === "checksum"
  );
}
