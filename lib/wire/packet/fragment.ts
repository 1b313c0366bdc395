/**
 * Fragments of IPv4 packets (RFC 791 §3.2, RFC 815), as routers make them, and
 * of IPv6 packets (RFC 8200 §4.5), as their source alone does.
 * `reassembler.ts` puts them together again.
 *
 * @module
 */

import { checkRange, PacketError } from "../errors.ts";
import {
  decodeIPv4,
  encodeIPv4,
  IPV4_MAX_LENGTH,
  IPV4_MIN_HEADER_LENGTH,
} from "../ipv4/ipv4.ts";
import { decodeIPv4Options } from "../ipv4/ipv4_options.ts";
import {
  decodeIPv6,
  encodeIPv6,
  IPV6_HEADER_LENGTH,
  IPV6_MAX_PAYLOAD_LENGTH,
} from "../ipv6/ipv6.ts";
import {
  encodedSize,
  type IPv6ExtensionHeader,
} from "../ipv6/ipv6_extensions.ts";
import { jumboLength } from "../ipv6/ipv6_options.ts";

/** Where the fields that are wrong stand in the headers. */
const OFFSET = {
  TOTAL_LENGTH: 2,
  FLAGS_FRAGMENT_OFFSET: 6,
  IPV6_PAYLOAD_LENGTH: 4,
  IPV6_NEXT_HEADER: 6,
} as const;

/** RFC 791 §3.1: fragment offsets count in units of eight octets. */
const UNIT = 8;
/** RFC 791 §3.1: the uppermost bit of an option's type, "copied on fragmentation". */
const COPIED = 0x80;

/**
 * Splits an IPv4 packet into fragments of at most `mtu` octets, as a router
 * does. A packet that fits is returned alone, as it is.
 *
 * Every fragment but the last has a multiple of eight octets of payload. All
 * options are in the first; the others have those whose copied flag is set. A
 * fragment is split further: offsets go on from its own, and the last keeps its
 * flag of more fragments. Octets after the total length are left out.
 *
 * @category Fragments
 * @param packet header and payload; it is not changed, nor is its memory shared
 * @param mtu octets of the longest fragment, header included, up to 65,535; at
 * least the header's and 8. RFC 791 wants every link to carry 68.
 * @throws {PacketError} if it may not be fragmented (DF), cannot be decoded, or
 * is not all there
 * @throws {RangeError} if the MTU is out of range
 *
 * @example
 * ```ts
 * import { buildPacket, decodeIPv4, fragmentIPv4, icmpv4, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2", identification: 7 }),
 *   icmpv4({ kind: "echoRequest" }),
 *   new Uint8Array(2000),
 * );
 * const headers = fragmentIPv4(packet, 1500).map((f) => decodeIPv4(f).header);
 * assertEquals(headers.map((h) => h.totalLength), [1500, 548]);
 * assertEquals(headers.map((h) => h.fragmentOffset), [0, 1480]);
 * assertEquals(headers.map((h) => h.moreFragments), [true, false]);
 * ```
 */
export function fragmentIPv4(
  packet: Uint8Array,
  mtu: number,
): Uint8Array<ArrayBuffer>[] {
  const { header, payload, missing } = decodeIPv4(packet);
  if (missing > 0) {
    throw fault(
      "totalLength",
      OFFSET.TOTAL_LENGTH,
      `is ${header.totalLength} octets, of which ${missing} are missing`,
    );
  }
  checkRange(
    "MTU, in octets,",
    mtu,
    header.headerLength + UNIT,
    IPV4_MAX_LENGTH,
  );
  if (header.totalLength <= mtu) {
    return [new Uint8Array(packet.subarray(0, header.totalLength))];
  }
  if (header.dontFragment) {
    throw fault(
      "dontFragment",
      OFFSET.FLAGS_FRAGMENT_OFFSET,
      `is set, and ${header.totalLength} octets do not fit into ${mtu}`,
    );
  }

  const copied = copiedOptions(header.options);
  const fragments: Uint8Array<ArrayBuffer>[] = [];
  for (let start = 0; start < payload.length;) {
    const options = start === 0 ? header.options : copied;
    const headerLength = IPV4_MIN_HEADER_LENGTH + options.length;
    const end = endOf(start, payload.length, mtu - headerLength);
    fragments.push(encodeIPv4({
      ...header,
      headerLength,
      totalLength: undefined,
      checksum: undefined,
      options,
      moreFragments: end < payload.length || header.moreFragments,
      fragmentOffset: checkOffset(header.fragmentOffset + start),
    }, payload.subarray(start, end)));
    start = end;
  }
  return fragments;
}

