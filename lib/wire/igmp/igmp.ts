/**
 * The Internet Group Management Protocol: version 1 (RFC 1112 appendix I), 2
 * (RFC 2236) and 3 (RFC 3376).
 *
 * {@linkcode encodeIGMP} computes what was left out and writes what was given
 * as it is, so that wrong messages can be made too; it throws a
 * {@linkcode RangeError} where a value does not fit into its field.
 * {@linkcode decodeIGMP} throws a {@linkcode PacketError} only where there are
 * fewer than 8 octets, and `encodeIGMP(message)` of what it returned is the
 * same octets again. Types that are not known are kept whole, and what a list
 * promises but lacks is a problem. `igmp_protocol.ts` describes and checks them.
 *
 * @module
 */

import { internetChecksum } from "../../bytes/checksum.ts";
import { formatIPv4, parseIPv4 } from "../address.ts";
import { checkField, cutShort } from "../errors.ts";
import {
  type Decoded,
  decodedMessage,
  type Given,
} from "../packet/protocol.ts";
import type {
  IGMPFields,
  IGMPGroupMessage,
  IGMPGroupRecord,
  IGMPMessage,
  IGMPReportV3,
} from "./igmp_messages.ts";
import { get16, get32, put16, put32, spaceBefore } from "../octets.ts";

/** In wire order. */
export const OFFSET = {
  TYPE: 0,
  CODE: 1,
  CHECKSUM: 2,
  GROUP: 4,
  END: 8,

  // Queries of version 3
  FLAGS: 8,
  INTERVAL_CODE: 9,
  SOURCE_COUNT: 10,
  SOURCES: 12,

  // Reports of version 3
  RESERVED: 4,
  RECORD_COUNT: 6,
  RECORDS: 8,
} as const;

/** Within a group record. */
export const RECORD = {
  TYPE: 0,
  AUXILIARY_LENGTH: 1,
  SOURCE_COUNT: 2,
  GROUP: 4,
  SOURCES: 8,
} as const;

const ADDRESS_LENGTH = 4;

const TYPES = {
  query: 0x11,
  queryV3: 0x11,
  reportV1: 0x12,
  reportV2: 0x16,
  leave: 0x17,
  reportV3: 0x22,
} as const;

/**
 * Writes a message into new octets.
 *
 * @category IGMP
 * @throws {RangeError} if a value does not fit its field
 *
 * @example
 * ```ts
 * import { encodeIGMP } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const octets = encodeIGMP({ kind: "reportV2", group: "239.255.255.253" });
 * assertEquals(octets.toHex(), "1600fa01effffffd");
 * ```
 */
export function encodeIGMP(fields: IGMPFields): Uint8Array<ArrayBuffer> {
  const bytes = encodeBody(fields);
  const isUnknown = fields.kind === "unknown";
  bytes[OFFSET.TYPE] = bits(
    8,
    "type",
    isUnknown ? fields.type : fields.type ?? TYPES[fields.kind],
  );
  const isQuery = fields.kind === "query" || fields.kind === "queryV3";
  bytes[OFFSET.CODE] = bits(8, "code", fields.code ?? (isQuery ? 100 : 0));
  // Last, since it covers all the rest; the field itself is still zero.
  const checksum = fields.checksum ?? internetChecksum(bytes);
  put16(bytes, OFFSET.CHECKSUM, bits(16, "checksum", checksum));
  return bytes;
}

/** The whole message, but for its first four octets. */
function encodeBody(fields: IGMPFields): Uint8Array<ArrayBuffer> {
  if (fields.kind === "unknown") {
    return spaceBefore(fields.payload, OFFSET.GROUP);
  }
  if (fields.kind === "reportV3") return encodeReport(fields);
  const sources = fields.kind === "queryV3" ? fields.sources ?? [] : undefined;
  const bytes = spaceBefore(
    fields.payload,
    sources === undefined
      ? OFFSET.END
      : OFFSET.SOURCES + sources.length * ADDRESS_LENGTH,
  );
  put32(bytes, OFFSET.GROUP, parseIPv4(fields.group));
  if (fields.kind !== "queryV3" || sources === undefined) return bytes;
  bytes[OFFSET.FLAGS] = bits(4, "reserved", fields.reserved ?? 0) << 4 |
    (fields.suppress ? 8 : 0) | bits(3, "robustness", fields.robustness ?? 2);
  bytes[OFFSET.INTERVAL_CODE] = bits(
    8,
    "intervalCode",
    fields.intervalCode ?? 125,
  );
  put16(
    bytes,
    OFFSET.SOURCE_COUNT,
    bits(16, "sourceCount", fields.sourceCount ?? sources.length),
  );
  putAddresses(bytes, OFFSET.SOURCES, sources);
  return bytes;
}

function encodeReport(
  fields: Given<IGMPReportV3, "records">,
): Uint8Array<ArrayBuffer> {
  const { records } = fields;
  const end = records.reduce<number>(
    (sum, record) => sum + recordLength(record),
    OFFSET.RECORDS,
  );
  const bytes = spaceBefore(fields.payload, end);
  put16(bytes, OFFSET.RESERVED, bits(16, "reserved", fields.reserved ?? 0));
  put16(
    bytes,
    OFFSET.RECORD_COUNT,
    bits(16, "recordCount", fields.recordCount ?? records.length),
  );
  let at: number = OFFSET.RECORDS;
  for (const record of records) {
    const { type, group, sources, auxiliaryData } = record;
    bytes[at + RECORD.TYPE] = bits(8, "record type", type);
    bytes[at + RECORD.AUXILIARY_LENGTH] = bits(
      8,
      "auxiliary data, in words,",
      auxiliaryData.length / 4,
    );
    put16(
      bytes,
      at + RECORD.SOURCE_COUNT,
      bits(16, "sources of a record", sources.length),
    );
    put32(bytes, at + RECORD.GROUP, parseIPv4(group));
    putAddresses(bytes, at + RECORD.SOURCES, sources);
    at += recordLength(record);
    bytes.set(auxiliaryData, at - auxiliaryData.length);
  }
  return bytes;
}

