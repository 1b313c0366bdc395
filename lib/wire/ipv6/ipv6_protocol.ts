/**
 * IPv6 headers in words, what is wrong with them, and the protocol's row.
 *
 * @module
 */

import { dsField } from "../ds_field.ts";
import { type Problem, problemsIn } from "../errors.ts";
import { type Field, fieldAt, inHex, octetsAt } from "../field.ts";
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
import { IP_PROTOCOL, ipProtocolName } from "../ip_protocols.ts";
import { ETHER_TYPE } from "../ether_types.ts";
import { LINK_TYPE_IPV6, LINK_TYPE_RAW } from "../link_types.ts";
import {
  type Decoded,
  ipProtocolOf,
  type PacketLayer,
  type Protocol,
  type WithoutProtocol,
} from "../packet/protocol.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import {
  type IPv6Fields,
  type IPv6Header,
  isOffloaded,
  OFFSET,
  readIPv6,
  upperLayerAddresses,
  writeIPv6,
  wrongVersion,
} from "./ipv6.ts";
import {
  decodeIPv6Options,
  describeIPv6Option,
  jumboLength,
} from "./ipv6_options.ts";
import { describeEach } from "../options.ts";
import { describeAuthentication } from "../tunnel/ah.ts";
import {
  type IPv6ExtensionHeader,
  type IPv6OptionsHeader,
  isCutShort,
  isLaterFragment,
  OFFSET as EXTENSION,
  sizeOf,
} from "./ipv6_extensions.ts";

/** Octets of payload from which on a header cannot tell them. */
const LEAST_JUMBO = 65_536;

const LABELS: Readonly<Record<IPv6ExtensionHeader["kind"], string>> = {
  hopByHop: "IPv6 Hop-by-Hop Option",
  routing: "Routing Header for IPv6",
  fragment: "Fragment Header for IPv6",
  authentication: "Authentication Header",
  destinationOptions: "Destination Options for IPv6",
};

const extension = rowsOf<FieldsOf<IPv6ExtensionHeader>>();

const nextName = (number: number) =>
  `${ipProtocolName(number) ?? "Unknown"} (${number})`;

const NEXT_HEADER = extension(
  "nextHeader",
  "Next Header",
  EXTENSION.NEXT_HEADER,
  8,
  { text: nextName },
);

/** What all but fragment headers have; it follows from their data. */
const LENGTH: Variable<IPv6ExtensionHeader> = {
  name: "length",
  describe(_header, { bytes }, at) {
    const octet = at + EXTENSION.LENGTH;
    const held = bytes[EXTENSION.LENGTH];
    const text = `${held} (${bytes.length} bytes)`;
    return [fieldAt(octet, 8, "length", "Length", held, text)];
  },
};
const DATA = { name: "data", shape: "octets" } as const;
const OPTIONS: Rows<never> = [NEXT_HEADER, LENGTH, {
  name: "data",
  shape: "octets",
  describe: ({ data }: IPv6OptionsHeader, _context, at) =>
    describeEach(
      data,
      decodeIPv6Options(data).options,
      at + EXTENSION.DATA,
      "IPv6 Option",
      describeIPv6Option,
    ),
}];
const { FRAGMENT_OFFSET_FLAGS } = EXTENSION;

const EXTENSION_ROWS: RowsByKind<IPv6ExtensionHeader["kind"]> = {
  hopByHop: OPTIONS,
  destinationOptions: OPTIONS,
  routing: [
    NEXT_HEADER,
    LENGTH,
    extension("routingType", "Type", EXTENSION.ROUTING_TYPE, 8, {
      needed: true,
    }),
    extension("segmentsLeft", "Segments Left", EXTENSION.SEGMENTS_LEFT, 8, {
      needed: true,
    }),
    DATA,
  ],
  fragment: [
    NEXT_HEADER,
    extension("reserved", "Reserved octet", EXTENSION.FRAGMENT_RESERVED, 8, {
      text: inHex(2),
    }),
    extension("fragmentOffset", "Offset", FRAGMENT_OFFSET_FLAGS, 13, {
      text: (offset) => `${offset / 8} (${offset} bytes)`,
    }),
    extension("reservedBits", "Reserved bits", FRAGMENT_OFFSET_FLAGS, 2, {
      bit: 13,
      short: "Res",
    }),
    extension("moreFragments", "More Fragments", FRAGMENT_OFFSET_FLAGS, 1, {
      bit: 15,
      short: "M",
    }),
    extension(
      "identification",
      "Identification",
      EXTENSION.FRAGMENT_IDENTIFICATION,
      32,
      { text: inHex(8) },
    ),
  ],
  authentication: [NEXT_HEADER, LENGTH, {
    name: "data",
    shape: "octets!",
    describe: (_header, { bytes }, at) => describeAuthentication(bytes, at),
  }],
};

const row = rowsOf<IPv6Header>();

const EXTENSION_HEADERS: Variable<IPv6Header> = {
  name: "extensionHeaders",
  shape: { list: { kinds: shapesOf(EXTENSION_ROWS) } },
  describe({ extensionHeaders }, { bytes }) {
    let at: number = OFFSET.EXTENSION_HEADERS;
    return extensionHeaders.map((extension) => {
      const start = at;
      at += sizeOf(extension.kind, bytes.subarray(start));
      const octets = bytes.subarray(start, at);
      return {
        ...octetsAt(start, extension.kind, LABELS[extension.kind], octets),
        parts: describeKind(
          EXTENSION_ROWS,
          extension,
          { bytes: octets },
          start,
        ),
      };
    });
  },
};

