/**
 * The Ethernet header (IEEE 802.3 §3.2), of Ethernet II and of frames that give
 * their length, whose LLC header (IEEE 802.2) and SNAP extension (RFC 1042) are
 * part of it here; with any number of VLAN tags (IEEE 802.1Q, 802.1ad).
 *
 * {@linkcode encodeEthernet} computes what was left out and writes what was
 * given as it is, so that wrong headers can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeEthernet} throws a {@linkcode PacketError} for structural
 * faults only, and `encodeEthernet(header, payload)` of what it returned is the
 * same octets again, but for a trailer. Neither preamble nor frame check
 * sequence are here: network cards keep them to themselves. Nothing is padded
 * to 60 octets: network cards do that too. `ethernet_describe.ts` describes the
 * header.
 *
 * @module
 */

import { checkField, checkRange, cutShort, type Problem } from "./errors.ts";
import { ETHER_TYPE } from "./ether_types.ts";
import { formatMAC, parseMAC } from "./mac.ts";
import { get16, get32, put16 } from "./octets.ts";

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

/** After the length of an 802.3 frame. */
export const LLC = {
  DSAP: 0,
  SSAP: 1,
  CONTROL: 2,
  /** After a control field of one octet, as every SNAP frame has. */
  OUI: 3,
  PROTOCOL: 6,
  SNAP_SIZE: 8,
} as const;

/** Octets of the header of Ethernet II without VLAN tags. */
export const ETHERNET_HEADER_LENGTH = 14;
/** IEEE 802.3 §3.2.6: up to here it is a length, from 1,536 on a type. */
export const MAX_LENGTH = 1500;
const MIN_ETHER_TYPE = 1536;
const SNAP_SAP = 0xaa;
const UNNUMBERED_INFORMATION = 0x03;

/** A VLAN tag (IEEE 802.1Q §9.6). */
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

/** What a caller gives to make a VLAN tag. */
export type VLANTagFields =
  & Pick<VLANTag, "vid">
  & Partial<Omit<VLANTag, "vid">>;

/** The LLC header of a frame that gives its length (IEEE 802.2 §3.2). */
export interface LLCHeader {
  /** Destination service access point, 0–255. */
  readonly dsap: number;
  /** Source service access point, 0–255. */
  readonly ssap: number;
  /** 0–255, or 0–0xffff unless its lowest two bits in the first octet are set. */
  readonly control: number;
  /** What follows the header of a SNAP frame (RFC 1042). */
  readonly snap?: SNAPHeader;
}

/** The Subnetwork Access Protocol's extension of an LLC header (RFC 1042). */
export interface SNAPHeader {
  /** Whose number the protocol is, 0–0xffffff; 0 for an EtherType. */
  readonly oui: number;
  /** 0–0xffff. */
  readonly protocol: number;
}

/** A decoded header: every field, as it stood in the octets. */
export interface EthernetHeader {
  /** Destination address, such as `02:00:00:00:00:01`. */
  readonly destination: string;
  /** Source address. */
  readonly source: string;
  /** VLAN tags, the outermost first. */
  readonly vlanTags: readonly VLANTag[];
  /** 0–0xffff: an EtherType, or up to 1,500 the length of what follows. */
  readonly typeOrLength: number;
  /** Of a frame that gives its length, if it has room for one. */
  readonly llc?: LLCHeader;
}

/**
 * What a caller gives to make a header. What is left out is computed or takes
 * the default named here; what is given is written as it is, right or wrong.
 */
export interface EthernetFields {
  /** Default ff:ff:ff:ff:ff:ff, to everybody. */
  readonly destination?: string;
  /** Default 00:00:00:00:00:00. */
  readonly source?: string;
  /** The outermost first; default none. `tpid` is 0x8100, outer ones 0x88a8. */
  readonly vlanTags?: readonly VLANTagFields[];
  /**
   * 0–0xffff; {@linkcode buildPacket} computes it from the next layer, and the
   * length of a frame with `llc` is computed.
   */
  readonly typeOrLength?: number;
  /** Makes it a frame that gives its length; default none. */
  readonly llc?: LLCHeader;
}

/** What {@linkcode decodeEthernet} found. */
export interface DecodedEthernet {
  /** The header. */
  readonly header: EthernetHeader;
  /** Octets of the header, tags and LLC included. */
  readonly headerLength: number;
  /** The payload; that of Ethernet II with any padding. Shares memory. */
  readonly payload: Uint8Array;
  /** Octets after the length, such as padding; none in Ethernet II. */
  readonly trailer: Uint8Array;
  /** Octets that a length promises but the input lacks. */
  readonly missing: number;
}

