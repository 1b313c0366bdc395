/**
 * The TCP header in words: labels and texts as Wireshark has them.
 *
 * @module
 */

import {
  checksumText,
  type Field,
  fieldAt,
  fieldsWithin,
  flagAt,
  hex,
  unverifiedChecksum,
} from "./field.ts";
import { get16 } from "./octets.ts";
import { describeOptions } from "./options.ts";
import type { PseudoHeader } from "./pseudo_header.ts";
import {
  decodeTCP,
  flagsOf,
  OFFSET,
  sumOf,
  TCP_FLAGS,
  TCP_MAX_HEADER_LENGTH,
  TCP_MIN_HEADER_LENGTH,
  type TCPFlags,
  type TCPHeader,
} from "./tcp.ts";
import { decodeTCPOptions, describeTCPOption } from "./tcp_options.ts";

const LABELS: Readonly<Record<keyof TCPFlags, string>> = {
  cwr: "Congestion Window Reduced",
  ece: "ECN-Echo",
  urg: "Urgent",
  ack: "Acknowledgment",
  psh: "Push",
  rst: "Reset",
  syn: "Syn",
  fin: "Fin",
};

/** The lowest of the reserved bits, which AccECN makes use of (RFC 9768). */
const ACCURATE_ECN = 1;

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
  const { sourcePort, destinationPort, sequence, acknowledgment } = header;
  const { headerLength, window, checksum, urgentPointer, options } = header;
  const fields = [
    fieldAt(OFFSET.SOURCE_PORT, 16, "sourcePort", "Source Port", sourcePort),
    fieldAt(
      OFFSET.DESTINATION_PORT,
      16,
      "destinationPort",
      "Destination Port",
      destinationPort,
    ),
    fieldAt(OFFSET.SEQUENCE, 32, "sequence", "Sequence Number", sequence),
    fieldAt(
      OFFSET.ACKNOWLEDGMENT,
      32,
      "acknowledgment",
      "Acknowledgment Number",
      acknowledgment,
    ),
    {
      ...fieldAt(
        OFFSET.DATA_OFFSET,
        4,
        "headerLength",
        "Header Length",
        headerLength,
        `${headerLength} bytes (${headerLength / 4})`,
      ),
      abbreviation: "Offset",
    },
    describeFlags(header),
    fieldAt(OFFSET.WINDOW, 16, "window", "Window", window),
    fieldAt(
      OFFSET.CHECKSUM,
      16,
      "checksum",
      "Checksum",
      checksum,
      outside === undefined
        ? unverifiedChecksum(checksum)
        : checksumText(bytes, OFFSET.CHECKSUM, sumOf(outside, bytes)),
    ),
    fieldAt(
      OFFSET.URGENT_POINTER,
      16,
      "urgentPointer",
      "Urgent Pointer",
      urgentPointer,
    ),
  ];
  if (options.length > 0) {
    fields.push(describeOptions(
      options,
      decodeTCPOptions(options),
      OFFSET.OPTIONS,
      "TCP Option",
      describeTCPOption,
    ));
  }
  return fields;
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
  const last = fields.at(-1);
  const end = last === undefined ? 0 : (last.bitOffset + last.bitWidth) / 8;
  const rest = there.subarray(end);
  if (rest.length > 0) {
    const text = `(${rest.length} bytes)`;
    const label = "Rest of the header";
    fields.push(fieldAt(end, rest.length * 8, "rest", label, rest, text));
  }
  return fields;
}

function describeFlags(header: TCPHeader): Field {
  const value = header.reserved << 8 | flagsOf(header);
  const set = TCP_FLAGS.filter((name) => header[name]).toReversed();
  const names = [
    ...set.map((name) => name.toUpperCase()),
    ...(header.reserved & ACCURATE_ECN ? ["AE"] : []),
    ...(header.reserved & ~ACCURATE_ECN ? ["Reserved"] : []),
  ].join(", ");
  return {
    ...fieldAt(
      OFFSET.DATA_OFFSET,
      12,
      "flags",
      "Flags",
      value,
      `${hex(value, 3)} (${names === "" ? "<None>" : names})`,
      4,
    ),
    parts: [
      {
        ...fieldAt(
          OFFSET.DATA_OFFSET,
          4,
          "reserved",
          "Reserved",
          header.reserved,
          header.reserved === 0 ? "Not set" : hex(header.reserved, 1),
          4,
        ),
        abbreviation: "Rsrvd",
      },
      ...TCP_FLAGS.map((name, bit) => ({
        ...flagAt(OFFSET.FLAGS, bit, name, LABELS[name], header[name]),
        abbreviation: name[0].toUpperCase(),
      })),
    ],
  };
}
