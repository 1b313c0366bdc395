/**
 * ICMPv6 messages field by field, and what is wrong with them.
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
  flagAt,
  hex,
  unverifiedChecksum,
} from "./field.ts";
import {
  checkQuoted,
  describeQuotedLength,
  describeTypeCodeChecksum,
  describeUnused,
} from "./icmp_common_describe.ts";
import { icmpv6CodeName, icmpv6Name } from "./icmp_names.ts";
import { decodeNDPOptions, describeNDPOption } from "./ndp_options.ts";
import { describeEach } from "./options.ts";
import type { AddressPair } from "./pseudo_header.ts";
import type {
  ICMPv6Message,
  ICMPv6RouterAdvertisement,
} from "./icmpv6_messages.ts";
import { decodeICMPv6, sumOf } from "./icmpv6.ts";
import { FIXED_LENGTHS, OFFSET, QUOTED_LENGTH } from "./icmpv6_layout.ts";
import { IP_PROTOCOL } from "./ip_protocols.ts";
import { describeQuoted, type QuotableMessage } from "./quoted_describe.ts";

const QUOTABLE: QuotableMessage = {
  protocol: IP_PROTOCOL.ICMPV6,
  name: "ICMPv6",
  describeStart,
};

/**
 * What is wrong with a message that could be decoded: its checksum, its
 * lengths, its options, its extensions.
 *
 * @param bytes what `message` was decoded from
 * @param addresses of the IPv6 header outside; without them the checksum is not
 * checked
 */
export function checkICMPv6(
  bytes: Uint8Array,
  message: ICMPv6Message,
  addresses?: AddressPair,
): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "icmpv6", field, offset, reason });
  if (
    addresses !== undefined &&
    internetChecksum(bytes, sumOf(addresses, bytes)) !== 0
  ) {
    add("checksum", OFFSET.CHECKSUM, verdict(bytes, message, addresses));
  }
  if ("options" in message) {
    const { fault } = decodeNDPOptions(message.options);
    if (fault !== undefined) {
      const start = FIXED_LENGTHS[message.kind];
      add("options", start + fault.offset, fault.reason);
    }
  }
  if ("extensions" in message) {
    problems.push(...checkQuoted("icmpv6", message, QUOTED_LENGTH));
  }
  return problems;
}

/**
 * Describes a decoded message field by field, in wire order; not its `payload`.
 * The packet that an error quotes is one field, whose parts are its headers.
 *
 * @param bytes what `message` was decoded from
 * @param addresses of the IPv6 header outside; without them the checksum is
 * marked as not verified
 */
export function describeICMPv6(
  bytes: Uint8Array,
  message: ICMPv6Message,
  addresses?: AddressPair,
): Field[] {
  const fields = [
    ...describeHead(message, verdict(bytes, message, addresses)),
    ...describeBody(message),
  ];
  if ("options" in message) {
    const start = FIXED_LENGTHS[message.kind];
    fields.push(...describeOptions(message.options, start));
  }
  return fields;
}

/** Type, code and checksum. */
function describeHead(message: ICMPv6Message, verdict: string): Field[] {
  const { type, code } = message;
  return describeTypeCodeChecksum(
    message,
    icmpv6Name(type),
    icmpv6CodeName(type, code),
    verdict,
  );
}

function describeStart(start: Uint8Array): Field[] {
  const whole = new Uint8Array(Math.max(start.length, OFFSET.REDIRECT_OPTIONS));
  whole.set(start);
  const message = decodeICMPv6(whole);
  const fields = describeHead(message, unverifiedChecksum(message.checksum));
  if (!("quoted" in message)) fields.push(...describeBody(message));
  return fieldsWithin(fields, start.length);
}

