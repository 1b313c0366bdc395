/**
 * IPv4 headers in words, what is wrong with them, and the protocol's row.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import { dsField } from "../ds_field.ts";
import { type Problem, problemsIn } from "../errors.ts";
import { checksumText, type Field, hex } from "../field.ts";
import {
  describeRows,
  type Row,
  type Rows,
  rowsOf,
  shapeOf,
} from "../field_table.ts";
import { IP_PROTOCOL, ipProtocolName } from "../ip_protocols.ts";
import { ETHER_TYPE } from "../ether_types.ts";
import { LINK_TYPE_IPV4, LINK_TYPE_RAW } from "../link_types.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import {
  decodeIPv4Options,
  describeIPv4Option,
  type IPv4Option,
  type IPv4RouteOption,
} from "./ipv4_options.ts";
import { get32 } from "../octets.ts";
import { optionsRow } from "../options.ts";
import {
  type Decoded,
  ipProtocolOf,
  type PacketLayer,
  type Protocol,
  type WithoutProtocol,
} from "../packet/protocol.ts";
import {
  contradiction,
  type IPv4Fields,
  type IPv4Header,
  OFFSET,
  readIPv4,
  writeIPv4,
} from "./ipv4.ts";

/**
 * What is wrong with a header that could be read: its version, its lengths, its
 * checksum, its options, a TTL of zero.
 *
 * @param bytes what `decoded` was decoded from
 */
export function checkIPv4(
  bytes: Uint8Array,
  { header, missing }: Decoded<IPv4Header>,
): Problem[] {
  const { problems, add } = problemsIn("ipv4");
  const fault = contradiction(header);
  if (fault !== undefined) problems.push(fault);
  // In what is something else, all the rest would be wrong, too.
  if (fault?.field === "version") return problems;
  if (missing > 0) {
    add(
      "totalLength",
      OFFSET.TOTAL_LENGTH,
      `is ${header.totalLength} octets, of which ${missing} are missing`,
    );
  }
  if (header.ttl === 0) add("ttl", OFFSET.TTL, "is 0: no host may send that");
  if (internetChecksum(bytes, 0, header.headerLength) !== 0) {
    const headerBytes = bytes.subarray(0, header.headerLength);
    add(
      "checksum",
      OFFSET.CHECKSUM,
      checksumText(headerBytes, OFFSET.CHECKSUM),
    );
  }
  const martian = martianReason(
    get32(bytes, OFFSET.SOURCE),
    get32(bytes, OFFSET.DESTINATION),
  );
  if (martian !== undefined) {
    add("source", OFFSET.SOURCE, `is ${header.source}: ${martian}`);
  }
  if (header.options.length === 0) return problems;
  const { fault: wrong } = decodeIPv4Options(header.options);
  if (wrong !== undefined) {
    add("options", OFFSET.OPTIONS + wrong.offset, wrong.reason);
  }
  return problems;
}

/**
 * Why no host may send from an address (RFC 1812 §5.3.7): a group, a broadcast,
 * this network, or the inside of a host where the other side is outside.
 */
function martianReason(
  source: number,
  destination: number,
): string | undefined {
  const network = source >>> 24;
  if (network >= 240) {
    return source === 0xffffffff ? "nobody is everybody" : "a reserved address";
  }
  if (network >= 224) return "a group cannot send";
  // 0.0.0.0 itself is a host that has no address yet (RFC 1122 §3.2.1.3).
  if (network === 0 && source !== 0) return "an address of no network";
  if (network === 127 && destination >>> 24 !== 127) {
    return "a loopback address cannot leave its host";
  }
}

const row = rowsOf<IPv4Header>();

const FLAGS: readonly Row<IPv4Header>[] = [
  row("reserved", "Reserved bit", OFFSET.FLAGS_FRAGMENT_OFFSET, 1, {
    short: "R",
  }),
  row("dontFragment", "Don't fragment", OFFSET.FLAGS_FRAGMENT_OFFSET, 1, {
    bit: 1,
    short: "D",
  }),
  row("moreFragments", "More fragments", OFFSET.FLAGS_FRAGMENT_OFFSET, 1, {
    bit: 2,
    short: "M",
  }),
];

