/**
 * The messages of ICMP for IPv4: RFC 792, address masks (RFC 950), router
 * discovery (RFC 1256), the next-hop MTU (RFC 1191), and the length of the
 * quoted packet before extensions (RFC 4884).
 *
 * {@linkcode encodeICMPv4} computes what was left out and writes what was given
 * as it is, so that wrong messages can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeICMPv4} throws a {@linkcode PacketError} only where a
 * message is too short for its type, and `encodeICMPv4(message)` of what it
 * returned is the same octets again. Types that are not known are kept whole.
 * Extensions are raw octets here; `icmp_extensions.ts` reads them.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import { formatIPv4, parseIPv4 } from "./address.ts";
import {
  checkField,
  checkMultiple,
  checkRange,
  type Problem,
} from "./errors.ts";
import {
  checksumText,
  type Field,
  fieldAt,
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
import { icmpv4CodeName, icmpv4Name } from "./icmp_names.ts";
import { get16, get32, put16, put32, spaceBefore } from "./octets.ts";

/** In wire order; what follows the checksum differs from type to type. */
const OFFSET = {
  TYPE: 0,
  CODE: 1,
  CHECKSUM: 2,
  UNKNOWN: 4,

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
  QUOTED: 8,

  // Router discovery
  RESERVED: 4,
  ADDRESS_COUNT: 4,
  ENTRY_LENGTH: 5,
  LIFETIME: 6,
  ROUTERS: 8,
} as const;

/** Octets of one entry of a router advertisement: address and preference. */
const ROUTER_LENGTH = 8;
const ROUTER_PREFERENCE = 4;

/** RFC 4884 §4.1: the length field counts words of four octets. */
const LENGTH_UNIT = 4;
const MAX_QUOTED_LENGTH = 255 * LENGTH_UNIT;

const TYPES: Readonly<Record<KnownKind, number>> = {
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

const KINDS = new Map(
  Object.entries(TYPES).map(([kind, type]) => [type, kind as KnownKind]),
);

type KnownKind = Exclude<ICMPv4Message["kind"], "unknown">;

/** What every message begins with. */
export interface ICMPv4Head {
  /** 0–255; computed from `kind`. */
  readonly type: number;
  /** 0–255; default 0. {@linkcode icmpv4Name} says what it means. */
  readonly code: number;
  /** 0–0xffff; computed from the message. */
  readonly checksum: number;
}

/** Echo request (type 8) or reply (type 0). */
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

/** Destination unreachable (type 3). */
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

/** Time exceeded (type 11). */
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

/** Parameter problem (type 12). */
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

/** Source quench (type 4), which RFC 6633 has abolished. */
export interface ICMPv4SourceQuench extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "sourceQuench";
  /** 0–0xffffffff; default 0. */
  readonly unused: number;
  /** The packet that was dropped, as far as it goes; default none. */
  readonly quoted: Uint8Array;
}

/** Redirect (type 5). */
export interface ICMPv4Redirect extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "redirect";
  /** The better router, dotted decimal. */
  readonly gateway: string;
  /** The packet that was forwarded, as far as it goes; default none. */
  readonly quoted: Uint8Array;
}

/** Timestamp request (type 13) or reply (type 14). */
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

/** Information request (type 15) or reply (type 16), obsolete by RFC 6918. */
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

/** Address mask request (type 17) or reply (type 18): RFC 950 appendix I. */
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

/** One router of a router advertisement. */
export interface ICMPv4Router {
  /** Dotted decimal. */
  readonly address: string;
  /** The higher the better, −2^31 to 2^31 − 1. */
  readonly preference: number;
}

/** Router advertisement (type 9): RFC 1256 §3. */
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

/** Router solicitation (type 10): RFC 1256 §3. */
export interface ICMPv4RouterSolicitation extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "routerSolicitation";
  /** 0–0xffffffff; default 0. */
  readonly reserved: number;
  /** What follows, which is nothing as a rule. */
  readonly payload: Uint8Array;
}

/** A message of any other type. */
export interface ICMPv4Unknown extends ICMPv4Head {
  /** Tells it from the other messages. */
  readonly kind: "unknown";
  /** All that follows the checksum; default none. */
  readonly payload: Uint8Array;
}

