/**
 * IGMP messages in words, what is wrong with them, and the protocol's row.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import { type Problem, problemsIn } from "../errors.ts";
import {
  checksumText,
  checksumVerdict,
  type Field,
  fieldAt,
  hex,
  inHex,
  octetsAt,
} from "../field.ts";
import {
  describeKind,
  describeRows,
  type FieldsOf,
  type Rows,
  type RowsByKind,
  rowsOf,
  shapesOf,
  type Variable,
} from "../field_table.ts";
import { IP_PROTOCOL } from "../ip_protocols.ts";
import type {
  Decoded,
  PacketLayer,
  Protocol,
  WithoutPayload,
} from "../packet/protocol.ts";
import type { PseudoHeader } from "../pseudo_header.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import {
  decodeIGMP,
  encodeIGMP,
  OFFSET,
  RECORD,
  recordLength,
} from "./igmp.ts";
import type {
  IGMPFields,
  IGMPGroupRecord,
  IGMPMessage,
  IGMPQueryV3,
  IGMPReportV3,
} from "./igmp_messages.ts";

const TYPE_NAMES: Readonly<Record<number, string>> = {
  0x11: "Membership Query",
  0x12: "IGMPv1 Membership Report",
  0x16: "Membership Report",
  0x17: "Leave Group",
  0x22: "Membership Report",
};

/** RFC 3376 §4.2.12. */
const RECORD_TYPES: Readonly<Record<number, string>> = {
  1: "Mode Is Include",
  2: "Mode Is Exclude",
  3: "Change To Include Mode",
  4: "Change To Exclude Mode",
  5: "Allow New Sources",
  6: "Block Old Sources",
};

const row = rowsOf<FieldsOf<IGMPMessage>>();

const TYPE = row("type", "Type", OFFSET.TYPE, 8, {
  text: (type) => `${TYPE_NAMES[type] ?? "Unknown"} (${hex(type, 2)})`,
});
const RESERVED = row("code", "Reserved", OFFSET.CODE, 8, { text: inHex(2) });
const MAX_RESP_TIME = row("code", "Max Resp Time", OFFSET.CODE, 8, {
  text: (code, { kind }) => `${seconds(code, kind)} (${hex(code, 2)})`,
});
const CHECKSUM = row("checksum", "Checksum", OFFSET.CHECKSUM, 16, {
  text: (_checksum, _message, { bytes, outside }) =>
    checksumVerdict(bytes, OFFSET.CHECKSUM, outside && 0),
});
const GROUP = row("group", "Multicast Address", OFFSET.GROUP, 32, {
  type: "text",
  needed: true,
});
const PAYLOAD = { name: "payload", shape: "octets" } as const;

const QUERY = [TYPE, MAX_RESP_TIME, CHECKSUM, GROUP];
const REPORT = [TYPE, RESERVED, CHECKSUM, GROUP, PAYLOAD];

const SOURCES: Variable<IGMPQueryV3> = {
  name: "sources",
  shape: { list: "text" },
  describe: ({ sources }) => describeSources(OFFSET.SOURCES, sources),
};

const QUERY_V3 = [
  ...QUERY,
  row("reserved", "Reserved", OFFSET.FLAGS, 4, { short: "Resv" }),
  row("suppress", "S", OFFSET.FLAGS, 1, {
    bit: 4,
    text: (suppress) =>
      `${suppress ? "Suppress" : "Do not suppress"} router side processing`,
  }),
  row("robustness", "QRV", OFFSET.FLAGS, 3, { bit: 5 }),
  row("intervalCode", "QQIC", OFFSET.INTERVAL_CODE, 8),
  row("sourceCount", "Num Src", OFFSET.SOURCE_COUNT, 16),
  SOURCES,
  PAYLOAD,
];

/** What stands in a group record, in other names than those of a message. */
interface RecordFields {
  readonly recordType: number;
  readonly auxiliaryLength: number;
  readonly sourceCount: number;
  readonly group: string;
}

const record = rowsOf<RecordFields>();

const RECORD_ROWS: Rows<RecordFields> = [
  record("recordType", "Record Type", RECORD.TYPE, 8, {
    text: (type) => `${RECORD_TYPES[type] ?? "Unknown"} (${type})`,
  }),
  record("auxiliaryLength", "Aux Data Len", RECORD.AUXILIARY_LENGTH, 8),
  record("sourceCount", "Num Src", RECORD.SOURCE_COUNT, 16),
  record("group", "Multicast Address", RECORD.GROUP, 32, { type: "text" }),
];

const RECORD_SHAPE: ObjectShape = {
  fields: {
    type: "number!",
    group: "text!",
    sources: { list: "text", needed: true },
    auxiliaryData: "octets!",
  },
};

const RECORDS: Variable<IGMPReportV3> = {
  name: "records",
  shape: { list: RECORD_SHAPE, needed: true },
  describe({ records }, { bytes }) {
    let at: number = OFFSET.RECORDS;
    return records.map((record) => {
      const start = at;
      at += recordLength(record);
      return describeRecord(bytes.subarray(start, at), record, start);
    });
  },
};

