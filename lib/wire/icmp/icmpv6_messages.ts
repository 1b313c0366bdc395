/**
 * The messages of ICMPv6, decoded: one shape for each kind; their types, and where
 * their fields stand.
 *
 * @module
 */

import type { Given } from "../packet/protocol.ts";
import { OFFSET as COMMON, type QuotedLength } from "./icmp_common.ts";

/**
 * What every message begins with.
 *
 * @category ICMP
 */
export interface ICMPv6Head {
  /** 0–255; computed from `kind`. */
  readonly type: number;
  /** 0–255; default 0. {@linkcode icmpv6Name} says what it means. */
  readonly code: number;
  /** 0–0xffff; computed from the message and the addresses outside. */
  readonly checksum: number;
}

/**
 * Destination unreachable (type 1) or time exceeded (type 3).
 *
 * @category ICMP
 */
export interface ICMPv6ExtensibleError extends ICMPv6Head {
  /** Which of the two. */
  readonly kind: "destinationUnreachable" | "timeExceeded";
  /**
   * Octets of `quoted` before extensions, 0–2,040, a multiple of 8; 0 says
   * nothing. Computed from `quoted`, and 0 without `extensions`.
   */
  readonly quotedLength: number;
  /** The three octets after the length, 0–0xffffff; default 0. */
  readonly unused: number;
  /** The packet that was dropped, as far as it goes; default none. */
  readonly quoted: Uint8Array;
  /** What `encodeICMPExtensions` wrote; default none. */
  readonly extensions: Uint8Array;
}

/**
 * Packet too big (type 2).
 *
 * @category ICMP
 */
export interface ICMPv6PacketTooBig extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "packetTooBig";
  /** Of the next hop's link, in octets, 0–0xffffffff. */
  readonly mtu: number;
  /** The packet that was dropped, as far as it goes; default none. */
  readonly quoted: Uint8Array;
}

/**
 * Parameter problem (type 4).
 *
 * @category ICMP
 */
export interface ICMPv6ParameterProblem extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "parameterProblem";
  /** Which octet of the dropped packet is wrong, 0–0xffffffff; default 0. */
  readonly pointer: number;
  /** The packet that was dropped, as far as it goes; default none. */
  readonly quoted: Uint8Array;
}

/**
 * Echo request (type 128) or reply (type 129).
 *
 * @category ICMP
 */
export interface ICMPv6Echo extends ICMPv6Head {
  /** Which of the two. */
  readonly kind: "echoRequest" | "echoReply";
  /** 0–0xffff; default 0. */
  readonly identifier: number;
  /** 0–0xffff; default 0. */
  readonly sequence: number;
  /** What is to be echoed; default none. */
  readonly payload: Uint8Array;
}

/**
 * Router solicitation (type 133): RFC 4861 §4.1.
 *
 * @category ICMP
 */
export interface ICMPv6RouterSolicitation extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "routerSolicitation";
  /** 0–0xffffffff; default 0. */
  readonly reserved: number;
  /** What `encodeNDPOptions` wrote; default none. */
  readonly options: Uint8Array;
}

/**
 * Router advertisement (type 134): RFC 4861 §4.2.
 *
 * @category ICMP
 */
export interface ICMPv6RouterAdvertisement extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "routerAdvertisement";
  /** The hop limit that hosts should use, 0–255; default 0, unspecified. */
  readonly hopLimit: number;
  /** Whether addresses are to be had by DHCPv6; default false. */
  readonly managed: boolean;
  /** Whether other settings are to be had by DHCPv6; default false. */
  readonly other: boolean;
  /** The other six flags, 0–0x3f; default 0. */
  readonly reservedFlags: number;
  /** As a default router, in seconds, 0–0xffff; default 1,800. */
  readonly lifetime: number;
  /** In milliseconds, 0–0xffffffff; default 0, unspecified. */
  readonly reachableTime: number;
  /** In milliseconds, 0–0xffffffff; default 0, unspecified. */
  readonly retransTimer: number;
  /** What `encodeNDPOptions` wrote; default none. */
  readonly options: Uint8Array;
}

