/**
 * Packets of every protocol, most of them sound: what mutations begin with.
 *
 * @module
 */

import {
  arp,
  buildPacket,
  encodeICMPExtensions,
  encodeIPv4Options,
  encodeNDPOptions,
  encodeTCPOptions,
  ethernet,
  gre,
  icmpv4,
  icmpv6,
  igmp,
  ipv4,
  type IPv4Option,
  ipv6,
  type IPv6LayerFields,
  LINK_TYPE_ETHERNET,
  LINK_TYPE_IPV4,
  LINK_TYPE_IPV6,
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
  LINK_TYPE_RAW,
  type PacketLayer,
  tcp,
  udp,
} from "../../mod.ts";
import { loopback, sll, sll2 } from "../../lib/wire/capture_layers.ts";

/** A packet, and what it begins with. */
export interface FuzzPacket {
  readonly linkType: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

type Part = PacketLayer | Uint8Array | string;

const V4 = { source: "192.0.2.1", destination: "192.0.2.2" };
const V6 = { source: "2001:db8::1", destination: "2001:db8::2" };
const octets = (length: number) =>
  Uint8Array.from({ length }, (_, i) => i * 37);

const raw = (...parts: Part[]): FuzzPacket => ({
  linkType: LINK_TYPE_RAW,
  bytes: buildPacket(...parts),
});
const over4 = (...parts: Part[]) => raw(ipv4(V4), ...parts);
const over6 = (...parts: Part[]) => raw(ipv6(V6), ...parts);
const frame = (...parts: Part[]): FuzzPacket => ({
  linkType: LINK_TYPE_ETHERNET,
  bytes: buildPacket(...parts),
});
const ports = (sourcePort: number, destinationPort: number) =>
  udp({ sourcePort, destinationPort });

const IPV4_OPTIONS: readonly IPv4Option[] = [
  { kind: "recordRoute", pointer: 4, addresses: ["192.0.2.9", "0.0.0.0"] },
  { kind: "looseSourceRoute", pointer: 8, addresses: ["192.0.2.9"] },
  { kind: "strictSourceRoute", pointer: 4, addresses: ["192.0.2.9"] },
  {
    kind: "timestamp",
    pointer: 5,
    overflow: 1,
    flag: 1,
    entries: [{ address: "192.0.2.9", timestamp: 99 }],
  },
  { kind: "routerAlert", value: 0 },
  { kind: "noOperation" },
  { kind: "unknown", type: 94, data: octets(3) },
];

const TCP_OPTIONS = encodeTCPOptions([
  { kind: "maximumSegmentSize", size: 1460 },
  { kind: "sackPermitted" },
  { kind: "timestamps", value: 1, echoReply: 2 },
  { kind: "windowScale", shift: 7 },
  { kind: "noOperation" },
  { kind: "fastOpen", cookie: octets(8) },
  { kind: "unknown", type: 30, data: octets(4) },
]);
const SACK = encodeTCPOptions([
  { kind: "sack", blocks: [{ left: 1, right: 2 }, { left: 5, right: 9 }] },
]);

const NDP_OPTIONS = encodeNDPOptions([
  { kind: "sourceLinkLayerAddress", address: octets(6) },
  { kind: "targetLinkLayerAddress", address: octets(6) },
  { kind: "mtu", reserved: 0, mtu: 1500 },
  {
    kind: "prefixInformation",
    prefixLength: 64,
    onLink: true,
    autonomous: true,
    reservedFlags: 0,
    validLifetime: 86_400,
    preferredLifetime: 14_400,
    reserved: 0,
    prefix: "2001:db8::",
  },
  { kind: "unknown", type: 25, data: octets(6) },
]);

/**
 * A query for example.com, an answer whose name is a pointer, and questions
 * whose own names point back, and at themselves.
 */
const DNS = [
  "002b010000010000000000000161c00c00010001",
  "002b01000001000000000000c00c00010001",
  "002b01000001000000000000076578616d706c6503636f6d0000010001",
  "002b81800001000100000000076578616d706c6503636f6d0000010001" +
  "c00c000100010000003c0004c0000201",
].map((hex) => Uint8Array.fromHex(hex));

function dhcp(): Uint8Array {
  const message = new Uint8Array(260);
  message.set(Uint8Array.fromHex("0101060012345678"));
  message.set(Uint8Array.fromHex("638253633501013d0701020000000001ff"), 236);
  return message;
}

const QUOTED = [ipv4({ ...V4, ttl: 1 }), ports(9, 33_434), "probe"] as const;
const EXTENSIONS = encodeICMPExtensions({
  objects: [
    {
      kind: "mplsLabelStack",
      labels: [{
        label: 25_612,
        trafficClass: 0,
        bottomOfStack: true,
        ttl: 1,
      }],
    },
    { kind: "unknown", classNumber: 2, classType: 1, data: octets(8) },
  ],
});

const EXTENSION_HEADERS: readonly IPv6LayerFields["extensionHeaders"][] = [
  [{ kind: "hopByHop" }],
  [{ kind: "destinationOptions", data: octets(14) }],
  [{ kind: "routing", routingType: 4, segmentsLeft: 1, data: octets(20) }],
  [{ kind: "fragment", moreFragments: true }],
  [{ kind: "fragment", fragmentOffset: 8 }],
  [{ kind: "authentication", data: octets(10) }],
  [{ kind: "hopByHop" }, { kind: "fragment" }, { kind: "destinationOptions" }],
];

/** Messages by their type, those that are known and one that is not. */
function everyType(header: PacketLayer, protocol: number): FuzzPacket[] {
  const types = protocol === 2
    ? [0x11, 0x12, 0x16, 0x17, 0x22, 0x99]
    : protocol === 1
    ? [0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 40, 99]
    : [1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 143, 200];
  return types.map((type) =>
    raw(header, Uint8Array.of(type, 0, 0, 0), octets(44))
  );
}

const COOKED = {
  packetType: 4,
  hardwareType: 1,
  addressLength: 6,
  address: octets(8),
};
const MAC = { source: "02:00:00:00:00:01", destination: "02:00:00:00:00:02" };
const ECHO = icmpv4({ kind: "echoRequest", identifier: 7, sequence: 9 });
const ARP = arp({
  kind: "ethernetIPv4",
  operation: 1,
  senderProtocolAddress: "192.0.2.1",
  targetProtocolAddress: "192.0.2.2",
});

/** A packet of each kind. */
export const SEEDS: readonly FuzzPacket[] = [
  over4(ECHO, octets(20)),
  over4(ports(7, 9), "datagram"),
  over4(tcp({ sourcePort: 9, destinationPort: 80, options: TCP_OPTIONS })),
  over6(tcp({ sourcePort: 9, destinationPort: 80, options: SACK }), "data"),
  over6(icmpv6({ kind: "echoRequest" }), octets(9)),
  raw(ipv4({ ...V4, protocol: 253 }), "Hello World!"),
  raw(ipv4({ ...V4, moreFragments: true }), ports(1, 2), octets(16)),
  raw(ipv4({ ...V4, fragmentOffset: 16, protocol: 17 }), octets(16)),
  ...IPV4_OPTIONS.map((option) =>
    raw(ipv4({ ...V4, options: encodeIPv4Options([option]) }), ECHO)
  ),
  ...EXTENSION_HEADERS.map((extensionHeaders) =>
    raw(ipv6({ ...V6, extensionHeaders }), ports(1, 2), octets(8))
  ),
  ...everyType(ipv4({ ...V4, protocol: 1 }), 1),
  ...everyType(ipv4({ ...V4, protocol: 2 }), 2),
  ...everyType(ipv6({ ...V6, protocol: 58, hopLimit: 255 }), 58),
  over4(icmpv4({ kind: "timeExceeded" }), ...QUOTED),
  over4(
    icmpv4({ kind: "timeExceeded", extensions: EXTENSIONS }),
    buildPacket(...QUOTED),
  ),
  over4(icmpv4({ kind: "destinationUnreachable", code: 4 }), ...QUOTED),
  over6(
    icmpv6({ kind: "neighborSolicitation", target: "fe80::1" }),
    NDP_OPTIONS,
  ),
  over6(icmpv6({ kind: "routerAdvertisement" }), NDP_OPTIONS),
  over4(igmp({
    kind: "reportV3",
    records: [{
      type: 1,
      group: "239.1.1.1",
      sources: ["192.0.2.3"],
      auxiliaryData: octets(4),
    }],
  })),
  over4(igmp({ kind: "queryV3", group: "239.1.1.1", sources: ["192.0.2.3"] })),
  over4(
    gre({ hasChecksum: true, key: 7, sequence: 1 }),
    ipv4(V4),
    ECHO,
  ),
  over4(gre(), ethernet(MAC), ARP),
  over4(ipv6(V6), ipv4(V4), ports(1, 2), "tunnels"),
  raw(...Array.from({ length: 20 }, () => ipv4(V4)), ECHO),
  ...DNS.map((message) => over4(ports(5353, 53), message)),
  over4(ports(68, 67), dhcp()),
  frame(ethernet(MAC), ARP, octets(18)),
  frame(
    ethernet({ ...MAC, vlanTags: [{ tpid: 0x88a8, vid: 5 }, { vid: 1 }] }),
    ipv4(V4),
    ECHO,
  ),
  frame(
    ethernet({
      ...MAC,
      llc: {
        dsap: 0xaa,
        ssap: 0xaa,
        control: 3,
        snap: { oui: 0, protocol: 0x0800 },
      },
    }),
    ipv4(V4),
    ECHO,
  ),
  frame(
    ethernet({ ...MAC, llc: { dsap: 0x42, ssap: 0x42, control: 3 } }),
    octets(35),
  ),
  frame(ethernet({ ...MAC, typeOrLength: 0x0806 }), octets(40)),
  {
    linkType: LINK_TYPE_LINUX_SLL,
    bytes: buildPacket(sll(COOKED), ipv4(V4), ECHO),
  },
  {
    linkType: LINK_TYPE_LINUX_SLL2,
    bytes: buildPacket(
      sll2({ ...COOKED, reserved: 0, interfaceIndex: 2 }),
      ipv6(V6),
      ports(1, 2),
    ),
  },
  {
    linkType: LINK_TYPE_NULL,
    bytes: buildPacket(
      loopback({ family: 2, littleEndian: true }),
      ipv4(V4),
      ECHO,
    ),
  },
  {
    linkType: LINK_TYPE_LOOP,
    bytes: buildPacket(
      loopback({ family: 24, littleEndian: false }),
      ipv6(V6),
      ports(1, 2),
    ),
  },
  { linkType: LINK_TYPE_IPV4, bytes: buildPacket(ipv4(V4), ECHO) },
  { linkType: LINK_TYPE_IPV6, bytes: buildPacket(ipv6(V6), ports(1, 2)) },
  { linkType: 147, bytes: octets(40) },
];
