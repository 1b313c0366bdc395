/**
 * ICMP messages in words, what is wrong with them, and the protocol's row.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import { type Field, hex, inHex } from "../field.ts";
import {
  describeKind,
  describeRows,
  type FieldsOf,
  type Rows,
  type RowsByKind,
  rowsOf,
  shapeOf,
  shapesOf,
  type Variable,
} from "../field_table.ts";
import { IP_PROTOCOL } from "../ip_protocols.ts";
import type {
  Decoded,
  PacketLayer,
  Protocol,
  QuotedFacts,
  WithoutPayload,
} from "../packet/protocol.ts";
import type { PseudoHeader } from "../pseudo_header.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import { icmpv4CodeName, icmpv4Name } from "./icmp_names.ts";
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
import { decodeICMPv4, writeICMPv4 } from "./icmpv4.ts";
import {
  type ICMPv4DestinationUnreachable,
  type ICMPv4Fields,
  type ICMPv4Message,
  type ICMPv4Router,
  type ICMPv4RouterAdvertisement,
  OFFSET,
  QUOTED_LENGTH,
  ROUTER_LENGTH,
  ROUTER_PREFERENCE,
} from "./icmpv4_messages.ts";

const TITLE = "Internet Control Message Protocol";

const VERSION: Version = {
  layer: "icmpv4",
  quotedLength: QUOTED_LENGTH,
  nameOf: icmpv4Name,
  codeNameOf: icmpv4CodeName,
  sumOf: () => 0,
};

const HEAD = headRows(VERSION);

const row = rowsOf<FieldsOf<ICMPv4Message>>();

// Wireshark shows both byte orders, since some systems send the other.
const both = (value: number) => `${value} (${hex(value, 4)})`;

const QUERY = [
  ...HEAD,
  row("identifier", "Identifier (BE)", OFFSET.IDENTIFIER, 16, { text: both }),
  row("sequence", "Sequence Number (BE)", OFFSET.SEQUENCE, 16, { text: both }),
];
const ECHO = [...QUERY, PAYLOAD];

// RFC 792: the uppermost bit marks a time that is not since midnight UT.
const time = (value: number) =>
  `${value} ${value < 0x8000_0000 ? "ms after midnight UT" : "(non-standard)"}`;

const TIMESTAMP = [
  ...QUERY,
  row("originate", "Originate Timestamp", OFFSET.ORIGINATE, 32, { text: time }),
  row("receive", "Receive Timestamp", OFFSET.RECEIVE, 32, { text: time }),
  row("transmit", "Transmit Timestamp", OFFSET.TRANSMIT, 32, { text: time }),
  PAYLOAD,
];

const MASK = [
  ...QUERY,
  row("mask", "Address Mask", OFFSET.MASK, 32, { type: "text" }),
  PAYLOAD,
];

const UNUSED_BEFORE = row("unusedBefore", "Unused", OFFSET.UNUSED, 8, {
  text: inHex(2),
});
const UNUSED_AFTER = row("unusedAfter", "Unused", OFFSET.UNUSED_AFTER, 16, {
  text: inHex(4),
});
const LENGTH = quotedLengthRow(QUOTED_LENGTH);

const router = rowsOf<ICMPv4Router>();

const ROUTER: Rows<ICMPv4Router> = [
  router("address", "Router address", 0, 32, { type: "text", needed: true }),
  router("preference", "Preference level", ROUTER_PREFERENCE, 32, {
    needed: true,
  }),
];

const ROUTERS: Variable<ICMPv4RouterAdvertisement> = {
  name: "routers",
  shape: { list: { fields: shapeOf(ROUTER) }, needed: true },
  describe: ({ routers }, context) =>
    routers.flatMap((router, i) => {
      const at = OFFSET.ROUTERS + i * ROUTER_LENGTH;
      return describeRows(ROUTER, router, context, at);
    }),
};

const ROUTER_ADVERTISEMENT = [
  ...HEAD,
  row("addressCount", "Number of addresses", OFFSET.ADDRESS_COUNT, 8, {
    short: "Num Addrs",
  }),
  row("entryLength", "Address entry size", OFFSET.ENTRY_LENGTH, 8, {
    short: "Addr Size",
    text: (length) => `${length / 4} (${length} bytes)`,
  }),
  row("lifetime", "Lifetime", OFFSET.LIFETIME, 16, {
    text: (lifetime) => `${lifetime} seconds`,
  }),
  ROUTERS,
  PAYLOAD,
];

const ROWS: RowsByKind<ICMPv4Message["kind"]> = {
  echoRequest: ECHO,
  echoReply: ECHO,
  destinationUnreachable: [
    ...HEAD,
    UNUSED_BEFORE,
    LENGTH,
    row("nextHopMTU", "MTU of next hop", OFFSET.NEXT_HOP_MTU, 16),
    QUOTED,
    EXTENSIONS,
  ],
  sourceQuench: [
    ...HEAD,
    row("unused", "Unused", OFFSET.UNUSED, 32, { text: inHex(8) }),
    QUOTED,
  ],
  redirect: [
    ...HEAD,
    row("gateway", "Gateway Address", OFFSET.GATEWAY, 32, {
      type: "text",
      needed: true,
    }),
    QUOTED,
  ],
  timeExceeded: [
    ...HEAD,
    UNUSED_BEFORE,
    LENGTH,
    UNUSED_AFTER,
    QUOTED,
    EXTENSIONS,
  ],
  parameterProblem: [
    ...HEAD,
    row("pointer", "Pointer", OFFSET.POINTER, 8),
    LENGTH,
    UNUSED_AFTER,
    QUOTED,
    EXTENSIONS,
  ],
  timestampRequest: TIMESTAMP,
  timestampReply: TIMESTAMP,
  informationRequest: ECHO,
  informationReply: ECHO,
  addressMaskRequest: MASK,
  addressMaskReply: MASK,
  routerAdvertisement: ROUTER_ADVERTISEMENT,
  routerSolicitation: [
    ...HEAD,
    row("reserved", "Reserved", OFFSET.RESERVED, 32, { text: inHex(8) }),
    PAYLOAD,
  ],
  unknown: unknownRows(HEAD),
};

/**
 * What is wrong with a message that could be decoded: its checksum, its
 * lengths, its extensions.
 *
 * @param bytes what `message` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function checkICMPv4(
  bytes: Uint8Array,
  { header: message }: Decoded<ICMPv4Message>,
  outside?: PseudoHeader,
  isFragment = false,
): Problem[] {
  if (isFragment) return [];
  const problems = checkMessage(VERSION, bytes, message, outside);
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "icmpv4", field, offset, reason });
  if (message.kind === "routerAdvertisement") {
    const { addressCount, entryLength, routers } = message;
    if (entryLength !== ROUTER_LENGTH) {
      add("entryLength", OFFSET.ENTRY_LENGTH, `is ${entryLength}, 8 wanted`);
    } else if (addressCount > routers.length) {
      const reason = `is ${addressCount}, only ${routers.length} are there`;
      add("addressCount", OFFSET.ADDRESS_COUNT, reason);
    }
  }
  return problems;
}

/**
 * Describes a decoded message field by field, in wire order; not its `payload`.
 * The packet that an error quotes is one field, whose parts are its headers.
 *
 * @param bytes what `message` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function describeICMPv4(
  bytes: Uint8Array,
  message: ICMPv4Message,
  outside?: PseudoHeader,
): Field[] {
  return describeKind(ROWS, message, { bytes, outside });
}

function summarize(
  message: ICMPv4Message,
  quoted: QuotedFacts | undefined,
): string {
  const { type, code } = message;
  switch (message.kind) {
    case "echoRequest":
    case "echoReply":
      return echoSummary(message);
    case "timeExceeded":
      return code === 0
        ? "time exceeded in-transit"
        : "ip reassembly time exceeded";
    case "destinationUnreachable":
      return unreachable(message, quoted);
    default:
      return icmpv4Name(type, code).toLowerCase();
  }
}

/** Who was not reached, by what the message quotes. */
function unreachable(
  { code, nextHopMTU }: ICMPv4DestinationUnreachable,
  quoted: QuotedFacts | undefined,
): string {
  const name = icmpv4Name(3, code).toLowerCase();
  if (quoted === undefined) return name;
  const { destination, protocol, port } = quoted;
  switch (code) {
    case 0:
      return `net ${destination} unreachable`;
    case 1:
      return `host ${destination} unreachable`;
    case 2:
      return `${destination} protocol ${protocol} unreachable`;
    case 3:
      if (port === undefined) break;
      return `${destination} ${port} unreachable`;
    case 4:
      return `${destination} unreachable - need to frag (mtu ${nextHopMTU})`;
    case 13:
      return `host ${destination} unreachable - admin prohibited filter`;
  }
  return `${destination} unreachable (${name})`;
}

