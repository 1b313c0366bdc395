/**
 * Which fields are computed from the rest of a packet, where they are left out:
 * lengths, counts, checksums, and what the next layer is.
 *
 * @module
 */

/** Texts for fields, by name, or by path where one is part of another. */
export type Meanings = Readonly<
  Record<string, readonly [meaning: string, reference: string]>
>;

/** By protocol. */
const DERIVED: Readonly<Record<string, readonly string[]>> = {
  ethernet: ["typeOrLength"],
  sll: ["protocol"],
  sll2: ["protocol"],
  ipv4: ["headerLength", "totalLength", "protocol", "checksum"],
  ipv6: ["payloadLength", "nextHeader", "protocol"],
  icmpv4: ["checksum", "quotedLength", "addressCount"],
  icmpv6: ["checksum", "quotedLength"],
  udp: ["length", "checksum"],
  tcp: ["headerLength", "checksum"],
  sctp: ["checksum"],
  igmp: ["checksum", "sourceCount", "recordCount"],
  ah: ["nextHeader", "headerLength"],
  ospf: ["packetLength", "checksum"],
  gre: ["protocol", "checksum", "payloadLength"],
};

/** The derived fields of a protocol, by their names in its header. */
export function derivedFields(protocol: string): readonly string[] {
  return Object.hasOwn(DERIVED, protocol) ? DERIVED[protocol] : [];
}

/** What is derived among the parts of a field. */
interface DerivedParts {
  /** The paths of the fields that have them; each element of a list is one. */
  readonly of: readonly string[];
  /** The header's list whose elements these are, if they are. */
  readonly list?: string;
  readonly names: readonly string[];
}

/** In ICMP errors: in what they quote, and in their extensions. */
const OF_ERRORS: readonly DerivedParts[] = [
  { of: ["quoted.payload", "extensions"], names: ["checksum"] },
  {
    of: ["extensions.mplsLabelStack", "extensions.unknown"],
    names: ["length"],
  },
];

/** By protocol; what can be computed alone is in no header, but is shown. */
const DERIVED_PARTS: Readonly<Record<string, readonly DerivedParts[]>> = {
  ipv6: [{
    of: [
      ...["hopByHop", "destinationOptions", "routing", "fragment"],
      "authentication",
    ],
    list: "extensionHeaders",
    names: ["nextHeader", "length"],
  }],
  icmpv4: OF_ERRORS,
  icmpv6: OF_ERRORS,
  sctp: [{ of: ["chunk"], list: "chunks", names: ["length", "padding"] }],
  igmp: [{
    of: ["record"],
    list: "records",
    names: ["sourceCount", "auxiliaryLength"],
  }],
};

function derivedParts(protocol: string): readonly DerivedParts[] {
  return Object.hasOwn(DERIVED_PARTS, protocol) ? DERIVED_PARTS[protocol] : [];
}

/**
 * Whether a field is derived, by the path at which it is shown, such as
 * `checksum` or `chunk.length`.
 */
export function isDerived(protocol: string, path: string): boolean {
  return derivedFields(protocol).includes(path) ||
    derivedParts(protocol).some(({ of, names }) =>
      of.some((field) => names.some((name) => path === `${field}.${name}`))
    );
}

/**
 * What is derived in a header, by the names that lead there, such as
 * `["checksum"]` or `["chunks", "0", "length"]`.
 */
export function derivedPlaces(
  protocol: string,
  fields: Readonly<Record<string, unknown>>,
): string[][] {
  return [
    ...derivedFields(protocol).filter((name) => name in fields)
      .map((name) => [name]),
    ...derivedParts(protocol).flatMap(({ list, names }) =>
      list === undefined
        ? []
        : Object.entries(fields[list] ?? []).flatMap(([index, element]) =>
          names.filter((name) => name in element)
            .map((name) => [list, index, name])
        )
    ),
  ];
}
