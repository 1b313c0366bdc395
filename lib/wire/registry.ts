/**
 * Every protocol that can be dissected, one row each: how its header is
 * decoded, checked and described, and what comes after it.
 *
 * @module
 */

import type { Problem } from "./errors.ts";
import type { Field } from "./field.ts";
import {
  checkIPv4,
  decodeIPv4,
  describeIPv4,
  type IPv4Header,
} from "./ipv4.ts";

/** What the dissector and the renderers need to know of a protocol. */
export interface Protocol<Header> {
  /** Its line above the fields, as Wireshark words it. */
  title(header: Header): string;
  /** Reads one header; throws a `PacketError` for structural faults. */
  decode(bytes: Uint8Array): DecodedLayer<Header>;
  /** The header's fields in wire order. */
  describe(bytes: Uint8Array, header: Header): Field[];
}

/** One header read by a {@linkcode Protocol}. */
export interface DecodedLayer<Header> {
  readonly header: Header;
  /** Octets of the header, which the payload follows. */
  readonly headerLength: number;
  /** Octets of payload that are there. */
  readonly payloadLength: number;
  /** What is wrong though it could be decoded; offsets from its first octet. */
  readonly problems: Problem[];
  /** The IP protocol number of the payload, if it can be dissected further. */
  readonly ipProtocol?: number;
}

const ipv4: Protocol<IPv4Header> = {
  title: ({ source, destination }) =>
    `Internet Protocol Version 4, Src: ${source}, Dst: ${destination}`,
  decode(bytes) {
    const decoded = decodeIPv4(bytes);
    const { header, payload } = decoded;
    return {
      header,
      headerLength: header.headerLength,
      payloadLength: payload.length,
      problems: checkIPv4(bytes, decoded),
      // Only a first fragment begins with the next protocol's header.
      ipProtocol: header.fragmentOffset === 0 ? header.protocol : undefined,
    };
  },
  describe: describeIPv4,
};

/** By the name that a layer bears. */
export const PROTOCOLS = { ipv4 };

/** Which of them follows an IP header, by its protocol number. */
export const BY_IP_PROTOCOL: Readonly<Record<number, keyof typeof PROTOCOLS>> =
  { 4: "ipv4" };
