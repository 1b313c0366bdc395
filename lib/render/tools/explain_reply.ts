/**
 * A reply to a ping, explained: the whole packet, or its ICMP message alone
 * where the kernel hands out no more; of an error the packet that it quotes.
 *
 * @module
 */

import type { PingAnswered } from "../../tools/ping/ping_types.ts";
import { dissect, type DissectedLayer } from "../../wire/packet/dissect.ts";
import { decodeICMPv4, encodeICMPv4 } from "../../wire/icmp/icmpv4.ts";
import { decodeICMPv6, encodeICMPv6 } from "../../wire/icmp/icmpv6.ts";
import { withoutZone } from "../../wire/zone.ts";
import { renderExplanation } from "../packet/explain.ts";
import { renderTree } from "../packet/tree.ts";

/** Octets of an echo before its payload. */
const ECHO_HEADER = 8;

/** The lines that explain what answered, at most 80 columns wide. */
export function explainReply(reply: PingAnswered["reply"]): string[] {
  const { packet, payload, destination, quoted } = reply;
  if (packet.length > 0) return renderExplanation(packet);
  if (!reply.isEchoReply) {
    // A ping socket is handed the request as it was given, without IP header.
    if (quoted[0] >> 4 !== reply.family) return [];
    return [
      "The kernel hands out no IP header here. The packet that is quoted:",
      ...renderTree(quoted, dissect(quoted)),
    ];
  }
  const outside = {
    source: withoutZone(reply.source),
    destination: withoutZone(destination ?? "::"),
    length: ECHO_HEADER + payload.length,
  };
  // As it was: the kernel has verified the checksum, which is computed here.
  const fields = {
    kind: "echoReply",
    code: reply.code,
    identifier: reply.id,
    sequence: reply.sequence,
    payload,
  } as const;
  const bytes = reply.family === 4
    ? encodeICMPv4(fields)
    : encodeICMPv6(fields, outside);
  const position = {
    offset: 0,
    length: ECHO_HEADER,
    payloadLength: payload.length,
    outside,
  };
  const layers: DissectedLayer[] = [
    reply.family === 4
      ? { protocol: "icmpv4", header: decodeICMPv4(bytes).header, ...position }
      : { protocol: "icmpv6", header: decodeICMPv6(bytes).header, ...position },
  ];
  if (payload.length > 0) {
    const { length } = payload;
    layers.push({ protocol: "data", offset: ECHO_HEADER, length });
  }
  return [
    "The kernel hands out no IP header here, but the ICMP message alone:",
    ...renderTree(bytes, { layers, problems: [] }),
  ];
}
