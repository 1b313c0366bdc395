/**
 * OSPF in words, labels and texts as Wireshark has them; what is wrong with it;
 * and the protocol's row.
 *
 * @module
 */

import type { Problem } from "../errors.ts";
import {
  checksumText,
  type Field,
  fieldAt,
  hex,
  unverifiedChecksum,
} from "../field.ts";
import {
  describeRows,
  type Rows,
  rowsOf,
  shapeOf,
  type TextContext,
} from "../field_table.ts";
import { join } from "../octets.ts";
import type { Decoded, PacketLayer, Protocol } from "../packet/protocol.ts";
import type { PseudoHeader } from "../pseudo_header.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import {
  ADDRESS,
  checksumOf,
  CRYPTOGRAPHIC,
  decodeOSPF,
  encodeOSPF,
  NOBODY,
  OFFSET,
  type OSPFFields,
  type OSPFHead,
  type OSPFHello,
  type OSPFMessage,
  PROTOCOL,
} from "./ospf.ts";

/**
 * What is wrong with a packet that could be decoded: its checksum, or a length
 * past the end.
 *
 * @param bytes what `decoded` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose length
 * and checksum cannot be checked
 */
export function checkOSPF(
  bytes: Uint8Array,
  { header, missing }: Decoded<OSPFMessage>,
  outside?: PseudoHeader,
): Problem[] {
  if (outside === undefined) return [];
  const problem = (field: string, offset: number, reason: string) => [
    { layer: "ospf", field, offset, reason },
  ];
  const { packetLength, authenticationType } = header;
  if (missing > 0) {
    const reason = `is ${packetLength} octets, of which ${missing} are missing`;
    return problem("packetLength", OFFSET.PACKET_LENGTH, reason);
  }
  if (
    authenticationType === CRYPTOGRAPHIC ||
    checksumOf(bytes.subarray(0, packetLength)) === 0
  ) {
    return [];
  }
  const reason = verdict(header, { bytes, outside });
  return problem("checksum", OFFSET.CHECKSUM, reason);
}

/** RFC 2328 §A.3.1, as tcpdump words them. */
const TYPES: Readonly<Record<number, string>> = {
  1: "Hello",
  2: "Database Description",
  3: "LS-Request",
  4: "LS-Update",
  5: "LS-Ack",
};

/** RFC 2328 §D. */
const AUTHENTICATION_TYPES = ["Null", "Simple password", "Cryptographic"];

const nameOf = (type: number) => TYPES[type] ?? `unknown packet type (${type})`;

const row = rowsOf<OSPFHello>();
const TEXT = { type: "text" } as const;

const HEAD: Rows<OSPFHead> = [
  row("version", "Version", OFFSET.VERSION, 8),
  row("type", "Message Type", OFFSET.TYPE, 8, {
    text: (type) => `${TYPES[type] ?? "Unknown"} (${type})`,
  }),
  row("packetLength", "Packet Length", OFFSET.PACKET_LENGTH, 16),
  row("routerId", "Source OSPF Router", OFFSET.ROUTER_ID, 32, {
    type: "text",
    needed: true,
  }),
  row("areaId", "Area ID", OFFSET.AREA_ID, 32, {
    type: "text",
    text: (area) => area === NOBODY ? `${area} (Backbone)` : area,
  }),
  row("checksum", "Checksum", OFFSET.CHECKSUM, 16, {
    text: (_checksum, header, context) => verdict(header, context),
  }),
  row("authenticationType", "Auth Type", OFFSET.AUTHENTICATION_TYPE, 16, {
    text: (type) => `${AUTHENTICATION_TYPES[type] ?? "Unknown"} (${type})`,
  }),
  row("authentication", "Auth Data", OFFSET.AUTHENTICATION, 64, {
    type: "octets",
    text: (octets) => octets.toHex(),
  }),
];