/**
 * Splits an IPv6 packet into fragments of at most `mtu` octets, as its source
 * does. A packet that fits is returned alone, as it is.
 *
 * The headers that routers read (hop-by-hop options, and all up to a routing
 * header) are in every fragment, and all others in the first. Octets after the
 * payload length are left out.
 *
 * @category Fragments
 * @param packet header and payload; it is not changed, nor is its memory shared
 * @param mtu octets of the longest fragment, headers included, up to 65,575; at
 * least what the headers take that the first one needs, and 8. RFC 8200 wants
 * every link to carry 1280.
 * @param identification what tells the fragments from those of other packets,
 * 0–0xffffffff
 * @throws {PacketError} if it is a fragment or a jumbogram, cannot be decoded, or
 * is not all there
 * @throws {RangeError} if the MTU or the identification is out of range
 *
 * @example
 * ```ts
 * import { buildPacket, decodeIPv6, fragmentIPv6, icmpv6, ipv6 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv6({ source: "2001:db8::1", destination: "2001:db8::2" }),
 *   icmpv6({ kind: "echoRequest" }),
 *   new Uint8Array(2000),
 * );
 * const headers = fragmentIPv6(packet, 1280, 7).map((f) => decodeIPv6(f).header);
 * assertEquals(headers.map((h) => h.payloadLength), [1240, 784]);
 * assertEquals(headers[1].extensionHeaders, [{
 *   kind: "fragment",
 *   nextHeader: 58,
 *   reserved: 0,
 *   fragmentOffset: 1232,
 *   reservedBits: 0,
 *   moreFragments: false,
 *   identification: 7,
 * }]);
 * ```
 */
export function fragmentIPv6(
  packet: Uint8Array,
  mtu: number,
  identification: number,
): Uint8Array<ArrayBuffer>[] {
  const { header, headerLength, missing, ...behind } = decodeIPv6(packet);
  const { extensionHeaders } = header;
  const whole = packet.subarray(0, headerLength + behind.payload.length);
  const lengthFault = (reason: string) =>
    fault("payloadLength", OFFSET.IPV6_PAYLOAD_LENGTH, reason, "ipv6");
  if (missing > 0) {
    const length = whole.length - IPV6_HEADER_LENGTH + missing;
    throw lengthFault(`is ${length} octets, of which ${missing} are missing`);
  }
  if (extensionHeaders.some(({ kind }) => kind === "fragment")) {
    throw fault(
      "nextHeader",
      OFFSET.IPV6_NEXT_HEADER,
      "leads to a fragment header already, and only the source may fragment",
      "ipv6",
    );
  }
  const copied = copiedExtensions(extensionHeaders);
  const start = IPV6_HEADER_LENGTH +
    copied.reduce((sum, extension) => sum + encodedSize(extension), 0);
  const least = Math.max(UNIT, headerLength - start + UNIT - 1 & -UNIT);
  checkRange(
    "MTU, in octets,",
    mtu,
    start + UNIT + least,
    IPV6_HEADER_LENGTH + IPV6_MAX_PAYLOAD_LENGTH,
  );
  if (whole.length <= mtu) return [new Uint8Array(whole)];
  if (jumboLength(extensionHeaders) !== undefined) {
    throw lengthFault(
      "is that of a jumbogram, which may not be fragmented (RFC 2675 §3)",
    );
  }

  const payload = whole.subarray(start);
  const protocol = copied.at(-1)?.nextHeader ?? header.nextHeader;
  const fragments: Uint8Array<ArrayBuffer>[] = [];
  for (let offset = 0; offset < payload.length;) {
    const end = endOf(offset, payload.length, mtu - start - UNIT);
    fragments.push(encodeIPv6({
      ...header,
      payloadLength: undefined,
      nextHeader: undefined,
      extensionHeaders: [
        ...copied.map((header) => ({ ...header, nextHeader: undefined })),
        {
          kind: "fragment",
          identification,
          fragmentOffset: offset,
          moreFragments: end < payload.length,
        },
      ],
      protocol,
    }, payload.subarray(offset, end)));
    offset = end;
  }
  return fragments;
}

/** Where a fragment ends: but for the last it has a multiple of eight octets. */
function endOf(start: number, length: number, room: number): number {
  return length - start <= room ? length : start + (room - room % UNIT);
}

/** A fragment near the end of all that offsets reach cannot be split there. */
function checkOffset(offset: number): number {
  if (offset < 0x2000 * UNIT) return offset;
  throw fault(
    "fragmentOffset",
    OFFSET.FLAGS_FRAGMENT_OFFSET,
    `would be ${offset}, beyond 65528`,
  );
}

/** The options that every fragment has, padded to four octets. */
function copiedOptions(octets: Uint8Array): Uint8Array {
  const { options } = decodeIPv4Options(octets);
  const kept: number[] = [];
  for (const { offset, length } of options) {
    if ((octets[offset] & COPIED) === 0) continue;
    kept.push(...octets.subarray(offset, offset + length));
  }
  const padded = new Uint8Array((kept.length + 3) & ~3);
  padded.set(kept);
  return padded;
}

/** The headers that every fragment has (RFC 8200 §4.5). */
function copiedExtensions(
  headers: readonly IPv6ExtensionHeader[],
): readonly IPv6ExtensionHeader[] {
  const routing = headers.findIndex(({ kind }) => kind === "routing");
  const isHopByHop = headers.at(0)?.kind === "hopByHop";
  return headers.slice(0, routing < 0 ? Number(isHopByHop) : routing + 1);
}

function fault(
  field: string,
  offset: number,
  reason: string,
  layer = "ipv4",
): PacketError {
  return new PacketError({ layer, field, offset, reason });
}
