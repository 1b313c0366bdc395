/**
 * GRE in words, labels and texts as Wireshark has them; what is wrong with it;
 * and the protocol's row.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import type { Problem } from "../errors.ts";
import { etherTypeText } from "../ether_types.ts";
import {
  checksumText,
  type Field,
  hex,
  inHex,
  unverifiedChecksum,
} from "../field.ts";
import {
  describeRows,
  type Group,
  type Rows,
  rowsOf,
  shapeOf,
  type Variable,
} from "../field_table.ts";
import { IP_PROTOCOL } from "../ip_protocols.ts";
import {
  type Decoded,
  etherTypeOf,
  type PacketLayer,
  type Protocol,
  type WithoutProtocol,
} from "../packet/protocol.ts";
import type { PseudoHeader } from "../pseudo_header.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import {
  ACKNOWLEDGMENT_BIT,
  CALL_ID,
  decodeGRE,
  encodeGRE,
  type GREFields,
  type GREHeader,
  layoutOf,
  OFFSET,
  PORT,
} from "./gre.ts";

/**
 * What is wrong with a header that could be decoded: its checksum, or that it
 * is of a kind that is not read further.
 *
 * @param bytes header and payload
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function checkGRE(
  bytes: Uint8Array,
  { header, missing }: Decoded<GREHeader>,
  outside?: PseudoHeader,
): Problem[] {
  const problem = (field: string, offset: number, reason: string) => [
    { layer: "gre", field, offset, reason },
  ];
  const { version, payloadLength } = header;
  if (version > 1) {
    const reason = `is ${version}: not read further`;
    return problem("version", OFFSET.FLAGS_VERSION + 1, reason);
  }
  if (header.hasRouting) {
    const reason = "is set: source routes are not read";
    return problem("hasRouting", OFFSET.FLAGS_VERSION, reason);
  }
  const { checksum, key = 0 } = layoutOf(header);
  if (missing > 0) {
    const reason =
      `is ${payloadLength} octets, of which ${missing} are missing`;
    return problem("payloadLength", key, reason);
  }
  if (version === 1 && !header.hasKey) {
    const reason = "is not set: version 1 has one";
    return problem("hasKey", OFFSET.FLAGS_VERSION, reason);
  }
  if (
    checksum === undefined || outside === undefined ||
    internetChecksum(bytes) === 0
  ) {
    return [];
  }
  return problem("checksum", checksum, checksumText(bytes, checksum));
}

const row = rowsOf<GREHeader>();
const yesOrNo = (isThere: boolean) => isThere ? "Yes" : "No";

const RESERVED = row("reserved", "Flags (Reserved)", OFFSET.FLAGS_VERSION, 9, {
  bit: 4,
  text: inHex(3),
});
const HAS_ACKNOWLEDGMENT = row(
  "hasAcknowledgment",
  "Acknowledgment",
  OFFSET.FLAGS_VERSION + 1,
  1,
  { short: "A", text: yesOrNo },
);

/** The same bits in version 1, which has one of them for itself. */
const PPTP_FLAGS: Group<GREHeader> = {
  ...{ name: "reserved", label: "Flags", octet: OFFSET.FLAGS_VERSION },
  ...{ bit: 4, bitWidth: 9 },
  value: ({ reserved, hasAcknowledgment }) =>
    hasAcknowledgment ? reserved | ACKNOWLEDGMENT_BIT : reserved,
  text: inHex(3),
  parts: [HAS_ACKNOWLEDGMENT],
};

const FLAGS: Variable<GREHeader> = {
  name: "reserved",
  shape: "number",
  describe: (header, context, at) =>
    describeRows(
      [header.version === 1 ? PPTP_FLAGS : RESERVED],
      header,
      context,
      at,
    ),
};

const HEAD: Rows<GREHeader> = [
  row("hasChecksum", "Checksum Bit", OFFSET.FLAGS_VERSION, 1, {
    short: "C",
    text: yesOrNo,
  }),
  row("hasRouting", "Routing Bit", OFFSET.FLAGS_VERSION, 1, {
    bit: 1,
    short: "R",
    text: yesOrNo,
  }),
  row("hasKey", "Key Bit", OFFSET.FLAGS_VERSION, 1, {
    bit: 2,
    short: "K",
    text: yesOrNo,
  }),
  row("hasSequence", "Sequence Number Bit", OFFSET.FLAGS_VERSION, 1, {
    bit: 3,
    short: "S",
    text: yesOrNo,
  }),
  FLAGS,
  row("version", "Version", OFFSET.FLAGS_VERSION + 1, 3, {
    bit: 5,
    short: "Ver",
    text: (version) => `${VERSIONS[version] ?? "Unknown"} (${version})`,
  }),
  row("protocol", "Protocol Type", OFFSET.PROTOCOL, 16, {
    text: etherTypeText,
  }),
];