const ROWS: Rows<IPv4Header> = [
  row("version", "Version", OFFSET.VERSION_IHL, 4),
  row("headerLength", "Header Length", OFFSET.VERSION_IHL, 4, {
    bit: 4,
    short: "IHL",
    text: (length) => `${length} bytes (${length / 4})`,
  }),
  dsField("dsField", "Differentiated Services Field", OFFSET.DS_FIELD, 0),
  row("totalLength", "Total Length", OFFSET.TOTAL_LENGTH, 16, {
    text: (length, _header, { bytes }) =>
      length === 0
        ? `0 (presumed TSO: ${bytes.length} octets are here)`
        : `${length}`,
  }),
  row("identification", "Identification", OFFSET.IDENTIFICATION, 16, {
    text: (identification) => `${hex(identification, 4)} (${identification})`,
  }),
  {
    name: "flags",
    label: "Flags",
    octet: OFFSET.FLAGS_FRAGMENT_OFFSET,
    bitWidth: 3,
    value: ({ reserved, dontFragment, moreFragments }) =>
      +reserved << 2 | +dontFragment << 1 | +moreFragments,
    text: (value) => {
      const set = FLAGS.filter((_flag, bit) => value & 4 >> bit);
      return [hex(value, 1), ...set.map(({ label }) => label)].join(", ");
    },
    parts: FLAGS,
  },
  row("fragmentOffset", "Fragment Offset", OFFSET.FLAGS_FRAGMENT_OFFSET, 13, {
    bit: 3,
  }),
  row("ttl", "Time to Live", OFFSET.TTL, 8),
  row("protocol", "Protocol", OFFSET.PROTOCOL, 8, {
    text: (protocol) =>
      `${ipProtocolName(protocol) ?? "Unknown"} (${protocol})`,
  }),
  row("checksum", "Header Checksum", OFFSET.CHECKSUM, 16, {
    text: (_checksum, { headerLength }, { bytes }) =>
      checksumText(bytes.subarray(0, headerLength), OFFSET.CHECKSUM),
  }),
  row("source", "Source Address", OFFSET.SOURCE, 32, { type: "text" }),
  row("destination", "Destination Address", OFFSET.DESTINATION, 32, {
    type: "text",
    needed: true,
  }),
  optionsRow(
    OFFSET.OPTIONS,
    "IP Option",
    decodeIPv4Options,
    describeIPv4Option,
  ),
];

/**
 * Describes a decoded header field by field, in wire order.
 *
 * @param bytes what `header` was decoded from
 */
export function describeIPv4(bytes: Uint8Array, header: IPv4Header): Field[] {
  return describeRows(ROWS, header, { bytes });
}

/**
 * Where a packet is going in the end: while a source route has hops left, its
 * last one, and not the header's destination, which is the next. Checksums
 * inside cover it (RFC 9293 §3.1, RFC 1122 §4.2.3.8).
 *
 * @param destination of the header
 * @param octets its options
 */
export function finalDestination(
  destination: string,
  octets: Uint8Array | undefined,
): string {
  if (octets === undefined || octets.length === 0) return destination;
  for (const { option, length } of decodeIPv4Options(octets).options) {
    if (!isSourceRoute(option)) continue;
    const last = option.addresses.at(-1);
    if (last !== undefined && option.pointer <= length) return last;
  }
  return destination;
}

function isSourceRoute(option: IPv4Option): option is IPv4RouteOption {
  return option.kind === "looseSourceRoute" ||
    option.kind === "strictSourceRoute";
}

/**
 * The fields of an IPv4 layer; `protocol` follows from the next layer.
 *
 * @category IPv4
 */
export type IPv4LayerFields = WithoutProtocol<IPv4Fields>;

const SHAPE: ObjectShape = { fields: shapeOf(ROWS) };
const checkGiven = namesChecker("ipv4", SHAPE);

/**
 * An IPv4 header for {@linkcode buildPacket} (RFC 791 §3.1).
 *
 * @category IPv4
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { buildPacket, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "1.1.1.100", destination: "1.1.1.1", protocol: 253 }),
 *   "Hello World!",
 * );
 * assertEquals(packet.length, 32);
 * ```
 */
export function ipv4(fields: IPv4LayerFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "ipv4",
    ipProtocol: IP_PROTOCOL.IPV4,
    etherType: ETHER_TYPE.IPV4,
    addresses: {
      source: fields.source ?? "0.0.0.0",
      destination: finalDestination(fields.destination, fields.options),
    },
    encode(payload, inner) {
      const protocol = fields.protocol ??
        ipProtocolOf(inner, "IPv4 protocol", "ipv4");
      return writeIPv4(fields, payload, protocol);
    },
  };
}

/** The protocol's row. */
export const IPV4: Protocol<IPv4Header> = {
  abbreviation: "IPv4",
  ipProtocols: [IP_PROTOCOL.IPV4],
  etherTypes: [ETHER_TYPE.IPV4],
  linkTypes: [LINK_TYPE_IPV4],
  title: ({ source, destination }) =>
    `Internet Protocol Version 4, Src: ${source}, Dst: ${destination}`,
  decode: readIPv4,
  check: checkIPv4,
  describe: describeIPv4,
  // Only a first fragment begins with the next protocol's header.
  next: (header) =>
    header.fragmentOffset === 0 && contradiction(header) === undefined
      ? { ipProtocol: header.protocol }
      : undefined,
  carries: (header) => ({
    addresses: {
      source: header.source,
      destination: finalDestination(header.destination, header.options),
    },
    isFragment: header.moreFragments || header.fragmentOffset > 0,
  }),
  checksum: {
    at: () => OFFSET.CHECKSUM,
    covered: ({ headerLength }) => headerLength,
  },
  linkTypeOf: () => LINK_TYPE_RAW,
  shape: SHAPE,
};
