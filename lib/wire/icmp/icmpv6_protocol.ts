/**
 * ICMPv6 messages in words, what is wrong with them, and the protocol's row.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import { type Field, fieldAt, inHex } from "../field.ts";
import {
  describeKind,
  type FieldsOf,
  type RowsByKind,
  rowsOf,
  shapesOf,
  type Variable,
} from "../field_table.ts";
import { IP_PROTOCOL } from "../ip_protocols.ts";
import { join } from "../octets.ts";
import { describeEach } from "../options.ts";
import type {
  Decoded,
  PacketLayer,
  Protocol,
  WithoutPayload,
} from "../packet/protocol.ts";
import type { AddressPair } from "../pseudo_header.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import { icmpv6CodeName, icmpv6Name } from "./icmp_names.ts";
import {
  checkMessage,
  describeStartOf,
  echoSummary,
  EXTENSIONS,
  headRows,
  PAYLOAD,
  QUOTED,
  quotedLengthRow,
  unknownRows,
  type Version,
} from "./icmp_rows.ts";
import { decodeICMPv6, encodeICMPv6, sumOf } from "./icmpv6.ts";
import {
  fixedLength,
  type ICMPv6Fields,
  type ICMPv6Message,
  OFFSET,
  QUOTED_LENGTH,
} from "./icmpv6_messages.ts";
import { decodeNDPOptions, describeNDPOption } from "./ndp_options.ts";

const TITLE = "Internet Control Message Protocol v6";

const VERSION: Version = {
  layer: "icmpv6",
  quotedLength: QUOTED_LENGTH,
  nameOf: icmpv6Name,
  codeNameOf: icmpv6CodeName,
  sumOf,
};

const HEAD = headRows(VERSION);

const row = rowsOf<FieldsOf<ICMPv6Message>>();

const ECHO = [
  ...HEAD,
  row("identifier", "Identifier", OFFSET.IDENTIFIER, 16, { text: inHex(4) }),
  row("sequence", "Sequence", OFFSET.SEQUENCE, 16),
  PAYLOAD,
];

const ERROR = [
  ...HEAD,
  quotedLengthRow(QUOTED_LENGTH),
  row("unused", "Unused", OFFSET.UNUSED, 24, { text: inHex(6) }),
  QUOTED,
  EXTENSIONS,
];

const NDP = [
  ...HEAD,
  row("reserved", "Reserved", OFFSET.RESERVED, 32, { text: inHex(8) }),
];
const TARGET = row("target", "Target Address", OFFSET.TARGET, 128, {
  type: "text",
  needed: true,
});
const DESTINATION = row(
  "destination",
  "Destination Address",
  OFFSET.DESTINATION,
  128,
  { type: "text", needed: true },
);

/** The options of a message of Neighbor Discovery, behind its fixed part. */
const OPTIONS: Variable<NDPMessage> = {
  name: "options",
  shape: "octets",
  describe: ({ kind, options }) => describeOptions(options, fixedLength(kind)),
};

type NDPMessage = Extract<ICMPv6Message, { readonly options: Uint8Array }>;

const { ROUTER_FLAGS, NEIGHBOR_FLAGS } = OFFSET;

const ROUTER_ADVERTISEMENT = [
  ...HEAD,
  row("hopLimit", "Cur hop limit", OFFSET.HOP_LIMIT, 8),
  row("managed", "Managed address configuration", ROUTER_FLAGS, 1, {
    short: "M",
  }),
  row("other", "Other configuration", ROUTER_FLAGS, 1, {
    bit: 1,
    short: "O",
  }),
  row("reservedFlags", "Reserved", ROUTER_FLAGS, 6, { bit: 2, text: inHex(2) }),
  row("lifetime", "Router lifetime (s)", OFFSET.LIFETIME, 16),
  row("reachableTime", "Reachable time (ms)", OFFSET.REACHABLE_TIME, 32),
  row("retransTimer", "Retrans timer (ms)", OFFSET.RETRANS_TIMER, 32),
  OPTIONS,
];

const NEIGHBOR_ADVERTISEMENT = [
  ...HEAD,
  row("router", "Router", NEIGHBOR_FLAGS, 1, { short: "R" }),
  row("solicited", "Solicited", NEIGHBOR_FLAGS, 1, { bit: 1, short: "S" }),
  row("override", "Override", NEIGHBOR_FLAGS, 1, { bit: 2, short: "O" }),
  row("reserved", "Reserved", NEIGHBOR_FLAGS, 29, { bit: 3, text: inHex(8) }),
  TARGET,
  OPTIONS,
];

