/**
 * How the dissector reads what is below IP.
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
import {
  checkEthernet,
  decodeEthernet,
  type EthernetHeader,
  payloadEtherType,
} from "./ethernet.ts";
import { describeEthernet, ethernetTitle } from "./ethernet_describe.ts";
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
import type { Protocol } from "./protocol.ts";
import { BY_ETHER_TYPE } from "./protocol_numbers.ts";

export const ethernet: Protocol<EthernetHeader> = {
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

export const sll: Protocol<LinuxSLLHeader> = {
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

export const sll2: Protocol<LinuxSLL2Header> = {
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

export const loopback: Protocol<LoopbackHeader> = {
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

export const arp: Protocol<ARPMessage> = {
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
