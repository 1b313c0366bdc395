/**
 * How the dissector reads IP, and what it carries besides transport protocols.
 *
 * @module
 */

import {
  checkGRE,
  decodeGRE,
  describeGRE,
  type GREHeader,
  grePayloadType,
  greTitle,
} from "./gre.ts";
import { decodeICMPv4 } from "./icmpv4.ts";
import { checkICMPv4, describeICMPv4 } from "./icmpv4_describe.ts";
import type { ICMPv4Message } from "./icmpv4_messages.ts";
import { decodeICMPv6 } from "./icmpv6.ts";
import { checkICMPv6, describeICMPv6 } from "./icmpv6_describe.ts";
import type { ICMPv6Message } from "./icmpv6_messages.ts";
import { decodeIGMP } from "./igmp.ts";
import { checkIGMP, describeIGMP } from "./igmp_describe.ts";
import type { IGMPMessage } from "./igmp_messages.ts";
import { decodeIPv4, type IPv4Header } from "./ipv4.ts";
import { checkIPv4, describeIPv4 } from "./ipv4_describe.ts";
import { decodeIPv6, type IPv6Header, upperLayerAddresses } from "./ipv6.ts";
import { checkIPv6, describeIPv6 } from "./ipv6_describe.ts";
import { isLaterFragment } from "./ipv6_extensions.ts";
import type { Protocol } from "./protocol.ts";
import { BY_ETHER_TYPE, BY_IP_PROTOCOL } from "./protocol_numbers.ts";

export const ipv4: Protocol<IPv4Header> = {
  title: ({ source, destination }) =>
    `Internet Protocol Version 4, Src: ${source}, Dst: ${destination}`,
  decode(bytes, _outside, isInFragment = false) {
    const decoded = decodeIPv4(bytes);
    const { header, payload, missing } = decoded;
    const isFragment = header.moreFragments || header.fragmentOffset > 0;
    const isCut = isInFragment && missing > 0;
    return {
      header,
      headerLength: header.headerLength,
      payloadLength: payload.length,
      problems: checkIPv4(bytes, isCut ? { ...decoded, missing: 0 } : decoded),
      // Only a first fragment begins with the next protocol's header.
      next: header.fragmentOffset === 0
        ? BY_IP_PROTOCOL[header.protocol]
        : undefined,
      addresses: isFragment || missing > 0 ? undefined : header,
      isFragment: isFragment || isCut,
    };
  },
  describe: describeIPv4,
};

export const ipv6: Protocol<IPv6Header> = {
  title: ({ source, destination }) =>
    `Internet Protocol Version 6, Src: ${source}, Dst: ${destination}`,
  decode(bytes, _outside, isInFragment = false) {
    const decoded = decodeIPv6(bytes);
    const { header, headerLength, payload, missing } = decoded;
    const { extensionHeaders, protocol } = header;
    const isFragment = extensionHeaders.some((extension) =>
      extension.kind === "fragment" &&
      (extension.moreFragments || extension.fragmentOffset > 0)
    );
    const isCut = isInFragment && missing > 0;
    return {
      header,
      headerLength,
      payloadLength: payload.length,
      problems: checkIPv6(isCut ? { ...decoded, missing: 0 } : decoded),
      next: isLaterFragment(extensionHeaders)
        ? undefined
        : BY_IP_PROTOCOL[protocol],
      addresses: isFragment || missing > 0
        ? undefined
        : upperLayerAddresses(header),
      isFragment: isFragment || isCut,
    };
  },
  describe: describeIPv6,
};

export const icmpv4: Protocol<ICMPv4Message> = {
  title: () => "Internet Control Message Protocol",
  decode(bytes, outside, isFragment = false) {
    const header = decodeICMPv4(bytes);
    const problems = isFragment
      ? []
      : checkICMPv4(bytes, header, outside !== undefined);
    return { ...wholeMessage(bytes, header), problems };
  },
  describe: (bytes, header, outside) =>
    describeICMPv4(bytes, header, outside !== undefined),
};

export const icmpv6: Protocol<ICMPv6Message> = {
  title: () => "Internet Control Message Protocol v6",
  decode(bytes, outside, isFragment = false) {
    const header = decodeICMPv6(bytes);
    const problems = isFragment ? [] : checkICMPv6(bytes, header, outside);
    return { ...wholeMessage(bytes, header), problems };
  },
  describe: describeICMPv6,
};

/**
 * Only the `payload` of a message is data; what it quotes is its own. All that
 * is checked of a message, its checksum and what it counts, takes the whole.
 */
function wholeMessage<Message extends object>(
  bytes: Uint8Array,
  header: Message & { readonly payload?: Uint8Array },
) {
  const payloadLength = header.payload?.length ?? 0;
  const headerLength = bytes.length - payloadLength;
  return { header, headerLength, payloadLength };
}

export const igmp: Protocol<IGMPMessage> = {
  title: () => "Internet Group Management Protocol",
  decode(bytes, outside, isFragment = false) {
    const header = decodeIGMP(bytes);
    const problems = isFragment
      ? []
      : checkIGMP(bytes, header, outside !== undefined);
    return { ...wholeMessage(bytes, header), problems };
  },
  describe: (bytes, header, outside) =>
    describeIGMP(bytes, header, outside !== undefined),
};

export const gre: Protocol<GREHeader> = {
  title: greTitle,
  decode(bytes, outside) {
    const { header, headerLength, payload } = decodeGRE(bytes);
    const etherType = grePayloadType(header);
    return {
      header,
      headerLength,
      payloadLength: payload.length,
      problems: checkGRE(bytes, header, outside !== undefined),
      next: etherType === undefined ? undefined : BY_ETHER_TYPE[etherType],
    };
  },
  describe: (bytes, header, outside) =>
    describeGRE(bytes, header, outside !== undefined),
};
