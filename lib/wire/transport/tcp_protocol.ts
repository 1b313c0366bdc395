/**
 * The TCP header in words, labels and texts as Wireshark has them; what is wrong
 * with it; and the protocol's row.
 *
 * @module
 */

import {
  checksumText,
  checksumVerdict,
  endOf,
  type Field,
  fieldsWithin,
  hex,
  octetsAt,
} from "../field.ts";
import { internetChecksum } from "../../bytes/checksum.ts";
import { type Problem, problemsIn } from "../errors.ts";
import {
  describeRows,
  type Group,
  type Rows,
  rowsOf,
  shapeOf,
} from "../field_table.ts";
import { IP_PROTOCOL } from "../ip_protocols.ts";
import { get16 } from "../octets.ts";
import {
  coveredAddresses,
  type Decoded,
  type PacketLayer,
  type Protocol,
} from "../packet/protocol.ts";
import { optionsRow } from "../options.ts";
import type { PseudoHeader } from "../pseudo_header.ts";
import { namesChecker, type ObjectShape } from "../shape.ts";
import {
  decodeTCP,
  encodeTCP,
  flagsOf,
  OFFSET,
  sumOf,
  TCP_FLAGS,
  TCP_MAX_HEADER_LENGTH,
  TCP_MIN_HEADER_LENGTH,
  type TCPFields,
  type TCPFlags,
  type TCPHeader,
} from "./tcp.ts";
import {
  decodeTCPOptions,
  describeTCPOption,
  type TCPOption,
  unknownOptionWord,
} from "./tcp_options.ts";

/** The lowest of the reserved bits, which AccECN makes use of (RFC 9768). */
const ACCURATE_ECN = 1;

const row = rowsOf<TCPHeader>();

const flag = (name: keyof TCPFlags, label: string, bit: number) =>
  row(name, label, OFFSET.FLAGS, 1, { bit, short: name[0].toUpperCase() });

const FLAGS: Group<TCPHeader> = {
  name: "flags",
  label: "Flags",
  octet: OFFSET.DATA_OFFSET,
  bit: 4,
  bitWidth: 12,
  value: (header) => header.reserved << 8 | flagsOf(header),
  text(value, header) {
    const set = TCP_FLAGS.filter((name) => header[name]).toReversed();
    const names = [
      ...set.map((name) => name.toUpperCase()),
      ...(header.reserved & ACCURATE_ECN ? ["AE"] : []),
      ...(header.reserved & ~ACCURATE_ECN ? ["Reserved"] : []),
    ].join(", ");
    return `${hex(value, 3)} (${names === "" ? "<None>" : names})`;
  },
  parts: [
    row("reserved", "Reserved", OFFSET.DATA_OFFSET, 4, {
      bit: 4,
      short: "Rsrvd",
      text: (reserved) => reserved === 0 ? "Not set" : hex(reserved, 1),
    }),
    flag("cwr", "Congestion Window Reduced", 0),
    flag("ece", "ECN-Echo", 1),
    flag("urg", "Urgent", 2),
    flag("ack", "Acknowledgment", 3),
    flag("psh", "Push", 4),
    flag("rst", "Reset", 5),
    flag("syn", "Syn", 6),
    flag("fin", "Fin", 7),
  ],
};

const ROWS: Rows<TCPHeader> = [
  row("sourcePort", "Source Port", OFFSET.SOURCE_PORT, 16, { needed: true }),
  row("destinationPort", "Destination Port", OFFSET.DESTINATION_PORT, 16, {
    needed: true,
  }),
  row("sequence", "Sequence Number", OFFSET.SEQUENCE, 32),
  row("acknowledgment", "Acknowledgment Number", OFFSET.ACKNOWLEDGMENT, 32),
  row("headerLength", "Header Length", OFFSET.DATA_OFFSET, 4, {
    short: "Offset",
    text: (length) => `${length} bytes (${length / 4})`,
  }),
  FLAGS,
  row("window", "Window", OFFSET.WINDOW, 16),
  row("checksum", "Checksum", OFFSET.CHECKSUM, 16, {
    text: (_checksum, _header, { bytes, outside }) => {
      const initial = outside && sumOf(outside, bytes);
      return checksumVerdict(bytes, OFFSET.CHECKSUM, initial);
    },
  }),
  row("urgentPointer", "Urgent Pointer", OFFSET.URGENT_POINTER, 16),
  optionsRow(
    OFFSET.OPTIONS,
    "TCP Option",
    decodeTCPOptions,
    describeTCPOption,
  ),
];

