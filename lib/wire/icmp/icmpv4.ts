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

import { internetChecksum } from "../../bytes/checksum.ts";
import { formatIPv4, parseIPv4 } from "../address.ts";
import { checkField, checkMultiple, checkRange, cutShort } from "../errors.ts";
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
import { get16, get32, put16, put32, spaceBefore } from "../octets.ts";
import {
  type ICMPv4DestinationUnreachable,
  type ICMPv4Fields,
  type ICMPv4Message,
  type ICMPv4ParameterProblem,
  type ICMPv4Router,
  type ICMPv4RouterAdvertisement,
  type ICMPv4TimeExceeded,
  KINDS,
  OFFSET,
  QUOTED_LENGTH,
  ROUTER_LENGTH,
  ROUTER_PREFERENCE,
  TYPES,
} from "./icmpv4_messages.ts";

/** The three errors that may carry extensions (RFC 4884 §4). */
export type ICMPv4ExtensibleError =
  | ICMPv4DestinationUnreachable
  | ICMPv4TimeExceeded
  | ICMPv4ParameterProblem;

/**
 * Writes a message into new octets.
 *
 * Behind extensions the packet that an error quotes is zero-padded to 128
 * octets or more, as RFC 4884 §3 demands.
 *
 * @category ICMP
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
  const { quoted, payload = quoted }: MessageEnd = fields as object;
  return writeICMPv4(fields, payload);
}

/** What a message ends with, by its kind. */
interface MessageEnd {
  readonly quoted?: Uint8Array;
  readonly payload?: Uint8Array;
}

/**
 * The same, where what is quoted, or the payload, follows from the next layers.
 *
 * @param payload whichever of the two the kind has
 */
export function writeICMPv4(
  fields: ICMPv4Fields,
  payload: Uint8Array | undefined,
): Uint8Array<ArrayBuffer> {
  const bytes = encodeBody(fields, payload);
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
function encodeBody(
  fields: ICMPv4Fields,
  payload: Uint8Array | undefined,
): Uint8Array<ArrayBuffer> {
  switch (fields.kind) {
    case "echoRequest":
    case "echoReply":
    case "informationRequest":
    case "informationReply":
      return encodeQuery("ICMPv4", fields, payload);
    case "timestampRequest":
    case "timestampReply": {
      const bytes = encodeQuery(
        "ICMPv4",
        fields,
        payload,
        OFFSET.TIMESTAMP_END,
      );
      put32(bytes, OFFSET.ORIGINATE, bits(32, "originate", fields.originate));
      put32(bytes, OFFSET.RECEIVE, bits(32, "receive", fields.receive));
      put32(bytes, OFFSET.TRANSMIT, bits(32, "transmit", fields.transmit));
      return bytes;
    }
    case "addressMaskRequest":
    case "addressMaskReply": {
      const bytes = encodeQuery("ICMPv4", fields, payload, OFFSET.MASK_END);
      put32(bytes, OFFSET.MASK, parseIPv4(fields.mask ?? "0.0.0.0"));
      return bytes;
    }
    case "destinationUnreachable":
    case "timeExceeded":
    case "parameterProblem":
      return encodeExtensibleError({ ...fields, quoted: payload });
    case "sourceQuench": {
      const bytes = spaceBefore(payload, OFFSET.QUOTED);
      put32(bytes, OFFSET.UNUSED, bits(32, "unused", fields.unused));
      return bytes;
    }
    case "redirect": {
      const bytes = spaceBefore(payload, OFFSET.QUOTED);
      put32(bytes, OFFSET.GATEWAY, parseIPv4(fields.gateway));
      return bytes;
    }
    case "routerAdvertisement":
      return encodeAdvertisement(fields, payload);
    case "routerSolicitation": {
      const bytes = spaceBefore(payload, OFFSET.ROUTERS);
      put32(bytes, OFFSET.RESERVED, bits(32, "reserved", fields.reserved));
      return bytes;
    }
    case "unknown":
      return spaceBefore(payload, OFFSET.UNKNOWN);
  }
}

function encodeExtensibleError(
  fields: ICMPv4Fields & Pick<ICMPv4ExtensibleError, "kind">,
): Uint8Array<ArrayBuffer> {
  const bytes = encodeQuoted(fields, QUOTED_LENGTH);
  if (fields.kind === "parameterProblem") {
    bytes[OFFSET.POINTER] = bits(8, "pointer", fields.pointer);
  } else {
    bytes[OFFSET.UNUSED] = bits(8, "unusedBefore", fields.unusedBefore);
  }
  const after = fields.kind === "destinationUnreachable"
    ? bits(16, "nextHopMTU", fields.nextHopMTU)
    : bits(16, "unusedAfter", fields.unusedAfter);
  put16(bytes, OFFSET.UNUSED_AFTER, after);
  return bytes;
}

function encodeAdvertisement(
  fields: Given<ICMPv4RouterAdvertisement, "routers">,
  payload: Uint8Array | undefined,
): Uint8Array<ArrayBuffer> {
  const { routers } = fields;
  const end = OFFSET.ROUTERS + routers.length * ROUTER_LENGTH;
  const bytes = spaceBefore(payload, end);
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
 * @category ICMP
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
 * const { header: message } = decodeICMPv4(Uint8Array.fromHex(
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
export function decodeICMPv4(bytes: Uint8Array): Decoded<ICMPv4Message> {
  return decodedMessage(bytes, readMessage(bytes));
}

function readMessage(bytes: Uint8Array): ICMPv4Message {
  const { type, code, checksum } = decodeHead("icmpv4", bytes);
  const kind = KINDS.get(type);
  if (kind === undefined) {
    const payload = bytes.subarray(OFFSET.UNKNOWN);
    return { kind: "unknown", type, code, checksum, payload };
  }
  if (bytes.length < OFFSET.QUERY_DATA) {
    throw cutShort("icmpv4", "message", bytes, OFFSET.QUERY_DATA);
  }
  // Each object is written out: spread into it, its head would cost a tenth.
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
        throw cutShort("icmpv4", "message", bytes, OFFSET.TIMESTAMP_END);
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
        throw cutShort("icmpv4", "message", bytes, OFFSET.MASK_END);
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
        ...decodeQuoted(bytes, QUOTED_LENGTH),
      };
    case "timeExceeded":
      return {
        kind,
        type,
        code,
        checksum,
        unusedBefore: bytes[OFFSET.UNUSED],
        unusedAfter: get16(bytes, OFFSET.UNUSED_AFTER),
        ...decodeQuoted(bytes, QUOTED_LENGTH),
      };
    case "parameterProblem":
      return {
        kind,
        type,
        code,
        checksum,
        pointer: bytes[OFFSET.POINTER],
        unusedAfter: get16(bytes, OFFSET.UNUSED_AFTER),
        ...decodeQuoted(bytes, QUOTED_LENGTH),
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

function bits(width: number, field: string, value = 0): number {
  return checkField("ICMPv4", field, value, width);
}
