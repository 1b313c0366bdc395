/**
 * The Ethernet header in words, labels and texts as Wireshark has them; what is
 * wrong with it; and the protocol's row.
 *
 * @module
 */

import { ETHER_TYPE, etherTypeText } from "../ether_types.ts";
import type { Problem } from "../errors.ts";
import {
  type Decoded,
  etherTypeOf,
  type PacketLayer,
  type Protocol,
} from "../packet/protocol.ts";
import { LINK_TYPE_ETHERNET } from "../link_types.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import {
  decodeEthernet,
  encodeEthernet,
  type EthernetFields,
  type EthernetHeader,
  MAX_LENGTH,
  MIN_ETHER_TYPE,
  OFFSET,
  payloadEtherType,
  TAG,
  type VLANTag,
} from "./ethernet.ts";
import { describeLLC, LLC_SHAPE } from "./llc.ts";
import { type Field, fieldAt } from "../field.ts";
import {
  describeRows,
  type Row,
  type Rows,
  rowsOf,
  shapeOf,
  type TextContext,
} from "../field_table.ts";
import { MAC_LENGTH } from "./mac.ts";

/** What is wrong with a header that could be decoded: a length past the end. */
export function checkEthernet(
  bytes: Uint8Array,
  { header, missing }: Decoded<EthernetHeader>,
): Problem[] {
  const problems: Problem[] = [];
  const { typeOrLength, source, vlanTags } = header;
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "ethernet", field, offset, reason });
  // IEEE 802.3 §3.2.3: the lowest bit of the first octet marks a group.
  if (bytes[OFFSET.SOURCE] % 2 === 1) {
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

/** The line above the fields, as Wireshark words it. */
export function ethernetTitle(
  { typeOrLength, source, destination }: EthernetHeader,
): string {
  const name = typeOrLength <= MAX_LENGTH
    ? "IEEE 802.3 Ethernet"
    : "Ethernet II";
  return `${name}, Src: ${source}, Dst: ${destination}`;
}

const row = rowsOf<EthernetHeader>();
const tagRow = rowsOf<VLANTag>();
const TEXT = { type: "text" } as const;

const ADDRESSES: Rows<EthernetHeader> = [
  row("destination", "Destination", OFFSET.DESTINATION, MAC_LENGTH * 8, TEXT),
  row("source", "Source", OFFSET.SOURCE, MAC_LENGTH * 8, TEXT),
];

/** From where it is, behind the tags. */
const TYPE: Rows<EthernetHeader> = [
  row("typeOrLength", "Type", 0, 16, { text: etherTypeText }),
];
const LENGTH: Rows<EthernetHeader> = [row("typeOrLength", "Length", 0, 16)];

const VLAN_TAG: readonly Row<VLANTag>[] = [
  tagRow("tpid", "Type", TAG.TPID, 16, { text: etherTypeText }),
  tagRow("pcp", "Priority", TAG.CONTROL, 3, {
    short: "PCP",
    text: (pcp) => `${PRIORITIES[pcp]} (${pcp})`,
  }),
  tagRow("dei", "DEI", TAG.CONTROL, 1, {
    bit: 3,
    short: "D",
    text: (dei) => dei ? "Eligible" : "Ineligible",
  }),
  tagRow("vid", "ID", TAG.CONTROL, 12, { bit: 4, needed: true }),
];

/** Describes a decoded header field by field, in wire order. */
export function describeEthernet(
  bytes: Uint8Array,
  header: EthernetHeader,
): Field[] {
  const { vlanTags, typeOrLength, llc } = header;
  const context = { bytes };
  const at = OFFSET.TYPE + vlanTags.length * TAG.SIZE;
  const type = typeOrLength <= MAX_LENGTH ? LENGTH : TYPE;
  return [
    ...describeRows(ADDRESSES, header, context),
    ...vlanTags.map((tag, i) => describeTag(tag, i, context)),
    ...describeRows(type, header, context, at),
    ...(llc === undefined ? [] : describeLLC(llc, at + 2, context)),
  ];
}

function describeTag(tag: VLANTag, i: number, context: TextContext): Field {
  const { tpid, pcp, dei, vid } = tag;
  const at = OFFSET.TYPE + i * TAG.SIZE;
  const text = `PRI: ${pcp}, DEI: ${dei ? 1 : 0}, ID: ${vid}`;
  const label = tpid === ETHER_TYPE.CUSTOMER_VLAN
    ? "802.1Q Virtual LAN"
    : "IEEE 802.1ad";
  return {
    ...fieldAt(at, TAG.SIZE * 8, "vlanTag", label, text),
    parts: describeRows(VLAN_TAG, tag, context, at),
  };
}

/** IEEE 802.1Q table I-2. */
const PRIORITIES = [
  "Best Effort (default)",
  "Background",
  "Excellent Effort",
  "Critical Applications",
  "Video, < 100ms latency and jitter",
  "Voice, < 10ms latency and jitter",
  "Internetwork Control",
  "Network Control",
];

const SHAPE: ObjectShape = {
  fields: {
    ...shapeOf([...ADDRESSES, ...TYPE]),
    vlanTags: { list: { fields: shapeOf(VLAN_TAG) } },
    llc: LLC_SHAPE,
  },
};
const checkGiven = namesChecker("ethernet", SHAPE);

/**
 * An Ethernet header for {@linkcode buildPacket} (IEEE 802.3). Its EtherType
 * follows from the next layer. The frame is not padded.
 *
 * @category Links
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { arp, buildPacket, ethernet } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const frame = buildPacket(
 *   ethernet({ source: "02:00:00:00:00:01" }),
 *   arp({
 *     operation: 1,
 *     senderHardwareAddress: "02:00:00:00:00:01",
 *     senderProtocolAddress: "192.0.2.1",
 *     targetProtocolAddress: "192.0.2.2",
 *   }),
 * );
 * assertEquals(frame.length, 14 + 28);
 * assertEquals(frame.subarray(12, 14).toHex(), "0806");
 * ```
 */
export function ethernet(fields: EthernetFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "ethernet",
    etherType: ETHER_TYPE.TRANSPARENT_ETHERNET,
    encode(payload, inner) {
      const { typeOrLength, llc } = fields;
      if (typeOrLength !== undefined || llc !== undefined) {
        return encodeEthernet(fields, payload);
      }
      const etherType = etherTypeOf(inner, "Ethernet typeOrLength", "ethernet");
      return encodeEthernet({ ...fields, typeOrLength: etherType }, payload);
    },
  };
}

/** The protocol's row. */
export const ETHERNET: Protocol<EthernetHeader> = {
  abbreviation: "Ethernet",
  etherTypes: [ETHER_TYPE.TRANSPARENT_ETHERNET],
  linkTypes: [LINK_TYPE_ETHERNET],
  title: ethernetTitle,
  decode: decodeEthernet,
  check: checkEthernet,
  describe: describeEthernet,
  next: (header) => {
    const etherType = payloadEtherType(header);
    return etherType === undefined ? undefined : { etherType };
  },
  summary: ({ source, destination, typeOrLength, llc }) => {
    const what = typeOrLength < MIN_ETHER_TYPE
      ? `802.3${llc === undefined ? "" : `, LLC, dsap ${llc.dsap}`}`
      : `ethertype ${etherTypeText(typeOrLength)}`;
    return `${source} > ${destination}, ${what}`;
  },
  shape: SHAPE,
};
