/**
 * IGMP messages field by field, and what is wrong with them.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import type { Problem } from "./errors.ts";
import {
  checksumText,
  type Field,
  fieldAt,
  hex,
  unverifiedChecksum,
} from "./field.ts";
import { OFFSET, RECORD, recordLength } from "./igmp.ts";
import type {
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

/**
 * What is wrong with a message that could be decoded: its checksum, or a list
 * that is cut short.
 *
 * @param bytes what `message` was decoded from
 * @param isWhole false for a fragment, whose checksum cannot be checked
 */
export function checkIGMP(
  bytes: Uint8Array,
  message: IGMPMessage,
  isWhole = true,
): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "igmp", field, offset, reason });
  if (isWhole && internetChecksum(bytes) !== 0) {
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
 * @param isWhole false for a fragment, whose checksum cannot be checked
 */
export function describeIGMP(
  bytes: Uint8Array,
  message: IGMPMessage,
  isWhole = true,
): Field[] {
  const { kind, type, code, checksum } = message;
  const isQuery = kind === "query" || kind === "queryV3";
  return [
    fieldAt(
      OFFSET.TYPE,
      8,
      "type",
      "Type",
      type,
      `${TYPE_NAMES[type] ?? "Unknown"} (${hex(type, 2)})`,
    ),
    fieldAt(
      OFFSET.CODE,
      8,
      "code",
      isQuery ? "Max Resp Time" : "Reserved",
      code,
      isQuery ? `${seconds(code, kind)} (${hex(code, 2)})` : hex(code, 2),
    ),
    fieldAt(
      OFFSET.CHECKSUM,
      16,
      "checksum",
      "Checksum",
      checksum,
      isWhole
        ? checksumText(bytes, OFFSET.CHECKSUM)
        : unverifiedChecksum(checksum),
    ),
    ...describeBody(bytes, message),
  ];
}

function describeBody(bytes: Uint8Array, message: IGMPMessage): Field[] {
  if (message.kind === "unknown") return [];
  if (message.kind === "reportV3") return describeReport(bytes, message);
  const group = fieldAt(
    OFFSET.GROUP,
    32,
    "group",
    "Multicast Address",
    message.group,
  );
  return message.kind === "queryV3"
    ? [group, ...describeQuery(message)]
    : [group];
}

function describeQuery(message: IGMPQueryV3): Field[] {
  const { reserved, suppress, robustness, intervalCode } = message;
  return [
    fieldAt(OFFSET.FLAGS, 4, "reserved", "Reserved", reserved),
    fieldAt(
      OFFSET.FLAGS,
      1,
      "suppress",
      "S",
      suppress,
      `${suppress ? "Suppress" : "Do not suppress"} router side processing`,
      4,
    ),
    fieldAt(OFFSET.FLAGS, 3, "robustness", "QRV", robustness, undefined, 5),
    fieldAt(OFFSET.INTERVAL_CODE, 8, "intervalCode", "QQIC", intervalCode),
    fieldAt(
      OFFSET.SOURCE_COUNT,
      16,
      "sourceCount",
      "Num Src",
      message.sourceCount,
    ),
    ...describeSources(OFFSET.SOURCES, message.sources),
  ];
}

function describeReport(bytes: Uint8Array, message: IGMPReportV3): Field[] {
  const fields = [
    fieldAt(
      OFFSET.RESERVED,
      16,
      "reserved",
      "Reserved",
      message.reserved,
      hex(message.reserved, 4),
    ),
    fieldAt(
      OFFSET.RECORD_COUNT,
      16,
      "recordCount",
      "Num Group Records",
      message.recordCount,
    ),
  ];
  let at: number = OFFSET.RECORDS;
  for (const record of message.records) {
    const octets = bytes.subarray(at, at + recordLength(record));
    fields.push(describeRecord(octets, record, at));
    at += octets.length;
  }
  return fields;
}

function describeRecord(
  octets: Uint8Array,
  { type, group, sources, auxiliaryData }: IGMPGroupRecord,
  at: number,
): Field {
  const name = RECORD_TYPES[type] ?? "Unknown";
  const parts = [
    fieldAt(
      at + RECORD.TYPE,
      8,
      "recordType",
      "Record Type",
      type,
      `${name} (${type})`,
    ),
    fieldAt(
      at + RECORD.AUXILIARY_LENGTH,
      8,
      "auxiliaryLength",
      "Aux Data Len",
      auxiliaryData.length / 4,
    ),
    fieldAt(
      at + RECORD.SOURCE_COUNT,
      16,
      "sourceCount",
      "Num Src",
      sources.length,
    ),
    fieldAt(at + RECORD.GROUP, 32, "group", "Multicast Address", group),
    ...describeSources(at + RECORD.SOURCES, sources),
  ];
  if (auxiliaryData.length > 0) {
    parts.push(fieldAt(
      at + octets.length - auxiliaryData.length,
      auxiliaryData.length * 8,
      "auxiliaryData",
      "Aux Data",
      auxiliaryData,
      `(${auxiliaryData.length} bytes)`,
    ));
  }
  const text = `${group}  ${name}`;
  return {
    ...fieldAt(
      at,
      octets.length * 8,
      "record",
      "Group Record",
      octets,
      text,
    ),
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