/**
 * What is wrong with a header that could be decoded: its checksum, its
 * options, flags that exclude one another.
 *
 * @param bytes the segment: what `header` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function checkTCP(
  bytes: Uint8Array,
  { header }: Decoded<TCPHeader>,
  outside?: PseudoHeader,
): Problem[] {
  const { problems, add } = problemsIn("tcp");
  // RFC 9293 §3.10.7: one opens a connection, the other two end it.
  if (header.syn && (header.fin || header.rst)) {
    const other = header.fin ? "FIN" : "RST";
    add("syn", OFFSET.FLAGS, `is set together with ${other}`);
  }
  if (outside !== undefined) {
    const initial = sumOf(outside, bytes);
    if (internetChecksum(bytes, initial) !== 0) {
      const reason = checksumText(bytes, OFFSET.CHECKSUM, initial);
      add("checksum", OFFSET.CHECKSUM, reason);
    }
  }
  if (header.options.length === 0) return problems;
  const { fault } = decodeTCPOptions(header.options);
  if (fault !== undefined) {
    add("options", OFFSET.OPTIONS + fault.offset, fault.reason);
  }
  return problems;
}

/** The line above the fields; numbers are those of the header, not relative. */
export function tcpTitle(header: TCPHeader, payloadLength: number): string {
  const { sourcePort, destinationPort, sequence, acknowledgment } = header;
  return `Transmission Control Protocol, Src Port: ${sourcePort}, ` +
    `Dst Port: ${destinationPort}, Seq: ${sequence}` +
    `${header.ack ? `, Ack: ${acknowledgment}` : ""}, Len: ${payloadLength}`;
}

/**
 * Describes a decoded header field by field, in wire order.
 *
 * @param bytes the segment: what `header` was decoded from
 * @param outside of the IP header outside; absent for a fragment, whose
 * checksum cannot be checked
 */
export function describeTCP(
  bytes: Uint8Array,
  header: TCPHeader,
  outside?: PseudoHeader,
): Field[] {
  return describeRows(ROWS, header, { bytes, outside });
}

/** The ports, as far as they are there. */
export function tcpStartTitle(start: Uint8Array): string {
  const title = "Transmission Control Protocol";
  return start.length < OFFSET.SEQUENCE
    ? title
    : `${title}, Src Port: ${get16(start, OFFSET.SOURCE_PORT)}, ` +
      `Dst Port: ${get16(start, OFFSET.DESTINATION_PORT)}`;
}

/**
 * Describes as much of a header as there is, where a fragment or a quote ends
 * within it: the whole fields and options, and what is left as one.
 *
 * @param start what there is from the header's first octet
 */
export function describeTCPStart(start: Uint8Array): Field[] {
  const whole = new Uint8Array(TCP_MAX_HEADER_LENGTH);
  whole.set(start.subarray(0, TCP_MAX_HEADER_LENGTH));
  const words = whole[OFFSET.DATA_OFFSET] >>> 4;
  const isLengthTold = start.length >= OFFSET.WINDOW &&
    words * 4 >= TCP_MIN_HEADER_LENGTH;
  // Without it nothing from there on has a place.
  if (!isLengthTold) whole[OFFSET.DATA_OFFSET] = TCP_MIN_HEADER_LENGTH / 4 << 4;
  const { header } = decodeTCP(whole);
  const there = start.subarray(0, header.headerLength);
  const known = isLengthTold ? there.length : OFFSET.DATA_OFFSET;
  const options = there.subarray(OFFSET.OPTIONS);
  const { fault } = decodeTCPOptions(options);
  const fields = fieldsWithin(
    describeTCP(whole, {
      ...header,
      options: options.subarray(0, fault?.offset),
    }),
    Math.min(known, there.length),
  );
  const end = endOf(fields);
  const rest = there.subarray(end);
  if (rest.length > 0) {
    fields.push(octetsAt(end, "rest", "Rest of the header", rest));
  }
  return fields;
}

