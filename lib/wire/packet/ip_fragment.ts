/**
 * Fragments of IPv4 and IPv6 packets (RFC 791 §3.2, RFC 8200 §4.5), as far as
 * putting them together needs to know them.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import { decodeIPv4, IPV4_MAX_LENGTH, OFFSET as IPV4 } from "../ipv4/ipv4.ts";
import {
  decodeIPv6,
  IPV6_HEADER_LENGTH,
  IPV6_MAX_PAYLOAD_LENGTH,
  OFFSET as IPV6,
} from "../ipv6/ipv6.ts";
import { encodedSize, OFFSET as FRAGMENT } from "../ipv6/ipv6_extensions.ts";
import { put16 } from "../octets.ts";

/** Both protocols count offsets in units of eight octets. */
const UNIT = 8;
/** Of IPv6; always the same. */
const FRAGMENT_HEADER_LENGTH = 8;
/** In the first of the two octets that it shares with the fragment offset. */
const MORE_FRAGMENTS = 0x20;
/** The bits of a congestion mark, the lowest of their field. */
const ECN = 3;
/** Why there is no such packet. */
export const TOO_LONG = "ends beyond 65535 octets";
/** Congestion experienced, and not ECN-capable (RFC 3168 §5). */
const CE = 3;
const NOT_ECT = 0;

/**
 * Which packet a fragment is of.
 *
 * @category Packets
 */
export interface FragmentedPacket {
  /** Its version of IP. */
  readonly layer: "ipv4" | "ipv6";
  /** Its source address. */
  readonly source: string;
  /** Its destination address. */
  readonly destination: string;
  /**
   * Its payload's protocol number; in IPv6 what the fragmentable part begins
   * with, an extension header perhaps.
   */
  readonly protocol: number;
  /** What tells it from other packets between these addresses. */
  readonly identification: number;
}

/** A fragment, decoded. */
export interface IPFragment {
  readonly of: FragmentedPacket;
  /** Where its payload belongs, in octets. */
  readonly offset: number;
  /** Where the packet says so, in octets from its start. */
  readonly offsetField: number;
  /** Whether others follow. */
  readonly more: boolean;
  /** What is to be put together; shares the input's memory. */
  readonly payload: Uint8Array;
  /** Octets that its header promises but the input lacks. */
  readonly missing: number;
  /** Its congestion mark (RFC 3168). */
  readonly ecn: number;
  /** Octets of payload that the whole packet has room for. */
  readonly room: number;
  /** The whole packet's header, if this is the first fragment; new octets. */
  head(): Uint8Array;
}

/**
 * Reads a packet.
 *
 * @returns what it is a fragment of; or if it is none, the packet itself without
 * the octets behind it
 * @throws {PacketError} if it cannot be decoded
 */
export function readFragment(packet: Uint8Array): IPFragment | Uint8Array {
  return packet[0] >>> 4 === 6 ? readIPv6(packet) : readIPv4(packet);
}

function readIPv4(packet: Uint8Array): IPFragment | Uint8Array {
  const { header, payload, missing } = decodeIPv4(packet);
  const { source, destination, protocol, identification } = header;
  const { fragmentOffset: offset, moreFragments: more, ecn } = header;
  if (offset === 0 && !more) return packet.subarray(0, header.totalLength);
  return {
    of: { layer: "ipv4", source, destination, protocol, identification },
    ...{ offset, more, payload, missing, ecn },
    offsetField: IPV4.FLAGS_FRAGMENT_OFFSET,
    room: IPV4_MAX_LENGTH - header.headerLength,
    head: () => {
      const head = packet.slice(0, header.headerLength);
      head[IPV4.FLAGS_FRAGMENT_OFFSET] &= ~MORE_FRAGMENTS;
      return head;
    },
  };
}