/**
 * The fields of an ICMP message; its payload, or the packet that it quotes, is
 * what the next layers are.
 *
 * @category ICMP
 */
export type ICMPv4LayerFields = WithoutPayload<ICMPv4Fields>;

const SHAPE: ObjectShape = { kinds: shapesOf(ROWS) };
const checkGiven = namesChecker("icmpv4", SHAPE);

/**
 * An ICMP message for {@linkcode buildPacket} (RFC 792).
 *
 * @category ICMP
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { buildPacket, icmpv4, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const error = buildPacket(
 *   ipv4({ source: "192.0.2.254", destination: "192.0.2.1" }),
 *   icmpv4({ kind: "timeExceeded" }),
 *   ipv4({ source: "192.0.2.1", destination: "198.51.100.1", ttl: 1 }),
 *   icmpv4({ kind: "echoRequest", identifier: 1, sequence: 1 }),
 * );
 * assertEquals(error.length, 20 + 8 + 20 + 8);
 * ```
 */
export function icmpv4(fields: ICMPv4LayerFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "icmpv4",
    ipProtocol: IP_PROTOCOL.ICMP,
    encode: (payload) => writeICMPv4(fields as ICMPv4Fields, payload),
  };
}

/** The protocol's row. */
export const ICMPV4: Protocol<ICMPv4Message> = {
  abbreviation: "ICMP",
  ipProtocols: [IP_PROTOCOL.ICMP],
  word: "icmp",
  title: () => TITLE,
  decode: decodeICMPv4,
  check: checkICMPv4,
  describe: describeICMPv4,
  describeStart: (start) => ({
    title: TITLE,
    fields: describeStartOf(start, OFFSET.TIMESTAMP_END, decodeICMPv4, ROWS),
  }),
  checksum: { at: () => OFFSET.CHECKSUM },
  summary: (message, { length, quoted }) =>
    `ICMP ${
      summarize(
        message,
        message.kind === "destinationUnreachable"
          ? quoted(message.quoted)
          : undefined,
      )
    }, length ${length}`,
  shape: SHAPE,
};
