/**
 * The common packet, described by flags.
 *
 * @module
 */

import { EXIT, ScriptError } from "./exit.ts";

/** What the command line says of the packet. */
export interface CraftFlags {
  readonly source?: string;
  readonly destination?: string;
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  readonly protocol?: number;
  readonly icmpType?: number;
  readonly payload?: string;
  readonly hex?: Uint8Array;
}

/** For experiments (RFC 3692), as the pair's. */
const DEFAULT_PROTOCOL = 253;
/** What an ICMP header has behind its checksum, such as identifier and sequence. */
const ICMP_REST = "00000000";

/**
 * An IPv4 packet's description, as `packetFromJSON` takes it. What is not given
 * is left out.
 *
 * @throws {ScriptError} without a destination, or if two flags exclude each
 * other
 */
export function describedBy(flags: CraftFlags): unknown {
  const { source, destination, ttl, tos, id, icmpType, payload, hex } = flags;
  if (destination === undefined) {
    throw usage("a packet needs --destination, or a description by --json");
  }
  if (payload !== undefined && hex !== undefined) {
    throw usage("--payload and --hex exclude each other");
  }
  const protocol = flags.protocol ??
    (icmpType === undefined ? DEFAULT_PROTOCOL : undefined);
  const ipv4 = {
    ...{ source, destination, ttl, identification: id, protocol },
    ...(tos === undefined ? {} : { dscp: tos >> 2, ecn: tos & 3 }),
  };
  const data = payload === undefined
    ? { hex: hex?.toHex() ?? "" }
    : { text: payload };
  const given = Object.entries(ipv4).filter(([, value]) => value !== undefined);
  return {
    layers: [
      { ipv4: Object.fromEntries(given) },
      ...(icmpType === undefined ? [] : [
        { icmpv4: { kind: "unknown", type: icmpType } },
        { data: ICMP_REST },
      ]),
      { data },
    ],
  };
}

function usage(message: string): ScriptError {
  return new ScriptError(message, EXIT.USAGE);
}