/** A decoded message: every field, as it stood in the octets. */
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

/** Of the three errors that may carry extensions (RFC 4884 §4). */
type Extensible = Pick<
  ICMPv4TimeExceeded,
  "quotedLength" | "quoted" | "extensions"
>;

/**
 * Writes a message into new octets.
 *
 * Behind extensions the packet that an error quotes is zero-padded to 128
 * octets or more, as RFC 4884 §3 demands.
 *
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeICMPv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const octets = encodeICMPv4({
 *   kind: "echoRequest",
 *   identifier: 0x1234,
 *   sequence: 1,
 *   payload: new TextEncoder().encode("Hi"),
 * });
 * assertEquals(octets.toHex(), "08009d61123400014869");
 * ```
 */
export function encodeICMPv4(fields: ICMPv4Fields): Uint8Array<ArrayBuffer> {
  const bytes = encodeBody(fields);
  bytes[OFFSET.TYPE] = bits(
    8,
    "type",
    fields.kind === "unknown" ? fields.type : fields.type ?? TYPES[fields.kind],
  );
  bytes[OFFSET.CODE] = bits(8, "code", fields.code ?? 0);
  // Last, since it covers all the rest; the field itself is still zero.
  put16(
    bytes,
    OFFSET.CHECKSUM,
    bits(16, "checksum", fields.checksum ?? internetChecksum(bytes)),
  );
  return bytes;
}

/** The whole message, but for its first four octets. */
function encodeBody(fields: ICMPv4Fields): Uint8Array<ArrayBuffer> {
  switch (fields.kind) {
    case "echoRequest":
    case "echoReply":
    case "informationRequest":
    case "informationReply":
      return encodeQuery(fields, OFFSET.QUERY_DATA);
    case "timestampRequest":
    case "timestampReply": {
      const bytes = encodeQuery(fields, OFFSET.TIMESTAMP_END);
      put32(bytes, OFFSET.ORIGINATE, bits(32, "originate", fields.originate));
      put32(bytes, OFFSET.RECEIVE, bits(32, "receive", fields.receive));
      put32(bytes, OFFSET.TRANSMIT, bits(32, "transmit", fields.transmit));
      return bytes;
    }
    case "addressMaskRequest":
    case "addressMaskReply": {
      const bytes = encodeQuery(fields, OFFSET.MASK_END);
      put32(bytes, OFFSET.MASK, parseIPv4(fields.mask ?? "0.0.0.0"));
      return bytes;
    }
    case "destinationUnreachable": {
      const bytes = encodeError(fields);
      bytes[OFFSET.UNUSED] = bits(8, "unusedBefore", fields.unusedBefore);
      put16(
        bytes,
        OFFSET.NEXT_HOP_MTU,
        bits(16, "nextHopMTU", fields.nextHopMTU),
      );
      return bytes;
    }
    case "timeExceeded": {
      const bytes = encodeError(fields);
      bytes[OFFSET.UNUSED] = bits(8, "unusedBefore", fields.unusedBefore);
      put16(
        bytes,
        OFFSET.UNUSED_AFTER,
        bits(16, "unusedAfter", fields.unusedAfter),
      );
      return bytes;
    }
    case "parameterProblem": {
      const bytes = encodeError(fields);
      bytes[OFFSET.POINTER] = bits(8, "pointer", fields.pointer);
      put16(
        bytes,
        OFFSET.UNUSED_AFTER,
        bits(16, "unusedAfter", fields.unusedAfter),
      );
      return bytes;
    }
    case "sourceQuench": {
      const bytes = spaceBefore(fields.quoted, OFFSET.QUOTED);
      put32(bytes, OFFSET.UNUSED, bits(32, "unused", fields.unused));
      return bytes;
    }
    case "redirect": {
      const bytes = spaceBefore(fields.quoted, OFFSET.QUOTED);
      put32(bytes, OFFSET.GATEWAY, parseIPv4(fields.gateway));
      return bytes;
    }
    case "routerAdvertisement":
      return encodeAdvertisement(fields);
    case "routerSolicitation": {
      const bytes = spaceBefore(fields.payload, OFFSET.ROUTERS);
      put32(bytes, OFFSET.RESERVED, bits(32, "reserved", fields.reserved));
      return bytes;
    }
    case "unknown":
      return spaceBefore(fields.payload, OFFSET.UNKNOWN);
  }
}

