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

import { checkField, cutShort } from "./errors.ts";
import { etherTypeText } from "./ether_types.ts";
import { type Field, fieldAt } from "./field.ts";
import { SLL, SLL2 } from "./linux_cooked_layout.ts";
import { formatMAC, MAC_LENGTH } from "./mac.ts";
import { get16, get32, put16, put32 } from "./octets.ts";

/** Octets that there are for an address, whatever its length. */
const ADDRESS_ROOM = 8;

/** Octets of the header of version 1. */
export const LINUX_SLL_HEADER_LENGTH = 16;
/** Octets of the header of version 2. */
export const LINUX_SLL2_HEADER_LENGTH = 20;

/** A decoded header of version 1: every field, as it stood in the octets. */
export interface LinuxSLLHeader {
  /** 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 from us; 0–0xffff. */
  readonly packetType: number;
  /** What the interface is, an ARPHRD number of Linux, 0–0xffff. */
  readonly hardwareType: number;
  /** Octets of the sender's address, 0–0xffff; more than 8 are cut off. */
  readonly addressLength: number;
  /** The sender's link-layer address, with its padding: 8 octets. */
  readonly address: Uint8Array;
  /** The payload's EtherType, 0–0xffff, as a rule. */
  readonly protocol: number;
}

/** A decoded header of version 2; `packetType` and `addressLength` are 0–255. */
export interface LinuxSLL2Header extends LinuxSLLHeader {
  /** Two octets that must be zero, 0–0xffff. */
  readonly reserved: number;
  /** Which interface it was, 0–0xffffffff. */
  readonly interfaceIndex: number;
}

/** A header, and the payload behind it. */
export interface DecodedLinuxSLL<Header> {
  /** The header. */
  readonly header: Header;
  /** The payload; shares the input's memory. */
  readonly payload: Uint8Array;
}

/**
 * Writes a header of version 1, and the payload behind it, into new octets.
 *
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
  const bytes = new Uint8Array(SLL.SIZE + payload.length);
  const put = (at: number, field: keyof LinuxSLLHeader) =>
    put16(bytes, at, bits(16, field, header[field]));
  put(SLL.PACKET_TYPE, "packetType");
  put(SLL.HARDWARE_TYPE, "hardwareType");
  put(SLL.ADDRESS_LENGTH, "addressLength");
  bytes.set(checkAddress(header), SLL.ADDRESS);
  put(SLL.PROTOCOL, "protocol");
  bytes.set(payload, SLL.SIZE);
  return bytes;
}

/**
 * Reads a header of version 1. `address` shares the input's memory.
 *
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
): DecodedLinuxSLL<LinuxSLLHeader> {
  if (bytes.length < SLL.SIZE) throw cutShort("sll", "header", bytes, SLL.SIZE);
  return {
    header: {
      packetType: get16(bytes, SLL.PACKET_TYPE),
      hardwareType: get16(bytes, SLL.HARDWARE_TYPE),
      addressLength: get16(bytes, SLL.ADDRESS_LENGTH),
      address: bytes.subarray(SLL.ADDRESS, SLL.ADDRESS + ADDRESS_ROOM),
      protocol: get16(bytes, SLL.PROTOCOL),
    },
    payload: bytes.subarray(SLL.SIZE),
  };
}

/**
 * Writes a header of version 2, and the payload behind it, into new octets.
 *
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
  const bytes = new Uint8Array(SLL2.SIZE + payload.length);
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
  bytes.set(payload, SLL2.SIZE);
  return bytes;
}

/**
 * Reads a header of version 2. `address` shares the input's memory.
 *
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
): DecodedLinuxSLL<LinuxSLL2Header> {
  if (bytes.length < SLL2.SIZE) {
    throw cutShort("sll2", "header", bytes, SLL2.SIZE);
  }
  return {
    header: {
      protocol: get16(bytes, SLL2.PROTOCOL),
      reserved: get16(bytes, SLL2.RESERVED),
      interfaceIndex: get32(bytes, SLL2.INTERFACE_INDEX),
      hardwareType: get16(bytes, SLL2.HARDWARE_TYPE),
      packetType: bytes[SLL2.PACKET_TYPE],
      addressLength: bytes[SLL2.ADDRESS_LENGTH],
      address: bytes.subarray(SLL2.ADDRESS, SLL2.ADDRESS + ADDRESS_ROOM),
    },
    payload: bytes.subarray(SLL2.SIZE),
  };
}

/** Describes a decoded header of version 1 field by field, in wire order. */
export function describeLinuxSLL(header: LinuxSLLHeader): Field[] {
  return [
    describePacketType(SLL.PACKET_TYPE, 16, header),
    describeHardwareType(SLL.HARDWARE_TYPE, header),
    describeAddressLength(SLL.ADDRESS_LENGTH, 16, header),
    describeAddress(SLL.ADDRESS, header),
    describeProtocol(SLL.PROTOCOL, header),
  ];
}

/** Describes a decoded header of version 2 field by field, in wire order. */
export function describeLinuxSLL2(header: LinuxSLL2Header): Field[] {
  const { reserved, interfaceIndex } = header;
  return [
    describeProtocol(SLL2.PROTOCOL, header),
    fieldAt(SLL2.RESERVED, 16, "reserved", "Reserved", reserved),
    fieldAt(
      SLL2.INTERFACE_INDEX,
      32,
      "interfaceIndex",
      "Interface index",
      interfaceIndex,
    ),
    describeHardwareType(SLL2.HARDWARE_TYPE, header),
    describePacketType(SLL2.PACKET_TYPE, 8, header),
    describeAddressLength(SLL2.ADDRESS_LENGTH, 8, header),
    describeAddress(SLL2.ADDRESS, header),
  ];
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

function describePacketType(
  octet: number,
  width: number,
  { packetType }: LinuxSLLHeader,
): Field {
  const text = `${PACKET_TYPES[packetType] ?? "Unknown"} (${packetType})`;
  return fieldAt(octet, width, "packetType", "Packet type", packetType, text);
}

function describeHardwareType(
  octet: number,
  { hardwareType }: LinuxSLLHeader,
): Field {
  return fieldAt(
    octet,
    16,
    "hardwareType",
    "Link-layer address type",
    hardwareType,
    `${HARDWARE_TYPES[hardwareType] ?? "Unknown"} (${hardwareType})`,
  );
}

function describeAddressLength(
  octet: number,
  width: number,
  { addressLength }: LinuxSLLHeader,
): Field {
  const label = "Link-layer address length";
  return fieldAt(octet, width, "addressLength", label, addressLength);
}

function describeAddress(
  octet: number,
  { address, addressLength }: LinuxSLLHeader,
): Field {
  const text = addressLength === MAC_LENGTH
    ? formatMAC(address)
    : address.subarray(0, addressLength).toHex();
  const width = ADDRESS_ROOM * 8;
  return fieldAt(octet, width, "address", "Source", address, text);
}

function describeProtocol(octet: number, { protocol }: LinuxSLLHeader): Field {
  const text = etherTypeText(protocol);
  return fieldAt(octet, 16, "protocol", "Protocol", protocol, text);
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
