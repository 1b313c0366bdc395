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
import { SLL2 } from "../link_types.ts";
import { get16, get32, put16, put32, spaceBefore } from "../octets.ts";
import type { Decoded } from "../packet/protocol.ts";
import { decodeLLC, type LLCHeader, llcSize, writeLLC } from "./llc.ts";

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
export const BEFORE_LLC = 0x0004;

/** Octets that there are for an address, whatever its length. */
export const ADDRESS_ROOM = 8;

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
