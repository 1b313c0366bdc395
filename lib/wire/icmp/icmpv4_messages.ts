/**
 * The messages of ICMP, decoded: one shape for each kind; their types, and where
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
export interface ICMPv4Head {
  /** 0–255; computed from `kind`. */
  readonly type: number;
  /** 0–255; default 0. {@linkcode icmpv4Name} says what it means. */
  readonly code: number;
  /** 0–0xffff; computed from the message. */
  readonly checksum: number;
}

/**
 * Echo request (type 8) or reply (type 0).
 *
 * @category ICMP
 */
export interface ICMPv4Echo extends ICMPv4Head {
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
 * Destination unreachable (type 3).
 *
 * @category ICMP
 */
export interface ICMPv4DestinationUnreachable extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "destinationUnreachable";
  /** The octet before the length, 0–255; default 0. */
  readonly unusedBefore: number;
  /**
   * Octets of `quoted` before extensions, 0–1,020, a multiple of 4; 0 says
   * nothing. Computed from `quoted`, and 0 without `extensions`.
   */
  readonly quotedLength: number;
  /** In octets, 0–0xffff; default 0. Its meaning is for code 4 (RFC 1191 §4). */
  readonly nextHopMTU: number;
  /** The packet that could not be delivered, as far as it goes; default none. */
  readonly quoted: Uint8Array;
  /** What `encodeICMPExtensions` wrote; default none. */
  readonly extensions: Uint8Array;
}

/**
 * Time exceeded (type 11).
 *
 * @category ICMP
 */
export interface ICMPv4TimeExceeded extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "timeExceeded";
  /** The octet before the length, 0–255; default 0. */
  readonly unusedBefore: number;
  /** As in {@linkcode ICMPv4DestinationUnreachable}. */
  readonly quotedLength: number;
  /** The two octets after the length, 0–0xffff; default 0. */
  readonly unusedAfter: number;
  /** The packet that was dropped, as far as it goes; default none. */
  readonly quoted: Uint8Array;
  /** What `encodeICMPExtensions` wrote; default none. */
  readonly extensions: Uint8Array;
}

/**
 * Parameter problem (type 12).
 *
 * @category ICMP
 */
export interface ICMPv4ParameterProblem extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "parameterProblem";
  /** Which octet of the quoted packet is wrong, 0–255; default 0. */
  readonly pointer: number;
  /** As in {@linkcode ICMPv4DestinationUnreachable}. */
  readonly quotedLength: number;
  /** The two octets after the length, 0–0xffff; default 0. */
  readonly unusedAfter: number;
  /** The packet that was dropped, as far as it goes; default none. */
  readonly quoted: Uint8Array;
  /** What `encodeICMPExtensions` wrote; default none. */
  readonly extensions: Uint8Array;
}

/**
 * Source quench (type 4), which RFC 6633 has abolished.
 *
 * @category ICMP
 */
export interface ICMPv4SourceQuench extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "sourceQuench";
  /** 0–0xffffffff; default 0. */
  readonly unused: number;
  /** The packet that was dropped, as far as it goes; default none. */
  readonly quoted: Uint8Array;
}

/**
 * Redirect (type 5).
 *
 * @category ICMP
 */
export interface ICMPv4Redirect extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "redirect";
  /** The better router, dotted decimal. */
  readonly gateway: string;
  /** The packet that was forwarded, as far as it goes; default none. */
  readonly quoted: Uint8Array;
}

/**
 * Timestamp request (type 13) or reply (type 14).
 *
 * @category ICMP
 */
export interface ICMPv4Timestamp extends ICMPv4Head {
  /** Which of the two. */
  readonly kind: "timestampRequest" | "timestampReply";
  /** 0–0xffff; default 0. */
  readonly identifier: number;
  /** 0–0xffff; default 0. */
  readonly sequence: number;
  /**
   * When the request was sent, in milliseconds since midnight UT, 0–0xffffffff;
   * default 0. With the uppermost bit set it is any other time (RFC 792).
   */
  readonly originate: number;
  /** When the request was received; as `originate`. */
  readonly receive: number;
  /** When the reply was sent; as `originate`. */
  readonly transmit: number;
  /** What follows, which is nothing as a rule. */
  readonly payload: Uint8Array;
}

