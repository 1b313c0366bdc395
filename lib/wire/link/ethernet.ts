/**
 * The Ethernet header (IEEE 802.3 §3.2), of Ethernet II and of frames that give
 * their length, whose LLC header (IEEE 802.2) and SNAP extension (RFC 1042) are
 * part of it here; with up to 64 VLAN tags (IEEE 802.1Q, 802.1ad): more of them
 * are payload.
 *
 * {@linkcode encodeEthernet} computes what was left out and writes what was
 * given as it is, so that wrong headers can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeEthernet} throws a {@linkcode PacketError} for structural
 * faults only, and `encodeEthernet(header, payload)` of what it returned is the
 * same octets again, but for a trailer. Neither preamble nor frame check
 * sequence are here: network cards keep them to themselves. Nothing is padded
 * to 60 octets: network cards do that too. `ethernet_protocol.ts` describes the
 * header.
 *
 * @module
 */

import { checkField, checkRange, cutShort } from "../errors.ts";
import { ETHER_TYPE } from "../ether_types.ts";
import {
  decodeLLC,
  llcEtherType,
  type LLCHeader,
  llcSize,
  writeLLC,
} from "./llc.ts";
import { formatMAC, parseMAC } from "./mac.ts";
import { get16, put16 } from "../octets.ts";
import type { Decoded, Given } from "../packet/protocol.ts";

/** In wire order. */
export const OFFSET = {
  DESTINATION: 0,
  SOURCE: 6,
  /** Of the first VLAN tag, if there is one; otherwise as after the last. */
  TYPE: 12,
} as const;

/** Within a VLAN tag. */
export const TAG = {
  TPID: 0,
  CONTROL: 2,
  SIZE: 4,
} as const;

/**
 * Octets of the header of Ethernet II without VLAN tags.
 *
 * @category Links
 */
export const ETHERNET_HEADER_LENGTH = 14;
/** IEEE 802.3 §3.2.6: up to here it is a length, from 1,536 on a type. */
export const MAX_LENGTH = 1500;
/** Nobody has so many; a hostile frame could, and each takes lines to show. */
const MOST_TAGS = 64;
export const MIN_ETHER_TYPE = 1536;
/**
 * A VLAN tag (IEEE 802.1Q §9.6).
 *
 * @category Links
 */
export interface VLANTag {
  /** Tag protocol identifier, 0–0xffff: 0x8100, or 0x88a8 for the outer tag. */
  readonly tpid: number;
  /** Priority code point, 0–7; default 0. */
  readonly pcp: number;
  /** Drop eligible indicator; default false. */
  readonly dei: boolean;
  /** VLAN identifier, 0–4,095. */
  readonly vid: number;
}

/**
 * What a caller gives to make a VLAN tag.
 *
 * @category Links
 */
export type VLANTagFields = Given<VLANTag, "vid">;

/**
 * A header: every field; as decoded, as it stood in the octets.
 *
 * @category Links
 */
export interface EthernetHeader {
  /** Such as `02:00:00:00:00:01`; default ff:ff:ff:ff:ff:ff, to everybody. */
  readonly destination: string;
  /** Default 00:00:00:00:00:00. */
  readonly source: string;
  /**
   * VLAN tags, the outermost first; default none. A `tpid` left out is 0x8100,
   * that of outer ones 0x88a8.
   */
  readonly vlanTags: readonly VLANTag[];
  /**
   * 0–0xffff: an EtherType, or up to 1,500 the length of what follows.
   * {@linkcode buildPacket} computes it from the next layer; the length of a
   * frame with `llc` is computed.
   */
  readonly typeOrLength: number;
  /** Of a frame that gives its length, if it has room for one; default none. */
  readonly llc?: LLCHeader;
}

/**
 * What a caller gives to make a header. What is left out is computed, or takes
 * its default; what is given is written as it is, right or wrong.
 *
 * @category Links
 */
export type EthernetFields = Given<Omit<EthernetHeader, "vlanTags">> & {
  /** The outermost first; default none. */
  readonly vlanTags?: readonly VLANTagFields[];
};

/**
 * What {@linkcode decodeEthernet} found.
 *
 * @category Links
 */
export interface DecodedEthernet extends Decoded<EthernetHeader> {
  /** Octets after the length, such as padding; none in Ethernet II. */
  readonly trailer: Uint8Array;
}

/**
 * Writes a header, and the payload behind it, into new octets.
 *
 * @category Links
 * @throws {RangeError} if a value does not fit its field
 * @throws {TypeError} if there is neither `typeOrLength` nor `llc`
 *
 * @example
 * ```ts
 * import { encodeEthernet } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const header = encodeEthernet({
 *   destination: "02:00:00:00:00:02",
 *   source: "02:00:00:00:00:01",
 *   vlanTags: [{ vid: 100 }],
 *   typeOrLength: 0x0800,
 * });
 * assertEquals(header.toHex(), "020000000002" + "020000000001" + "81000064" + "0800");
 * ```
 */
