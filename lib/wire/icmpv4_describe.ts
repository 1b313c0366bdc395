/**
 * ICMP messages field by field, and what is wrong with them.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import type { Problem } from "./errors.ts";
import {
  checksumText,
  type Field,
  fieldAt,
  fieldsWithin,
  hex,
  unverifiedChecksum,
} from "./field.ts";
import {
  checkQuoted,
  describeQuotedLength,
  describeTypeCodeChecksum,
  describeUnused,
} from "./icmp_common_describe.ts";
import { icmpv4CodeName, icmpv4Name } from "./icmp_names.ts";
import type {
  ICMPv4Echo,
  ICMPv4Message,
  ICMPv4RouterAdvertisement,
} from "./icmpv4_messages.ts";
import { decodeICMPv4, type ICMPv4ExtensibleError } from "./icmpv4.ts";
import {
  OFFSET,
  QUOTED_LENGTH,
  ROUTER_LENGTH,
  ROUTER_PREFERENCE,
} from "./icmpv4_layout.ts";
import { IP_PROTOCOL } from "./ip_protocols.ts";
import { describeQuoted, type QuotableMessage } from "./quoted_describe.ts";

const QUOTABLE: QuotableMessage = {
  protocol: IP_PROTOCOL.ICMP,
  name: "ICMP",
  describeStart,
};

/**
 * What is wrong with a message that could be decoded: its checksum, its
 * lengths, its extensions.
 *
 * @param bytes what `message` was decoded from
 * @param isWhole false for a fragment, whose checksum cannot be checked
 */
export function checkICMPv4(
  bytes: Uint8Array,
  message: ICMPv4Message,
  isWhole = true,
): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "icmpv4", field, offset, reason });
  if (isWhole && internetChecksum(bytes) !== 0) {
    add("checksum", OFFSET.CHECKSUM, checksumText(bytes, OFFSET.CHECKSUM));
  }
  if (message.kind === "routerAdvertisement") {
    const { addressCount, entryLength, routers } = message;
    if (entryLength !== ROUTER_LENGTH) {
      add("entryLength", OFFSET.ENTRY_LENGTH, `is ${entryLength}, 8 wanted`);
    } else if (addressCount > routers.length) {
      add(
        "addressCount",
        OFFSET.ADDRESS_COUNT,
        `is ${addressCount}, only ${routers.length} are there`,
      );
    }
  }
  if ("extensions" in message) {
    problems.push(...checkQuoted("icmpv4", message, QUOTED_LENGTH));
  }
  return problems;
}

/**
 * Describes a decoded message field by field, in wire order; not its `payload`.
 * The packet that an error quotes is one field, whose parts are its headers.
 *
 * @param bytes what `message` was decoded from
 * @param isWhole false for a fragment, whose checksum cannot be checked
 */
export function describeICMPv4(
  bytes: Uint8Array,
  message: ICMPv4Message,
  isWhole = true,
): Field[] {
  const verdict = isWhole
    ? checksumText(bytes, OFFSET.CHECKSUM)
    : unverifiedChecksum(message.checksum);
  return [...describeHead(message, verdict), ...describeBody(message)];
}

/** Type, code and checksum. */
function describeHead(message: ICMPv4Message, verdict: string): Field[] {
  const { type, code } = message;
  return describeTypeCodeChecksum(
    message,
    icmpv4Name(type),
    icmpv4CodeName(type, code),
    verdict,
  );
}

function describeStart(start: Uint8Array): Field[] {
  const whole = new Uint8Array(Math.max(start.length, OFFSET.TIMESTAMP_END));
  whole.set(start);
  const message = decodeICMPv4(whole);
  const fields = describeHead(message, unverifiedChecksum(message.checksum));
  if (!("quoted" in message)) fields.push(...describeBody(message));
  return fieldsWithin(fields, start.length);
}

