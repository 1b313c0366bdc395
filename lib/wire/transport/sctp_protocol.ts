/**
 * SCTP in words, labels and texts as Wireshark has them; what is wrong with it;
 * and the protocol's row.
 *
 * @module
 */

import { counted, type Problem } from "../errors.ts";
import {
  type Field,
  fieldAt,
  fieldsWithin,
  hex,
  octetsAt,
  unverifiedChecksum,
} from "../field.ts";
import { describeRows, type Rows, rowsOf, shapeOf } from "../field_table.ts";
import type { Decoded, PacketLayer, Protocol } from "../packet/protocol.ts";
import type { PseudoHeader } from "../pseudo_header.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import {
  checksumOf,
  CHUNK,
  decodeSCTP,
  encodeSCTP,
  OFFSET,
  type SCTPChunk,
  type SCTPFields,
  type SCTPHeader,
} from "./sctp.ts";

const PROTOCOL = 132;

/**
 * What is wrong with a header that could be decoded: its checksum, or a list
 * that ends in no whole chunk.
 *
 * @param bytes what `decoded` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function checkSCTP(
  bytes: Uint8Array,
  { header, headerLength, payload, missing }: Decoded<SCTPHeader>,
  outside?: PseudoHeader,
): Problem[] {
  if (outside === undefined) return [];
  const problems: Problem[] = [];
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "sctp", field, offset, reason });
  if (header.checksum !== checksumOf(bytes)) {
    add("checksum", OFFSET.CHECKSUM, verdict(bytes, header));
  }
  if (payload.length > 0) {
    const reason = missing > 0
      ? `end in one of which ${missing} octets are missing`
      : `end in ${payload.length} octets that are no chunk`;
    add("chunks", headerLength, reason);
  }
  return problems;
}

const row = rowsOf<SCTPHeader>();
const chunkRow = rowsOf<SCTPChunk>();

const ROWS: Rows<SCTPHeader> = [
  row("sourcePort", "Source Port", OFFSET.SOURCE_PORT, 16, { needed: true }),
  row("destinationPort", "Destination Port", OFFSET.DESTINATION_PORT, 16, {
    needed: true,
  }),
  row("verificationTag", "Verification Tag", OFFSET.VERIFICATION_TAG, 32, {
    text: (tag) => hex(tag, 8),
  }),
  row("checksum", "Checksum", OFFSET.CHECKSUM, 32, {
    text: (checksum, header, { bytes, outside }) =>
      outside === undefined
        ? unverifiedChecksum(checksum, 8)
        : verdict(bytes, header),
  }),
];

const CHUNK_ROWS: Rows<SCTPChunk> = [
  chunkRow("type", "Chunk Type", CHUNK.TYPE, 8, {
    needed: true,
    text: (type) => `${nameOf(type)} (${type})`,
  }),
  chunkRow("flags", "Chunk Flags", CHUNK.FLAGS, 8, {
    text: (flags) => hex(flags, 2),
  }),
  chunkRow("length", "Chunk Length", CHUNK.LENGTH, 16),
];

function verdict(bytes: Uint8Array, { checksum }: SCTPHeader): string {
  const wanted = checksumOf(bytes);
  return checksum === wanted
    ? `${hex(checksum, 8)} [correct]`
    : `${hex(checksum, 8)} [incorrect, should be ${hex(wanted, 8)}]`;
}

/**
 * Describes a decoded header and its chunks, in wire order.
 *
 * @param bytes what `header` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function describeSCTP(
  bytes: Uint8Array,
  header: SCTPHeader,
  outside?: PseudoHeader,
): Field[] {
  const fields = describeRows(ROWS, header, { bytes, outside });
  let at: number = OFFSET.CHUNKS;
  for (const chunk of header.chunks) {
    fields.push(describeChunk(bytes, chunk, at));
    at += chunk.length + chunk.padding.length;
  }
  return fields;
}

function describeChunk(
  bytes: Uint8Array,
  chunk: SCTPChunk,
  at: number,
): Field {
  const { type, length, value, padding } = chunk;
  const parts = describeRows(CHUNK_ROWS, chunk, { bytes }, at);
  if (value.length > 0) {
    parts.push(octetsAt(at + CHUNK.VALUE, "value", "Chunk Value", value));
  }
  if (padding.length > 0) {
    parts.push(octetsAt(at + length, "padding", "Chunk Padding", padding));
  }
  const octets = bytes.subarray(at, at + length + padding.length);
  const text = `${nameOf(type)} (${counted(octets.length, "byte")})`;
  const width = octets.length * 8;
  return { ...fieldAt(at, width, "chunk", "Chunk", octets, text), parts };
}

/** RFC 9260 §3.2, and those of later RFCs that are seen. */
const CHUNK_NAMES: Readonly<Record<number, string>> = {
  0: "DATA",
  1: "INIT",
  2: "INIT ACK",
  3: "SACK",
  4: "HEARTBEAT",
  5: "HEARTBEAT ACK",
  6: "ABORT",
  7: "SHUTDOWN",
  8: "SHUTDOWN ACK",
  9: "ERROR",
  10: "COOKIE ECHO",
  11: "COOKIE ACK",
  12: "ECNE",
  13: "CWR",
  14: "SHUTDOWN COMPLETE",
  15: "AUTH",
  64: "I-DATA",
  128: "ASCONF-ACK",
  130: "RE-CONFIG",
  132: "PAD",
  192: "FORWARD-TSN",
  193: "ASCONF",
};

