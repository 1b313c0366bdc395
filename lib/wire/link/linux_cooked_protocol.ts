/**
 * Linux "cooked" captures in words, labels and texts as Wireshark has them; and
 * the rows of both versions.
 *
 * @module
 */

import { etherTypeText } from "../ether_types.ts";
import type { Field } from "../field.ts";
import {
  describeRows,
  type RowDetails,
  type Rows,
  rowsOf,
  shapeOf,
  type Variable,
} from "../field_table.ts";
import {
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  SLL2,
} from "../link_types.ts";
import {
  etherTypeOf,
  type NextHeader,
  type PacketLayer,
  type Protocol,
  type WithoutProtocol,
} from "../packet/protocol.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import {
  ADDRESS_ROOM,
  BEFORE_LLC,
  decodeLinuxSLL,
  decodeLinuxSLL2,
  encodeLinuxSLL,
  encodeLinuxSLL2,
  type LinuxSLL2Header,
  type LinuxSLLHeader,
  SLL,
} from "./linux_cooked.ts";
import { describeLLC, LLC_SHAPE, llcEtherType } from "./llc.ts";
import { formatMAC, MAC_LENGTH } from "./mac.ts";

const PACKET_TYPES = [
  "Unicast to us",
  "Broadcast",
  "Multicast",
  "Unicast to another host",
  "Sent by us",
];

/** Of the kernel's if_arp.h. */
const HARDWARE_TYPES: Readonly<Record<number, string>> = {
  1: "Ethernet",
  512: "PPP",
  768: "IPIP tunnel",
  769: "IP6IP6 tunnel",
  772: "Loopback",
  776: "IPv6-in-IPv4 tunnel",
  778: "GRE over IP",
  801: "IEEE 802.11",
  823: "GRE over IPv6",
  0xfffe: "None",
};

const PACKET_TYPE: RowDetails<LinuxSLLHeader, number> = {
  needed: true,
  text: (type) => `${PACKET_TYPES[type] ?? "Unknown"} (${type})`,
};
const HARDWARE_TYPE: RowDetails<LinuxSLLHeader, number> = {
  needed: true,
  text: (type) => `${HARDWARE_TYPES[type] ?? "Unknown"} (${type})`,
};
const ADDRESS = {
  needed: true,
  type: "octets",
  text: (address: Uint8Array, { addressLength }: LinuxSLLHeader) =>
    addressLength === MAC_LENGTH
      ? formatMAC(address)
      : address.subarray(0, addressLength).toHex(),
} as const;
const PROTOCOL = {
  text: (protocol: number) =>
    protocol === BEFORE_LLC ? "802.2 LLC (0x0004)" : etherTypeText(protocol),
};

/** Behind the header. */
function llcRow(size: number): Variable<LinuxSLLHeader> {
  return {
    name: "llc",
    shape: LLC_SHAPE,
    describe: ({ llc }, context) =>
      llc === undefined ? [] : describeLLC(llc, size, context),
  };
}
const NEEDED = { needed: true } as const;

const HARDWARE_LABEL = "Link-layer address type";
const LENGTH_LABEL = "Link-layer address length";

const row = rowsOf<LinuxSLL2Header>();

const SLL_ROWS: Rows<LinuxSLLHeader> = [
  row("packetType", "Packet type", SLL.PACKET_TYPE, 16, PACKET_TYPE),
  row("hardwareType", HARDWARE_LABEL, SLL.HARDWARE_TYPE, 16, HARDWARE_TYPE),
  row("addressLength", LENGTH_LABEL, SLL.ADDRESS_LENGTH, 16, NEEDED),
  row("address", "Source", SLL.ADDRESS, ADDRESS_ROOM * 8, ADDRESS),
  row("protocol", "Protocol", SLL.PROTOCOL, 16, PROTOCOL),
  llcRow(SLL.SIZE),
];

const SLL2_ROWS: Rows<LinuxSLL2Header> = [
  row("protocol", "Protocol", SLL2.PROTOCOL, 16, PROTOCOL),
  row("reserved", "Reserved", SLL2.RESERVED, 16, NEEDED),
  row("interfaceIndex", "Interface index", SLL2.INTERFACE_INDEX, 32, NEEDED),
  row("hardwareType", HARDWARE_LABEL, SLL2.HARDWARE_TYPE, 16, HARDWARE_TYPE),
  row("packetType", "Packet type", SLL2.PACKET_TYPE, 8, PACKET_TYPE),
  row("addressLength", LENGTH_LABEL, SLL2.ADDRESS_LENGTH, 8, {
    ...NEEDED,
    short: "Addr Length",
  }),
  row("address", "Source", SLL2.ADDRESS, ADDRESS_ROOM * 8, ADDRESS),
  llcRow(SLL2.SIZE),
];

