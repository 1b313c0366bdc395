/**
 * The Internet Protocol header, version 6 (RFC 8200 §3), with the extension
 * headers behind it, and jumbograms (RFC 2675), as Linux makes them inside a
 * host.
 *
 * {@linkcode encodeIPv6} computes what was left out and writes what was given
 * as it is, so that wrong headers can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeIPv6} throws a {@linkcode PacketError} for structural faults
 * only, and `encodeIPv6(header, payload)` of what it returned is the same
 * octets again. `ipv6_extensions.ts` reads the extension headers, and
 * `ipv6_protocol.ts` describes and checks all of them.
 *
 * @module
 */

import { formatIPv6, parseIPv6, putIPv6 } from "../address.ts";
import {
  checkField,
  checkRange,
  cutShort,
  PacketError,
  type Problem,
} from "../errors.ts";
import { IP_PROTOCOL } from "../ip_protocols.ts";
import {
  decodeExtensions,
  encodedSize,
  encodeExtension,
  extensionNumber,
  type IPv6ExtensionFields,
  type IPv6ExtensionHeader,
} from "./ipv6_extensions.ts";
import { homeAddress, jumboLength } from "./ipv6_options.ts";
import { get16, get32, put16, put32 } from "../octets.ts";
import type { Decoded, Given } from "../packet/protocol.ts";
import type { AddressPair } from "../pseudo_header.ts";

export const OFFSET = {
  VERSION_CLASS_LABEL: 0,
  PAYLOAD_LENGTH: 4,
  NEXT_HEADER: 6,
  HOP_LIMIT: 7,
  SOURCE: 8,
  DESTINATION: 24,
  EXTENSION_HEADERS: 40,
} as const;

/** Octets of an address. */
const ADDRESS_LENGTH = 16;
const NOTHING = new Uint8Array();
/**
 * Octets of a header without extension headers.
 *
 * @category IPv6
 */
export const IPV6_HEADER_LENGTH = 40;
/**
 * Octets of the longest payload, extension headers included.
 *
 * @category IPv6
 */
export const IPV6_MAX_PAYLOAD_LENGTH = 65_535;
/** The same of what a jumbo payload option can tell. */
const IPV6_MAX_JUMBO_LENGTH = 2 ** 32 - 1;

/**
 * A header: every field; as decoded, as it stood in the octets.
 *
 * @category IPv6
 */
export interface IPv6Header {
  /** 0–15; default 6, and always 6 when decoded. */
  readonly version: number;
  /** Differentiated Services Codepoint, 0–63 (RFC 2474); default 0, best effort. */
  readonly dscp: number;
  /** Explicit Congestion Notification, 0–3 (RFC 3168); default 0, not capable. */
  readonly ecn: number;
  /** Which flow the packet belongs to, 0–0xfffff (RFC 6437); default 0, none. */
  readonly flowLabel: number;
  /**
   * Extension headers and payload, in octets, 0–65,535; by default just that,
   * and 0 where a jumbo payload option tells it.
   */
  readonly payloadLength: number;
  /**
   * What follows this header, an extension header perhaps, 0–255; by default
   * computed from the extension headers and `protocol`.
   */
  readonly nextHeader: number;
  /** In hops, 0–255; default 64. */
  readonly hopLimit: number;
  /** Source address, in the form of RFC 5952 when decoded; default `::`. */
  readonly source: string;
  /** Destination address, in the form of RFC 5952 when decoded. */
  readonly destination: string;
  /** The extension headers, in order; default none. */
  readonly extensionHeaders: readonly IPv6ExtensionHeader[];
  /**
   * The payload's protocol number, 0–255: the last header's next header. That
   * of an extension header, if the payload begins with one that is cut short.
   * {@linkcode buildPacket} computes it from the next layer.
   */
  readonly protocol: number;
}

/**
 * What a caller gives to make a header. What is left out is computed, or takes
 * its default; what is given is written as it is, right or wrong.
 *
 * @category IPv6
 */
export type IPv6Fields =
  & Given<
    Omit<IPv6Header, "extensionHeaders">,
    "protocol" | "destination"
  >
  & { readonly extensionHeaders?: readonly IPv6ExtensionFields[] };