function encodeQuery(
  { identifier, sequence, payload }: Partial<Omit<ICMPv4Echo, "kind">>,
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = spaceBefore(payload, length);
  put16(bytes, OFFSET.IDENTIFIER, bits(16, "identifier", identifier));
  put16(bytes, OFFSET.SEQUENCE, bits(16, "sequence", sequence));
  return bytes;
}

function encodeError(fields: Partial<Extensible>): Uint8Array<ArrayBuffer> {
  const { quoted = new Uint8Array(), extensions = new Uint8Array() } = fields;
  const padded = paddedQuotedLength(
    quoted,
    extensions,
    fields.quotedLength,
    LENGTH_UNIT,
  );
  const quotedLength = checkMultiple(
    "ICMPv4 quotedLength",
    fields.quotedLength ?? (extensions.length > 0 ? padded : 0),
    LENGTH_UNIT,
    MAX_QUOTED_LENGTH,
  );
  const bytes = new Uint8Array(OFFSET.QUOTED + padded + extensions.length);
  bytes[OFFSET.QUOTED_LENGTH] = quotedLength / LENGTH_UNIT;
  bytes.set(quoted, OFFSET.QUOTED);
  bytes.set(extensions, OFFSET.QUOTED + padded);
  return bytes;
}

function encodeAdvertisement(
  fields: Given<ICMPv4RouterAdvertisement, "routers">,
): Uint8Array<ArrayBuffer> {
  const { routers } = fields;
  const end = OFFSET.ROUTERS + routers.length * ROUTER_LENGTH;
  const bytes = spaceBefore(fields.payload, end);
  const entryLength = checkMultiple(
    "ICMPv4 entryLength",
    fields.entryLength ?? ROUTER_LENGTH,
    4,
    255 * 4,
  );
  bytes[OFFSET.ADDRESS_COUNT] = bits(
    8,
    "addressCount",
    fields.addressCount ?? routers.length,
  );
  bytes[OFFSET.ENTRY_LENGTH] = entryLength / 4;
  put16(bytes, OFFSET.LIFETIME, bits(16, "lifetime", fields.lifetime ?? 1800));
  for (const [i, { address, preference }] of routers.entries()) {
    const at = OFFSET.ROUTERS + i * ROUTER_LENGTH;
    put32(bytes, at, parseIPv4(address));
    put32(
      bytes,
      at + ROUTER_PREFERENCE,
      checkRange(
        "ICMPv4 preference",
        preference,
        -0x8000_0000,
        0x7fff_ffff,
      ),
    );
  }
  return bytes;
}

/**
 * Reads a message. Payload, quoted packet and extensions share the input's
 * memory.
 *
 * ICMP has no length of its own: what ends early, such as a quoted packet, is
 * read as far as it goes. A quoted packet keeps the padding before extensions.
 *
 * @param bytes the whole message: the payload of an IPv4 packet
 * @throws {PacketError} if there are fewer octets than the type needs: 20 for
 * timestamps, 12 for address masks, 4 for unknown types, otherwise 8
 *
 * @example
 * ```ts
 * import { decodeICMPv4, decodeIPv4, icmpv4Name } from "raw4";
 * import { assert, assertEquals } from "@std/assert";
 *
 * // No one listens on UDP port 40000 of 192.0.2.2.
 * const message = decodeICMPv4(Uint8Array.fromHex(
 *   "0303811a00000000" +
 *     "4500001c000100004011f6ccc0000201c0000202" + "30399c400008af60",
 * ));
 * assert(message.kind === "destinationUnreachable");
 * assertEquals(
 *   icmpv4Name(message.type, message.code),
 *   "destination unreachable: port unreachable",
 * );
 * assertEquals(decodeIPv4(message.quoted).header.destination, "192.0.2.2");
 * ```
 */