/** Describes a decoded header of version 1 field by field, in wire order. */
export function describeLinuxSLL(
  bytes: Uint8Array,
  header: LinuxSLLHeader,
): Field[] {
  return describeRows(SLL_ROWS, header, { bytes });
}

/** Describes a decoded header of version 2 field by field, in wire order. */
export function describeLinuxSLL2(
  bytes: Uint8Array,
  header: LinuxSLL2Header,
): Field[] {
  return describeRows(SLL2_ROWS, header, { bytes });
}

/**
 * The fields of a header; `protocol` follows from the next layer.
 *
 * @category Links
 */
export type SLLLayerFields = WithoutProtocol<LinuxSLLHeader>;

/**
 * The same for version 2.
 *
 * @category Links
 */
export type SLL2LayerFields = WithoutProtocol<LinuxSLL2Header>;

const SLL_SHAPE: ObjectShape = { fields: shapeOf(SLL_ROWS) };
const checkGivenSLL = namesChecker("sll", SLL_SHAPE);

/**
 * The header of a Linux "cooked" capture, version 1.
 *
 * @category Links
 * @throws {TypeError} if a field, or a kind, is none of those there are
 */
export function sll(fields: SLLLayerFields): PacketLayer {
  checkGivenSLL(fields);
  return {
    protocol: "sll",
    encode(payload, inner) {
      const protocol = fields.protocol ?? protocolOf(fields, inner, "sll");
      return encodeLinuxSLL({ ...fields, protocol }, payload);
    },
  };
}

const SLL2_SHAPE: ObjectShape = { fields: shapeOf(SLL2_ROWS) };
const checkGivenSLL2 = namesChecker("sll2", SLL2_SHAPE);

/**
 * The header of a Linux "cooked" capture, version 2.
 *
 * @category Links
 * @throws {TypeError} if a field, or a kind, is none of those there are
 */
export function sll2(fields: SLL2LayerFields): PacketLayer {
  checkGivenSLL2(fields);
  return {
    protocol: "sll2",
    encode(payload, inner) {
      const protocol = fields.protocol ?? protocolOf(fields, inner, "sll2");
      return encodeLinuxSLL2({ ...fields, protocol }, payload);
    },
  };
}

function protocolOf(
  { llc }: Pick<LinuxSLLHeader, "llc">,
  inner: PacketLayer | undefined,
  layer: string,
): number {
  if (llc !== undefined) return BEFORE_LLC;
  return etherTypeOf(inner, "cooked protocol", layer);
}

/** What the payload is, by its EtherType, if it has one. */
function next({ protocol, llc }: LinuxSLLHeader): NextHeader | undefined {
  if (protocol !== BEFORE_LLC) return { etherType: protocol };
  const etherType = llcEtherType(llc);
  return etherType === undefined ? undefined : { etherType };
}

const TITLE_1 = "Linux cooked capture v1";
const TITLE_2 = "Linux cooked capture v2";

function summary(title: string, { llc }: LinuxSLLHeader): string {
  return llc === undefined ? title : `${title}, LLC, dsap ${llc.dsap}`;
}

/** The row of version 1. */
export const LINUX_SLL: Protocol<LinuxSLLHeader> = {
  abbreviation: "SLL",
  linkTypes: [LINK_TYPE_LINUX_SLL],
  title: () => TITLE_1,
  decode: decodeLinuxSLL,
  summary: (header) => summary(TITLE_1, header),
  describe: describeLinuxSLL,
  next,
  shape: SLL_SHAPE,
};

/** The row of version 2. */
export const LINUX_SLL2: Protocol<LinuxSLL2Header> = {
  abbreviation: "SLL",
  linkTypes: [LINK_TYPE_LINUX_SLL2],
  title: () => TITLE_2,
  decode: decodeLinuxSLL2,
  summary: (header) => summary(TITLE_2, header),
  describe: describeLinuxSLL2,
  next,
  shape: SLL2_SHAPE,
};