/**
 * Writes a header, and the payload behind it, into new octets.
 *
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

function writeLLC(bytes: Uint8Array, start: number, llc: LLCHeader): void {
  const { dsap, ssap, control, snap } = llc;
  bytes[start + LLC.DSAP] = bits(8, "dsap", dsap);
  bytes[start + LLC.SSAP] = bits(8, "ssap", ssap);
  if (controlSize(control) === 1) {
    bytes[start + LLC.CONTROL] = bits(8, "control", control);
  } else {
    put16(bytes, start + LLC.CONTROL, bits(16, "control", control));
  }
  if (snap === undefined) return;
  const oui = bits(24, "oui", snap.oui);
  const at = start + llcSize(llc) - LLC.SNAP_SIZE;
  bytes[at + LLC.OUI] = oui >>> 16;
  put16(bytes, at + LLC.OUI + 1, oui & 0xffff);
  put16(bytes, at + LLC.PROTOCOL, bits(16, "snap protocol", snap.protocol));
}

/** IEEE 802.2 §5.2: only unnumbered formats have a control field of one octet. */
export function controlSize(control: number): 1 | 2 {
  return control <= 0xff && (control & 3) === 3 ? 1 : 2;
}

/** Octets of an LLC header, with its SNAP extension. */
export function llcSize({ control, snap }: LLCHeader): number {
  return LLC.CONTROL + controlSize(control) + (snap === undefined ? 0 : 5);
}

/**
 * Reads a header, with its VLAN tags and LLC header, and finds the payload
 * behind it. The payload shares the input's memory.
 *
 * A type from 1,501 to 1,535, which is neither a length nor an EtherType, is
 * taken as a type.
 *
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
  while (isTag(get16(bytes, at))) {
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
  return {
    header: {
      destination: formatMAC(bytes, OFFSET.DESTINATION),
      source: formatMAC(bytes, OFFSET.SOURCE),
      vlanTags,
      typeOrLength,
      ...(llc === undefined ? {} : { llc }),
    },
    headerLength,
    payload: bytes.subarray(headerLength, end),
    trailer: bytes.subarray(end),
    missing: isLength ? start + typeOrLength - end : 0,
  };
}

function isTag(type: number): boolean {
  return type === ETHER_TYPE.CUSTOMER_VLAN ||
    type === ETHER_TYPE.SERVICE_VLAN || type === ETHER_TYPE.OLD_SERVICE_VLAN;
}

/** Nothing where there is no room for one: what is there is then payload. */
function decodeLLC(
  bytes: Uint8Array,
  start: number,
  end: number,
): LLCHeader | undefined {
  if (end - start < LLC.CONTROL + 1) return undefined;
  const dsap = bytes[start + LLC.DSAP];
  const ssap = bytes[start + LLC.SSAP];
  const first = bytes[start + LLC.CONTROL];
  if ((first & 3) !== 3) {
    if (end - start < LLC.CONTROL + 2) return undefined;
    const control = get16(bytes, start + LLC.CONTROL);
    // As a number it would pass for one octet, and be written as such.
    if (controlSize(control) === 1) return undefined;
    return { dsap, ssap, control };
  }
  const hasSNAP = dsap === SNAP_SAP && ssap === SNAP_SAP &&
    first === UNNUMBERED_INFORMATION && end - start >= LLC.SNAP_SIZE;
  if (!hasSNAP) return { dsap, ssap, control: first };
  return {
    dsap,
    ssap,
    control: first,
    snap: {
      oui: get32(bytes, start + LLC.OUI - 1) & 0xffffff,
      protocol: get16(bytes, start + LLC.PROTOCOL),
    },
  };
}

/** What the payload is, by its EtherType; `undefined` where it has none. */
export function payloadEtherType(
  { typeOrLength, llc }: EthernetHeader,
): number | undefined {
  if (typeOrLength >= MIN_ETHER_TYPE) return typeOrLength;
  return llc?.snap?.oui === 0 ? llc.snap.protocol : undefined;
}

/** What is wrong with a header that could be decoded: a length past the end. */
export function checkEthernet(
  { header, missing }: DecodedEthernet,
): Problem[] {
  const problems: Problem[] = [];
  const { typeOrLength, source, vlanTags } = header;
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "ethernet", field, offset, reason });
  // IEEE 802.3 §3.2.3: the lowest bit of the first octet marks a group.
  if (parseInt(source.slice(1, 2), 16) % 2 === 1) {
    add("source", OFFSET.SOURCE, `is ${source}: a group cannot send`);
  }
  const at = OFFSET.TYPE + vlanTags.length * TAG.SIZE;
  if (missing > 0) {
    add(
      "typeOrLength",
      at,
      `is ${typeOrLength} octets, of which ${missing} are missing`,
    );
  } else if (typeOrLength > MAX_LENGTH && typeOrLength < MIN_ETHER_TYPE) {
    add("typeOrLength", at, `is ${typeOrLength}: neither a length nor a type`);
  }
  return problems;
}

function bits(width: number, field: string, value: number): number {
  return checkField("Ethernet", field, value, width);
}
