/**
 * How the dissector reads UDP, TCP, and the messages that it names.
 *
 * @module
 */

import { decodeDHCP, describeDHCP, type DHCPSummary } from "./dhcp.ts";
import { decodeDNS, describeDNS, type DNSSummary } from "./dns.ts";
import type { DecodedLayer, Protocol } from "./protocol.ts";
import { BY_UDP_PORT } from "./protocol_numbers.ts";
import { checkTCP, decodeTCP, type TCPHeader } from "./tcp.ts";
import {
  describeTCP,
  describeTCPStart,
  tcpStartTitle,
  tcpTitle,
} from "./tcp_describe.ts";
import {
  checkUDP,
  decodeUDP,
  describeUDP,
  UDP_HEADER_LENGTH,
  type UDPHeader,
  udpTitle,
} from "./udp.ts";

export const udp: Protocol<UDPHeader> = {
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

export const tcp: Protocol<TCPHeader> = {
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
  describeStart: (start) => ({
    title: tcpStartTitle(start),
    fields: describeTCPStart(start),
  }),
};

export const dns: Protocol<DNSSummary> = {
  title: describeDNS,
  decode: (bytes) => named(bytes, decodeDNS(bytes)),
  describe: () => [],
};

export const dhcp: Protocol<DHCPSummary> = {
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