export function decodeICMPv4(bytes: Uint8Array): ICMPv4Message {
  if (bytes.length < OFFSET.UNKNOWN) {
    throw cutShort("icmpv4", bytes, OFFSET.UNKNOWN);
  }
  const type = bytes[OFFSET.TYPE];
  const code = bytes[OFFSET.CODE];
  const checksum = get16(bytes, OFFSET.CHECKSUM);
  const kind = KINDS.get(type);
  if (kind === undefined) {
    const payload = bytes.subarray(OFFSET.UNKNOWN);
    return { kind: "unknown", type, code, checksum, payload };
  }
  if (bytes.length < OFFSET.QUERY_DATA) {
    throw cutShort("icmpv4", bytes, OFFSET.QUERY_DATA);
  }
  switch (kind) {
    case "echoRequest":
    case "echoReply":
    case "informationRequest":
    case "informationReply":
      return {
        kind,
        type,
        code,
        checksum,
        identifier: get16(bytes, OFFSET.IDENTIFIER),
        sequence: get16(bytes, OFFSET.SEQUENCE),
        payload: bytes.subarray(OFFSET.QUERY_DATA),
      };
    case "timestampRequest":
    case "timestampReply":
      if (bytes.length < OFFSET.TIMESTAMP_END) {
        throw cutShort("icmpv4", bytes, OFFSET.TIMESTAMP_END);
      }
      return {
        kind,
        type,
        code,
        checksum,
        identifier: get16(bytes, OFFSET.IDENTIFIER),
        sequence: get16(bytes, OFFSET.SEQUENCE),
        originate: get32(bytes, OFFSET.ORIGINATE),
        receive: get32(bytes, OFFSET.RECEIVE),
        transmit: get32(bytes, OFFSET.TRANSMIT),
        payload: bytes.subarray(OFFSET.TIMESTAMP_END),
      };
    case "addressMaskRequest":
    case "addressMaskReply":
      if (bytes.length < OFFSET.MASK_END) {
        throw cutShort("icmpv4", bytes, OFFSET.MASK_END);
      }
      return {
        kind,
        type,
        code,
        checksum,
        identifier: get16(bytes, OFFSET.IDENTIFIER),
        sequence: get16(bytes, OFFSET.SEQUENCE),
        mask: formatIPv4(get32(bytes, OFFSET.MASK)),
        payload: bytes.subarray(OFFSET.MASK_END),
      };
    case "destinationUnreachable":
      return {
        kind,
        type,
        code,
        checksum,
        unusedBefore: bytes[OFFSET.UNUSED],
        nextHopMTU: get16(bytes, OFFSET.NEXT_HOP_MTU),
        ...decodeError(bytes),
      };
    case "timeExceeded":
      return {
        kind,
        type,
        code,
        checksum,
        unusedBefore: bytes[OFFSET.UNUSED],
        unusedAfter: get16(bytes, OFFSET.UNUSED_AFTER),
        ...decodeError(bytes),
      };
    case "parameterProblem":
      return {
        kind,
        type,
        code,
        checksum,
        pointer: bytes[OFFSET.POINTER],
        unusedAfter: get16(bytes, OFFSET.UNUSED_AFTER),
        ...decodeError(bytes),
      };
    case "sourceQuench":
      return {
        kind,
        type,
        code,
        checksum,
        unused: get32(bytes, OFFSET.UNUSED),
        quoted: bytes.subarray(OFFSET.QUOTED),
      };
    case "redirect":
      return {
        kind,
        type,
        code,
        checksum,
        gateway: formatIPv4(get32(bytes, OFFSET.GATEWAY)),
        quoted: bytes.subarray(OFFSET.QUOTED),
      };
    case "routerAdvertisement": {
      const routers = decodeRouters(bytes);
      return {
        kind,
        type,
        code,
        checksum,
        addressCount: bytes[OFFSET.ADDRESS_COUNT],
        entryLength: bytes[OFFSET.ENTRY_LENGTH] * 4,
        lifetime: get16(bytes, OFFSET.LIFETIME),
        routers,
        payload: bytes.subarray(
          OFFSET.ROUTERS + routers.length * ROUTER_LENGTH,
        ),
      };
    }
    case "routerSolicitation":
      return {
        kind,
        type,
        code,
        checksum,
        reserved: get32(bytes, OFFSET.RESERVED),
        payload: bytes.subarray(OFFSET.ROUTERS),
      };
  }
}

