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
import { decodeDHCP, describeDHCP, type DHCPSummary } from "./dhcp.ts";
import { decodeDNS, describeDNS, type DNSSummary } from "./dns.ts";
import { ETHER_TYPE } from "./ether_types.ts";
import {
  checkEthernet,
  decodeEthernet,
  type EthernetHeader,
  payloadEtherType,
} from "./ethernet.ts";
import { describeEthernet, ethernetTitle } from "./ethernet_describe.ts";
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
import { checkIGMP, decodeIGMP, type IGMPMessage } from "./igmp.ts";
import { describeIGMP } from "./igmp_describe.ts";
import { decodeIPv4, type IPv4Header } from "./ipv4.ts";
import { checkIPv4, describeIPv4 } from "./ipv4_describe.ts";
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
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
} from "./link_types.ts";
import {
  decodeLinuxSLL,
  decodeLinuxSLL2,
  describeLinuxSLL,
  describeLinuxSLL2,
  LINUX_SLL2_HEADER_LENGTH,
  LINUX_SLL_HEADER_LENGTH,
  type LinuxSLL2Header,
  type LinuxSLLHeader,
} from "./linux_cooked.ts";
import {
  checkLoopback,
  decodeLoopback,
  describeLoopback,
  LOOPBACK_HEADER_LENGTH,
  loopbackFamily,
  type LoopbackHeader,
} from "./loopback.ts";
import type {
  DecodedLayer,
  Protocol,
  ProtocolHeaders,
  ProtocolName,
} from "./protocol.ts";
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
  2: "igmp",
  4: "ipv4",
  6: "tcp",
  17: "udp",
  41: "ipv6",
  47: "gre",
  58: "icmpv6",
};

/** By the EtherType in a link-layer header, or in that of a tunnel. */
export const BY_ETHER_TYPE: Readonly<Record<number, ProtocolName>> = {
  [ETHER_TYPE.IPV4]: "ipv4",
  [ETHER_TYPE.ARP]: "arp",
  [ETHER_TYPE.TRANSPARENT_ETHERNET]: "ethernet",
  [ETHER_TYPE.IPV6]: "ipv6",
};

/** By the link type of a capture; raw IP is told by its version. */
export const BY_LINK_TYPE: Readonly<Record<number, ProtocolName>> = {
  [LINK_TYPE_NULL]: "loopback",
  [LINK_TYPE_ETHERNET]: "ethernet",
  [LINK_TYPE_LOOP]: "loopback",
  [LINK_TYPE_LINUX_SLL]: "sll",
  [LINK_TYPE_IPV4]: "ipv4",
  [LINK_TYPE_IPV6]: "ipv6",
  [LINK_TYPE_LINUX_SLL2]: "sll2",
};

/** By either UDP port: 53 and 5353 are names, 67 and 68 configuration. */
const BY_UDP_PORT: Readonly<Record<number, ProtocolName>> = {
  53: "dns",
  67: "dhcp",
  68: "dhcp",
  5353: "dns",
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

const sll: Protocol<LinuxSLLHeader> = {
  title: () => "Linux cooked capture v1",
  decode(bytes) {
    const { header, payload } = decodeLinuxSLL(bytes);
    return {
      header,
      headerLength: LINUX_SLL_HEADER_LENGTH,
      payloadLength: payload.length,
      problems: [],
      next: BY_ETHER_TYPE[header.protocol],
    };
  },
  describe: (_bytes, header) => describeLinuxSLL(header),
};

const sll2: Protocol<LinuxSLL2Header> = {
  title: () => "Linux cooked capture v2",
  decode(bytes) {
    const { header, payload } = decodeLinuxSLL2(bytes);
    return {
      header,
      headerLength: LINUX_SLL2_HEADER_LENGTH,
      payloadLength: payload.length,
      problems: [],
      next: BY_ETHER_TYPE[header.protocol],
    };
  },
  describe: (_bytes, header) => describeLinuxSLL2(header),
};

const loopback: Protocol<LoopbackHeader> = {
  title: () => "Null/Loopback",
  decode(bytes) {
    const { header, payload } = decodeLoopback(bytes);
    const family = loopbackFamily(header);
    return {
      header,
      headerLength: LOOPBACK_HEADER_LENGTH,
      payloadLength: payload.length,
      problems: checkLoopback(header),
      next: family === undefined ? undefined : family === 4 ? "ipv4" : "ipv6",
    };
  },
  describe: (_bytes, header) => describeLoopback(header),
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
      next: payload.length === 0
        ? undefined
        : BY_UDP_PORT[header.destinationPort] ??
          BY_UDP_PORT[header.sourcePort],
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

const igmp: Protocol<IGMPMessage> = {
  title: () => "Internet Group Management Protocol",
  decode(bytes, outside) {
    const header = decodeIGMP(bytes);
    const payloadLength = header.payload.length;
    return {
      header,
      headerLength: bytes.length - payloadLength,
      payloadLength,
      problems: checkIGMP(bytes, header, outside !== undefined),
    };
  },
  describe: (bytes, header, outside) =>
    describeIGMP(bytes, header, outside !== undefined),
};

const gre: Protocol<GREHeader> = {
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

const dns: Protocol<DNSSummary> = {
  title: describeDNS,
  decode: (bytes) => named(bytes, decodeDNS(bytes)),
  describe: () => [],
};

const dhcp: Protocol<DHCPSummary> = {
  title: describeDHCP,
  decode: (bytes) => named(bytes, decodeDHCP(bytes)),
  describe: () => [],
};

/** A message that is only named: all of it is one layer, without fields. */
function named<Header>(
  bytes: Uint8Array,
  header: Header,
): DecodedLayer<Header> {
  const headerLength = bytes.length;
  return { header, headerLength, payloadLength: 0, problems: [] };
}

/** By the name that a layer bears. */
export const PROTOCOLS: {
  readonly [Name in ProtocolName]: Protocol<ProtocolHeaders[Name]>;
} = {
  ethernet,
  sll,
  sll2,
  loopback,
  arp,
  ipv4,
  ipv6,
  icmpv4,
  icmpv6,
  udp,
  tcp,
  igmp,
  gre,
  dns,
  dhcp,
};
