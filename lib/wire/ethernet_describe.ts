/**
 * The Ethernet header in words: labels and texts as Wireshark has them.
 *
 * @module
 */

import { ETHER_TYPE, etherTypeText } from "./ether_types.ts";
import {
  controlSize,
  type EthernetHeader,
  LLC,
  type LLCHeader,
  llcSize,
  MAX_LENGTH,
  OFFSET,
  TAG,
  type VLANTag,
} from "./ethernet.ts";
import { type Field, fieldAt, flagAt, hex } from "./field.ts";
import { MAC_LENGTH } from "./mac.ts";

/** The line above the fields, as Wireshark words it. */
export function ethernetTitle(
  { typeOrLength, source, destination }: EthernetHeader,
): string {
  const name = typeOrLength <= MAX_LENGTH
    ? "IEEE 802.3 Ethernet"
    : "Ethernet II";
  return `${name}, Src: ${source}, Dst: ${destination}`;
}

/** Describes a decoded header field by field, in wire order. */
export function describeEthernet(header: EthernetHeader): Field[] {
  const { destination, source, vlanTags, typeOrLength, llc } = header;
  const bitWidth = MAC_LENGTH * 8;
  const fields = [
    fieldAt(
      OFFSET.DESTINATION,
      bitWidth,
      "destination",
      "Destination",
      destination,
    ),
    fieldAt(OFFSET.SOURCE, bitWidth, "source", "Source", source),
    ...vlanTags.map(describeTag),
  ];
  const at = OFFSET.TYPE + vlanTags.length * TAG.SIZE;
  const isLength = typeOrLength <= MAX_LENGTH;
  fields.push(fieldAt(
    at,
    16,
    "typeOrLength",
    isLength ? "Length" : "Type",
    typeOrLength,
    isLength ? `${typeOrLength}` : etherTypeText(typeOrLength),
  ));
  if (llc !== undefined) fields.push(...describeLLC(llc, at + 2));
  return fields;
}

function describeTag({ tpid, pcp, dei, vid }: VLANTag, i: number): Field {
  const at = OFFSET.TYPE + i * TAG.SIZE;
  const text = `PRI: ${pcp}, DEI: ${dei ? 1 : 0}, ID: ${vid}`;
  const label = tpid === ETHER_TYPE.CUSTOMER_VLAN
    ? "802.1Q Virtual LAN"
    : "IEEE 802.1ad";
  const control = at + TAG.CONTROL;
  return {
    ...fieldAt(at, TAG.SIZE * 8, "vlanTag", label, text),
    parts: [
      fieldAt(at + TAG.TPID, 16, "tpid", "Type", tpid, etherTypeText(tpid)),
      fieldAt(
        control,
        3,
        "pcp",
        "Priority",
        pcp,
        `${PRIORITIES[pcp]} (${pcp})`,
      ),
      {
        ...flagAt(control, 3, "dei", "DEI", dei),
        text: dei ? "Eligible" : "Ineligible",
      },
      fieldAt(control, 12, "vid", "ID", vid, `${vid}`, 4),
    ],
  };
}

function describeLLC(llc: LLCHeader, at: number): Field[] {
  const { dsap, ssap, control, snap } = llc;
  const sap = (octet: number, name: string, label: string, value: number) =>
    fieldAt(
      octet,
      8,
      name,
      label,
      value,
      `${SAPS[value] ?? "Unknown"} (${hex(value, 2)})`,
    );
  const size = controlSize(control);
  const fields = [
    sap(at + LLC.DSAP, "dsap", "DSAP", dsap),
    sap(at + LLC.SSAP, "ssap", "SSAP", ssap),
    fieldAt(
      at + LLC.CONTROL,
      size * 8,
      "control",
      "Control field",
      control,
      hex(control, size * 2),
    ),
  ];
  if (snap === undefined) return fields;
  const snapAt = at + llcSize(llc) - LLC.SNAP_SIZE;
  return [
    ...fields,
    fieldAt(
      snapAt + LLC.OUI,
      24,
      "oui",
      "Organization Code",
      snap.oui,
      hex(snap.oui, 6),
    ),
    fieldAt(
      snapAt + LLC.PROTOCOL,
      16,
      "protocol",
      snap.oui === 0 ? "Type" : "PID",
      snap.protocol,
      snap.oui === 0 ? etherTypeText(snap.protocol) : hex(snap.protocol, 4),
    ),
  ];
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

const SAPS: Readonly<Record<number, string>> = {
  0x00: "NULL LSAP",
  0x06: "TCP/IP",
  0x42: "Spanning Tree BPDU",
  0xaa: "SNAP",
  0xe0: "NetWare",
  0xf0: "NetBIOS",
  0xfe: "ISO Network Layer",
  0xff: "Global LSAP",
};