/** From where the checksum is. */
const CHECKSUM: Rows<GREHeader> = [
  row("checksum", "Checksum", 0, 16, {
    text: (checksum, header, { bytes, outside }) =>
      outside === undefined
        ? unverifiedChecksum(checksum)
        : checksumText(bytes, layoutOf(header).checksum ?? 0),
  }),
  row("reservedAfter", "Offset", 2, 16),
];
const KEY: Rows<GREHeader> = [
  row("key", "Key", 0, 32, { text: (key) => hex(key, 8) }),
];
const PPTP_KEY: Rows<GREHeader> = [
  row("payloadLength", "Payload Length", 0, 16),
  row("callID", "Call ID", CALL_ID, 16),
];
const SEQUENCE: Rows<GREHeader> = [
  row("sequence", "Sequence Number", 0, 32),
];
const ACKNOWLEDGMENT: Rows<GREHeader> = [
  row("acknowledgment", "Acknowledgment Number", 0, 32),
];

const VERSIONS = ["GRE", "PPTP"];

/**
 * Describes a decoded header field by field, in wire order.
 *
 * @param bytes header and payload
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function describeGRE(
  bytes: Uint8Array,
  header: GREHeader,
  outside?: PseudoHeader,
): Field[] {
  const { checksum, key, sequence, acknowledgment } = layoutOf(header);
  const part = (rows: Rows<GREHeader>, at: number | undefined) =>
    at === undefined ? [] : describeRows(rows, header, { bytes, outside }, at);
  return [
    ...part(HEAD, 0),
    ...part(CHECKSUM, checksum),
    ...part(header.version === 1 ? PPTP_KEY : KEY, key),
    ...part(SEQUENCE, sequence),
    ...part(ACKNOWLEDGMENT, acknowledgment),
  ];
}

/**
 * The fields of a GRE layer; `protocol` follows from the next layer.
 *
 * @category Tunnels
 */
export type GRELayerFields = WithoutProtocol<GREFields>;

const SHAPE: ObjectShape = {
  fields: shapeOf([
    ...[...HEAD, HAS_ACKNOWLEDGMENT, ...CHECKSUM, ...KEY, ...PPTP_KEY],
    ...[...SEQUENCE, ...ACKNOWLEDGMENT],
  ]),
};
const checkGiven = namesChecker("gre", SHAPE);

/**
 * A GRE header for {@linkcode buildPacket} (RFC 2784, RFC 2890).
 *
 * @category Tunnels
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { buildPacket, gre, icmpv4, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
 *   gre({ key: 7 }),
 *   ipv4({ source: "10.0.0.1", destination: "10.0.0.2" }),
 *   icmpv4({ kind: "echoRequest" }),
 * );
 * assertEquals(packet.subarray(20, 28).toHex(), "20000800" + "00000007");
 * ```
 */
export function gre(fields: GRELayerFields = {}): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "gre",
    ipProtocol: IP_PROTOCOL.GRE,
    encode(payload, inner) {
      const protocol = fields.protocol ??
        etherTypeOf(inner, "GRE protocol", "gre");
      return encodeGRE({ ...fields, protocol }, payload);
    },
  };
}

function summaryOfPPTP(header: GREHeader, length: number): string {
  const { callID, sequence, acknowledgment } = header;
  return [
    "GREv1",
    ...(callID === undefined ? [] : [`call ${callID}`]),
    ...(sequence === undefined ? [] : [`seq ${sequence}`]),
    ...(acknowledgment === undefined ? [] : [`ack ${acknowledgment}`]),
    // RFC 2637 §4.1: a sequence number goes with a payload.
    ...(sequence === undefined ? ["no-payload"] : []),
    `length ${length}`,
  ].join(", ");
}

/** The protocol's row. */
export const GRE: Protocol<GREHeader> = {
  abbreviation: "GRE",
  ipProtocols: [IP_PROTOCOL.GRE],
  ports: [PORT],
  title: ({ protocol }) => {
    const text = etherTypeText(protocol).replace(/ \(0x.*/, "");
    return `Generic Routing Encapsulation (${text})`;
  },
  decode: decodeGRE,
  check: checkGRE,
  describe: describeGRE,
  next: ({ hasRouting, version, protocol }) =>
    hasRouting || version > 1 ? undefined : { etherType: protocol },
  checksum: { at: (header) => layoutOf(header).checksum },
  summary: (header, { length }) =>
    header.version === 1 ? summaryOfPPTP(header, length) : `gre ${length}`,
  shape: SHAPE,
};
