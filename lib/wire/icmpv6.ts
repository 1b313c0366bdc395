/**
 * The messages of ICMPv6: RFC 4443, Neighbor Discovery (RFC 4861 §4), and the
 * length of the quoted packet before extensions (RFC 4884).
 *
 * {@linkcode encodeICMPv6} computes what was left out and writes what was given
 * as it is, so that wrong messages can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeICMPv6} throws a {@linkcode PacketError} only where a
 * message is too short for its type, and `encodeICMPv6(message)` of what it
 * returned is the same octets again. Types that are not known are kept whole.
 * The checksum covers the addresses of the IPv6 header outside (RFC 4443 §2.3),
 * so that without them it can neither be computed nor checked. Options and
 * extensions are raw octets here; `ndp_options.ts` and `icmp_extensions.ts`
 * read them.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import { formatIPv6, parseIPv6 } from "./address.ts";
import { checkField, checkMultiple, type Problem } from "./errors.ts";
import {
  checksumText,
  type Field,
  fieldAt,
  flagAt,
  hex,
  unverifiedChecksum,
} from "./field.ts";
import type { Given } from "./given.ts";
import {
  checkQuoted,
  cutShort,
  describeQuoted,
  describeQuotedLength,
  describeTypeCodeChecksum,
  describeUnused,
} from "./icmp_common.ts";
import { paddedQuotedLength, splitQuoted } from "./icmp_extensions.ts";
import { icmpv6CodeName, icmpv6Name } from "./icmp_names.ts";
import { decodeNDPOptions, describeNDPOption } from "./ndp_options.ts";
import { get16, get32, put16, put32, spaceBefore } from "./octets.ts";
import { type AddressPair, pseudoHeaderSum } from "./pseudo_header.ts";

/** In wire order; what follows the checksum differs from type to type. */
const OFFSET = {
  TYPE: 0,
  CODE: 1,
  CHECKSUM: 2,
  UNKNOWN: 4,

  // Errors
  QUOTED_LENGTH: 4,
  UNUSED: 5,
  MTU: 4,
  POINTER: 4,
  QUOTED: 8,

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

/** The protocol number of ICMPv6, which its checksum covers. */
const PROTOCOL = 58;

/** RFC 4884 §4.4: the length field counts words of eight octets. */
const LENGTH_UNIT = 8;
const MAX_QUOTED_LENGTH = 255 * LENGTH_UNIT;

const MANAGED = 0x80;
const OTHER = 0x40;
const ROUTER = 0x8000_0000;
const SOLICITED = 0x4000_0000;
const OVERRIDE = 0x2000_0000;

const TYPES: Readonly<Record<KnownKind, number>> = {
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

const KINDS = new Map(
  Object.entries(TYPES).map(([kind, type]) => [type, kind as KnownKind]),
);

/** Octets before what has no length of its own: quoted packet, data, options. */
const FIXED_LENGTHS: Readonly<Record<KnownKind, number>> = {
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

/** What every message begins with. */
export interface ICMPv6Head {
  /** 0–255; computed from `kind`. */
  readonly type: number;
  /** 0–255; default 0. {@linkcode icmpv6Name} says what it means. */
  readonly code: number;
  /** 0–0xffff; computed from the message and the addresses outside. */
  readonly checksum: number;
}

/** Destination unreachable (type 1) or time exceeded (type 3). */
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

/** Packet too big (type 2). */
export interface ICMPv6PacketTooBig extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "packetTooBig";
  /** Of the next hop's link, in octets, 0–0xffffffff. */
  readonly mtu: number;
  /** The packet that was dropped, as far as it goes; default none. */
  readonly quoted: Uint8Array;
}

/** Parameter problem (type 4). */
export interface ICMPv6ParameterProblem extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "parameterProblem";
  /** Which octet of the dropped packet is wrong, 0–0xffffffff; default 0. */
  readonly pointer: number;
  /** The packet that was dropped, as far as it goes; default none. */
  readonly quoted: Uint8Array;
}

/** Echo request (type 128) or reply (type 129). */
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

/** Router solicitation (type 133): RFC 4861 §4.1. */
export interface ICMPv6RouterSolicitation extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "routerSolicitation";
  /** 0–0xffffffff; default 0. */
  readonly reserved: number;
  /** What `encodeNDPOptions` wrote; default none. */
  readonly options: Uint8Array;
}

/** Router advertisement (type 134): RFC 4861 §4.2. */
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

/** Neighbor solicitation (type 135): RFC 4861 §4.3. */
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

/** Neighbor advertisement (type 136): RFC 4861 §4.4. */
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