/** As tcpdump has them, the lowest flag first. */
const FLAG_LETTERS = "FSRP.UEW";

function summarize(header: TCPHeader, length: number): string {
  const { sequence, acknowledgment, window, options } = header;
  const set = flagsOf(header);
  let flags = "";
  for (let bit = 0; bit < FLAG_LETTERS.length; bit++) {
    if (set >> bit & 1) flags += FLAG_LETTERS[bit];
  }
  let line = `Flags [${flags || "none"}]`;
  if (length > 0) {
    line += `, seq ${sequence}:${(sequence + length) % 2 ** 32}`;
  } else if (header.syn || header.fin || header.rst) {
    line += `, seq ${sequence}`;
  }
  if (header.ack) line += `, ack ${acknowledgment}`;
  line += `, win ${window}`;
  if (header.urg) line += `, urg ${header.urgentPointer}`;
  const words = decodeTCPOptions(options).options
    .map(({ option }) => optionWord(option));
  if (words.length > 0) line += `, options [${words.join(",")}]`;
  return `${line}, length ${length}`;
}

function optionWord(option: TCPOption): string {
  switch (option.kind) {
    case "endOfList":
      return "eol";
    case "noOperation":
      return "nop";
    case "maximumSegmentSize":
      return `mss ${option.size}`;
    case "windowScale":
      return `wscale ${option.shift}`;
    case "sackPermitted":
      return "sackOK";
    case "sack":
      return `sack ${option.blocks.length} ${
        option.blocks.map(({ left, right }) => `{${left}:${right}}`).join("")
      }`;
    case "timestamps":
      return `TS val ${option.value} ecr ${option.echoReply}`;
    case "fastOpen":
      return option.cookie.length === 0
        ? "tfo cookiereq"
        : `tfo cookie ${option.cookie.toHex()}`;
    case "unknown":
      return unknownOptionWord(option);
  }
}

const SHAPE: ObjectShape = { fields: shapeOf(ROWS) };
const checkGiven = namesChecker("tcp", SHAPE);

/**
 * A TCP header for {@linkcode buildPacket} (RFC 9293 §3.1).
 *
 * @category Transport protocols
 * @throws {TypeError} if a field, or a kind, is none of those there are
 *
 * @example
 * ```ts
 * import { buildPacket, dissect, encodeTCPOptions, ipv6, tcp } from "raw4";
 * import { assertEquals } from "@std/assert";
 *
 * const packet = buildPacket(
 *   ipv6({ source: "2001:db8::1", destination: "2001:db8::2" }),
 *   tcp({
 *     sourcePort: 40000,
 *     destinationPort: 80,
 *     syn: true,
 *     options: encodeTCPOptions([{ kind: "maximumSegmentSize", size: 1440 }]),
 *   }),
 * );
 * assertEquals(packet.length, 40 + 24);
 * assertEquals(dissect(packet).problems, []);
 * ```
 */
export function tcp(fields: TCPFields): PacketLayer {
  checkGiven(fields);
  return {
    protocol: "tcp",
    ipProtocol: IP_PROTOCOL.TCP,
    encode: (payload, _inner, outer) =>
      encodeTCP(fields, payload, coveredAddresses(outer, fields, "tcp")),
  };
}

/** The protocol's row. */
export const TCP: Protocol<TCPHeader> = {
  abbreviation: "TCP",
  ipProtocols: [IP_PROTOCOL.TCP],
  title: tcpTitle,
  decode: decodeTCP,
  check: checkTCP,
  describe: describeTCP,
  describeStart: (start) => ({
    title: tcpStartTitle(start),
    fields: describeTCPStart(start),
  }),
  checksum: { at: () => OFFSET.CHECKSUM, pseudoHeader: IP_PROTOCOL.TCP },
  summary: (header, { payloadLength }) => summarize(header, payloadLength),
  shape: SHAPE,
};