export function encodeEthernet(
  fields: EthernetFields,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const { vlanTags = [], llc } = fields;
  const llcStart = OFFSET.TYPE + vlanTags.length * TAG.SIZE + 2;
  const headerLength = llcStart + (llc === undefined ? 0 : llcSize(llc));
  const typeOrLength = fields.typeOrLength ??
    (llc === undefined ? undefined : checkRange(
      "Ethernet LLC header and payload, in octets,",
      headerLength - llcStart + payload.length,
      0,
      MAX_LENGTH,
    ));
  if (typeOrLength === undefined) {
    throw new TypeError("Ethernet typeOrLength is wanted, or llc");
  }

  const bytes = new Uint8Array(headerLength + payload.length);
  bytes.set(
    parseMAC(fields.destination ?? "ff:ff:ff:ff:ff:ff"),
    OFFSET.DESTINATION,
  );
  bytes.set(parseMAC(fields.source ?? "00:00:00:00:00:00"), OFFSET.SOURCE);
  for (const [i, tag] of vlanTags.entries()) {
    const at = OFFSET.TYPE + i * TAG.SIZE;
    const isInnermost = i === vlanTags.length - 1;
    const tpid = tag.tpid ??
      (isInnermost ? ETHER_TYPE.CUSTOMER_VLAN : ETHER_TYPE.SERVICE_VLAN);
    put16(bytes, at + TAG.TPID, bits(16, "tpid", tpid));
    put16(
      bytes,
      at + TAG.CONTROL,
      bits(3, "pcp", tag.pcp ?? 0) << 13 | (tag.dei ? 0x1000 : 0) |
        bits(12, "vid", tag.vid),
    );
  }
  put16(bytes, llcStart - 2, bits(16, "typeOrLength", typeOrLength));
  if (llc !== undefined) writeLLC(bytes, llcStart, llc);
  bytes.set(payload, headerLength);
  return bytes;
}

/**
 * Reads a header, with its VLAN tags and LLC header, and finds the payload
 * behind it. The payload shares the input's memory.
 *
 * A type from 1,501 to 1,535, which is neither a length nor an EtherType, is
 * taken as a type.
 *
 * @category Links
 * @throws {PacketError} if there are fewer octets than 14, or than the VLAN
 * tags need
 *
 * @example
 * ```ts
 * import { decodeEthernet } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { header, payload } = decodeEthernet(
 *   Uint8Array.fromHex("ffffffffffff" + "020000000001" + "88b5" + "4869"),
 * );
 * assertEquals([header.source, header.typeOrLength], ["02:00:00:00:00:01", 0x88b5]);
 * assertEquals(new TextDecoder().decode(payload), "Hi");
 * ```
 */
export function decodeEthernet(bytes: Uint8Array): DecodedEthernet {
  if (bytes.length < ETHERNET_HEADER_LENGTH) {
    throw cutShort("ethernet", "header", bytes, ETHERNET_HEADER_LENGTH);
  }
  const vlanTags: VLANTag[] = [];
  let at: number = OFFSET.TYPE;
  while (isTag(get16(bytes, at)) && vlanTags.length < MOST_TAGS) {
    if (bytes.length < at + TAG.SIZE + 2) {
      throw cutShort("ethernet", "header", bytes, at + TAG.SIZE + 2);
    }
    const control = get16(bytes, at + TAG.CONTROL);
    vlanTags.push({
      tpid: get16(bytes, at + TAG.TPID),
      pcp: control >>> 13,
      dei: (control & 0x1000) !== 0,
      vid: control & 0xfff,
    });
    at += TAG.SIZE;
  }
  const typeOrLength = get16(bytes, at);
  const start = at + 2;
  const isLength = typeOrLength <= MAX_LENGTH;
  const end = isLength
    ? Math.min(bytes.length, start + typeOrLength)
    : bytes.length;
  const llc = isLength ? decodeLLC(bytes, start, end) : undefined;
  const headerLength = start + (llc === undefined ? 0 : llcSize(llc));
  const destination = formatMAC(bytes, OFFSET.DESTINATION);
  const source = formatMAC(bytes, OFFSET.SOURCE);
  return {
    header: llc === undefined
      ? { destination, source, vlanTags, typeOrLength }
      : { destination, source, vlanTags, typeOrLength, llc },
    headerLength,
    payload: bytes.subarray(headerLength, end),
    trailer: end === bytes.length ? NOTHING : bytes.subarray(end),
    missing: isLength ? start + typeOrLength - end : 0,
  };
}

const NOTHING = new Uint8Array();

/** Where the EtherType, or length, stands: behind all tags that are there. */
export function typeOffset(frame: Uint8Array): number {
  let at: number = OFFSET.TYPE;
  const end = at + MOST_TAGS * TAG.SIZE;
  while (at < end && isTag(get16(frame, at))) at += TAG.SIZE;
  return at;
}

function isTag(type: number): boolean {
  return type === ETHER_TYPE.CUSTOMER_VLAN ||
    type === ETHER_TYPE.SERVICE_VLAN || type === ETHER_TYPE.OLD_SERVICE_VLAN;
}

/** What the payload is, by its EtherType; `undefined` where it has none. */
export function payloadEtherType(
  { typeOrLength, llc }: EthernetHeader,
): number | undefined {
  if (typeOrLength >= MIN_ETHER_TYPE) return typeOrLength;
  return llcEtherType(llc);
}

function bits(width: number, field: string, value: number): number {
  return checkField("Ethernet", field, value, width);
}