function decodeError(bytes: Uint8Array): Extensible {
  const quotedLength = bytes[OFFSET.QUOTED_LENGTH] * LENGTH_UNIT;
  const { quoted, extensions } = splitQuoted(
    bytes.subarray(OFFSET.QUOTED),
    quotedLength,
  );
  return { quotedLength, quoted, extensions };
}

function decodeRouters(bytes: Uint8Array): ICMPv4Router[] {
  const entryLength = bytes[OFFSET.ENTRY_LENGTH] * 4;
  if (entryLength !== ROUTER_LENGTH) return [];
  const room = Math.floor((bytes.length - OFFSET.ROUTERS) / ROUTER_LENGTH);
  const count = Math.min(bytes[OFFSET.ADDRESS_COUNT], room);
  return Array.from({ length: count }, (_, i) => {
    const at = OFFSET.ROUTERS + i * ROUTER_LENGTH;
    return {
      address: formatIPv4(get32(bytes, at)),
      preference: get32(bytes, at + ROUTER_PREFERENCE) | 0,
    };
  });
}

/**
 * What is wrong with a message that could be decoded: its checksum, its
 * lengths, its extensions.
 *
 * @param bytes what `message` was decoded from
 * @param isWhole false for a fragment, whose checksum cannot be checked
 */
export function checkICMPv4(
  bytes: Uint8Array,
  message: ICMPv4Message,
  isWhole = true,
): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "icmpv4", field, offset, reason });
  if (isWhole && internetChecksum(bytes) !== 0) {
    add("checksum", OFFSET.CHECKSUM, checksumText(bytes, OFFSET.CHECKSUM));
  }
  if (message.kind === "routerAdvertisement") {
    const { addressCount, entryLength, routers } = message;
    if (entryLength !== ROUTER_LENGTH) {
      add("entryLength", OFFSET.ENTRY_LENGTH, `is ${entryLength}, 8 wanted`);
    } else if (addressCount > routers.length) {
      add(
        "addressCount",
        OFFSET.ADDRESS_COUNT,
        `is ${addressCount}, only ${routers.length} are there`,
      );
    }
  }
  if ("extensions" in message) {
    problems.push(...checkQuoted("icmpv4", OFFSET.QUOTED_LENGTH, message));
  }
  return problems;
}

/**
 * Describes a decoded message field by field, in wire order; not its `payload`.
 * The packet that an error quotes is one field, whose parts are its IP header.
 *
 * @param bytes what `message` was decoded from
 * @param isWhole false for a fragment, whose checksum cannot be checked
 */
export function describeICMPv4(
  bytes: Uint8Array,
  message: ICMPv4Message,
  isWhole = true,
): Field[] {
  return [
    ...describeTypeCodeChecksum(
      message,
      icmpv4Name(message.type),
      icmpv4CodeName(message.type, message.code),
      isWhole
        ? checksumText(bytes, OFFSET.CHECKSUM)
        : unverifiedChecksum(message.checksum),
    ),
    ...describeBody(message),
  ];
}