/** Octets of a group record. */
export function recordLength(
  { sources, auxiliaryData }: IGMPGroupRecord,
): number {
  return RECORD.SOURCES + sources.length * ADDRESS_LENGTH +
    auxiliaryData.length;
}

function putAddresses(
  bytes: Uint8Array,
  start: number,
  addresses: readonly string[],
): void {
  for (const [i, address] of addresses.entries()) {
    put32(bytes, start + i * ADDRESS_LENGTH, parseIPv4(address));
  }
}

/**
 * Reads a message. Payload and auxiliary data share the input's memory. A query
 * is of version 3 if it has 12 octets or more (RFC 3376 §7.1).
 *
 * @category IGMP
 * @param bytes the whole message: the payload of an IPv4 packet
 * @throws {PacketError} if there are fewer than 8 octets
 *
 * @example
 * ```ts
 * import { decodeIGMP } from "raw4";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const { header: message } = decodeIGMP(Uint8Array.fromHex("1118ecd3" + "00000000" + "02140000"));
 * assert(message.kind === "queryV3");
 * assertEquals([message.robustness, message.intervalCode], [2, 20]);
 * ```
 */
export function decodeIGMP(bytes: Uint8Array): Decoded<IGMPMessage> {
  return decodedMessage(bytes, readMessage(bytes));
}

function readMessage(bytes: Uint8Array): IGMPMessage {
  if (bytes.length < OFFSET.END) {
    throw cutShort("igmp", "message", bytes, OFFSET.END);
  }
  const type = bytes[OFFSET.TYPE];
  const code = bytes[OFFSET.CODE];
  const checksum = get16(bytes, OFFSET.CHECKSUM);
  if (type === TYPES.reportV3) {
    const { records, end } = decodeRecords(bytes);
    return {
      kind: "reportV3",
      type,
      code,
      checksum,
      reserved: get16(bytes, OFFSET.RESERVED),
      recordCount: get16(bytes, OFFSET.RECORD_COUNT),
      records,
      payload: bytes.subarray(end),
    };
  }
  const kind = KINDS[type];
  if (kind === undefined) {
    const payload = bytes.subarray(OFFSET.GROUP);
    return { kind: "unknown", type, code, checksum, payload };
  }
  const group = formatIPv4(get32(bytes, OFFSET.GROUP));
  if (kind !== "query" || bytes.length < OFFSET.SOURCES) {
    const payload = bytes.subarray(OFFSET.END);
    return { kind, type, code, checksum, group, payload };
  }
  const flags = bytes[OFFSET.FLAGS];
  const sourceCount = get16(bytes, OFFSET.SOURCE_COUNT);
  const sources = addressesAt(bytes, OFFSET.SOURCES, sourceCount);
  const end = OFFSET.SOURCES + sources.length * ADDRESS_LENGTH;
  return {
    kind: "queryV3",
    type,
    code,
    checksum,
    group,
    reserved: flags >>> 4,
    suppress: (flags & 8) !== 0,
    robustness: flags & 7,
    intervalCode: bytes[OFFSET.INTERVAL_CODE],
    sourceCount,
    sources,
    payload: bytes.subarray(end),
  };
}

const KINDS: Readonly<Record<number, IGMPGroupMessage["kind"]>> = {
  [TYPES.query]: "query",
  [TYPES.reportV1]: "reportV1",
  [TYPES.reportV2]: "reportV2",
  [TYPES.leave]: "leave",
};

function decodeRecords(
  bytes: Uint8Array,
): { records: IGMPGroupRecord[]; end: number } {
  const records: IGMPGroupRecord[] = [];
  let at: number = OFFSET.RECORDS;
  for (let n = get16(bytes, OFFSET.RECORD_COUNT); n > 0; n--) {
    if (at + RECORD.SOURCES > bytes.length) break;
    const count = get16(bytes, at + RECORD.SOURCE_COUNT);
    const auxiliary = at + RECORD.SOURCES + count * ADDRESS_LENGTH;
    const end = auxiliary + bytes[at + RECORD.AUXILIARY_LENGTH] * 4;
    if (end > bytes.length) break;
    records.push({
      type: bytes[at + RECORD.TYPE],
      group: formatIPv4(get32(bytes, at + RECORD.GROUP)),
      sources: addressesAt(bytes, at + RECORD.SOURCES, count),
      auxiliaryData: bytes.subarray(auxiliary, end),
    });
    at = end;
  }
  return { records, end: at };
}

function addressesAt(
  bytes: Uint8Array,
  start: number,
  count: number,
): string[] {
  const room = Math.floor((bytes.length - start) / ADDRESS_LENGTH);
  return Array.from(
    { length: Math.min(count, room) },
    (_, i) => formatIPv4(get32(bytes, start + i * ADDRESS_LENGTH)),
  );
}

function bits(width: number, field: string, value: number): number {
  return checkField("IGMP", field, value, width);
}
