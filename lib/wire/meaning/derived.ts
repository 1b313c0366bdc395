/**
 * Which fields `buildPacket` computes from the rest of a packet, where they are
 * left out: lengths, counts, checksums, and what the next layer is.
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

/** The same of what stands in lists, by the lists' names. */
const DERIVED_IN_LISTS: Readonly<
  Record<string, Readonly<Record<string, readonly string[]>>>
> = {
  ipv6: { extensionHeaders: ["nextHeader"] },
  sctp: { chunks: ["length", "padding"] },
};

/**
 * What is derived in a header, by the names that lead there, such as
 * `["checksum"]` or `["chunks", "0", "length"]`.
 */
export function derivedPlaces(
  protocol: string,
  fields: Readonly<Record<string, unknown>>,
): string[][] {
  const lists = Object.hasOwn(DERIVED_IN_LISTS, protocol)
    ? Object.entries(DERIVED_IN_LISTS[protocol])
    : [];
  return [
    ...derivedFields(protocol).filter((name) => name in fields)
      .map((name) => [name]),
    ...lists.flatMap(([list, names]) =>
      Object.entries(fields[list] ?? []).flatMap(([index, element]) =>
        names.filter((name) => name in element)
          .map((name) => [list, index, name])
      )
    ),
  ];
}
