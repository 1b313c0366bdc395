/**
 * The Address Resolution Protocol (RFC 826), between Ethernet addresses and
 * IPv4 addresses. Messages about other addresses are kept whole.
 *
 * {@linkcode encodeARP} computes what was left out and writes what was given as
 * it is, so that wrong messages can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeARP} throws a {@linkcode PacketError} only where a message
 * is cut short, and `encodeARP(message)` of what it returned is the same octets
 * again.
 *
 * @module
 */

import { formatIPv4, parseIPv4 } from "../address.ts";
import { checkField, checkRange, cutShort } from "../errors.ts";
import { ETHER_TYPE } from "../ether_types.ts";
import type { Decoded, Given } from "../packet/protocol.ts";
import { formatMAC, MAC_LENGTH, parseMAC } from "./mac.ts";
import { get16, get32, put16, put32 } from "../octets.ts";

export const OFFSET = {
  HARDWARE_TYPE: 0,
  PROTOCOL_TYPE: 2,
  HARDWARE_LENGTH: 4,
  PROTOCOL_LENGTH: 5,
  OPERATION: 6,
  ADDRESSES: 8,

  // Where they are six and four octets long
  SENDER_HARDWARE: 8,
  SENDER_PROTOCOL: 14,
  TARGET_HARDWARE: 18,
  TARGET_PROTOCOL: 24,
  END: 28,
} as const;

/**
 * Octets of a message about Ethernet and IPv4 addresses.
 *
 * @category Links
 */
export const ARP_LENGTH = 28;

const IPV4_LENGTH = 4;
const NO_MAC = "00:00:00:00:00:00";
/** RFC 826: Ethernet is 1; IEEE 802 networks are 6, and have its addresses. */
const ETHERNET = 1;
const IEEE_802 = 6;

/**
 * What every message begins with.
 *
 * @category Links
 */
export interface ARPHead {
  /** 0–0xffff; default 1, Ethernet. */
  readonly hardwareType: number;
  /** An EtherType, 0–0xffff; default 0x0800, IPv4. */
  readonly protocolType: number;
  /** Octets of a hardware address, 0–255; default 6. */
  readonly hardwareLength: number;
  /** Octets of a protocol address, 0–255; default 4. */
  readonly protocolLength: number;
  /** 0–0xffff: 1 request, 2 reply. */
  readonly operation: number;
}

/**
 * A message about Ethernet and IPv4 addresses.
 *
 * @category Links
 */
export interface ARPEthernetIPv4 extends ARPHead {
  /** Tells it from messages about other addresses; the default. */
  readonly kind: "ethernetIPv4";
  /** Such as `02:00:00:00:00:01`; default all zeros. */
  readonly senderHardwareAddress: string;
  /** Dotted decimal. */
  readonly senderProtocolAddress: string;
  /** Default all zeros, as in a request. */
  readonly targetHardwareAddress: string;
  /** Dotted decimal. */
  readonly targetProtocolAddress: string;
}

/**
 * A message about any other addresses.
 *
 * @category Links
 */
export interface ARPOther extends ARPHead {
  /** Tells it from messages about Ethernet and IPv4 addresses. */
  readonly kind: "other";
  /** All four addresses, of the sender and then of the target. */
  readonly addresses: Uint8Array;
}

/**
 * A decoded message: every field, as it stood in the octets.
 *
 * @category Links
 */
export type ARPMessage = ARPEthernetIPv4 | ARPOther;

/**
 * What a caller gives to make a message. What is left out takes the default
 * named with the field; what is given is written as it is, right or wrong.
 *
 * @category Links
 */
export type ARPFields =
  | (
    & Pick<
      ARPEthernetIPv4,
      "operation" | "senderProtocolAddress" | "targetProtocolAddress"
    >
    & Partial<ARPEthernetIPv4>
  )
  | Given<ARPOther, Exclude<keyof ARPOther, "kind">>;

/**
 * Writes a message into new octets.
 *
 * @category Links
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeARP } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * // Who has 192.0.2.2? Tell 192.0.2.1
 * const octets = encodeARP({
 *   operation: 1,
 *   senderHardwareAddress: "02:00:00:00:00:01",
 *   senderProtocolAddress: "192.0.2.1",
 *   targetProtocolAddress: "192.0.2.2",
 * });
 * assertEquals(
 *   octets.toHex(),
 *   "0001080006040001" + "020000000001c0000201" + "000000000000c0000202",
 * );
 * ```
 */
export function encodeARP(fields: ARPFields): Uint8Array<ArrayBuffer> {
  const isOther = fields.kind === "other";
  const bytes = new Uint8Array(
    isOther ? OFFSET.ADDRESSES + fields.addresses.length : OFFSET.END,
  );
  put16(
    bytes,
    OFFSET.HARDWARE_TYPE,
    bits(16, "hardwareType", fields.hardwareType ?? ETHERNET),
  );
  put16(
    bytes,
    OFFSET.PROTOCOL_TYPE,
    bits(16, "protocolType", fields.protocolType ?? ETHER_TYPE.IPV4),
  );
  bytes[OFFSET.HARDWARE_LENGTH] = bits(
    8,
    "hardwareLength",
    fields.hardwareLength ?? MAC_LENGTH,
  );
  bytes[OFFSET.PROTOCOL_LENGTH] = bits(
    8,
    "protocolLength",
    fields.protocolLength ?? IPV4_LENGTH,
  );
  put16(bytes, OFFSET.OPERATION, bits(16, "operation", fields.operation));
  if (isOther) {
    const { addresses } = fields;
    // Two of each, and a length is one octet.
    checkRange("ARP addresses, in octets,", addresses.length, 0, 1020);
    bytes.set(addresses, OFFSET.ADDRESSES);
    return bytes;
  }
  bytes.set(
    parseMAC(fields.senderHardwareAddress ?? NO_MAC),
    OFFSET.SENDER_HARDWARE,
  );
  put32(
    bytes,
    OFFSET.SENDER_PROTOCOL,
    parseIPv4(fields.senderProtocolAddress),
  );
  bytes.set(
    parseMAC(fields.targetHardwareAddress ?? NO_MAC),
    OFFSET.TARGET_HARDWARE,
  );
  put32(
    bytes,
    OFFSET.TARGET_PROTOCOL,
    parseIPv4(fields.targetProtocolAddress),
  );
  return bytes;
}