function describeBody(message: ICMPv4Message): Field[] {
  switch (message.kind) {
    case "echoRequest":
    case "echoReply":
    case "informationRequest":
    case "informationReply":
      return describeQuery(message);
    case "timestampRequest":
    case "timestampReply":
      return [
        ...describeQuery(message),
        describeTime(
          OFFSET.ORIGINATE,
          "originate",
          "Originate Timestamp",
          message.originate,
        ),
        describeTime(
          OFFSET.RECEIVE,
          "receive",
          "Receive Timestamp",
          message.receive,
        ),
        describeTime(
          OFFSET.TRANSMIT,
          "transmit",
          "Transmit Timestamp",
          message.transmit,
        ),
      ];
    case "addressMaskRequest":
    case "addressMaskReply":
      return [
        ...describeQuery(message),
        fieldAt(OFFSET.MASK, 32, "mask", "Address Mask", message.mask),
      ];
    case "destinationUnreachable":
    case "timeExceeded":
    case "parameterProblem":
      return describeExtensibleError(message);
    case "sourceQuench":
      return [
        describeUnused(OFFSET.UNUSED, 32, "unused", "Unused", message.unused),
        ...describeQuoted(QUOTABLE, message.quoted),
      ];
    case "redirect":
      return [
        fieldAt(
          OFFSET.GATEWAY,
          32,
          "gateway",
          "Gateway Address",
          message.gateway,
        ),
        ...describeQuoted(QUOTABLE, message.quoted),
      ];
    case "routerAdvertisement":
      return describeAdvertisement(message);
    case "routerSolicitation":
      return [
        describeUnused(
          OFFSET.RESERVED,
          32,
          "reserved",
          "Reserved",
          message.reserved,
        ),
      ];
    case "unknown":
      return [];
  }
}

function describeExtensibleError(message: ICMPv4ExtensibleError): Field[] {
  const { kind, quotedLength, quoted, extensions } = message;
  const unused = (octet: number, width: number, name: string, value: number) =>
    describeUnused(octet, width, name, "Unused", value);
  return [
    kind === "parameterProblem"
      ? fieldAt(OFFSET.POINTER, 8, "pointer", "Pointer", message.pointer)
      : unused(OFFSET.UNUSED, 8, "unusedBefore", message.unusedBefore),
    describeQuotedLength(quotedLength, QUOTED_LENGTH),
    kind === "destinationUnreachable"
      ? fieldAt(
        OFFSET.NEXT_HOP_MTU,
        16,
        "nextHopMTU",
        "MTU of next hop",
        message.nextHopMTU,
      )
      : unused(OFFSET.UNUSED_AFTER, 16, "unusedAfter", message.unusedAfter),
    ...describeQuoted(QUOTABLE, quoted, extensions),
  ];
}

function describeQuery(
  { identifier, sequence }: Pick<ICMPv4Echo, "identifier" | "sequence">,
): Field[] {
  // Wireshark shows both byte orders, since some systems send the other.
  return [
    fieldAt(
      OFFSET.IDENTIFIER,
      16,
      "identifier",
      "Identifier (BE)",
      identifier,
      both(identifier),
    ),
    fieldAt(
      OFFSET.SEQUENCE,
      16,
      "sequence",
      "Sequence Number (BE)",
      sequence,
      both(sequence),
    ),
  ];
}

function describeTime(
  octet: number,
  name: string,
  label: string,
  value: number,
): Field {
  // RFC 792: the uppermost bit marks a time that is not since midnight UT.
  const standard = value < 0x8000_0000;
  const text = `${value} ${
    standard ? "ms after midnight UT" : "(non-standard)"
  }`;
  return fieldAt(octet, 32, name, label, value, text);
}

function describeAdvertisement(message: ICMPv4RouterAdvertisement): Field[] {
  const { addressCount, entryLength, lifetime, routers } = message;
  return [
    fieldAt(
      OFFSET.ADDRESS_COUNT,
      8,
      "addressCount",
      "Number of addresses",
      addressCount,
    ),
    fieldAt(
      OFFSET.ENTRY_LENGTH,
      8,
      "entryLength",
      "Address entry size",
      entryLength,
      `${entryLength / 4} (${entryLength} bytes)`,
    ),
    fieldAt(
      OFFSET.LIFETIME,
      16,
      "lifetime",
      "Lifetime",
      lifetime,
      `${lifetime} seconds`,
    ),
    ...routers.flatMap(({ address, preference }, i) => {
      const at = OFFSET.ROUTERS + i * ROUTER_LENGTH;
      return [
        fieldAt(at, 32, "address", "Router address", address),
        fieldAt(
          at + ROUTER_PREFERENCE,
          32,
          "preference",
          "Preference level",
          preference,
        ),
      ];
    }),
  ];
}

function both(value: number): string {
  return `${value} (${hex(value, 4)})`;
}