/**
 * Information request (type 15) or reply (type 16), obsolete by RFC 6918.
 *
 * @category ICMP
 */
export interface ICMPv4Information extends ICMPv4Head {
  /** Which of the two. */
  readonly kind: "informationRequest" | "informationReply";
  /** 0–0xffff; default 0. */
  readonly identifier: number;
  /** 0–0xffff; default 0. */
  readonly sequence: number;
  /** What follows, which is nothing as a rule. */
  readonly payload: Uint8Array;
}

/**
 * Address mask request (type 17) or reply (type 18): RFC 950 appendix I.
 *
 * @category ICMP
 */
export interface ICMPv4AddressMask extends ICMPv4Head {
  /** Which of the two. */
  readonly kind: "addressMaskRequest" | "addressMaskReply";
  /** 0–0xffff; default 0. */
  readonly identifier: number;
  /** 0–0xffff; default 0. */
  readonly sequence: number;
  /** Dotted decimal; default 0.0.0.0. */
  readonly mask: string;
  /** What follows, which is nothing as a rule. */
  readonly payload: Uint8Array;
}

/**
 * One router of a router advertisement.
 *
 * @category ICMP
 */
export interface ICMPv4Router {
  /** Dotted decimal. */
  readonly address: string;
  /** The higher the better, −2^31 to 2^31 − 1. */
  readonly preference: number;
}

/**
 * Router advertisement (type 9): RFC 1256 §3.
 *
 * @category ICMP
 */
export interface ICMPv4RouterAdvertisement extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "routerAdvertisement";
  /** Routers it says there are, 0–255; computed from `routers`. */
  readonly addressCount: number;
  /** Octets of each of them, 0–1,020, a multiple of 4; default 8. */
  readonly entryLength: number;
  /** How long they may be relied on, in seconds, 0–0xffff; default 1,800. */
  readonly lifetime: number;
  /** As many as are there; none unless `entryLength` is 8. */
  readonly routers: readonly ICMPv4Router[];
  /** What follows, which is nothing as a rule. */
  readonly payload: Uint8Array;
}

/**
 * Router solicitation (type 10): RFC 1256 §3.
 *
 * @category ICMP
 */
export interface ICMPv4RouterSolicitation extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "routerSolicitation";
  /** 0–0xffffffff; default 0. */
  readonly reserved: number;
  /** What follows, which is nothing as a rule. */
  readonly payload: Uint8Array;
}

/**
 * A message of any other type.
 *
 * @category ICMP
 */
export interface ICMPv4Unknown extends ICMPv4Head {
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
export type ICMPv4Message =
  | ICMPv4Echo
  | ICMPv4DestinationUnreachable
  | ICMPv4SourceQuench
  | ICMPv4Redirect
  | ICMPv4TimeExceeded
  | ICMPv4ParameterProblem
  | ICMPv4Timestamp
  | ICMPv4Information
  | ICMPv4AddressMask
  | ICMPv4RouterAdvertisement
  | ICMPv4RouterSolicitation
  | ICMPv4Unknown;

/**
 * What a caller gives to make a message. What is left out is computed or takes
 * the default named with the field; what is given is written as it is, right or
 * wrong.
 *
 * @category ICMP
 */
export type ICMPv4Fields =
  | Given<ICMPv4Echo>
  | Given<ICMPv4DestinationUnreachable>
  | Given<ICMPv4SourceQuench>
  | Given<ICMPv4Redirect, "gateway">
  | Given<ICMPv4TimeExceeded>
  | Given<ICMPv4ParameterProblem>
  | Given<ICMPv4Timestamp>
  | Given<ICMPv4Information>
  | Given<ICMPv4AddressMask>
  | Given<ICMPv4RouterAdvertisement, "routers">
  | Given<ICMPv4RouterSolicitation>
  | Given<ICMPv4Unknown, "type">;

/** In wire order; what follows the checksum differs from type to type. */
export const OFFSET = {
  ...COMMON,

  // Queries
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