/**
 * The reply to a request: who is asked for has this hardware address.
 *
 * @category Links
 * @param hardwareAddress such as `02:00:00:00:00:02`
 *
 * @example
 * ```ts
 * import { answerARP } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const request = {
 *   kind: "ethernetIPv4",
 *   operation: 1,
 *   senderHardwareAddress: "02:00:00:00:00:01",
 *   senderProtocolAddress: "192.0.2.1",
 *   targetHardwareAddress: "00:00:00:00:00:00",
 *   targetProtocolAddress: "192.0.2.2",
 * } as const;
 * const reply = answerARP(request, "02:00:00:00:00:02");
 * assertEquals(reply.senderProtocolAddress, "192.0.2.2");
 * assertEquals(reply.targetHardwareAddress, "02:00:00:00:00:01");
 * ```
 */
export function answerARP(
  request: Pick<
    ARPEthernetIPv4,
    "senderHardwareAddress" | "senderProtocolAddress" | "targetProtocolAddress"
  >,
  hardwareAddress: string,
): Omit<ARPEthernetIPv4, Exclude<keyof ARPHead, "operation">> {
  return {
    kind: "ethernetIPv4",
    operation: 2,
    senderHardwareAddress: hardwareAddress,
    senderProtocolAddress: request.targetProtocolAddress,
    targetHardwareAddress: request.senderHardwareAddress,
    targetProtocolAddress: request.senderProtocolAddress,
  };
}

/**
 * Reads a message. Octets behind it, such as the padding of short Ethernet
 * frames, do not belong to it. `addresses` shares the input's memory.
 *
 * @category Links
 * @throws {PacketError} if there are fewer octets than 8, or than the lengths
 * of its addresses promise
 *
 * @example
 * ```ts
 * import { decodeARP } from "raw4";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const { header: reply } = decodeARP(Uint8Array.fromHex(
 *   "0001080006040002" + "020000000002c0000202" + "020000000001c0000201",
 * ));
 * assert(reply.kind === "ethernetIPv4");
 * assertEquals(reply.senderHardwareAddress, "02:00:00:00:00:02");
 * ```
 */
export function decodeARP(bytes: Uint8Array): Decoded<ARPMessage> {
  const header = readMessage(bytes);
  const headerLength = arpLength(header);
  return { header, headerLength, payload: NOTHING, missing: 0 };
}

const NOTHING = new Uint8Array();

function readMessage(bytes: Uint8Array): ARPMessage {
  if (bytes.length < OFFSET.ADDRESSES) {
    throw cutShort("arp", "message", bytes, OFFSET.ADDRESSES);
  }
  const head: ARPHead = {
    hardwareType: get16(bytes, OFFSET.HARDWARE_TYPE),
    protocolType: get16(bytes, OFFSET.PROTOCOL_TYPE),
    hardwareLength: bytes[OFFSET.HARDWARE_LENGTH],
    protocolLength: bytes[OFFSET.PROTOCOL_LENGTH],
    operation: get16(bytes, OFFSET.OPERATION),
  };
  const end = arpLength(head);
  if (bytes.length < end) throw cutShort("arp", "message", bytes, end);
  if (!isEthernetIPv4(head)) {
    const addresses = bytes.subarray(OFFSET.ADDRESSES, end);
    return { kind: "other", ...head, addresses };
  }
  return {
    kind: "ethernetIPv4",
    ...head,
    senderHardwareAddress: formatMAC(bytes, OFFSET.SENDER_HARDWARE),
    senderProtocolAddress: formatIPv4(get32(bytes, OFFSET.SENDER_PROTOCOL)),
    targetHardwareAddress: formatMAC(bytes, OFFSET.TARGET_HARDWARE),
    targetProtocolAddress: formatIPv4(get32(bytes, OFFSET.TARGET_PROTOCOL)),
  };
}

function isEthernetIPv4(head: ARPHead): boolean {
  const { hardwareType, protocolType, hardwareLength, protocolLength } = head;
  return (hardwareType === ETHERNET || hardwareType === IEEE_802) &&
    protocolType === ETHER_TYPE.IPV4 && hardwareLength === MAC_LENGTH &&
    protocolLength === IPV4_LENGTH;
}

/** Octets of a message, by the lengths of its addresses. */
function arpLength(
  { hardwareLength, protocolLength }: ARPHead,
): number {
  return OFFSET.ADDRESSES + 2 * (hardwareLength + protocolLength);
}

function bits(width: number, field: string, value: number): number {
  return checkField("ARP", field, value, width);
}
