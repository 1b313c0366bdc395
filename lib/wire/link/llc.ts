/**
 * Logical Link Control (IEEE 802.2) with the SNAP extension (RFC 1042): what
 * frames without an EtherType of their own begin with.
 *
 * @module
 */

import { checkField } from "../errors.ts";
import { etherTypeText } from "../ether_types.ts";
import { type Field, hex } from "../field.ts";
import {
  describeRows,
  type RowDetails,
  type Rows,
  rowsOf,
  shapeOf,
  type TextContext,
} from "../field_table.ts";
import { get16, get32, put16 } from "../octets.ts";
import type { ObjectShape } from "../shape.ts";

/** In wire order. */
const OFFSET = {
  DSAP: 0,
  SSAP: 1,
  CONTROL: 2,
  /** After a control field of one octet, as every SNAP frame has. */
  OUI: 3,
  PROTOCOL: 6,
  SNAP_SIZE: 8,
} as const;

const SNAP_SAP = 0xaa;
const UNNUMBERED_INFORMATION = 0x03;

/**
 * An LLC header (IEEE 802.2 §3.2).
 *
 * @category Links
 */
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

/**
 * The Subnetwork Access Protocol's extension of an LLC header (RFC 1042).
 *
 * @category Links
 */
export interface SNAPHeader {
  /** Whose number the protocol is, 0–0xffffff; 0 for an EtherType. */
  readonly oui: number;
  /** 0–0xffff. */
  readonly protocol: number;
}

/** Writes a header at `start`. */
export function writeLLC(
  bytes: Uint8Array,
  start: number,
  llc: LLCHeader,
): void {
  const { dsap, ssap, control, snap } = llc;
  bytes[start + OFFSET.DSAP] = bits(8, "dsap", dsap);
  bytes[start + OFFSET.SSAP] = bits(8, "ssap", ssap);
  if (controlSize(control) === 1) {
    bytes[start + OFFSET.CONTROL] = bits(8, "control", control);
  } else {
    put16(bytes, start + OFFSET.CONTROL, bits(16, "control", control));
  }
  if (snap === undefined) return;
  const oui = bits(24, "oui", snap.oui);
  const at = start + llcSize(llc) - OFFSET.SNAP_SIZE;
  bytes[at + OFFSET.OUI] = oui >>> 16;
  put16(bytes, at + OFFSET.OUI + 1, oui & 0xffff);
  put16(bytes, at + OFFSET.PROTOCOL, bits(16, "snap protocol", snap.protocol));
}

/** IEEE 802.2 §5.2: only unnumbered formats have a control field of one octet. */
function controlSize(control: number): 1 | 2 {
  return control <= 0xff && (control & 3) === 3 ? 1 : 2;
}

/** Octets of an LLC header, with its SNAP extension. */
export function llcSize({ control, snap }: LLCHeader): number {
  return OFFSET.CONTROL + controlSize(control) + (snap === undefined ? 0 : 5);
}

/**
 * Reads the header between `start` and `end`: `undefined` where there is no room
 * for one, and what is there is payload.
 */
export function decodeLLC(
  bytes: Uint8Array,
  start: number,
  end: number,
): LLCHeader | undefined {
  if (end - start < OFFSET.CONTROL + 1) return undefined;
  const dsap = bytes[start + OFFSET.DSAP];
  const ssap = bytes[start + OFFSET.SSAP];
  const first = bytes[start + OFFSET.CONTROL];
  if ((first & 3) !== 3) {
    if (end - start < OFFSET.CONTROL + 2) return undefined;
    const control = get16(bytes, start + OFFSET.CONTROL);
    // As a number it would pass for one octet, and be written as such.
    if (controlSize(control) === 1) return undefined;
    return { dsap, ssap, control };
  }
  const hasSNAP = dsap === SNAP_SAP && ssap === SNAP_SAP &&
    first === UNNUMBERED_INFORMATION && end - start >= OFFSET.SNAP_SIZE;
  if (!hasSNAP) return { dsap, ssap, control: first };
  return {
    dsap,
    ssap,
    control: first,
    snap: {
      oui: get32(bytes, start + OFFSET.OUI - 1) & 0xffffff,
      protocol: get16(bytes, start + OFFSET.PROTOCOL),
    },
  };
}

/** What the payload is, by its EtherType; `undefined` where it has none. */
export function llcEtherType(llc: LLCHeader | undefined): number | undefined {
  return llc?.snap?.oui === 0 ? llc.snap.protocol : undefined;
}

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

const llcRow = rowsOf<LLCHeader>();
const snapRow = rowsOf<SNAPHeader>();

const SAP: RowDetails<LLCHeader, number> = {
  needed: true,
  text: (sap) => `${SAPS[sap] ?? "Unknown"} (${hex(sap, 2)})`,
};

/** By the octets of the control field. */
const LLC_ROWS: { readonly [size in 1 | 2]: Rows<LLCHeader> } = {
  1: llcRows(1),
  2: llcRows(2),
};

function llcRows(size: 1 | 2): Rows<LLCHeader> {
  return [
    llcRow("dsap", "DSAP", OFFSET.DSAP, 8, SAP),
    llcRow("ssap", "SSAP", OFFSET.SSAP, 8, SAP),
    llcRow("control", "Control field", OFFSET.CONTROL, size * 8, {
      needed: true,
      text: (control) => hex(control, size * 2),
    }),
  ];
}

const OUI = snapRow("oui", "Organization Code", OFFSET.OUI, 24, {
  needed: true,
  text: (oui) => hex(oui, 6),
});
const SNAP_TYPE: Rows<SNAPHeader> = [
  OUI,
  snapRow("protocol", "Type", OFFSET.PROTOCOL, 16, {
    needed: true,
    text: etherTypeText,
  }),
];
const SNAP_PID: Rows<SNAPHeader> = [
  OUI,
  snapRow("protocol", "PID", OFFSET.PROTOCOL, 16, {
    text: (protocol) => hex(protocol, 4),
  }),
];

/** Describes a header that begins at `at`, field by field. */
export function describeLLC(
  llc: LLCHeader,
  at: number,
  context: TextContext,
): Field[] {
  const { control, snap } = llc;
  const fields = describeRows(
    LLC_ROWS[controlSize(control)],
    llc,
    context,
    at,
  );
  if (snap === undefined) return fields;
  const rows = snap.oui === 0 ? SNAP_TYPE : SNAP_PID;
  const snapAt = at + llcSize(llc) - OFFSET.SNAP_SIZE;
  return [...fields, ...describeRows(rows, snap, context, snapAt)];
}

/** What JSON may hold. */
export const LLC_SHAPE: ObjectShape = {
  fields: {
    ...shapeOf(LLC_ROWS[1]),
    snap: { fields: shapeOf(SNAP_TYPE) },
  },
};

function bits(width: number, field: string, value: number): number {
  return checkField("LLC", field, value, width);
}
