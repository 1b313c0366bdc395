/**
 * Packets under a hand-made IPv4 header: made from fields, and as Linux will
 * put them on the wire.
 *
 * @module
 */

import { icmpv4 } from "../wire/icmp/icmpv4_protocol.ts";
import { ipv4 } from "../wire/ipv4/ipv4_protocol.ts";
import type { PacketLayer } from "../wire/packet/protocol.ts";
import { internetChecksum } from "../bytes/checksum.ts";
import { buildPacket } from "../wire/packet/build.ts";
import { checkRange, PacketError } from "../wire/errors.ts";
import { IP_PROTOCOL } from "../wire/ip_protocols.ts";
import {
  decodeIPv4,
  IPV4_MAX_LENGTH,
  type IPv4Header,
  OFFSET,
} from "../wire/ipv4/ipv4.ts";
import { get16, put16 } from "../wire/octets.ts";

/**
 * The fields of a forged packet; what is left out is as in the example.
 *
 * @category Forged packets
 */
export interface ForgedPacketFields {
  /** Whom it pretends to be from, dotted decimal; 0.0.0.0: the kernel's choice. */
  readonly source: string;
  /** Dotted decimal. */
  readonly destination: string;
  /** In hops, 0–255; default 255. */
  readonly ttl?: number;
  /** DSCP and ECN in one octet, 0–255; default 0. */
  readonly trafficClass?: number;
  /** 0–65,535; default 0: the kernel's choice. */
  readonly identification?: number;
  /** Reserved bit 4, Don't Fragment 2, More Fragments 1; default 0. */
  readonly flags?: number;
  /** 0–40 raw octets of options, zero-padded to a multiple of 4. */
  readonly options?: Uint8Array;
  /** 0–65,535; default 0. Linux writes the right one, whatever it is. */
  readonly checksum?: number;
  /** 0–65,535; default the true one, which Linux writes in any case. */
  readonly totalLength?: number;
  /**
   * 0–255; default ICMP. With another, the payload stands right behind the IP
   * header.
   */
  readonly protocol?: number;
  /** Identifier of the echo request, 0–65,535; default 0. */
  readonly icmpIdentifier?: number;
  /** Sequence number of the echo request, 0–65,535; default 0. */
  readonly icmpSequence?: number;
  /** What the packet carries; default nothing. */
  readonly payload?: Uint8Array;
}

const { ICMP } = IP_PROTOCOL;

/**
 * An echo request (RFC 792), or any payload, under a hand-made header (RFC 791
 * §3.1): TTL 255, identification and header checksum 0, which Linux fills in.
 *
 * @category Forged packets
 * @throws {RangeError} if a value does not fit its field, or fields of the echo
 * request are given with another protocol
 *
 * @example
 * ```ts
 * import { forgedPacket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = forgedPacket({
 *   source: "172.16.12.1",
 *   destination: "172.31.0.1",
 * });
 * assertEquals(
 *   packet.toHex(),
 *   "4500001c00000000ff010000ac100c01ac1f0001" + "0800f7ff00000000",
 * );
 * ```
 */
export function forgedPacket(
  fields: ForgedPacketFields,
): Uint8Array<ArrayBuffer> {
  const { protocol = ICMP, trafficClass = 0, flags = 0, payload } = fields;
  const { icmpIdentifier, icmpSequence } = fields;
  checkRange("trafficClass", trafficClass, 0, 255);
  checkRange("flags", flags, 0, 7);
  const isEcho = protocol === ICMP;
  if (!isEcho && (icmpIdentifier ?? icmpSequence) !== undefined) {
    throw new RangeError(
      "icmpIdentifier and icmpSequence are fields of the echo request, of " +
        `protocol ${ICMP}, and protocol is ${protocol}`,
    );
  }
  const layers: (PacketLayer | Uint8Array)[] = [ipv4({
    source: fields.source,
    destination: fields.destination,
    ttl: fields.ttl ?? 255,
    dscp: trafficClass >> 2,
    ecn: trafficClass & 3,
    identification: fields.identification ?? 0,
    reserved: (flags & 4) !== 0,
    dontFragment: (flags & 2) !== 0,
    moreFragments: (flags & 1) !== 0,
    options: fields.options,
    checksum: fields.checksum ?? 0,
    totalLength: fields.totalLength,
    protocol,
  })];
  if (isEcho) {
    layers.push(icmpv4({
      kind: "echoRequest",
      identifier: icmpIdentifier ?? 0,
      sequence: icmpSequence ?? 0,
    }));
  }
  if (payload !== undefined) layers.push(payload);
  return buildPacket(...layers);
}

/**
 * What the kernel was given to send.
 *
 * @category Forged packets
 */
export interface GivenPacket {
  /**
   * The fields that were chosen, as they were given: with a header of its own
   * all of them, the total length too; otherwise those that the socket was told.
   */
  readonly header:
    & Partial<IPv4Header>
    & Pick<IPv4Header, "destination" | "protocol">;
  /** All that stands behind the header, whatever a total length says. */
  readonly payload: Uint8Array;
  /** Whether the header was given (IP_HDRINCL), or is the kernel's. */
  readonly headerIncluded: boolean;
}

/**
 * Reads a packet that is to be sent under its own header, where total length
 * and checksum may be anything, since Linux writes them.
 *
 * @category Forged packets
 * @throws {RangeError} if it is no IPv4 packet otherwise
 *
 * @example
 * ```ts
 * import { forgedPacket, readForged } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { header, payload } = readForged(forgedPacket({
 *   source: "172.16.12.1",
 *   destination: "172.31.0.1",
 *   totalLength: 0,
 * }));
 * assertEquals([header.totalLength, payload.length], [0, 8]);
 * ```
 */
export function readForged(packet: Uint8Array): GivenPacket {
  const completed = completeForged(packet);
  try {
    const { header, payload } = decodeIPv4(completed);
    return {
      header: {
        ...header,
        totalLength: get16(packet, OFFSET.TOTAL_LENGTH),
        checksum: get16(packet, OFFSET.CHECKSUM),
      },
      payload,
      headerIncluded: true,
    };
  } catch (error) {
    if (!(error instanceof PacketError)) throw error;
    throw new RangeError(
      `no IPv4 packet, which alone is sent: ${error.message}`,
    );
  }
}

/**
 * The packet with what is known beforehand of the kernel's part (raw(7)): total
 * length and header checksum. It chooses an identification and a source, too,
 * where they are 0, and the checksum then changes with them.
 */
export function completeForged(packet: Uint8Array): Uint8Array<ArrayBuffer> {
  const completed = packet.slice();
  const length = (completed[OFFSET.VERSION_IHL] & 0x0f) * 4;
  if (packet.length > IPV4_MAX_LENGTH || packet.length < OFFSET.DESTINATION) {
    return completed;
  }
  put16(completed, OFFSET.TOTAL_LENGTH, packet.length);
  put16(completed, OFFSET.CHECKSUM, 0);
  const covered = completed.subarray(0, length);
  put16(completed, OFFSET.CHECKSUM, internetChecksum(covered));
  return completed;
}
