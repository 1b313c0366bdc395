/**
 * A message that is about to be sent, explained.
 *
 * @module
 */

import type { Outgoing } from "../tools/send_messages.ts";
import { buildPacket, ipv4 } from "../wire/build.ts";
import { IPV4_MIN_HEADER_LENGTH } from "../wire/ipv4.ts";
import { renderExplanation } from "./explain.ts";

/**
 * Explains the packet that a raw socket will make of a payload: the fields that
 * were chosen, those that the kernel is known to fill in, and a word on those
 * that only the kernel knows.
 */
export function renderOutgoing(
  packet: Outgoing,
  payload: Uint8Array,
): string[] {
  const { mtu, trafficClass, discoversMTU } = packet;
  const length = IPV4_MIN_HEADER_LENGTH + payload.length;
  const isWhole = length <= mtu;
  const bytes = buildPacket(
    ipv4({
      ...packet,
      dscp: trafficClass >> 2,
      ecn: trafficClass & 3,
      // What the kernel has to fragment by itself leaves without it.
      dontFragment: discoversMTU && isWhole,
    }),
    payload,
  );
  return [
    "The kernel writes this header. It chooses the identification, shown as 0",
    "here, and the checksum changes with it.",
    ...(isWhole ? [] : [
      `The MTU is ${mtu} octets: it leaves in fragments, not in one piece.`,
    ]),
    "",
    ...renderExplanation(bytes),
  ];
}
