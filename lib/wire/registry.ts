/**
 * Every protocol that can be dissected, one row each, and the numbers by which
 * what is outside announces it.
 *
 * @module
 */

import {
  arpLength,
  type ARPMessage,
  arpTitle,
  checkARP,
  decodeARP,
  describeARP,
} from "./arp.ts";
import { ETHER_TYPE } from "./ether_types.ts";
import {
  checkEthernet,
  decodeEthernet,
  describeEthernet,
  type EthernetHeader,
  ethernetTitle,
  payloadEtherType,
} from "./ethernet.ts";
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
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_IPV4,
  LINK_TYPE_IPV6,
} from "./link_types.ts";
import type { Protocol, ProtocolHeaders, ProtocolName } from "./protocol.ts";
import { checkTCP, decodeTCP, type TCPHeader } from "./tcp.ts";
import { describeTCP, tcpTitle } from "./tcp_describe.ts";
import {
  checkUDP,
  decodeUDP,
  describeUDP,
  UDP_HEADER_LENGTH,
  type UDPHeader,
  udpTitle,
} from "./udp.ts";

/** By the number in an IP header. */
export const BY_IP_PROTOCOL: Readonly<Record<number, ProtocolName>> = {
  1: "icmpv4",
  4: "ipv4",
  6: "tcp",
  17: "udp",
  41: "ipv6",
  58: "icmpv6",
};

/** By the EtherType in a link-layer header, or in that of a tunnel. */
export const BY_ETHER_TYPE: Readonly<Record<number, ProtocolName>> = {
  [ETHER_TYPE.IPV4]: "ipv4",
  [ETHER_TYPE.ARP]: "arp",
  [ETHER_TYPE.IPV6]: "ipv6",
};

/** By the link type of a capture; raw IP is told by its version. */
export const BY_LINK_TYPE: Readonly<Record<number, ProtocolName>> = {
  [LINK_TYPE_ETHERNET]: "ethernet",
  [LINK_TYPE_IPV4]: "ipv4",
  [LINK_TYPE_IPV6]: "ipv6",
};

const ethernet: Protocol<EthernetHeader> = {
  title: ethernetTitle,
  decode(bytes) {
    const decoded = decodeEthernet(bytes);
    const { header, headerLength, payload } = decoded;
    const etherType = payloadEtherType(header);
    return {
      header,
      headerLength,
      payloadLength: payload.length,
      problems: checkEthernet(decoded),
      next: etherType === undefined ? undefined : BY_ETHER_TYPE[etherType],
    };
  },
  describe: (_bytes, header) => describeEthernet(header),
};

const arp: Protocol<ARPMessage> = {
  title: arpTitle,
  decode(bytes) {
    const header = decodeARP(bytes);
    return {
      header,
      headerLength: arpLength(header),
      payloadLength: 0,
      problems: checkARP(header),
    };
  },
  describe: (_bytes, header) => describeARP(header),
};

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
      next: header.fragmentOffset === 0
        ? BY_IP_PROTOCOL[header.protocol]
        : undefined,
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
      next: isLaterFragment(extensionHeaders)
        ? undefined
        : BY_IP_PROTOCOL[protocol],
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
    const payloadLength = payloadOf(header);
    return {
      header,
      headerLength: bytes.length - payloadLength,
      payloadLength,
      problems: checkICMPv4(bytes, header, outside !== undefined),
    };
  },
  describe: (bytes, header, outside) =>
    describeICMPv4(bytes, header, outside !== undefined),
};

const icmpv6: Protocol<ICMPv6Message> = {
  title: () => "Internet Control Message Protocol v6",
  decode(bytes, outside) {
    const header = decodeICMPv6(bytes);
    const payloadLength = payloadOf(header);
    return {
      header,
      headerLength: bytes.length - payloadLength,
      payloadLength,
      problems: checkICMPv6(bytes, header, outside),
    };
  },
  describe: describeICMPv6,
};

/** Only the `payload` of an ICMP message is data; what it quotes is its own. */
function payloadOf(message: ICMPv4Message | ICMPv6Message): number {
  return "payload" in message ? message.payload.length : 0;
}

const udp: Protocol<UDPHeader> = {
  title: udpTitle,
  decode(bytes, outside) {
    const decoded = decodeUDP(bytes);
    const { header, payload } = decoded;
    return {
      header,
      headerLength: UDP_HEADER_LENGTH,
      payloadLength: payload.length,
      problems: checkUDP(bytes, decoded, outside),
    };
  },
  describe: describeUDP,
};

const tcp: Protocol<TCPHeader> = {
  title: tcpTitle,
  decode(bytes, outside) {
    const { header, payload } = decodeTCP(bytes);
    return {
      header,
      headerLength: header.headerLength,
      payloadLength: payload.length,
      problems: checkTCP(bytes, header, outside),
    };
  },
  describe: describeTCP,
};

/** By the name that a layer bears. */
export const PROTOCOLS: {
  readonly [Name in ProtocolName]: Protocol<ProtocolHeaders[Name]>;
} = { ethernet, arp, ipv4, ipv6, icmpv4, icmpv6, udp, tcp };
