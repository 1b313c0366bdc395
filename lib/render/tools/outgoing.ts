/**
 * A message that is about to be sent, explained.
 *
 * @module
 */

import { ipv4 } from "../../wire/ipv4/ipv4_protocol.ts";
import type { Outgoing } from "../../tools/pair/send_messages.ts";
import { buildPacket } from "../../wire/packet/build.ts";
import { IPV4_MIN_HEADER_LENGTH } from "../../wire/ipv4/ipv4.ts";
import { renderExplanation } from "../packet/explain.ts";

/** What every host takes at once (RFC 791 §3.1), and links as a rule. */
const USUALLY_WHOLE = 576;

/**
 * Explains the packet that a raw socket will make of a payload: the fields that
 * were chosen, those that the kernel is known to fill in, and a word on those
 * that only the kernel knows.
 */
export function renderOutgoing(
  packet: Outgoing,
  payload: Uint8Array,
): string[] {
  const { source, destination, protocol, ttl, mtu } = packet;
  const { trafficClass, discoversMTU } = packet;
  const length = IPV4_MIN_HEADER_LENGTH + payload.length;
  const isWhole = mtu === undefined || length <= mtu;
  const bytes = buildPacket(
    ipv4({
      ...{ source, destination, protocol, ttl },
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
    ...(mtu !== undefined || length <= USUALLY_WHOLE ? [] : [
      "Whether it leaves in one piece is unknown: this system tells no MTU.",
    ]),
    "",
    ...renderExplanation(bytes),
  ];
}

/** Explains the fragments in which a message leaves. */
export function renderFragments(fragments: readonly Uint8Array[]): string[] {
  const { length } = fragments;
  return fragments.flatMap((fragment, i) => [
    length === 1
      ? "It fits into one packet, whose header the kernel leaves as it is:"
      : `Fragment ${
        i + 1
      } of ${length}, whose header the kernel leaves as it is:`,
    "",
    ...renderExplanation(fragment),
    "",
  ]);
}