const ROWS: Rows<IPv6Header> = [
  row("version", "Version", OFFSET.VERSION_CLASS_LABEL, 4),
  dsField("trafficClass", "Traffic Class", OFFSET.VERSION_CLASS_LABEL, 4),
  row("flowLabel", "Flow Label", OFFSET.VERSION_CLASS_LABEL, 20, {
    bit: 12,
    text: inHex(5),
  }),
  row("payloadLength", "Payload Length", OFFSET.PAYLOAD_LENGTH, 16, {
    text: (_length, header, { bytes }) => payloadLengthText(bytes, header),
  }),
  row("nextHeader", "Next Header", OFFSET.NEXT_HEADER, 8, { text: nextName }),
  row("hopLimit", "Hop Limit", OFFSET.HOP_LIMIT, 8),
  row("source", "Source Address", OFFSET.SOURCE, 128, { type: "text" }),
  row("destination", "Destination Address", OFFSET.DESTINATION, 128, {
    type: "text",
    needed: true,
  }),
  EXTENSION_HEADERS,
  { name: "protocol", shape: "number" },
];

function payloadLengthText(
  { length }: Uint8Array,
  { payloadLength, extensionHeaders, nextHeader }: IPv6Header,
): string {
  const jumbo = jumboLength(extensionHeaders);
  if (payloadLength > 0) return `${payloadLength}`;
  if (jumbo !== undefined) return `0 (jumbogram of ${jumbo} octets)`;
  const behind = length - OFFSET.EXTENSION_HEADERS;
  return isOffloaded(nextHeader) && behind > 0
    ? `0 (presumed TSO: ${behind} octets are here)`
    : "0";
}

/**
 * What is wrong with a header that could be read: its version, a length past the
 * end, a jumbo payload option without need, a hop limit of zero, an extension
 * header that is cut short.
 */
export function checkIPv6(
  _bytes: Uint8Array,
  { header, headerLength, missing }: Decoded<IPv6Header>,
): Problem[] {
  const fault = wrongVersion(header);
  if (fault !== undefined) return [fault];
  const { problems, add } = problemsIn("ipv6");
  const { extensionHeaders, payloadLength } = header;
  const jumbo = jumboLength(extensionHeaders);
  if (missing > 0) {
    const length = payloadLength > 0 ? payloadLength : jumbo;
    add(
      "payloadLength",
      OFFSET.PAYLOAD_LENGTH,
      `is ${length} octets, of which ${missing} are missing`,
    );
  }
  // RFC 2675 §3.
  if (jumbo !== undefined && (payloadLength > 0 || jumbo < LEAST_JUMBO)) {
    const reason = payloadLength > 0
      ? "have a jumbo payload option beside a payload length"
      : `have a jumbo payload of ${jumbo} octets, ${LEAST_JUMBO} or more wanted`;
    add("extensionHeaders", OFFSET.EXTENSION_HEADERS, reason);
  }
  if (header.hopLimit === 0) {
    add("hopLimit", OFFSET.HOP_LIMIT, "is 0: no host may send that");
  }
  if (isCutShort(header)) {
    const name = ipProtocolName(header.protocol);
    add(
      "extensionHeaders",
      headerLength,
      `end in the middle of one (${name}, ${header.protocol})`,
    );
  }
  return problems;
}

/**
 * Describes a decoded header field by field, in wire order.
 *
 * @param bytes what `header` was decoded from
 */
export function describeIPv6(bytes: Uint8Array, header: IPv6Header): Field[] {
  return describeRows(ROWS, header, { bytes });
}

/**
 * The fields of an IPv6 layer; `protocol` follows from the next layer.
 *
 * @category IPv6
 */
export type IPv6LayerFields = WithoutProtocol<IPv6Fields>;

const SHAPE: ObjectShape = { fields: shapeOf(ROWS) };
const checkGiven = namesChecker("ipv6", SHAPE);

/**
 * An IPv6 header, with its extension headers, for {@linkcode buildPacket}
 * (RFC 8200 §3).
 *
 * @category IPv6
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { buildPacket, icmpv6, ipv6 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv6({ source: "2001:db8::1", destination: "2001:db8::2" }),
 *   icmpv6({ kind: "echoRequest", identifier: 1, sequence: 1 }),
 * );
 * assertEquals(packet.length, 48);
 * ```
 */
export function ipv6(fields: IPv6LayerFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "ipv6",
    ipProtocol: IP_PROTOCOL.IPV6,
    etherType: ETHER_TYPE.IPV6,
    addresses: upperLayerAddresses(fields),
    encode(payload, inner) {
      const protocol = fields.protocol ??
        ipProtocolOf(inner, "IPv6 protocol", "ipv6");
      return writeIPv6(fields, payload, protocol);
    },
  };
}

/** The protocol's row. */
export const IPV6: Protocol<IPv6Header> = {
  abbreviation: "IPv6",
  ipProtocols: [IP_PROTOCOL.IPV6],
  etherTypes: [ETHER_TYPE.IPV6],
  linkTypes: [LINK_TYPE_IPV6],
  title: ({ source, destination }) =>
    `Internet Protocol Version 6, Src: ${source}, Dst: ${destination}`,
  decode: readIPv6,
  check: checkIPv6,
  describe: describeIPv6,
  next: (header) =>
    header.version !== 6 || isCutShort(header) ||
      isLaterFragment(header.extensionHeaders)
      ? undefined
      : { ipProtocol: header.protocol },
  carries: (header) => ({
    addresses: upperLayerAddresses(header),
    isFragment: header.extensionHeaders.some((extension) =>
      extension.kind === "fragment" &&
      (extension.moreFragments || extension.fragmentOffset > 0)
    ),
  }),
  linkTypeOf: () => LINK_TYPE_RAW,
  shape: SHAPE,
};
