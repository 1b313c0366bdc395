/**
 * IPv4 headers field by field, and what is wrong with them.
 *
 * @module
 */

import { internetChecksum } from "../bytes/checksum.ts";
import { describeDSField } from "./ds_field.ts";
import type { Problem } from "./errors.ts";
import { checksumText, type Field, fieldAt, flagAt, hex } from "./field.ts";
import { ipProtocolName } from "./ip_protocols.ts";
import { decodeIPv4Options, describeIPv4Option } from "./ipv4_options.ts";
import { get32 } from "./octets.ts";
import { describeOptions } from "./options.ts";
import { type DecodedIPv4, type IPv4Header, OFFSET } from "./ipv4.ts";

/**
 * What is wrong with a header that could be decoded: its checksum, its
 * options, a TTL of zero, a length past the end.
 *
 * @param bytes what `decoded` was decoded from
 */
export function checkIPv4(
  bytes: Uint8Array,
  { header, missing }: DecodedIPv4,
): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "ipv4", field, offset, reason });
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
  const { fault } = decodeIPv4Options(header.options);
  if (fault !== undefined) {
    add("options", OFFSET.OPTIONS + fault.offset, fault.reason);
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

/**
 * Describes a decoded header field by field, in wire order.
 *
 * @param bytes what `header` was decoded from
 */
export function describeIPv4(bytes: Uint8Array, header: IPv4Header): Field[] {
  const headerBytes = bytes.subarray(0, header.headerLength);
  const field = (
    name: Exclude<keyof IPv4Header, "options">,
    label: string,
    octet: number,
    bitWidth: number,
    text: string,
    bitInOctet = 0,
    abbreviation?: string,
  ): Field => ({
    name,
    label,
    abbreviation,
    bitOffset: octet * 8 + bitInOctet,
    bitWidth,
    value: header[name],
    text,
  });
  const protocol = ipProtocolName(header.protocol) ?? "Unknown";
  const fields: Field[] = [
    field("version", "Version", OFFSET.VERSION_IHL, 4, `${header.version}`),
    field(
      "headerLength",
      "Header Length",
      OFFSET.VERSION_IHL,
      4,
      `${header.headerLength} bytes (${header.headerLength / 4})`,
      4,
      "IHL",
    ),
    describeDSField(
      "dsField",
      "Differentiated Services Field",
      OFFSET.DS_FIELD * 8,
      header,
    ),
    field(
      "totalLength",
      "Total Length",
      OFFSET.TOTAL_LENGTH,
      16,
      `${header.totalLength}`,
    ),
    field(
      "identification",
      "Identification",
      OFFSET.IDENTIFICATION,
      16,
      `${hex(header.identification, 4)} (${header.identification})`,
    ),
    describeFlags(header),
    field(
      "fragmentOffset",
      "Fragment Offset",
      OFFSET.FLAGS_FRAGMENT_OFFSET,
      13,
      `${header.fragmentOffset}`,
      3,
    ),
    field("ttl", "Time to Live", OFFSET.TTL, 8, `${header.ttl}`),
    field(
      "protocol",
      "Protocol",
      OFFSET.PROTOCOL,
      8,
      `${protocol} (${header.protocol})`,
    ),
    field(
      "checksum",
      "Header Checksum",
      OFFSET.CHECKSUM,
      16,
      checksumText(headerBytes, OFFSET.CHECKSUM),
    ),
    field("source", "Source Address", OFFSET.SOURCE, 32, header.source),
    field(
      "destination",
      "Destination Address",
      OFFSET.DESTINATION,
      32,
      header.destination,
    ),
  ];
  if (header.options.length > 0) {
    fields.push(describeOptions(
      header.options,
      decodeIPv4Options(header.options),
      OFFSET.OPTIONS,
      "IP Option",
      describeIPv4Option,
    ));
  }
  return fields;
}

const FLAGS = [
  ["reserved", "Reserved bit"],
  ["dontFragment", "Don't fragment"],
  ["moreFragments", "More fragments"],
] as const;

function describeFlags(header: IPv4Header): Field {
  const octet = OFFSET.FLAGS_FRAGMENT_OFFSET;
  const value = FLAGS.reduce((sum, [name]) => sum << 1 | +header[name], 0);
  const set = FLAGS.filter(([name]) => header[name]).map(([, label]) => label);
  return {
    ...fieldAt(
      octet,
      3,
      "flags",
      "Flags",
      value,
      [hex(value, 1), ...set].join(", "),
    ),
    parts: FLAGS.map(([name, label], bit) => ({
      ...flagAt(octet, bit, name, label, header[name]),
      abbreviation: label[0],
    })),
  };
}
