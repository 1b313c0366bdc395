/**
 * IPv6 headers field by field, and what is wrong with them.
 *
 * @module
 */

import { describeDSField } from "./ds_field.ts";
import type { Problem } from "./errors.ts";
import { type Field, fieldAt, flagAt, hex } from "./field.ts";
import { ipProtocolName } from "./ip_protocols.ts";
import { type DecodedIPv6, type IPv6Header, OFFSET } from "./ipv6.ts";
import {
  encodedSize,
  type IPv6ExtensionHeader,
  type IPv6FragmentHeader,
  type IPv6RoutingHeader,
  isCutShort,
  OFFSET as EXTENSION,
} from "./ipv6_extensions.ts";

const LABELS: Readonly<Record<IPv6ExtensionHeader["kind"], string>> = {
  hopByHop: "IPv6 Hop-by-Hop Option",
  routing: "Routing Header for IPv6",
  fragment: "Fragment Header for IPv6",
  authentication: "Authentication Header",
  destinationOptions: "Destination Options for IPv6",
};

/**
 * What is wrong with a header that could be decoded: a length past the end, a
 * hop limit of zero, an extension header that is cut short.
 */
export function checkIPv6(
  { header, headerLength, missing }: DecodedIPv6,
): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, offset: number, reason: string) =>
    problems.push({ layer: "ipv6", field, offset, reason });
  if (missing > 0) {
    add(
      "payloadLength",
      OFFSET.PAYLOAD_LENGTH,
      `is ${header.payloadLength} octets, of which ${missing} are missing`,
    );
  }
  if (header.hopLimit === 0) {
    add("hopLimit", OFFSET.HOP_LIMIT, "is 0: no host may send that");
  }
  if (isCutShort(header)) {
    const name = ipProtocolName(header.protocol);
    add(
      "extensionHeaders",
      headerLength,
      `end in the middle of one (${name}, ${header.protocol})`,
    );
  }
  return problems;
}

/**
 * Describes a decoded header field by field, in wire order.
 *
 * @param bytes what `header` was decoded from
 */
export function describeIPv6(bytes: Uint8Array, header: IPv6Header): Field[] {
  const { version, flowLabel, nextHeader, source, destination } = header;
  const nextName = ipProtocolName(nextHeader) ?? "Unknown";
  const fields = [
    fieldAt(OFFSET.VERSION_CLASS_LABEL, 4, "version", "Version", version),
    describeDSField("trafficClass", "Traffic Class", 4, header),
    fieldAt(
      OFFSET.VERSION_CLASS_LABEL + 1,
      20,
      "flowLabel",
      "Flow Label",
      flowLabel,
      hex(flowLabel, 5),
      4,
    ),
    fieldAt(
      OFFSET.PAYLOAD_LENGTH,
      16,
      "payloadLength",
      "Payload Length",
      header.payloadLength,
    ),
    fieldAt(
      OFFSET.NEXT_HEADER,
      8,
      "nextHeader",
      "Next Header",
      nextHeader,
      `${nextName} (${nextHeader})`,
    ),
    fieldAt(OFFSET.HOP_LIMIT, 8, "hopLimit", "Hop Limit", header.hopLimit),
    fieldAt(OFFSET.SOURCE, 128, "source", "Source Address", source),
    fieldAt(
      OFFSET.DESTINATION,
      128,
      "destination",
      "Destination Address",
      destination,
    ),
  ];
  let offset: number = OFFSET.EXTENSION_HEADERS;
  for (const extension of header.extensionHeaders) {
    const end = offset + encodedSize(extension);
    const octets = bytes.subarray(offset, end);
    fields.push(describeExtension(extension, octets, offset));
    offset = end;
  }
  return fields;
}

/** Describes an extension header that begins `octet` octets into the packet. */
export function describeExtension(
  header: IPv6ExtensionHeader,
  octets: Uint8Array,
  octet: number,
): Field {
  const { kind, nextHeader } = header;
  const name = ipProtocolName(nextHeader) ?? "Unknown";
  const parts = [
    fieldAt(
      octet + EXTENSION.NEXT_HEADER,
      8,
      "nextHeader",
      "Next Header",
      nextHeader,
      `${name} (${nextHeader})`,
    ),
    ...(header.kind === "fragment"
      ? describeFragment(header, octet)
      : [describeLength(octets, octet)]),
    ...(header.kind === "routing" ? describeRouting(header, octet) : []),
  ];
  return {
    ...fieldAt(
      octet,
      octets.length * 8,
      kind,
      LABELS[kind],
      octets,
      `(${octets.length} bytes)`,
    ),
    parts,
  };
}

function describeLength(octets: Uint8Array, octet: number): Field {
  const held = octets[EXTENSION.LENGTH];
  return fieldAt(
    octet + EXTENSION.LENGTH,
    8,
    "length",
    "Length",
    held,
    `${held} (${octets.length} bytes)`,
  );
}

function describeRouting(header: IPv6RoutingHeader, octet: number): Field[] {
  return [
    fieldAt(
      octet + EXTENSION.ROUTING_TYPE,
      8,
      "routingType",
      "Type",
      header.routingType,
    ),
    fieldAt(
      octet + EXTENSION.SEGMENTS_LEFT,
      8,
      "segmentsLeft",
      "Segments Left",
      header.segmentsLeft,
    ),
  ];
}

function describeFragment(header: IPv6FragmentHeader, octet: number): Field[] {
  const at = octet + EXTENSION.FRAGMENT_OFFSET_FLAGS;
  const { reserved, reservedBits, fragmentOffset, identification } = header;
  return [
    fieldAt(
      octet + EXTENSION.FRAGMENT_RESERVED,
      8,
      "reserved",
      "Reserved octet",
      reserved,
      hex(reserved, 2),
    ),
    fieldAt(
      at,
      13,
      "fragmentOffset",
      "Offset",
      fragmentOffset,
      `${fragmentOffset / 8} (${fragmentOffset} bytes)`,
    ),
    fieldAt(
      at + 1,
      2,
      "reservedBits",
      "Reserved bits",
      reservedBits,
      undefined,
      5,
    ),
    flagAt(at + 1, 7, "moreFragments", "More Fragments", header.moreFragments),
    fieldAt(
      octet + EXTENSION.FRAGMENT_IDENTIFICATION,
      32,
      "identification",
      "Identification",
      identification,
      hex(identification, 8),
    ),
  ];
}
