/**
 * The headers of Linux "cooked" captures, versions 1 and 2: what stands before
 * a packet that was captured on any interface (LINKTYPE_LINUX_SLL and
 * LINKTYPE_LINUX_SLL2, tcpdump.org).
 *
 * The encoders throw a {@linkcode RangeError} where a value does not fit into
 * its field, the decoders a {@linkcode PacketError} where a header is cut
 * short; encoding what was decoded gives the same octets again.
 *
 * @module
 */

import { checkField, cutShort } from "../errors.ts";
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
import { namesChecker, type ObjectShape } from "../shape.ts";
import {
  decodeLLC,
  describeLLC,
  LLC_SHAPE,
  llcEtherType,
  type LLCHeader,
  llcSize,
  writeLLC,
} from "./llc.ts";
import { formatMAC, MAC_LENGTH } from "./mac.ts";
import {
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  SLL2,
} from "../link_types.ts";
import { get16, get32, put16, put32, spaceBefore } from "../octets.ts";
import {
  type Decoded,
  etherTypeOf,
  type NextHeader,
  type PacketLayer,
  type Protocol,
  type WithoutProtocol,
} from "../packet/protocol.ts";

/** Version 1, LINKTYPE_LINUX_SLL. */
export const SLL = {
  PACKET_TYPE: 0,
  HARDWARE_TYPE: 2,
  ADDRESS_LENGTH: 4,
  ADDRESS: 6,
  PROTOCOL: 14,
  SIZE: 16,
} as const;

/** What stands for an EtherType before an LLC header (`LINUX_SLL_P_802_2`). */
const BEFORE_LLC = 0x0004;

/** Octets that there are for an address, whatever its length. */
const ADDRESS_ROOM = 8;

/**
 * Octets of the header of version 1, without an LLC header.
 *
 * @category Links
 */
export const LINUX_SLL_HEADER_LENGTH = 16;
/**
 * The same of version 2.
 *
 * @category Links
 */
export const LINUX_SLL2_HEADER_LENGTH = 20;

/**
 * A decoded header of version 1: every field, as it stood in the octets.
 *
 * @category Links
 */
export interface LinuxSLLHeader {
  /** 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 from us; 0–0xffff. */
  readonly packetType: number;
  /** What the interface is, an ARPHRD number of Linux, 0–0xffff. */
  readonly hardwareType: number;
  /** Octets of the sender's address, 0–0xffff; more than 8 are cut off. */
  readonly addressLength: number;
  /** The sender's link-layer address, with its padding: 8 octets. */
  readonly address: Uint8Array;
  /** The payload's EtherType, 0–0xffff, as a rule; 4 before an LLC header. */
  readonly protocol: number;
  /** Where the frame had no EtherType, if it has room for one. */
  readonly llc?: LLCHeader;
}

/**
 * A decoded header of version 2; `packetType` and `addressLength` are 0–255.
 *
 * @category Links
 */
export interface LinuxSLL2Header extends LinuxSLLHeader {
  /** Two octets that must be zero, 0–0xffff. */
  readonly reserved: number;
  /** Which interface it was, 0–0xffffffff. */
  readonly interfaceIndex: number;
}

/**
 * Writes a header of version 1, and the payload behind it, into new octets.
 *
 * @category Links
 * @throws {RangeError} if a value does not fit its field, or the address is not
 * 8 octets long
 *
 * @example
 * ```ts
 * import { encodeLinuxSLL } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const header = encodeLinuxSLL({
 *   packetType: 4,
 *   hardwareType: 1,
 *   addressLength: 6,
 *   address: Uint8Array.fromHex("0200000000010000"),
 *   protocol: 0x0800,
 * });
 * assertEquals(header.toHex(), "000400010006" + "0200000000010000" + "0800");
 * ```
 */
export function encodeLinuxSLL(
  header: LinuxSLLHeader,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const bytes = spaceFor(SLL.SIZE, header, payload);
  const put = (at: number, field: Exclude<keyof LinuxSLLHeader, "llc">) =>
    put16(bytes, at, bits(16, field, header[field]));
  put(SLL.PACKET_TYPE, "packetType");
  put(SLL.HARDWARE_TYPE, "hardwareType");
  put(SLL.ADDRESS_LENGTH, "addressLength");
  bytes.set(checkAddress(header), SLL.ADDRESS);
  put(SLL.PROTOCOL, "protocol");
  return bytes;
}

/**
 * Reads a header of version 1. `address` shares the input's memory.
 *
 * @category Links
 * @throws {PacketError} if there are fewer than 16 octets
 *
 * @example
 * ```ts
 * import { decodeLinuxSLL } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { header } = decodeLinuxSLL(
 *   Uint8Array.fromHex("000403040006" + "0000000000000000" + "86dd"),
 * );
 * assertEquals([header.packetType, header.protocol], [4, 0x86dd]);
 * ```
 */