function describeBody(message: ICMPv6Message): Field[] {
  switch (message.kind) {
    case "echoRequest":
    case "echoReply": {
      const { identifier, sequence } = message;
      return [
        fieldAt(
          OFFSET.IDENTIFIER,
          16,
          "identifier",
          "Identifier",
          identifier,
          hex(identifier, 4),
        ),
        fieldAt(OFFSET.SEQUENCE, 16, "sequence", "Sequence", sequence),
      ];
    }
    case "destinationUnreachable":
    case "timeExceeded":
      return [
        describeQuotedLength(message.quotedLength, QUOTED_LENGTH),
        describeUnused(OFFSET.UNUSED, 24, "unused", "Unused", message.unused),
        ...describeQuoted(QUOTABLE, message.quoted, message.extensions),
      ];
    case "packetTooBig":
      return [
        fieldAt(OFFSET.MTU, 32, "mtu", "MTU", message.mtu),
        ...describeQuoted(QUOTABLE, message.quoted),
      ];
    case "parameterProblem":
      return [
        fieldAt(OFFSET.POINTER, 32, "pointer", "Pointer", message.pointer),
        ...describeQuoted(QUOTABLE, message.quoted),
      ];
    case "routerSolicitation":
      return [describeReserved(message.reserved)];
    case "routerAdvertisement":
      return describeRouterAdvertisement(message);
    case "neighborSolicitation":
      return [
        describeReserved(message.reserved),
        fieldAt(OFFSET.TARGET, 128, "target", "Target Address", message.target),
      ];
    case "neighborAdvertisement":
      return [
        flagAt(OFFSET.NEIGHBOR_FLAGS, 0, "router", "Router", message.router),
        flagAt(
          OFFSET.NEIGHBOR_FLAGS,
          1,
          "solicited",
          "Solicited",
          message.solicited,
        ),
        flagAt(
          OFFSET.NEIGHBOR_FLAGS,
          2,
          "override",
          "Override",
          message.override,
        ),
        describeUnused(
          OFFSET.NEIGHBOR_FLAGS,
          29,
          "reserved",
          "Reserved",
          message.reserved,
          3,
        ),
        fieldAt(OFFSET.TARGET, 128, "target", "Target Address", message.target),
      ];
    case "redirect":
      return [
        describeReserved(message.reserved),
        fieldAt(OFFSET.TARGET, 128, "target", "Target Address", message.target),
        fieldAt(
          OFFSET.DESTINATION,
          128,
          "destination",
          "Destination Address",
          message.destination,
        ),
      ];
    case "unknown":
      return [];
  }
}

function describeReserved(reserved: number): Field {
  return describeUnused(OFFSET.RESERVED, 32, "reserved", "Reserved", reserved);
}

function describeRouterAdvertisement(
  message: ICMPv6RouterAdvertisement,
): Field[] {
  const { hopLimit, reservedFlags, lifetime, reachableTime, retransTimer } =
    message;
  return [
    fieldAt(OFFSET.HOP_LIMIT, 8, "hopLimit", "Cur hop limit", hopLimit),
    flagAt(
      OFFSET.ROUTER_FLAGS,
      0,
      "managed",
      "Managed address configuration",
      message.managed,
    ),
    flagAt(
      OFFSET.ROUTER_FLAGS,
      1,
      "other",
      "Other configuration",
      message.other,
    ),
    describeUnused(
      OFFSET.ROUTER_FLAGS,
      6,
      "reservedFlags",
      "Reserved",
      reservedFlags,
      2,
    ),
    fieldAt(OFFSET.LIFETIME, 16, "lifetime", "Router lifetime (s)", lifetime),
    fieldAt(
      OFFSET.REACHABLE_TIME,
      32,
      "reachableTime",
      "Reachable time (ms)",
      reachableTime,
    ),
    fieldAt(
      OFFSET.RETRANS_TIMER,
      32,
      "retransTimer",
      "Retrans timer (ms)",
      retransTimer,
    ),
  ];
}

function describeOptions(octets: Uint8Array, start: number): Field[] {
  const { options, fault } = decodeNDPOptions(octets);
  const fields = describeEach(
    octets,
    options,
    start,
    "ICMPv6 Option",
    describeNDPOption,
  );
  if (fault !== undefined) {
    const rest = octets.subarray(fault.offset);
    fields.push(
      fieldAt(
        start + fault.offset,
        rest.length * 8,
        "options",
        "ICMPv6 Option",
        rest,
        `(${rest.length} bytes) [malformed: ${fault.reason}]`,
      ),
    );
  }
  return fields;
}

/** The checksum and whether it is right, if that can be told. */
function verdict(
  bytes: Uint8Array,
  { checksum }: ICMPv6Message,
  addresses: AddressPair | undefined,
): string {
  return addresses === undefined
    ? unverifiedChecksum(checksum)
    : checksumText(bytes, OFFSET.CHECKSUM, sumOf(addresses, bytes));
}