const ROWS: RowsByKind<ICMPv6Message["kind"]> = {
  destinationUnreachable: ERROR,
  timeExceeded: ERROR,
  packetTooBig: [
    ...HEAD,
    row("mtu", "MTU", OFFSET.MTU, 32, { needed: true }),
    QUOTED,
  ],
  parameterProblem: [
    ...HEAD,
    row("pointer", "Pointer", OFFSET.POINTER, 32),
    QUOTED,
  ],
  echoRequest: ECHO,
  echoReply: ECHO,
  routerSolicitation: [...NDP, OPTIONS],
  routerAdvertisement: ROUTER_ADVERTISEMENT,
  neighborSolicitation: [...NDP, TARGET, OPTIONS],
  neighborAdvertisement: NEIGHBOR_ADVERTISEMENT,
  redirect: [...NDP, TARGET, DESTINATION, OPTIONS],
  unknown: unknownRows(HEAD),
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
  { header: message }: Decoded<ICMPv6Message>,
  addresses?: AddressPair,
  isFragment = false,
): Problem[] {
  if (isFragment) return [];
  const problems = checkMessage(VERSION, bytes, message, addresses);
  if ("options" in message) {
    const { fault } = decodeNDPOptions(message.options);
    if (fault !== undefined) {
      const offset = fixedLength(message.kind) + fault.offset;
      const { reason } = fault;
      problems.push({ layer: "icmpv6", field: "options", offset, reason });
    }
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
  return describeKind(ROWS, message, { bytes, outside: addresses });
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

function summarize(message: ICMPv6Message): string {
  switch (message.kind) {
    case "echoRequest":
    case "echoReply":
      return echoSummary(message);
    case "neighborSolicitation":
      return `neighbor solicitation, who has ${message.target}`;
    case "neighborAdvertisement":
      return `neighbor advertisement, tgt is ${message.target}`;
    case "packetTooBig":
      return `packet too big, mtu ${message.mtu}`;
    default:
      return icmpv6Name(message.type, message.code).toLowerCase();
  }
}

/**
 * The fields of an ICMPv6 message; its payload, or the packet that it quotes,
 * is what the next layers are. They follow the options of one that has any.
 *
 * @category ICMP
 */
export type ICMPv6LayerFields = WithoutPayload<ICMPv6Fields>;

const SHAPE: ObjectShape = { kinds: shapesOf(ROWS) };
const checkGiven = namesChecker("icmpv6", SHAPE);

/**
 * An ICMPv6 message for {@linkcode buildPacket} (RFC 4443). Its checksum covers
 * the addresses of the IPv6 layer directly outside; without one it is 0, unless
 * given.
 *
 * @category ICMP
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, encodeNDPOptions, icmpv6, ipv6 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv6({ source: "fe80::1", destination: "ff02::1:ff00:2", hopLimit: 255 }),
 *   icmpv6({
 *     kind: "neighborSolicitation",
 *     target: "fe80::2",
 *     options: encodeNDPOptions([{
 *       kind: "sourceLinkLayerAddress",
 *       address: Uint8Array.fromHex("020000000001"),
 *     }]),
 *   }),
 * );
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function icmpv6(fields: ICMPv6LayerFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "icmpv6",
    ipProtocol: IP_PROTOCOL.ICMPV6,
    encode(payload, _inner, outer) {
      const given = "options" in fields ? fields.options : undefined;
      const options = given === undefined ? payload : join(given, payload);
      // Whichever of the three the kind has: the others are never read.
      const whole = { ...fields, payload, quoted: payload, options };
      return encodeICMPv6(whole as ICMPv6Fields, outer?.addresses);
    },
  };
}

/** The protocol's row. */
export const ICMPV6: Protocol<ICMPv6Message> = {
  abbreviation: "ICMPv6",
  ipProtocols: [IP_PROTOCOL.ICMPV6],
  word: "ipv6-icmp",
  title: () => TITLE,
  decode: decodeICMPv6,
  check: checkICMPv6,
  describe: describeICMPv6,
  describeStart: (start) => ({
    title: TITLE,
    fields: describeStartOf(start, OFFSET.REDIRECT_OPTIONS, decodeICMPv6, ROWS),
  }),
  checksum: { at: () => OFFSET.CHECKSUM, pseudoHeader: IP_PROTOCOL.ICMPV6 },
  summary: (message, { length }) =>
    `ICMP6, ${summarize(message)}, length ${length}`,
  shape: SHAPE,
};
