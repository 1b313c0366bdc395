/**
 * The common packet, described by flags.
 *
 * @module
 */

import { EXIT, ScriptError } from "./exit.ts";
import { payloadOf } from "./messages.ts";

/** What the command line says of the packet. */
export interface CraftFlags {
  readonly source?: string;
  readonly destination?: string;
  readonly ttl?: number;
  readonly tos?: number;
  readonly id?: number;
  readonly flags?: number;
  readonly options?: Uint8Array;
  readonly protocol?: number;
  readonly checksum?: number;
  readonly length?: number;
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
  const { source, destination, ttl, tos, id, icmpType, checksum } = flags;
  const bits = flags.flags;
  if (destination === undefined) {
    throw usage("a packet needs --destination, or a description by --json");
  }
  const protocol = flags.protocol ??
    (icmpType === undefined ? DEFAULT_PROTOCOL : undefined);
  const ipv4 = {
    ...{ source, destination, ttl, identification: id, protocol, checksum },
    ...(tos === undefined ? {} : { dscp: tos >> 2, ecn: tos & 3 }),
    ...(bits === undefined ? {} : {
      reserved: (bits & 4) !== 0,
      dontFragment: (bits & 2) !== 0,
      moreFragments: (bits & 1) !== 0,
    }),
    totalLength: flags.length,
    options: flags.options?.toHex(),
  };
  const data = { hex: payloadOf(flags)?.toHex() ?? "" };
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
