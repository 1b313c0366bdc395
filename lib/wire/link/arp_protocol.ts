/**
 * ARP in words, labels and texts as Wireshark has them; what is wrong with it;
 * and the protocol's row.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import { ETHER_TYPE, etherTypeText } from "../ether_types.ts";
import { type Field, octetsAt } from "../field.ts";
import {
  describeRows,
  type Row,
  type Rows,
  rowsOf,
  shapeOf,
} from "../field_table.ts";
import type { Decoded, PacketLayer, Protocol } from "../packet/protocol.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import { MAC_LENGTH } from "./mac.ts";
import { spaceBefore } from "../octets.ts";
import {
  type ARPEthernetIPv4,
  type ARPFields,
  type ARPHead,
  type ARPMessage,
  decodeARP,
  encodeARP,
  OFFSET,
} from "./arp.ts";

/** What is wrong with a message that could be decoded: a group as its sender. */
export function checkARP(
  bytes: Uint8Array,
  { header: message }: Decoded<ARPMessage>,
): Problem[] {
  if (message.kind === "other") return [];
  const { senderHardwareAddress } = message;
  if (bytes[OFFSET.SENDER_HARDWARE] % 2 === 0) return [];
  return [{
    layer: "arp",
    field: "senderHardwareAddress",
    offset: OFFSET.SENDER_HARDWARE,
    reason: `is ${senderHardwareAddress}: a group cannot send`,
  }];
}

const row = rowsOf<ARPEthernetIPv4>();

const HEAD: readonly Row<ARPHead>[] = [
  row("hardwareType", "Hardware type", OFFSET.HARDWARE_TYPE, 16, {
    text: (type) => `${HARDWARE[type] ?? "Unknown"} (${type})`,
  }),
  row("protocolType", "Protocol type", OFFSET.PROTOCOL_TYPE, 16, {
    text: etherTypeText,
  }),
  row("hardwareLength", "Hardware size", OFFSET.HARDWARE_LENGTH, 8),
  row("protocolLength", "Protocol size", OFFSET.PROTOCOL_LENGTH, 8),
  row("operation", "Opcode", OFFSET.OPERATION, 16, {
    needed: true,
    text: (operation) => `${OPERATIONS[operation] ?? "unknown"} (${operation})`,
  }),
];

const MAC_BITS = MAC_LENGTH * 8;
const TEXT = { type: "text" } as const;
const NEEDED_TEXT = { type: "text", needed: true } as const;

const ADDRESSES: Rows<ARPEthernetIPv4> = [
  row(
    "senderHardwareAddress",
    "Sender MAC address",
    OFFSET.SENDER_HARDWARE,
    MAC_BITS,
    TEXT,
  ),
  row(
    "senderProtocolAddress",
    "Sender IP address",
    OFFSET.SENDER_PROTOCOL,
    32,
    NEEDED_TEXT,
  ),
  row(
    "targetHardwareAddress",
    "Target MAC address",
    OFFSET.TARGET_HARDWARE,
    MAC_BITS,
    TEXT,
  ),
  row(
    "targetProtocolAddress",
    "Target IP address",
    OFFSET.TARGET_PROTOCOL,
    32,
    NEEDED_TEXT,
  ),
];

/** Describes a decoded message field by field, in wire order. */
export function describeARP(bytes: Uint8Array, message: ARPMessage): Field[] {
  const fields = describeRows(HEAD, message, { bytes });
  if (message.kind === "ethernetIPv4") {
    fields.push(...describeRows(ADDRESSES, message, { bytes }));
  } else if (message.addresses.length > 0) {
    const { addresses } = message;
    fields.push(
      octetsAt(OFFSET.ADDRESSES, "addresses", "Addresses", addresses),
    );
  }
  return fields;
}

/** RFC 903: these go by an EtherType of their own. */
const REVERSE: readonly number[] = [3, 4];

/** IANA, "Address Resolution Protocol (ARP) Parameters". */
const OPERATIONS: Readonly<Record<number, string>> = {
  1: "request",
  2: "reply",
  3: "reverse request",
  4: "reverse reply",
  5: "drarp request",
  6: "drarp reply",
  7: "drarp error",
  8: "inverse request",
  9: "inverse reply",
};

const HARDWARE: Readonly<Record<number, string>> = {
  1: "Ethernet",
  6: "IEEE 802",
  15: "Frame Relay DLCI",
  24: "IEEE 1394.1995",
  32: "InfiniBand",
};

function summarize(message: ARPMessage, length: number): string {
  const end = `length ${length}`;
  if (message.kind === "other") {
    return `ARP, hardware type ${message.hardwareType}, protocol type ` +
      `${etherTypeText(message.protocolType)}, ${end}`;
  }
  const {
    operation,
    senderHardwareAddress,
    senderProtocolAddress,
    targetHardwareAddress,
    targetProtocolAddress,
  } = message;
  if (operation === 1) {
    const known = targetHardwareAddress === "00:00:00:00:00:00"
      ? ""
      : ` (${targetHardwareAddress})`;
    return `ARP, Request who-has ${targetProtocolAddress}${known} tell ` +
      `${senderProtocolAddress}, ${end}`;
  }
  switch (operation) {
    case 2:
      return `ARP, Reply ${senderProtocolAddress} is-at ` +
        `${senderHardwareAddress}, ${end}`;
    case 3:
      return `ARP, Reverse Request who-is ${targetHardwareAddress} tell ` +
        `${senderHardwareAddress}, ${end}`;
    case 4:
      return `ARP, Reverse Reply ${targetHardwareAddress} at ` +
        `${targetProtocolAddress}, ${end}`;
  }
  return `ARP, operation ${operation}, ${end}`;
}

const SHAPE: ObjectShape = {
  kinds: {
    ethernetIPv4: shapeOf<ARPEthernetIPv4>([...HEAD, ...ADDRESSES]),
    // No default fits addresses of any kind.
    other: {
      ...shapeOf(HEAD.map((row) => ({ ...row, needed: true as const }))),
      addresses: "octets!",
    },
  },
  usual: "ethernetIPv4",
};

const checkGiven = namesChecker("arp", SHAPE);

/**
 * An ARP message for {@linkcode buildPacket} (RFC 826), or one of RARP by its
 * operation (RFC 903). Next layers follow it as they are, such as padding.
 *
 * @category Links
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { arp, buildPacket } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const probe = buildPacket(arp({
 *   operation: 1,
 *   senderProtocolAddress: "0.0.0.0",
 *   targetProtocolAddress: "192.0.2.2",
 * }));
 * assertEquals(probe.length, 28);
 * ```
 */
export function arp(fields: ARPFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "arp",
    etherType: REVERSE.includes(fields.operation)
      ? ETHER_TYPE.RARP
      : ETHER_TYPE.ARP,
    encode(payload) {
      const message = encodeARP(fields);
      const bytes = spaceBefore(payload, message.length);
      bytes.set(message);
      return bytes;
    },
  };
}

/** The protocol's row. */
export const ARP: Protocol<ARPMessage> = {
  abbreviation: "ARP",
  etherTypes: [ETHER_TYPE.ARP, ETHER_TYPE.RARP],
  title: ({ operation }) => {
    const name = OPERATIONS[operation];
    return `Address Resolution Protocol${
      name === undefined ? "" : ` (${name})`
    }`;
  },
  decode: decodeARP,
  check: checkARP,
  describe: describeARP,
  summary: (message, { length }) => summarize(message, length),
  shape: SHAPE,
};
