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

import { internetChecksum } from "../../bytes/checksum.ts";
import { formatIPv6, parseIPv6 } from "../address.ts";
import { checkField, cutShort } from "../errors.ts";
import {
  type Decoded,
  decodedMessage,
  type Given,
} from "../packet/protocol.ts";
import {
  decodeHead,
  decodeQuoted,
  encodeQuery,
  encodeQuoted,
} from "./icmp_common.ts";
import { IP_PROTOCOL } from "../ip_protocols.ts";
import { get16, get32, put16, put32, spaceBefore } from "../octets.ts";
import { type AddressPair, pseudoHeaderSum } from "../pseudo_header.ts";
import {
  fixedLength,
  type ICMPv6ExtensibleError,
  type ICMPv6Fields,
  type ICMPv6Message,
  type ICMPv6RouterAdvertisement,
  KINDS,
  OFFSET,
  QUOTED_LENGTH,
  TYPES,
} from "./icmpv6_messages.ts";

/** The protocol number of ICMPv6, which its checksum covers. */
const PROTOCOL = IP_PROTOCOL.ICMPV6;

const MANAGED = 0x80;
const OTHER = 0x40;
const ROUTER = 0x8000_0000;
const SOLICITED = 0x4000_0000;
const OVERRIDE = 0x2000_0000;

/**
 * Writes a message into new octets.
 *
 * Behind extensions the packet that an error quotes is zero-padded to 128
 * octets or more, as RFC 4884 §3 demands.
 *
 * @category ICMP
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
    case "echoReply":
      return encodeQuery("ICMPv6", fields, fields.payload);
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
  const bytes = encodeQuoted(fields, QUOTED_LENGTH);
  const unused = bits(24, "unused", fields.unused);
  bytes[OFFSET.UNUSED] = unused >>> 16;
  put16(bytes, OFFSET.UNUSED + 1, unused);
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
 * @category ICMP
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
 * const { header: message } = decodeICMPv6(Uint8Array.fromHex("8000121312340001"));
 * assert(message.kind === "echoRequest");
 * assertEquals([message.identifier, message.sequence], [0x1234, 1]);
 * ```
 */
export function decodeICMPv6(bytes: Uint8Array): Decoded<ICMPv6Message> {
  return decodedMessage(bytes, readMessage(bytes));
}

function readMessage(bytes: Uint8Array): ICMPv6Message {
  const { type, code, checksum } = decodeHead("icmpv6", bytes);
  const kind = KINDS.get(type);
  if (kind === undefined) {
    const payload = bytes.subarray(OFFSET.UNKNOWN);
    return { kind: "unknown", type, code, checksum, payload };
  }
  const start = fixedLength(kind);
  if (bytes.length < start) {
    throw cutShort("icmpv6", "message", bytes, start);
  }
  const rest = bytes.subarray(start);
  // Each object is written out: spread into it, its head would cost a tenth.
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
      const { quotedLength, quoted, extensions } = decodeQuoted(
        bytes,
        QUOTED_LENGTH,
      );
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

/** The sum of the pseudo header, which the checksum covers, too. */
export function sumOf(addresses: AddressPair, bytes: Uint8Array): number {
  return pseudoHeaderSum(addresses, PROTOCOL, bytes.length);
}

function bits(width: number, field: string, value = 0): number {
  return checkField("ICMPv6", field, value, width);
}