export function decodeLinuxSLL(
  bytes: Uint8Array,
): Decoded<LinuxSLLHeader> {
  if (bytes.length < SLL.SIZE) throw cutShort("sll", "header", bytes, SLL.SIZE);
  return withLLC(bytes, SLL.SIZE, {
    packetType: get16(bytes, SLL.PACKET_TYPE),
    hardwareType: get16(bytes, SLL.HARDWARE_TYPE),
    addressLength: get16(bytes, SLL.ADDRESS_LENGTH),
    address: bytes.subarray(SLL.ADDRESS, SLL.ADDRESS + ADDRESS_ROOM),
    protocol: get16(bytes, SLL.PROTOCOL),
  });
}

/**
 * Writes a header of version 2, and the payload behind it, into new octets.
 *
 * @category Links
 * @throws {RangeError} if a value does not fit its field, or the address is not
 * 8 octets long
 *
 * @example
 * ```ts
 * import { decodeLinuxSLL2, encodeLinuxSLL2 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const hex = "08000000" + "00000002" + "0001" + "0406" + "0200000000010000";
 * const { header, payload } = decodeLinuxSLL2(Uint8Array.fromHex(hex));
 * assertEquals(encodeLinuxSLL2(header, payload).toHex(), hex);
 * ```
 */
export function encodeLinuxSLL2(
  header: LinuxSLL2Header,
  payload: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const bytes = spaceFor(SLL2.SIZE, header, payload);
  put16(bytes, SLL2.PROTOCOL, bits(16, "protocol", header.protocol));
  put16(bytes, SLL2.RESERVED, bits(16, "reserved", header.reserved));
  put32(
    bytes,
    SLL2.INTERFACE_INDEX,
    bits(32, "interfaceIndex", header.interfaceIndex),
  );
  put16(
    bytes,
    SLL2.HARDWARE_TYPE,
    bits(16, "hardwareType", header.hardwareType),
  );
  bytes[SLL2.PACKET_TYPE] = bits(8, "packetType", header.packetType);
  bytes[SLL2.ADDRESS_LENGTH] = bits(8, "addressLength", header.addressLength);
  bytes.set(checkAddress(header), SLL2.ADDRESS);
  return bytes;
}

/**
 * Reads a header of version 2. `address` shares the input's memory.
 *
 * @category Links
 * @throws {PacketError} if there are fewer than 20 octets
 *
 * @example
 * ```ts
 * import { decodeLinuxSLL2 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const { header } = decodeLinuxSLL2(Uint8Array.fromHex(
 *   "08000000" + "00000002" + "0001" + "0406" + "0200000000010000",
 * ));
 * assertEquals([header.interfaceIndex, header.packetType], [2, 4]);
 * ```
 */
export function decodeLinuxSLL2(
  bytes: Uint8Array,
): Decoded<LinuxSLL2Header> {
  if (bytes.length < SLL2.SIZE) {
    throw cutShort("sll2", "header", bytes, SLL2.SIZE);
  }
  return withLLC(bytes, SLL2.SIZE, {
    protocol: get16(bytes, SLL2.PROTOCOL),
    reserved: get16(bytes, SLL2.RESERVED),
    interfaceIndex: get32(bytes, SLL2.INTERFACE_INDEX),
    hardwareType: get16(bytes, SLL2.HARDWARE_TYPE),
    packetType: bytes[SLL2.PACKET_TYPE],
    addressLength: bytes[SLL2.ADDRESS_LENGTH],
    address: bytes.subarray(SLL2.ADDRESS, SLL2.ADDRESS + ADDRESS_ROOM),
  });
}

/** Room for the header, and behind it an LLC header and the payload. */
function spaceFor(
  size: number,
  { llc }: LinuxSLLHeader,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const headerLength = size + (llc === undefined ? 0 : llcSize(llc));
  const bytes = spaceBefore(payload, headerLength);
  if (llc !== undefined) writeLLC(bytes, size, llc);
  return bytes;
}

/** What was decoded, an LLC header behind it included. */
function withLLC<Header extends LinuxSLLHeader>(
  bytes: Uint8Array,
  size: number,
  header: Header,
): Decoded<Header> {
  const llc = header.protocol === BEFORE_LLC
    ? decodeLLC(bytes, size, bytes.length)
    : undefined;
  const headerLength = size + (llc === undefined ? 0 : llcSize(llc));
  return {
    header: llc === undefined ? header : { ...header, llc },
    headerLength,
    payload: bytes.subarray(headerLength),
    missing: 0,
  };
}

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

function checkAddress({ address }: LinuxSLLHeader): Uint8Array {
  if (address.length === ADDRESS_ROOM) return address;
  throw new RangeError(
    `Linux cooked address must be 8 octets long, but is ${address.length}`,
  );
}

function bits(
  width: number,
  field: string,
  value: number | Uint8Array,
): number {
  return checkField("Linux cooked", field, value as number, width);
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