/**
 * Neighbor solicitation (type 135): RFC 4861 §4.3.
 *
 * @category ICMP
 */
export interface ICMPv6NeighborSolicitation extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "neighborSolicitation";
  /** 0–0xffffffff; default 0. */
  readonly reserved: number;
  /** Whose link-layer address is wanted, IPv6 text. */
  readonly target: string;
  /** What `encodeNDPOptions` wrote; default none. */
  readonly options: Uint8Array;
}

/**
 * Neighbor advertisement (type 136): RFC 4861 §4.4.
 *
 * @category ICMP
 */
export interface ICMPv6NeighborAdvertisement extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "neighborAdvertisement";
  /** Whether the sender is a router; default false. */
  readonly router: boolean;
  /** Whether it answers a solicitation; default false. */
  readonly solicited: boolean;
  /** Whether it replaces what is cached; default false. */
  readonly override: boolean;
  /** The other 29 bits, 0–0x1fffffff; default 0. */
  readonly reserved: number;
  /** Whose link-layer address is told, IPv6 text. */
  readonly target: string;
  /** What `encodeNDPOptions` wrote; default none. */
  readonly options: Uint8Array;
}

/**
 * Redirect (type 137): RFC 4861 §4.5.
 *
 * @category ICMP
 */
export interface ICMPv6Redirect extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "redirect";
  /** 0–0xffffffff; default 0. */
  readonly reserved: number;
  /** The better first hop, IPv6 text. */
  readonly target: string;
  /** What it is better for, IPv6 text. */
  readonly destination: string;
  /** What `encodeNDPOptions` wrote; default none. */
  readonly options: Uint8Array;
}

/**
 * A message of any other type.
 *
 * @category ICMP
 */
export interface ICMPv6Unknown extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "unknown";
  /** All that follows the checksum; default none. */
  readonly payload: Uint8Array;
}

/**
 * A decoded message: every field, as it stood in the octets.
 *
 * @category ICMP
 */
export type ICMPv6Message =
  | ICMPv6ExtensibleError
  | ICMPv6PacketTooBig
  | ICMPv6ParameterProblem
  | ICMPv6Echo
  | ICMPv6RouterSolicitation
  | ICMPv6RouterAdvertisement
  | ICMPv6NeighborSolicitation
  | ICMPv6NeighborAdvertisement
  | ICMPv6Redirect
  | ICMPv6Unknown;

/**
 * What a caller gives to make a message. What is left out is computed or takes
 * the default named with the field; what is given is written as it is, right or
 * wrong.
 *
 * @category ICMP
 */
export type ICMPv6Fields =
  | Given<ICMPv6ExtensibleError>
  | Given<ICMPv6PacketTooBig, "mtu">
  | Given<ICMPv6ParameterProblem>
  | Given<ICMPv6Echo>
  | Given<ICMPv6RouterSolicitation>
  | Given<ICMPv6RouterAdvertisement>
  | Given<ICMPv6NeighborSolicitation, "target">
  | Given<ICMPv6NeighborAdvertisement, "target">
  | Given<ICMPv6Redirect, "target" | "destination">
  | Given<ICMPv6Unknown, "type">;

/** In wire order; what follows the checksum differs from type to type. */
export const OFFSET = {
  ...COMMON,

  // Errors
  QUOTED_LENGTH: 4,
  UNUSED: 5,
  MTU: 4,
  POINTER: 4,

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
export function fixedLength(kind: KnownKind): number {
  switch (kind) {
    case "routerAdvertisement":
      return OFFSET.ADVERTISEMENT_OPTIONS;
    case "neighborSolicitation":
    case "neighborAdvertisement":
      return OFFSET.NEIGHBOR_OPTIONS;
    case "redirect":
      return OFFSET.REDIRECT_OPTIONS;
    default:
      return OFFSET.QUOTED;
  }
}

type KnownKind = Exclude<ICMPv6Message["kind"], "unknown">;