/** Redirect (type 137): RFC 4861 §4.5. */
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

/** A message of any other type. */
export interface ICMPv6Unknown extends ICMPv6Head {
  /** Tells it from the other messages. */
  readonly kind: "unknown";
  /** All that follows the checksum; default none. */
  readonly payload: Uint8Array;
}

/** A decoded message: every field, as it stood in the octets. */
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

/**
 * Writes a message into new octets.
 *
 * Behind extensions the packet that an error quotes is zero-padded to 128
 * octets or more, as RFC 4884 §3 demands.
 *
 * @param addresses of the IPv6 header outside, for the checksum; without them
 * it is 0, unless given, which Linux replaces on its way out (RFC 3542 §3.1)
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeICMPv6 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const octets = encodeICMPv6(
 *   { kind: "echoRequest", identifier: 0x1234, sequence: 1 },
 *   { source: "2001:db8::1", destination: "2001:db8::2" },
 * );
 * assertEquals(octets.toHex(), "8000121312340001");
 * ```
 */
export function encodeICMPv6(
  fields: ICMPv6Fields,
  addresses?: AddressPair,
): Uint8Array<ArrayBuffer> {
  const bytes = encodeBody(fields);
  bytes[OFFSET.TYPE] = bits(
    8,
    "type",
    fields.kind === "unknown" ? fields.type : fields.type ?? TYPES[fields.kind],
  );
  bytes[OFFSET.CODE] = bits(8, "code", fields.code ?? 0);
  // Last, since it covers all the rest; the field itself is still zero.
  const computed = addresses === undefined
    ? 0
    : internetChecksum(bytes, sumOf(addresses, bytes));
  put16(
    bytes,
    OFFSET.CHECKSUM,
    bits(16, "checksum", fields.checksum ?? computed),
  );
  return bytes;
}

/** The whole message, but for its first four octets. */
function encodeBody(fields: ICMPv6Fields): Uint8Array<ArrayBuffer> {
  switch (fields.kind) {
    case "echoRequest":
    case "echoReply": {
      const bytes = spaceBefore(fields.payload, OFFSET.ECHO_DATA);
      put16(
        bytes,
        OFFSET.IDENTIFIER,
        bits(16, "identifier", fields.identifier),
      );
      put16(bytes, OFFSET.SEQUENCE, bits(16, "sequence", fields.sequence));
      return bytes;
    }
    case "destinationUnreachable":
    case "timeExceeded":
      return encodeExtensibleError(fields);
    case "packetTooBig": {
      const bytes = spaceBefore(fields.quoted, OFFSET.QUOTED);
      put32(bytes, OFFSET.MTU, bits(32, "mtu", fields.mtu));
      return bytes;
    }
    case "parameterProblem": {
      const bytes = spaceBefore(fields.quoted, OFFSET.QUOTED);
      put32(bytes, OFFSET.POINTER, bits(32, "pointer", fields.pointer));
      return bytes;
    }
    case "routerSolicitation": {
      const bytes = spaceBefore(fields.options, OFFSET.SOLICITATION_OPTIONS);
      put32(bytes, OFFSET.RESERVED, bits(32, "reserved", fields.reserved));
      return bytes;
    }
    case "routerAdvertisement":
      return encodeRouterAdvertisement(fields);
    case "neighborSolicitation": {
      const bytes = spaceBefore(fields.options, OFFSET.NEIGHBOR_OPTIONS);
      put32(bytes, OFFSET.RESERVED, bits(32, "reserved", fields.reserved));
      bytes.set(parseIPv6(fields.target), OFFSET.TARGET);
      return bytes;
    }
    case "neighborAdvertisement": {
      const bytes = spaceBefore(fields.options, OFFSET.NEIGHBOR_OPTIONS);
      put32(
        bytes,
        OFFSET.NEIGHBOR_FLAGS,
        (fields.router ? ROUTER : 0) | (fields.solicited ? SOLICITED : 0) |
          (fields.override ? OVERRIDE : 0) |
          bits(29, "reserved", fields.reserved),
      );
      bytes.set(parseIPv6(fields.target), OFFSET.TARGET);
      return bytes;
    }
    case "redirect": {
      const bytes = spaceBefore(fields.options, OFFSET.REDIRECT_OPTIONS);
      put32(bytes, OFFSET.RESERVED, bits(32, "reserved", fields.reserved));
      bytes.set(parseIPv6(fields.target), OFFSET.TARGET);
      bytes.set(parseIPv6(fields.destination), OFFSET.DESTINATION);
      return bytes;
    }
    case "unknown":
      return spaceBefore(fields.payload, OFFSET.UNKNOWN);
  }
}

