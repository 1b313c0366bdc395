/**
 * The Internet Protocol header, version 6 (RFC 8200 §3), with the extension
 * headers behind it. Jumbograms (RFC 2675) are not supported.
 *
 * {@linkcode encodeIPv6} computes what was left out and writes what was given
 * as it is, so that wrong headers can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeIPv6} throws a {@linkcode PacketError} for structural faults
 * only, and `encodeIPv6(header, payload)` of what it returned is the same
 * octets again. `ipv6_extensions.ts` reads the extension headers, and
 * `ipv6_describe.ts` describes and checks all of them.
 *
 * @module
 */

import { formatIPv6, parseIPv6 } from "./address.ts";
import { checkField, checkRange, cutShort, PacketError } from "./errors.ts";
import {
  decodeExtensions,
  encodedSize,
  encodeExtension,
  extensionNumber,
  type IPv6ExtensionFields,
  type IPv6ExtensionHeader,
} from "./ipv6_extensions.ts";
import { get16, get32, put16, put32 } from "./octets.ts";
import type { AddressPair } from "./pseudo_header.ts";

export const OFFSET = {
  VERSION_CLASS_LABEL: 0,
  PAYLOAD_LENGTH: 4,
  NEXT_HEADER: 6,
  HOP_LIMIT: 7,
  SOURCE: 8,
  DESTINATION: 24,
  EXTENSION_HEADERS: 40,
} as const;

/** Octets of a header without extension headers. */
export const IPV6_HEADER_LENGTH = 40;
/** Octets of the longest payload, extension headers included. */
export const IPV6_MAX_PAYLOAD_LENGTH = 65_535;

/** A decoded header: every field, as it stood in the octets. */
export interface IPv6Header {
  /** Always 6 when decoded. */
  readonly version: number;
  /** Differentiated Services Codepoint, 0–63 (RFC 2474). */
  readonly dscp: number;
  /** Explicit Congestion Notification, 0–3 (RFC 3168). */
  readonly ecn: number;
  /** Which flow the packet belongs to, 0–0xfffff (RFC 6437). */
  readonly flowLabel: number;
  /** Extension headers and payload, in octets, 0–65,535. */
  readonly payloadLength: number;
  /** What follows this header, an extension header perhaps, 0–255. */
  readonly nextHeader: number;
  /** In hops, 0–255. */
  readonly hopLimit: number;
  /** Source address, in the form of RFC 5952. */
  readonly source: string;
  /** Destination address, in the form of RFC 5952. */
  readonly destination: string;
  /** The extension headers, in order. */
  readonly extensionHeaders: readonly IPv6ExtensionHeader[];
  /**
   * The payload's protocol number, 0–255: the last header's next header. That
   * of an extension header, if the payload begins with one that is cut short.
   */
  readonly protocol: number;
}

/**
 * What a caller gives to make a header. What is left out is computed or takes
 * the default named here; what is given is written as it is, right or wrong.
 */
export interface IPv6Fields {
  /** 0–15; default 6. */
  readonly version?: number;
  /** 0–63; default 0, best effort. */
  readonly dscp?: number;
  /** 0–3; default 0, not ECN-capable. */
  readonly ecn?: number;
  /** 0–0xfffff; default 0, no flow. */
  readonly flowLabel?: number;
  /** In octets, 0–65,535; computed from extension headers and payload. */
  readonly payloadLength?: number;
  /** 0–255; computed from the extension headers and `protocol`. */
  readonly nextHeader?: number;
  /** In hops, 0–255; default 64. */
  readonly hopLimit?: number;
  /** IPv6 text; default `::`. */
  readonly source?: string;
  /** IPv6 text. */
  readonly destination: string;
  /** In order; default none. */
  readonly extensionHeaders?: readonly IPv6ExtensionFields[];
  /** 0–255; {@linkcode buildPacket} computes it from the next layer. */
  readonly protocol: number;
}

/** What {@linkcode decodeIPv6} found. */
export interface DecodedIPv6 {
  /** The header. */
  readonly header: IPv6Header;
  /** Octets of the header, extension headers included. */
  readonly headerLength: number;
  /** The payload as far as it is there; shares the input's memory. */
  readonly payload: Uint8Array;
  /** Octets that the payload length promises but the input lacks. */
  readonly missing: number;
}

/**
 * Writes a header, its extension headers, and the payload behind them, into
 * new octets.
 *
 * @throws {RangeError} if a value does not fit its field, or extension headers
 * and payload would be longer than 65,535 octets
 *
 * @example
 * ```ts
 * import { encodeIPv6 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const header = encodeIPv6({
 *   source: "2001:db8::1",
 *   destination: "2001:db8::2",
 *   protocol: 253,
 * });
 * assertEquals(
 *   header.toHex(),
 *   "600000000000fd40" +
 *     "20010db8000000000000000000000001" +
 *     "20010db8000000000000000000000002",
 * );
 * ```
 */
