/**
 * What each field of each protocol means, and where that is written: texts that
 * no header needs, so that only who asks for them loads them.
 *
 * @module
 */

import type { BuiltProtocol, ProtocolName } from "../packet/registry.ts";
import { isDerived, type Meanings } from "./derived.ts";
import { ICMPV4, ICMPV6, IGMP } from "./icmp.ts";
import { IPV4, IPV6 } from "./internet.ts";
import { ARP, ETHERNET, LOOPBACK, SLL, SLL2 } from "./link.ts";
import { AH, GRE, OSPF, SCTP, TCP, UDP } from "./transport.ts";

/**
 * What a field is for.
 *
 * @category Packets
 */
export interface FieldMeaning {
  /** In a sentence or two. */
  readonly meaning: string;
  /** The document and its section, such as `RFC 791 §3.1`. */
  readonly reference: string;
  /**
   * Whether it is computed from the rest, such as a length or a checksum; what
   * is not derived is given.
   */
  readonly isDerived: boolean;
}

const MEANINGS: Readonly<Record<BuiltProtocol, Meanings>> = {
  ethernet: ETHERNET,
  sll: SLL,
  sll2: SLL2,
  loopback: LOOPBACK,
  arp: ARP,
  ipv4: IPV4,
  ipv6: IPV6,
  icmpv4: ICMPV4,
  icmpv6: ICMPV6,
  udp: UDP,
  tcp: TCP,
  sctp: SCTP,
  igmp: IGMP,
  ah: AH,
  ospf: OSPF,
  gre: GRE,
};

/** What an ICMP error quotes is of its own family, as a rule. */
const QUOTED: Readonly<Record<string, readonly ProtocolName[]>> = {
  icmpv4: ["ipv4", "ipv6"],
  icmpv6: ["ipv6", "ipv4"],
};

/** What a quoted packet may carry: fields of one name mean the same there. */
const CARRIED: readonly ProtocolName[] = [
  ...["udp", "tcp", "icmpv4", "icmpv6", "sctp", "igmp"] as const,
  ...["gre", "ah", "ospf"] as const,
];

/**
 * What a field means, where that is written, and whether it is derived.
 *
 * @category Packets
 * @param protocol the layer's, such as `ipv4`
 * @param path the field's name; of a part, the names from the field down to it,
 * with points between them: `flags.dontFragment`, `quoted.ttl`
 * @returns `undefined` if there is no such field
 *
 * @example
 * ```ts
 * import { fieldMeaning } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fieldMeaning("udp", "length"), {
 *   meaning: "Octets of header and payload.",
 *   reference: "RFC 768",
 *   isDerived: true,
 * });
 * ```
 */
export function fieldMeaning(
  protocol: string,
  path: string,
): FieldMeaning | undefined {
  const found = own(own(MEANINGS, protocol), path);
  if (found !== undefined) {
    const [meaning, reference] = found;
    return { meaning, reference, isDerived: isDerived(protocol, path) };
  }
  const [, inPayload, inside] = /^quoted\.(payload\.)?(.+)$/s.exec(path) ?? [];
  if (inside === undefined) return undefined;
  const inner = inPayload === undefined ? own(QUOTED, protocol) : CARRIED;
  for (const name of inner ?? []) {
    const meaning = fieldMeaning(name, inside);
    if (meaning !== undefined) return meaning;
  }
}

/** What an object has itself: names come from packets and pages. */
function own<Value>(
  object: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return object !== undefined && Object.hasOwn(object, name)
    ? object[name]
    : undefined;
}