function encodeExtensibleError(
  fields: Given<ICMPv6ExtensibleError>,
): Uint8Array<ArrayBuffer> {
  const { quoted = new Uint8Array(), extensions = new Uint8Array() } = fields;
  const padded = paddedQuotedLength(
    quoted,
    extensions,
    fields.quotedLength,
    LENGTH_UNIT,
  );
  const quotedLength = checkMultiple(
    "ICMPv6 quotedLength",
    fields.quotedLength ?? (extensions.length > 0 ? padded : 0),
    LENGTH_UNIT,
    MAX_QUOTED_LENGTH,
  );
  const bytes = new Uint8Array(OFFSET.QUOTED + padded + extensions.length);
  put32(
    bytes,
    OFFSET.QUOTED_LENGTH,
    quotedLength / LENGTH_UNIT << 24 | bits(24, "unused", fields.unused),
  );
  bytes.set(quoted, OFFSET.QUOTED);
  bytes.set(extensions, OFFSET.QUOTED + padded);
  return bytes;
}

function encodeRouterAdvertisement(
  fields: Given<ICMPv6RouterAdvertisement>,
): Uint8Array<ArrayBuffer> {
  const bytes = spaceBefore(fields.options, OFFSET.ADVERTISEMENT_OPTIONS);
  bytes[OFFSET.HOP_LIMIT] = bits(8, "hopLimit", fields.hopLimit);
  bytes[OFFSET.ROUTER_FLAGS] = (fields.managed ? MANAGED : 0) |
    (fields.other ? OTHER : 0) |
    bits(6, "reservedFlags", fields.reservedFlags);
  put16(bytes, OFFSET.LIFETIME, bits(16, "lifetime", fields.lifetime ?? 1800));
  put32(
    bytes,
    OFFSET.REACHABLE_TIME,
    bits(32, "reachableTime", fields.reachableTime),
  );
  put32(
    bytes,
    OFFSET.RETRANS_TIMER,
    bits(32, "retransTimer", fields.retransTimer),
  );
  return bytes;
}

/**
 * Reads a message. Payload, quoted packet, options and extensions share the
 * input's memory.
 *
 * ICMPv6 has no length of its own: what ends early, such as a quoted packet, is
 * read as far as it goes. A quoted packet keeps the padding before extensions.
 *
 * @param bytes the whole message: the payload of an IPv6 packet
 * @throws {PacketError} if there are fewer octets than the type needs: 16 for
 * router advertisements, 24 for neighbor messages, 40 for redirects, 4 for
 * unknown types, otherwise 8
 *
 * @example
 * ```ts
 * import { decodeICMPv6 } from "raw4";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const message = decodeICMPv6(Uint8Array.fromHex("8000121312340001"));
 * assert(message.kind === "echoRequest");
 * assertEquals([message.identifier, message.sequence], [0x1234, 1]);
 * ```
 */