export function encodeIPv6(
  fields: IPv6Fields,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const extensions = fields.extensionHeaders ?? [];
  const headerLength = extensions.reduce<number>(
    (sum, extension) => sum + encodedSize(extension),
    IPV6_HEADER_LENGTH,
  );
  const payloadLength = headerLength - IPV6_HEADER_LENGTH + payload.length;
  checkRange(
    "IPv6 extension headers and payload, in octets,",
    payloadLength,
    0,
    IPV6_MAX_PAYLOAD_LENGTH,
  );

  const bytes = new Uint8Array(headerLength + payload.length);
  put32(
    bytes,
    OFFSET.VERSION_CLASS_LABEL,
    bits(4, "version", fields.version ?? 6) << 28 |
      bits(6, "dscp", fields.dscp ?? 0) << 22 |
      bits(2, "ecn", fields.ecn ?? 0) << 20 |
      bits(20, "flowLabel", fields.flowLabel ?? 0),
  );
  put16(
    bytes,
    OFFSET.PAYLOAD_LENGTH,
    bits(16, "payloadLength", fields.payloadLength ?? payloadLength),
  );
  const protocol = bits(8, "protocol", fields.protocol);
  // What the header before the extension header at `i` announces.
  const announced = (i: number) =>
    i < extensions.length ? extensionNumber(extensions[i]) : protocol;
  bytes[OFFSET.NEXT_HEADER] = bits(
    8,
    "nextHeader",
    fields.nextHeader ?? announced(0),
  );
  bytes[OFFSET.HOP_LIMIT] = bits(8, "hopLimit", fields.hopLimit ?? 64);
  bytes.set(parseIPv6(fields.source ?? "::"), OFFSET.SOURCE);
  bytes.set(parseIPv6(fields.destination), OFFSET.DESTINATION);
  let offset: number = OFFSET.EXTENSION_HEADERS;
  for (const [i, extension] of extensions.entries()) {
    const octets = encodeExtension(extension, announced(i + 1));
    bytes.set(octets, offset);
    offset += octets.length;
  }
  bytes.set(payload, headerLength);
  return bytes;
}

/**
 * Reads a header, walks its extension headers, and finds the payload behind
 * them.
 *
 * Octets after the payload length (the padding of short Ethernet frames)
 * belong to none of them. Where the payload length goes past the end, as in
 * packets quoted by ICMPv6 errors, `missing` says by how much; an extension
 * header that is cut short is left in the payload. Extension headers and
 * payload share the input's memory.
 *
 * @throws {PacketError} if there are fewer than 40 octets, or the version is
 * not 6
 *
 * @example
 * ```ts
 * import { decodeIPv6 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = Uint8Array.fromHex(
 *   "600000000002fd40" +
 *     "20010db8000000000000000000000001" +
 *     "20010db8000000000000000000000002" +
 *     "4869",
 * );
 * const { header, payload } = decodeIPv6(packet);
 * assertEquals([header.source, header.hopLimit], ["2001:db8::1", 64]);
 * assertEquals(new TextDecoder().decode(payload), "Hi");
 * ```
 */
export function decodeIPv6(bytes: Uint8Array): DecodedIPv6 {
  if (bytes.length < IPV6_HEADER_LENGTH) {
    throw cutShort("ipv6", "header", bytes, IPV6_HEADER_LENGTH);
  }
  const first = get32(bytes, OFFSET.VERSION_CLASS_LABEL);
  const version = first >>> 28;
  if (version !== 6) {
    throw fault(
      "version",
      OFFSET.VERSION_CLASS_LABEL,
      `is ${version}, 6 wanted`,
    );
  }
  const payloadLength = get16(bytes, OFFSET.PAYLOAD_LENGTH);
  const nextHeader = bytes[OFFSET.NEXT_HEADER];
  const rest = bytes.subarray(
    IPV6_HEADER_LENGTH,
    IPV6_HEADER_LENGTH + payloadLength,
  );
  const { extensionHeaders, length, protocol } = decodeExtensions(
    rest,
    nextHeader,
  );
  return {
    header: {
      version,
      dscp: first >>> 22 & 0x3f,
      ecn: first >>> 20 & 3,
      flowLabel: first & 0xfffff,
      payloadLength,
      nextHeader,
      hopLimit: bytes[OFFSET.HOP_LIMIT],
      source: formatIPv6(bytes, OFFSET.SOURCE),
      destination: formatIPv6(bytes, OFFSET.DESTINATION),
      extensionHeaders,
      protocol,
    },
    headerLength: IPV6_HEADER_LENGTH + length,
    payload: rest.subarray(length),
    missing: payloadLength - rest.length,
  };
}

/**
 * The addresses that a checksum behind this header covers (RFC 8200 §8.1):
 * while a routing header has nodes left to visit, its final destination stands
 * in for the destination address. Types 0, 2 and 4 are known; others leave the
 * destination as it is.
 */
export function upperLayerAddresses(
  { source = "::", destination, extensionHeaders = [] }: Pick<
    IPv6Fields,
    "source" | "destination" | "extensionHeaders"
  >,
): AddressPair {
  for (const extension of extensionHeaders) {
    if (extension.kind !== "routing" || extension.segmentsLeft === 0) continue;
    const { routingType, data = new Uint8Array() } = extension;
    const addresses = data.subarray(4);
    const count = Math.floor(addresses.length / 16);
    if (count === 0) continue;
    // RFC 8754 §2: a segment list holds the last segment first.
    if (routingType === 4) {
      return { source, destination: formatIPv6(addresses) };
    }
    if (routingType === 0 || routingType === 2) {
      const last = formatIPv6(addresses, 16 * (count - 1));
      return { source, destination: last };
    }
  }
  return { source, destination };
}

function fault(field: string, offset: number, reason: string): PacketError {
  return new PacketError({ layer: "ipv6", field, offset, reason });
}

function bits(width: number, field: string, value: number): number {
  return checkField("IPv6", field, value, width);
}
