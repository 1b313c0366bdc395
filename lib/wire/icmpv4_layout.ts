/**
 * Where the fields of ICMP messages stand, and their types.
 *
 * @module
 */

import { OFFSET as COMMON, type QuotedLength } from "./icmp_common.ts";
import type { ICMPv4Message } from "./icmpv4_messages.ts";

/** In wire order; what follows the checksum differs from type to type. */
export const OFFSET = {
  ...COMMON,

  // Queries
  IDENTIFIER: 4,
  SEQUENCE: 6,
  QUERY_DATA: 8,
  ORIGINATE: 8,
  RECEIVE: 12,
  TRANSMIT: 16,
  TIMESTAMP_END: 20,
  MASK: 8,
  MASK_END: 12,

  // Errors
  UNUSED: 4,
  POINTER: 4,
  GATEWAY: 4,
  QUOTED_LENGTH: 5,
  NEXT_HOP_MTU: 6,
  UNUSED_AFTER: 6,

  // Router discovery
  RESERVED: 4,
  ADDRESS_COUNT: 4,
  ENTRY_LENGTH: 5,
  LIFETIME: 6,
  ROUTERS: 8,
} as const;

/** Octets of one entry of a router advertisement: address and preference. */
export const ROUTER_LENGTH = 8;
/** Within it. */
export const ROUTER_PREFERENCE = 4;

/** RFC 4884 §4.1: the length field counts words of four octets. */
export const QUOTED_LENGTH: QuotedLength = {
  layer: "ICMPv4",
  offset: OFFSET.QUOTED_LENGTH,
  unit: 4,
};

/** The types by their kinds. */
export const TYPES: Readonly<Record<KnownKind, number>> = {
  echoReply: 0,
  destinationUnreachable: 3,
  sourceQuench: 4,
  redirect: 5,
  echoRequest: 8,
  routerAdvertisement: 9,
  routerSolicitation: 10,
  timeExceeded: 11,
  parameterProblem: 12,
  timestampRequest: 13,
  timestampReply: 14,
  informationRequest: 15,
  informationReply: 16,
  addressMaskRequest: 17,
  addressMaskReply: 18,
};

/** The kinds by their types. */
export const KINDS = new Map(
  Object.entries(TYPES).map(([kind, type]) => [type, kind as KnownKind]),
);

type KnownKind = Exclude<ICMPv4Message["kind"], "unknown">;