const HELLO_ROWS: Rows<OSPFHello> = [
  row("networkMask", "Network Mask", OFFSET.NETWORK_MASK, 32, TEXT),
  row("helloInterval", "Hello Interval [sec]", OFFSET.HELLO_INTERVAL, 16),
  row("options", "Options", OFFSET.OPTIONS, 8, {
    text: (options) => hex(options, 2),
  }),
  row("routerPriority", "Router Priority", OFFSET.ROUTER_PRIORITY, 8),
  row(
    "routerDeadInterval",
    "Router Dead Interval [sec]",
    OFFSET.ROUTER_DEAD_INTERVAL,
    32,
  ),
  row(
    "designatedRouter",
    "Designated Router",
    OFFSET.DESIGNATED_ROUTER,
    32,
    TEXT,
  ),
  row(
    "backupDesignatedRouter",
    "Backup Designated Router",
    OFFSET.BACKUP_DESIGNATED_ROUTER,
    32,
    TEXT,
  ),
];

function verdict(
  { checksum, packetLength, authenticationType }: OSPFHead,
  { bytes, outside }: TextContext,
): string {
  if (authenticationType === CRYPTOGRAPHIC) {
    return `${hex(checksum, 4)} [none, authentication is cryptographic]`;
  }
  const packet = bytes.subarray(0, packetLength);
  if (outside === undefined || packet.length < packetLength) {
    return unverifiedChecksum(checksum);
  }
  const covered = join(
    packet.subarray(0, OFFSET.AUTHENTICATION),
    packet.subarray(OFFSET.BODY),
  );
  return checksumText(covered, OFFSET.CHECKSUM);
}

/**
 * Describes a decoded packet field by field, in wire order.
 *
 * @param bytes what `message` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function describeOSPF(
  bytes: Uint8Array,
  message: OSPFMessage,
  outside?: PseudoHeader,
): Field[] {
  const fields = describeRows(HEAD, message, { bytes, outside });
  if (message.kind === "other") return fields;
  return [
    ...fields,
    ...describeRows(HELLO_ROWS, message, { bytes, outside }),
    ...message.neighbors.map((neighbor, i) => {
      const at = OFFSET.NEIGHBORS + i * ADDRESS;
      return fieldAt(at, 32, "neighbor", "Active Neighbor", neighbor);
    }),
  ];
}

const SHAPE: ObjectShape = {
  kinds: {
    hello: {
      ...shapeOf<OSPFHello>([...HEAD, ...HELLO_ROWS]),
      neighbors: { list: "text" },
    },
    other: { ...shapeOf(HEAD), type: "number!" },
  },
};
const checkGiven = namesChecker("ospf", SHAPE);

/**
 * An OSPF packet for {@linkcode buildPacket} (RFC 2328 §A.3); what a packet
 * other than a Hello says is the next layers.
 *
 * @category Routing protocols
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, ipv4, ospf } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "224.0.0.5", ttl: 1 }),
 *   ospf({ kind: "hello", routerId: "192.0.2.1" }),
 * );
 * assertEquals(packet.length, 20 + 44);
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function ospf(fields: OSPFFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "ospf",
    ipProtocol: PROTOCOL,
    encode: (payload) => encodeOSPF(fields, payload),
  };
}

/** The protocol's row. */
export const OSPF: Protocol<OSPFMessage> = {
  abbreviation: "OSPF",
  ipProtocols: [PROTOCOL],
  title: () => "Open Shortest Path First",
  decode: decodeOSPF,
  check: checkOSPF,
  describe: describeOSPF,
  checksum: {
    at: ({ authenticationType }) =>
      authenticationType === CRYPTOGRAPHIC ? undefined : OFFSET.CHECKSUM,
    covered: ({ packetLength }) => packetLength,
    skipped: [OFFSET.AUTHENTICATION, OFFSET.BODY],
  },
  summary: ({ type, packetLength }) =>
    `OSPFv2, ${nameOf(type)}, length ${packetLength}`,
  shape: SHAPE,
};