function nameOf(type: number): string {
  return CHUNK_NAMES[type] ?? "Unknown";
}

function title({ sourcePort, destinationPort }: SCTPHeader): string {
  return `Stream Control Transmission Protocol, Src Port: ${sourcePort}, ` +
    `Dst Port: ${destinationPort}`;
}

const SHAPE: ObjectShape = {
  fields: {
    ...shapeOf(ROWS),
    chunks: {
      list: {
        fields: {
          ...shapeOf(CHUNK_ROWS),
          value: "octets",
          padding: "octets",
        },
      },
    },
  },
};
const checkGiven = namesChecker("sctp", SHAPE);

/**
 * An SCTP packet for {@linkcode buildPacket} (RFC 9260 §3).
 *
 * @category Transport protocols
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, ipv4, sctp } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }),
 *   sctp({
 *     sourcePort: 5000,
 *     destinationPort: 7,
 *     // INIT: tag, window, streams out and in, the first TSN
 *     chunks: [{
 *       type: 1,
 *       value: Uint8Array.fromHex("00000001" + "00010000" + "0001ffff" + "00000001"),
 *     }],
 *   }),
 * );
 * assertEquals(packet.length, 20 + 12 + 20);
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function sctp(fields: SCTPFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "sctp",
    ipProtocol: PROTOCOL,
    encode: (payload) => encodeSCTP(fields, payload),
  };
}

/** The protocol's row. */
export const SCTP: Protocol<SCTPHeader> = {
  abbreviation: "SCTP",
  ipProtocols: [PROTOCOL],
  title,
  decode: decodeSCTP,
  check: checkSCTP,
  describe: describeSCTP,
  describeStart(start) {
    if (start.length < OFFSET.VERIFICATION_TAG) return undefined;
    const whole = new Uint8Array(OFFSET.CHUNKS);
    whole.set(start.subarray(0, OFFSET.CHUNKS));
    const { header } = decodeSCTP(whole);
    const fields = fieldsWithin(describeSCTP(whole, header), start.length);
    return { title: title(header), fields };
  },
  checksum: { at: () => OFFSET.CHECKSUM, isCRC32C: true },
  summary: ({ chunks }) => {
    const names = chunks.map(({ type }, i) => ` (${i + 1}) [${nameOf(type)}]`);
    return `sctp${names.join("")}`;
  },
  shape: SHAPE,
};
