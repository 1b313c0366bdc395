/**
 * Every protocol that can be dissected, one row each: how its header is
 * decoded, checked and described, and what comes after it.
 *
 * @module
 */

import type { Problem } from "./errors.ts";
import type { Field } from "./field.ts";
import { decodeICMPv4 } from "./icmpv4.ts";
import { checkICMPv4, describeICMPv4 } from "./icmpv4_describe.ts";
import type { ICMPv4Message } from "./icmpv4_messages.ts";
import { decodeICMPv6 } from "./icmpv6.ts";
import { checkICMPv6, describeICMPv6 } from "./icmpv6_describe.ts";
import type { ICMPv6Message } from "./icmpv6_messages.ts";
import {
  checkIPv4,
  decodeIPv4,
  describeIPv4,
  type IPv4Header,
} from "./ipv4.ts";
import {
  checkIPv6,
  decodeIPv6,
  describeIPv6,
  type IPv6Header,
  upperLayerAddresses,
} from "./ipv6.ts";
import { isLaterFragment } from "./ipv6_extensions.ts";
import type { AddressPair, PseudoHeader } from "./pseudo_header.ts";

/** What the dissector and the renderers need to know of a protocol. */
export interface Protocol<Header> {
  /** Its line above the fields, as Wireshark words it. */
  title(header: Header): string;
  /**
   * Reads one header; throws a `PacketError` for structural faults.
   *
   * @param outside of the IP header outside; absent where its payload is not
   * all there, so that no checksum of it can be checked
   */
  decode(bytes: Uint8Array, outside?: PseudoHeader): DecodedLayer<Header>;
  /** The header's fields in wire order. */
  describe(bytes: Uint8Array, header: Header, outside?: PseudoHeader): Field[];
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
  /** Where an IP header's payload is from and to, if all of it is there. */
  readonly addresses?: AddressPair;
}

const ipv4: Protocol<IPv4Header> = {
  title: ({ source, destination }) =>
    `Internet Protocol Version 4, Src: ${source}, Dst: ${destination}`,
  decode(bytes) {
    const decoded = decodeIPv4(bytes);
    const { header, payload, missing } = decoded;
    const isFragment = header.moreFragments || header.fragmentOffset > 0;
    return {
      header,
      headerLength: header.headerLength,
      payloadLength: payload.length,
      problems: checkIPv4(bytes, decoded),
      // Only a first fragment begins with the next protocol's header.
      ipProtocol: header.fragmentOffset === 0 ? header.protocol : undefined,
      addresses: isFragment || missing > 0 ? undefined : header,
    };
  },
  describe: describeIPv4,
};

const ipv6: Protocol<IPv6Header> = {
  title: ({ source, destination }) =>
    `Internet Protocol Version 6, Src: ${source}, Dst: ${destination}`,
  decode(bytes) {
    const decoded = decodeIPv6(bytes);
    const { header, headerLength, payload, missing } = decoded;
    const { extensionHeaders, protocol } = header;
    const isFragment = extensionHeaders.some((extension) =>
      extension.kind === "fragment" &&
      (extension.moreFragments || extension.fragmentOffset > 0)
    );
    return {
      header,
      headerLength,
      payloadLength: payload.length,
      problems: checkIPv6(decoded),
      ipProtocol: isLaterFragment(extensionHeaders) ? undefined : protocol,
      addresses: isFragment || missing > 0
        ? undefined
        : upperLayerAddresses(header),
    };
  },
  describe: describeIPv6,
};

const icmpv4: Protocol<ICMPv4Message> = {
  title: () => "Internet Control Message Protocol",
  decode(bytes, outside) {
    const header = decodeICMPv4(bytes);
    const problems = checkICMPv4(bytes, header, outside !== undefined);
    return { header, problems, ...splitMessage(bytes, header) };
  },
  describe: (bytes, header, outside) =>
    describeICMPv4(bytes, header, outside !== undefined),
};

const icmpv6: Protocol<ICMPv6Message> = {
  title: () => "Internet Control Message Protocol v6",
  decode(bytes, outside) {
    const header = decodeICMPv6(bytes);
    const problems = checkICMPv6(bytes, header, outside);
    return { header, problems, ...splitMessage(bytes, header) };
  },
  describe: describeICMPv6,
};

/** Only the `payload` of an ICMP message is data; what it quotes is its own. */
function splitMessage(
  bytes: Uint8Array,
  message: ICMPv4Message | ICMPv6Message,
): { headerLength: number; payloadLength: number } {
  const payloadLength = "payload" in message ? message.payload.length : 0;
  return { headerLength: bytes.length - payloadLength, payloadLength };
}

/** By the name that a layer bears. */
export const PROTOCOLS = { ipv4, ipv6, icmpv4, icmpv6 };

/** Which of them follows an IP header, by its protocol number. */
export const BY_IP_PROTOCOL: Readonly<Record<number, keyof typeof PROTOCOLS>> =
  { 1: "icmpv4", 4: "ipv4", 41: "ipv6", 58: "icmpv6" };