const REPORT_V3 = [
  TYPE,
  RESERVED,
  CHECKSUM,
  row("reserved", "Reserved", OFFSET.RESERVED, 16, { text: inHex(4) }),
  row("recordCount", "Num Group Records", OFFSET.RECORD_COUNT, 16),
  RECORDS,
  PAYLOAD,
];

const ROWS: RowsByKind<IGMPMessage["kind"]> = {
  query: [...QUERY, PAYLOAD],
  reportV1: REPORT,
  reportV2: REPORT,
  leave: REPORT,
  queryV3: QUERY_V3,
  reportV3: REPORT_V3,
  unknown: [{ ...TYPE, needed: true as const }, RESERVED, CHECKSUM, PAYLOAD],
};

function describeRecord(
  bytes: Uint8Array,
  { type, group, sources, auxiliaryData }: IGMPGroupRecord,
  at: number,
): Field {
  const fields = {
    recordType: type,
    auxiliaryLength: auxiliaryData.length / 4,
    sourceCount: sources.length,
    group,
  };
  const parts = [
    ...describeRows(RECORD_ROWS, fields, { bytes }, at),
    ...describeSources(at + RECORD.SOURCES, sources),
  ];
  if (auxiliaryData.length > 0) {
    const octet = at + bytes.length - auxiliaryData.length;
    parts.push(octetsAt(octet, "auxiliaryData", "Aux Data", auxiliaryData));
  }
  return {
    ...octetsAt(at, "record", "Group Record", bytes),
    text: `${group}  ${RECORD_TYPES[type] ?? "Unknown"}`,
    parts,
  };
}

function describeSources(start: number, sources: readonly string[]): Field[] {
  return sources.map((source, i) =>
    fieldAt(start + 4 * i, 32, "source", "Source Address", source)
  );
}

/** Tenths of a second; large codes of version 3 are floating (RFC 3376 §4.1.1). */
function seconds(code: number, kind: IGMPMessage["kind"]): string {
  const tenths = kind === "query" || code < 128
    ? code
    : (code & 15 | 16) << (code >>> 4 & 7) + 3;
  return `${(tenths / 10).toFixed(1)} sec`;
}

/**
 * What is wrong with a message that could be decoded: its checksum, or a list
 * that is cut short.
 *
 * @param bytes what `message` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function checkIGMP(
  bytes: Uint8Array,
  { header: message }: Decoded<IGMPMessage>,
  outside?: PseudoHeader,
  isFragment = false,
): Problem[] {
  if (isFragment) return [];
  const { problems, add } = problemsIn("igmp");
  if (outside !== undefined && internetChecksum(bytes) !== 0) {
    add("checksum", OFFSET.CHECKSUM, checksumText(bytes, OFFSET.CHECKSUM));
  }
  if (message.kind === "queryV3") {
    const { sourceCount, sources } = message;
    if (sources.length < sourceCount) {
      const reason = `is ${sourceCount}, only ${sources.length} are there`;
      add("sourceCount", OFFSET.SOURCE_COUNT, reason);
    }
  } else if (message.kind === "reportV3") {
    const { recordCount, records } = message;
    if (records.length < recordCount) {
      const reason = `is ${recordCount}, only ${records.length} are there`;
      add("recordCount", OFFSET.RECORD_COUNT, reason);
    }
  }
  return problems;
}

/**
 * Describes a decoded message field by field, in wire order; not its `payload`.
 *
 * @param bytes what `message` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function describeIGMP(
  bytes: Uint8Array,
  message: IGMPMessage,
  outside?: PseudoHeader,
): Field[] {
  return describeKind(ROWS, message, { bytes, outside });
}

/**
 * The fields of an IGMP message; its payload is what the next layers are.
 *
 * @category IGMP
 */
export type IGMPLayerFields = WithoutPayload<IGMPFields>;

const SHAPE: ObjectShape = { kinds: shapesOf(ROWS) };
const checkGiven = namesChecker("igmp", SHAPE);

/**
 * An IGMP message for {@linkcode buildPacket} (RFC 3376).
 *
 * @category IGMP
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, igmp, ipv4 } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "224.0.0.1", ttl: 1 }),
 *   igmp({ kind: "query", group: "0.0.0.0" }),
 * );
 * assertEquals(packet.subarray(20).toHex(), "1164ee9b00000000");
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function igmp(fields: IGMPLayerFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "igmp",
    ipProtocol: IP_PROTOCOL.IGMP,
    encode: (payload) => encodeIGMP({ ...fields, payload } as IGMPFields),
  };
}

/** The protocol's row. */
export const IGMP: Protocol<IGMPMessage> = {
  abbreviation: "IGMP",
  ipProtocols: [IP_PROTOCOL.IGMP],
  title: () => "Internet Group Management Protocol",
  decode: decodeIGMP,
  check: checkIGMP,
  describe: describeIGMP,
  checksum: { at: () => OFFSET.CHECKSUM },
  summary: (_message, { length }) => `igmp ${length}`,
  shape: SHAPE,
};