export function decodeICMPv6(bytes: Uint8Array): ICMPv6Message {
  if (bytes.length < OFFSET.UNKNOWN) {
    throw cutShort("icmpv6", bytes, OFFSET.UNKNOWN);
  }
  const type = bytes[OFFSET.TYPE];
  const code = bytes[OFFSET.CODE];
  const checksum = get16(bytes, OFFSET.CHECKSUM);
  const kind = KINDS.get(type);
  if (kind === undefined) {
    const payload = bytes.subarray(OFFSET.UNKNOWN);
    return { kind: "unknown", type, code, checksum, payload };
  }
  const fixedLength = FIXED_LENGTHS[kind];
  if (bytes.length < fixedLength) throw cutShort("icmpv6", bytes, fixedLength);
  const rest = bytes.subarray(fixedLength);
  switch (kind) {
    case "echoRequest":
    case "echoReply":
      return {
        kind,
        type,
        code,
        checksum,
        identifier: get16(bytes, OFFSET.IDENTIFIER),
        sequence: get16(bytes, OFFSET.SEQUENCE),
        payload: rest,
      };
    case "destinationUnreachable":
    case "timeExceeded": {
      const quotedLength = bytes[OFFSET.QUOTED_LENGTH] * LENGTH_UNIT;
      const { quoted, extensions } = splitQuoted(rest, quotedLength);
      return {
        kind,
        type,
        code,
        checksum,
        quotedLength,
        unused: get32(bytes, OFFSET.QUOTED_LENGTH) & 0xffffff,
        quoted,
        extensions,
      };
    }
    case "packetTooBig":
      return {
        kind,
        type,
        code,
        checksum,
        mtu: get32(bytes, OFFSET.MTU),
        quoted: rest,
      };
    case "parameterProblem":
      return {
        kind,
        type,
        code,
        checksum,
        pointer: get32(bytes, OFFSET.POINTER),
        quoted: rest,
      };
    case "routerSolicitation":
      return {
        kind,
        type,
        code,
        checksum,
        reserved: get32(bytes, OFFSET.RESERVED),
        options: rest,
      };
    case "routerAdvertisement": {
      const flags = bytes[OFFSET.ROUTER_FLAGS];
      return {
        kind,
        type,
        code,
        checksum,
        hopLimit: bytes[OFFSET.HOP_LIMIT],
        managed: (flags & MANAGED) !== 0,
        other: (flags & OTHER) !== 0,
        reservedFlags: flags & 0x3f,
        lifetime: get16(bytes, OFFSET.LIFETIME),
        reachableTime: get32(bytes, OFFSET.REACHABLE_TIME),
        retransTimer: get32(bytes, OFFSET.RETRANS_TIMER),
        options: rest,
      };
    }
    case "neighborSolicitation":
      return {
        kind,
        type,
        code,
        checksum,
        reserved: get32(bytes, OFFSET.RESERVED),
        target: formatIPv6(bytes, OFFSET.TARGET),
        options: rest,
      };
    case "neighborAdvertisement": {
      const flags = get32(bytes, OFFSET.NEIGHBOR_FLAGS);
      return {
        kind,
        type,
        code,
        checksum,
        router: (flags & ROUTER) !== 0,
        solicited: (flags & SOLICITED) !== 0,
        override: (flags & OVERRIDE) !== 0,
        reserved: flags & 0x1fffffff,
        target: formatIPv6(bytes, OFFSET.TARGET),
        options: rest,
      };
    }
    case "redirect":
      return {
        kind,
        type,
        code,
        checksum,
        reserved: get32(bytes, OFFSET.RESERVED),
        target: formatIPv6(bytes, OFFSET.TARGET),
        destination: formatIPv6(bytes, OFFSET.DESTINATION),
        options: rest,
      };
  }
}

/**
 * What is wrong with a message that could be decoded: its checksum, its
 * lengths, its options, its extensions.
 *
 * @param bytes what `message` was decoded from
 * @param addresses of the IPv6 header outside; without them the checksum is not
 * checked
 */
export function checkICMPv6(
  bytes: Uint8Array,
  message: ICMPv6Message,
  addresses?: AddressPair,
): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "icmpv6", field, offset, reason });
  if (
    addresses !== undefined &&
    internetChecksum(bytes, sumOf(addresses, bytes)) !== 0
  ) {
    add("checksum", OFFSET.CHECKSUM, verdict(bytes, message, addresses));
  }
  if ("options" in message) {
    const { fault } = decodeNDPOptions(message.options);
    if (fault !== undefined) {
      const start = FIXED_LENGTHS[message.kind];
      add("options", start + fault.offset, fault.reason);
    }
  }
  if ("extensions" in message) {
    problems.push(...checkQuoted("icmpv6", OFFSET.QUOTED_LENGTH, message));
  }
  return problems;
}

/**
 * Describes a decoded message field by field, in wire order; not its `payload`.
 * The packet that an error quotes is one field, whose parts are its IP header.
 *
 * @param bytes what `message` was decoded from
 * @param addresses of the IPv6 header outside; without them the checksum is
 * marked as not verified
 */
export function describeICMPv6(
  bytes: Uint8Array,
  message: ICMPv6Message,
  addresses?: AddressPair,
): Field[] {
  const fields = [
    ...describeTypeCodeChecksum(
      message,
      icmpv6Name(message.type),
      icmpv6CodeName(message.type, message.code),
      verdict(bytes, message, addresses),
    ),
    ...describeBody(message),
  ];
  if ("options" in message) {
    const start = FIXED_LENGTHS[message.kind];
    fields.push(...describeOptions(message.options, start));
  }
  return fields;
}