function readIPv6(packet: Uint8Array): IPFragment | Uint8Array {
  const { header, headerLength, missing, ...behind } = decodeIPv6(packet);
  const { source, destination, ecn } = header;
  const end = headerLength + behind.payload.length;
  // Where the next header is announced, and where it stands.
  let announcement: number = IPV6.NEXT_HEADER;
  let at = IPV6_HEADER_LENGTH;
  for (const extension of header.extensionHeaders) {
    if (extension.kind !== "fragment") {
      announcement = at;
      at += encodedSize(extension);
      continue;
    }
    const { nextHeader: protocol, identification } = extension;
    const { fragmentOffset: offset, moreFragments: more } = extension;
    const payload = packet.subarray(at + FRAGMENT_HEADER_LENGTH, end);
    const length = at;
    const head = () => {
      const head = packet.slice(0, length);
      head[announcement] = protocol;
      return head;
    };
    // RFC 6946: an atomic fragment is whole, whatever others there are.
    if (offset === 0 && !more) return wholePacket(head(), payload, ecn);
    return {
      of: { layer: "ipv6", source, destination, protocol, identification },
      ...{ offset, more, payload, missing, ecn, head },
      offsetField: at + FRAGMENT.FRAGMENT_OFFSET_FLAGS,
      room: IPV6_MAX_PAYLOAD_LENGTH - (at - IPV6_HEADER_LENGTH),
    };
  }
  return packet.subarray(0, end);
}

/**
 * A whole packet.
 *
 * @param head of its first fragment
 * @param ecn its congestion mark
 */
export function wholePacket(
  head: Uint8Array,
  payload: Uint8Array,
  ecn: number,
): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(head.length + payload.length);
  packet.set(head);
  packet.set(payload, head.length);
  if (head[0] >>> 4 === 6) {
    const octet = IPV6.VERSION_CLASS_LABEL + 1;
    packet[octet] = packet[octet] & ~(ECN << 4) | ecn << 4;
    put16(packet, IPV6.PAYLOAD_LENGTH, packet.length - IPV6_HEADER_LENGTH);
    return packet;
  }
  packet[IPV4.DS_FIELD] = packet[IPV4.DS_FIELD] & ~ECN | ecn;
  put16(packet, IPV4.TOTAL_LENGTH, packet.length);
  put16(packet, IPV4.CHECKSUM, 0);
  put16(packet, IPV4.CHECKSUM, internetChecksum(packet, 0, head.length));
  return packet;
}

/**
 * What tells the fragments of one packet from others: RFC 791 §3.2 names these
 * four, RFC 8200 §4.5 all but the protocol.
 */
export function keyOf(packet: FragmentedPacket): string {
  const { layer, source, destination, protocol, identification } = packet;
  const ends = `${source} ${destination} ${identification}`;
  return layer === "ipv4" ? `${ends} ${protocol}` : ends;
}

/** Why a fragment can be part of no packet, if it can be part of none. */
export function faultOf(
  { offset, more, payload, missing, room }: IPFragment,
): string | undefined {
  const { length } = payload;
  if (missing > 0) return `lacks ${missing} octets`;
  if (length === 0) return "has no payload";
  if (more && length % UNIT !== 0) {
    return `has ${length} octets of payload, a multiple of 8 wanted`;
  }
  if (offset + length > room) return TOO_LONG;
}

/**
 * The congestion mark of a whole packet (RFC 3168 §5.3): that of its first
 * fragment, or that congestion was experienced if one fragment says so.
 *
 * @param marks those of its fragments, in order
 * @returns `undefined` if the packet is to be dropped: some fragments are
 * ECN-capable, and some not. The RFC asks for that where congestion was
 * experienced, and Linux does it everywhere.
 */
export function markOf(marks: readonly number[]): number | undefined {
  if (marks.includes(NOT_ECT)) {
    return marks.every((mark) => mark === NOT_ECT) ? NOT_ECT : undefined;
  }
  return marks.includes(CE) ? CE : marks[0];
}
