/**
 * Where the fields of ICMPv6 messages stand, and their types.
 *
 * @module
 */

import { OFFSET as COMMON, type QuotedLength } from "./icmp_common.ts";
import type { ICMPv6Message } from "./icmpv6_messages.ts";

/** In wire order; what follows the checksum differs from type to type. */
export const OFFSET = {
  ...COMMON,

  // Errors
  QUOTED_LENGTH: 4,
  UNUSED: 5,
  MTU: 4,
  POINTER: 4,

  // Echo
  IDENTIFIER: 4,
  SEQUENCE: 6,
  ECHO_DATA: 8,

  // Router solicitation
  RESERVED: 4,
  SOLICITATION_OPTIONS: 8,

  // Router advertisement
  HOP_LIMIT: 4,
  ROUTER_FLAGS: 5,
  LIFETIME: 6,
  REACHABLE_TIME: 8,
  RETRANS_TIMER: 12,
  ADVERTISEMENT_OPTIONS: 16,

  // Neighbor solicitation and advertisement, redirect
  NEIGHBOR_FLAGS: 4,
  TARGET: 8,
  NEIGHBOR_OPTIONS: 24,
  DESTINATION: 24,
  REDIRECT_OPTIONS: 40,
} as const;

/** RFC 4884 §4.4: the length field counts words of eight octets. */
export const QUOTED_LENGTH: QuotedLength = {
  layer: "ICMPv6",
  offset: OFFSET.QUOTED_LENGTH,
  unit: 8,
};

/** The types by their kinds. */
export const TYPES: Readonly<Record<KnownKind, number>> = {
  destinationUnreachable: 1,
  packetTooBig: 2,
  timeExceeded: 3,
  parameterProblem: 4,
  echoRequest: 128,
  echoReply: 129,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
  redirect: 137,
};

/** The kinds by their types. */
export const KINDS = new Map(
  Object.entries(TYPES).map(([kind, type]) => [type, kind as KnownKind]),
);

/** Octets before what has no length of its own: quoted packet, data, options. */
export const FIXED_LENGTHS: Readonly<Record<KnownKind, number>> = {
  destinationUnreachable: OFFSET.QUOTED,
  packetTooBig: OFFSET.QUOTED,
  timeExceeded: OFFSET.QUOTED,
  parameterProblem: OFFSET.QUOTED,
  echoRequest: OFFSET.ECHO_DATA,
  echoReply: OFFSET.ECHO_DATA,
  routerSolicitation: OFFSET.SOLICITATION_OPTIONS,
  routerAdvertisement: OFFSET.ADVERTISEMENT_OPTIONS,
  neighborSolicitation: OFFSET.NEIGHBOR_OPTIONS,
  neighborAdvertisement: OFFSET.NEIGHBOR_OPTIONS,
  redirect: OFFSET.REDIRECT_OPTIONS,
};

type KnownKind = Exclude<ICMPv6Message["kind"], "unknown">;