function describeBody(message: ICMPv6Message): Field[] {
  switch (message.kind) {
    case "echoRequest":
    case "echoReply": {
      const { identifier, sequence } = message;
      return [
        fieldAt(
          OFFSET.IDENTIFIER,
          16,
          "identifier",
          "Identifier",
          identifier,
          hex(identifier, 4),
        ),
        fieldAt(OFFSET.SEQUENCE, 16, "sequence", "Sequence", sequence),
      ];
    }
    case "destinationUnreachable":
    case "timeExceeded":
      return [
        describeQuotedLength(
          OFFSET.QUOTED_LENGTH,
          message.quotedLength,
          LENGTH_UNIT,
        ),
        describeUnused(OFFSET.UNUSED, 24, "unused", "Unused", message.unused),
        ...describeQuoted(message.quoted, message.extensions),
      ];
    case "packetTooBig":
      return [
        fieldAt(OFFSET.MTU, 32, "mtu", "MTU", message.mtu),
        ...describeQuoted(message.quoted),
      ];
    case "parameterProblem":
      return [
        fieldAt(OFFSET.POINTER, 32, "pointer", "Pointer", message.pointer),
        ...describeQuoted(message.quoted),
      ];
    case "routerSolicitation":
      return [describeReserved(message.reserved)];
    case "routerAdvertisement":
      return describeRouterAdvertisement(message);
    case "neighborSolicitation":
      return [
        describeReserved(message.reserved),
        fieldAt(OFFSET.TARGET, 128, "target", "Target Address", message.target),
      ];
    case "neighborAdvertisement":
      return [
        flagAt(OFFSET.NEIGHBOR_FLAGS, 0, "router", "Router", message.router),
        flagAt(
          OFFSET.NEIGHBOR_FLAGS,
          1,
          "solicited",
          "Solicited",
          message.solicited,
        ),
        flagAt(
          OFFSET.NEIGHBOR_FLAGS,
          2,
          "override",
          "Override",
          message.override,
        ),
        describeUnused(
          OFFSET.NEIGHBOR_FLAGS,
          29,
          "reserved",
          "Reserved",
          message.reserved,
          3,
        ),
        fieldAt(OFFSET.TARGET, 128, "target", "Target Address", message.target),
      ];
    case "redirect":
      return [
        describeReserved(message.reserved),
        fieldAt(OFFSET.TARGET, 128, "target", "Target Address", message.target),
        fieldAt(
          OFFSET.DESTINATION,
          128,
          "destination",
          "Destination Address",
          message.destination,
        ),
      ];
    case "unknown":
      return [];
  }
}

function describeReserved(reserved: number): Field {
  return describeUnused(OFFSET.RESERVED, 32, "reserved", "Reserved", reserved);
}

function describeRouterAdvertisement(
  message: ICMPv6RouterAdvertisement,
): Field[] {
  const { hopLimit, reservedFlags, lifetime, reachableTime, retransTimer } =
    message;
  return [
    fieldAt(OFFSET.HOP_LIMIT, 8, "hopLimit", "Cur hop limit", hopLimit),
    flagAt(
      OFFSET.ROUTER_FLAGS,
      0,
      "managed",
      "Managed address configuration",
      message.managed,
    ),
    flagAt(
      OFFSET.ROUTER_FLAGS,
      1,
      "other",
      "Other configuration",
      message.other,
    ),
    describeUnused(
      OFFSET.ROUTER_FLAGS,
      6,
      "reservedFlags",
      "Reserved",
      reservedFlags,
      2,
    ),
    fieldAt(OFFSET.LIFETIME, 16, "lifetime", "Router lifetime (s)", lifetime),
    fieldAt(
      OFFSET.REACHABLE_TIME,
      32,
      "reachableTime",
      "Reachable time (ms)",
      reachableTime,
    ),
    fieldAt(
      OFFSET.RETRANS_TIMER,
      32,
      "retransTimer",
      "Retrans timer (ms)",
      retransTimer,
    ),
  ];
}

function describeOptions(octets: Uint8Array, start: number): Field[] {
  const { options, fault } = decodeNDPOptions(octets);
  const fields = options.map(({ offset, length, option }) =>
    fieldAt(
      start + offset,
      length * 8,
      option.kind,
      "ICMPv6 Option",
      octets.subarray(offset, offset + length),
      describeNDPOption(option),
    )
  );
  if (fault !== undefined) {
    const rest = octets.subarray(fault.offset);
    fields.push(
      fieldAt(
        start + fault.offset,
        rest.length * 8,
        "options",
        "ICMPv6 Option",
        rest,
        `(${rest.length} bytes) [malformed: ${fault.reason}]`,
      ),
    );
  }
  return fields;
}

/** The checksum and whether it is right, if that can be told. */
function verdict(
  bytes: Uint8Array,
  { checksum }: ICMPv6Message,
  addresses: AddressPair | undefined,
): string {
  return addresses === undefined
    ? unverifiedChecksum(checksum)
    : checksumText(bytes, OFFSET.CHECKSUM, sumOf(addresses, bytes));
}

function sumOf(addresses: AddressPair, bytes: Uint8Array): number {
  return pseudoHeaderSum(addresses, PROTOCOL, bytes.length);
}

function bits(width: number, field: string, value = 0): number {
  return checkField("ICMPv6", field, value, width);
}