function describeBody(message: ICMPv4Message): Field[] {
  switch (message.kind) {
    case "echoRequest":
    case "echoReply":
    case "informationRequest":
    case "informationReply":
      return describeQuery(message);
    case "timestampRequest":
    case "timestampReply":
      return [
        ...describeQuery(message),
        describeTime(
          OFFSET.ORIGINATE,
          "originate",
          "Originate Timestamp",
          message.originate,
        ),
        describeTime(
          OFFSET.RECEIVE,
          "receive",
          "Receive Timestamp",
          message.receive,
        ),
        describeTime(
          OFFSET.TRANSMIT,
          "transmit",
          "Transmit Timestamp",
          message.transmit,
        ),
      ];
    case "addressMaskRequest":
    case "addressMaskReply":
      return [
        ...describeQuery(message),
        fieldAt(OFFSET.MASK, 32, "mask", "Address Mask", message.mask),
      ];
    case "destinationUnreachable":
      return [
        describeUnused(
          OFFSET.UNUSED,
          8,
          "unusedBefore",
          "Unused",
          message.unusedBefore,
        ),
        describeQuotedLength(
          OFFSET.QUOTED_LENGTH,
          message.quotedLength,
          LENGTH_UNIT,
        ),
        fieldAt(
          OFFSET.NEXT_HOP_MTU,
          16,
          "nextHopMTU",
          "MTU of next hop",
          message.nextHopMTU,
        ),
        ...describeQuoted(message.quoted, message.extensions),
      ];
    case "timeExceeded":
      return [
        describeUnused(
          OFFSET.UNUSED,
          8,
          "unusedBefore",
          "Unused",
          message.unusedBefore,
        ),
        describeQuotedLength(
          OFFSET.QUOTED_LENGTH,
          message.quotedLength,
          LENGTH_UNIT,
        ),
        describeUnused(
          OFFSET.UNUSED_AFTER,
          16,
          "unusedAfter",
          "Unused",
          message.unusedAfter,
        ),
        ...describeQuoted(message.quoted, message.extensions),
      ];
    case "parameterProblem":
      return [
        fieldAt(OFFSET.POINTER, 8, "pointer", "Pointer", message.pointer),
        describeQuotedLength(
          OFFSET.QUOTED_LENGTH,
          message.quotedLength,
          LENGTH_UNIT,
        ),
        describeUnused(
          OFFSET.UNUSED_AFTER,
          16,
          "unusedAfter",
          "Unused",
          message.unusedAfter,
        ),
        ...describeQuoted(message.quoted, message.extensions),
      ];
    case "sourceQuench":
      return [
        describeUnused(OFFSET.UNUSED, 32, "unused", "Unused", message.unused),
        ...describeQuoted(message.quoted),
      ];
    case "redirect":
      return [
        fieldAt(
          OFFSET.GATEWAY,
          32,
          "gateway",
          "Gateway Address",
          message.gateway,
        ),
        ...describeQuoted(message.quoted),
      ];
    case "routerAdvertisement":
      return describeAdvertisement(message);
    case "routerSolicitation":
      return [
        describeUnused(
          OFFSET.RESERVED,
          32,
          "reserved",
          "Reserved",
          message.reserved,
        ),
      ];
    case "unknown":
      return [];
  }
}

function describeQuery(
  { identifier, sequence }: Pick<ICMPv4Echo, "identifier" | "sequence">,
): Field[] {
  // Wireshark shows both byte orders, since some systems send the other.
  return [
    fieldAt(
      OFFSET.IDENTIFIER,
      16,
      "identifier",
      "Identifier (BE)",
      identifier,
      both(identifier),
    ),
    fieldAt(
      OFFSET.SEQUENCE,
      16,
      "sequence",
      "Sequence Number (BE)",
      sequence,
      both(sequence),
    ),
  ];
}

function describeTime(
  octet: number,
  name: string,
  label: string,
  value: number,
): Field {
  // RFC 792: the uppermost bit marks a time that is not since midnight UT.
  const standard = value < 0x8000_0000;
  const text = `${value} ${
    standard ? "ms after midnight UT" : "(non-standard)"
  }`;
  return fieldAt(octet, 32, name, label, value, text);
}

function describeAdvertisement(message: ICMPv4RouterAdvertisement): Field[] {
  const { addressCount, entryLength, lifetime, routers } = message;
  return [
    fieldAt(
      OFFSET.ADDRESS_COUNT,
      8,
      "addressCount",
      "Number of addresses",
      addressCount,
    ),
    fieldAt(
      OFFSET.ENTRY_LENGTH,
      8,
      "entryLength",
      "Address entry size",
      entryLength,
      `${entryLength / 4} (${entryLength} bytes)`,
    ),
    fieldAt(
      OFFSET.LIFETIME,
      16,
      "lifetime",
      "Lifetime",
      lifetime,
      `${lifetime} seconds`,
    ),
    ...routers.flatMap(({ address, preference }, i) => {
      const at = OFFSET.ROUTERS + i * ROUTER_LENGTH;
      return [
        fieldAt(at, 32, "address", "Router address", address),
        fieldAt(
          at + ROUTER_PREFERENCE,
          32,
          "preference",
          "Preference level",
          preference,
        ),
      ];
    }),
  ];
}

function both(value: number): string {
  return `${value} (${hex(value, 4)})`;
}

function bits(width: number, field: string, value = 0): number {
  return checkField("ICMPv4", field, value, width);
}
