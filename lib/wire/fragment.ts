/**
 * Fragments of IPv4 packets (RFC 791 §3.2, RFC 815): how a router makes them.
 * `reassembler.ts` puts them together again.
 *
 * @module
 */

import { checkRange, PacketError } from "./errors.ts";
import {
  decodeIPv4,
  encodeIPv4,
  IPV4_MAX_LENGTH,
  IPV4_MIN_HEADER_LENGTH,
} from "./ipv4.ts";
import { decodeIPv4Options } from "./ipv4_options.ts";

/** Where the fields that are wrong stand in the header. */
const OFFSET = { TOTAL_LENGTH: 2, FLAGS_FRAGMENT_OFFSET: 6 } as const;

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
    const room = mtu - headerLength;
    const isLast = payload.length - start <= room;
    const end = isLast ? payload.length : start + (room - room % UNIT);
    fragments.push(encodeIPv4({
      ...header,
      headerLength,
      totalLength: undefined,
      checksum: undefined,
      options,
      moreFragments: !isLast || header.moreFragments,
      fragmentOffset: checkOffset(header.fragmentOffset + start),
    }, payload.subarray(start, end)));
    start = end;
  }
  return fragments;
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

function fault(field: string, offset: number, reason: string): PacketError {
  return new PacketError({ layer: "ipv4", field, offset, reason });
}
