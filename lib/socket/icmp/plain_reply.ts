/**
 * Echo replies looked at where they were received, of which a flood has a
 * hundred thousand a second.
 *
 * @module
 */

import { onesComplementSumOfWords } from "../../bytes/checksum.ts";
import { OFFSET } from "../../wire/icmp/icmp_common.ts";
import { TYPES as TYPES4 } from "../../wire/icmp/icmpv4_messages.ts";
import { TYPES as TYPES6 } from "../../wire/icmp/icmpv6_messages.ts";
import { get16 } from "../../wire/octets.ts";
import type { PacketInPlace } from "../ring/packet_in_place.ts";
import type { Expected } from "./icmp_message.ts";

/**
 * Whether a packet is, octet for octet, the reply that a request asks for. What
 * is not so plain, `mismatch` judges, which finds no fault with what is: that of
 * an odd length is an example, since 32 bits are summed at a time here.
 *
 * @param from the octets of the address that was asked
 */
export function isPlainReply(
  { bytes, words, start, end, source }: PacketInPlace,
  { id, sequence, payload }: Pick<Expected, "id" | "sequence" | "payload">,
  from: Uint8Array,
): boolean {
  const isIPv4 = from.length === 4;
  const data = start + OFFSET.QUERY_DATA;
  if (
    bytes[start] !== (isIPv4 ? TYPES4 : TYPES6).echoReply ||
    get16(bytes, start + OFFSET.IDENTIFIER) !== id ||
    get16(bytes, start + OFFSET.SEQUENCE) !== sequence ||
    end - data !== payload.length || payload.length % 4 !== 0
  ) return false;
  for (let i = 0; i < from.length; i++) {
    if (bytes[source + i] !== from[i]) return false;
  }
  for (let i = 0; i < payload.length; i++) {
    if (bytes[data + i] !== payload[i]) return false;
  }
  // ICMPv6's the kernel has verified.
  return !isIPv4 ||
    onesComplementSumOfWords(words, start >> 2, end >> 2) === 0xffff;
}