/**
 * Writes a header, its extension headers, and the payload behind them, into
 * new octets.
 *
 * @category IPv6
 * @throws {RangeError} if a value does not fit its field, or extension headers
 * and payload would be longer than 65,535 octets without a jumbo payload option
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
  payload: Uint8Array = NOTHING,
): Uint8Array<ArrayBuffer> {
  return writeIPv6(fields, payload, fields.protocol);
}

/** The same, where the protocol follows from the payload. */
export function writeIPv6(
  fields: Omit<IPv6Fields, "protocol">,
  payload: Uint8Array,
  protocol: number,
): Uint8Array<ArrayBuffer> {
  const extensions = fields.extensionHeaders ?? [];
  let headerLength = IPV6_HEADER_LENGTH;
  for (const extension of extensions) headerLength += encodedSize(extension);
  const payloadLength = headerLength - IPV6_HEADER_LENGTH + payload.length;
  const isJumbogram = jumboLength(extensions) !== undefined;
  checkRange(
    "IPv6 extension headers and payload, in octets,",
    payloadLength,
    0,
    isJumbogram ? IPV6_MAX_JUMBO_LENGTH : IPV6_MAX_PAYLOAD_LENGTH,
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
    bits(
      16,
      "payloadLength",
      fields.payloadLength ?? (isJumbogram ? 0 : payloadLength),
    ),
  );
  bits(8, "protocol", protocol);
  // What the header before the extension header at `i` announces.
  const announced = (i: number) =>
    i < extensions.length ? extensionNumber(extensions[i]) : protocol;
  bytes[OFFSET.NEXT_HEADER] = bits(
    8,
    "nextHeader",
    fields.nextHeader ?? announced(0),
  );
  bytes[OFFSET.HOP_LIMIT] = bits(8, "hopLimit", fields.hopLimit ?? 64);
  putIPv6(bytes, OFFSET.SOURCE, fields.source ?? "::");
  putIPv6(bytes, OFFSET.DESTINATION, fields.destination);
  let offset: number = OFFSET.EXTENSION_HEADERS;
  for (let i = 0; i < extensions.length; i++) {
    const octets = encodeExtension(extensions[i], announced(i + 1));
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
 * @category IPv6
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
export function decodeIPv6(bytes: Uint8Array): Decoded<IPv6Header> {
  const decoded = readIPv6(bytes);
  const fault = wrongVersion(decoded.header);
  if (fault !== undefined) throw new PacketError(fault);
  return decoded;
}

/**
 * The same for whoever looks at packets, where a wrong version is kept as it
 * is, and all that is there is payload.
 *
 * @throws {PacketError} if there are fewer than 40 octets
 */
export function readIPv6(bytes: Uint8Array): Decoded<IPv6Header> {
  if (bytes.length < IPV6_HEADER_LENGTH) {
    throw cutShort("ipv6", "header", bytes, IPV6_HEADER_LENGTH);
  }
  const first = get32(bytes, OFFSET.VERSION_CLASS_LABEL);
  const version = first >>> 28;
  const payloadLength = get16(bytes, OFFSET.PAYLOAD_LENGTH);
  const nextHeader = bytes[OFFSET.NEXT_HEADER];
  const length = version === 6 && payloadLength > 0
    ? payloadLength
    : lengthBehind(bytes, version, nextHeader);
  const rest = bytes.subarray(IPV6_HEADER_LENGTH, IPV6_HEADER_LENGTH + length);
  const chain = version === 6
    ? decodeExtensions(rest, nextHeader)
    : { extensionHeaders: [], length: 0, protocol: nextHeader };
  const { extensionHeaders, protocol } = chain;
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
    headerLength: IPV6_HEADER_LENGTH + chain.length,
    payload: chain.length === 0 ? rest : rest.subarray(chain.length),
    missing: length - rest.length,
  };
}

/**
 * Octets behind a header whose payload length tells nothing: what a jumbo
 * payload option tells; all of them, where a segment or a datagram was captured
 * before the interface cut it in pieces, or after it put them together.
 */
function lengthBehind(
  bytes: Uint8Array,
  version: number,
  nextHeader: number,
): number {
  if (version !== 6 || isOffloaded(nextHeader)) {
    return bytes.length - IPV6_HEADER_LENGTH;
  }
  const rest = bytes.subarray(IPV6_HEADER_LENGTH);
  return jumboLength(decodeExtensions(rest, nextHeader).extensionHeaders) ?? 0;
}

/** Whether interfaces cut such a protocol's messages in pieces. */
export function isOffloaded(nextHeader: number): boolean {
  return nextHeader === IP_PROTOCOL.TCP || nextHeader === IP_PROTOCOL.UDP;
}

/** What is wrong with a header that is one of another version. */
export function wrongVersion({ version }: IPv6Header): Problem | undefined {
  if (version === 6) return undefined;
  const reason = `is ${version}, 6 wanted`;
  return { layer: "ipv6", field: "version", offset: 0, reason };
}

/**
 * The addresses that a checksum behind this header covers (RFC 8200 §8.1): the
 * home address in place of the source, where an option tells one (RFC 6275
 * §9.3.1), and while a routing header has nodes left to visit, its final
 * destination in place of the destination. Types 0, 2, 3 and 4 are known; others
 * leave the destination as it is.
 */
export function upperLayerAddresses(
  { source = "::", destination, extensionHeaders = [] }: Pick<
    IPv6Fields,
    "source" | "destination" | "extensionHeaders"
  >,
): AddressPair {
  if (extensionHeaders.length === 0) return { source, destination };
  return {
    source: homeAddress(extensionHeaders) ?? source,
    destination: lastNode(extensionHeaders, destination) ?? destination,
  };
}

function lastNode(
  extensionHeaders: readonly IPv6ExtensionFields[],
  destination: string,
): string | undefined {
  for (const extension of extensionHeaders) {
    if (extension.kind !== "routing" || extension.segmentsLeft === 0) continue;
    const { routingType, data = new Uint8Array() } = extension;
    const addresses = data.subarray(4);
    const count = Math.floor(addresses.length / ADDRESS_LENGTH);
    // RFC 6554 §3: without the octets that the last has like the destination.
    if (routingType === 3) return lastCompressed(data, destination);
    if (count === 0) continue;
    // RFC 8754 §2: a segment list holds the last segment first.
    if (routingType === 4) return formatIPv6(addresses);
    if (routingType === 0 || routingType === 2) {
      return formatIPv6(addresses, ADDRESS_LENGTH * (count - 1));
    }
  }
}

function lastCompressed(
  data: Uint8Array,
  destination: string,
): string | undefined {
  const left = data[0] & 0xf;
  const end = data.length - (data[1] >>> 4);
  const start = end - (ADDRESS_LENGTH - left);
  if (data.length < 4 || start < 4) return undefined;
  const address = parseIPv6(destination);
  address.set(data.subarray(start, end), left);
  return formatIPv6(address);
}

function bits(width: number, field: string, value: number): number {
  return checkField("IPv6", field, value, width);
}
