/**
 * What is compared with tshark, field by field: its names, and our values.
 *
 * @module
 */

import type { Dissection } from "../../lib/wire/dissect.ts";
import type { ProtocolHeaders, ProtocolName } from "../../lib/wire/protocol.ts";
import { flagsOf } from "../../lib/wire/tcp.ts";
import {
  decodeTCPOptions,
  type TCPOption,
} from "../../lib/wire/tcp_options.ts";

/** A packet's fields as tshark names them; numbers in decimal. */
export type Row = Record<string, string>;

/** What is compared: the fields of one protocol, and how we read them. */
type Reader<Name extends ProtocolName> = Readonly<
  Record<string, (header: ProtocolHeaders[Name]) => unknown>
>;

const READERS: { readonly [Name in ProtocolName]?: Reader<Name> } = {
  ethernet: {
    "eth.dst": (h) => h.destination,
    "eth.src": (h) => h.source,
    "eth.type": (h) => h.vlanTags[0]?.tpid ?? (h.llc ? "" : h.typeOrLength),
    "eth.len": (h) => h.llc && h.vlanTags.length === 0 ? h.typeOrLength : "",
    "vlan.id": (h) => tag(h, 0x8100)?.vid,
    "vlan.priority": (h) => tag(h, 0x8100)?.pcp,
    "vlan.dei": (h) => tag(h, 0x8100)?.dei,
    "ieee8021ad.id": (h) => tag(h, 0x88a8)?.vid,
    "llc.dsap": (h) => h.llc?.dsap,
    "llc.ssap": (h) => h.llc?.ssap,
    "llc.oui": (h) => h.llc?.snap?.oui,
  },
  arp: {
    "arp.hw.type": (h) => h.hardwareType,
    "arp.proto.type": (h) => h.protocolType,
    "arp.hw.size": (h) => h.hardwareLength,
    "arp.proto.size": (h) => h.protocolLength,
    "arp.opcode": (h) => h.operation,
    "arp.src.hw_mac": (h) =>
      "senderHardwareAddress" in h && h.senderHardwareAddress,
    "arp.src.proto_ipv4": (h) =>
      "senderProtocolAddress" in h && h.senderProtocolAddress,
    "arp.dst.hw_mac": (h) =>
      "targetHardwareAddress" in h && h.targetHardwareAddress,
    "arp.dst.proto_ipv4": (h) =>
      "targetProtocolAddress" in h && h.targetProtocolAddress,
  },
  sll: cooked(),
  sll2: { ...cooked(), "sll.ifindex": (h) => h.interfaceIndex },
  loopback: { "null.family": (h) => h.family },
  dns: {
    "dns.id": (h) => h.id,
    "dns.flags.response": (h) => h.isResponse,
    "dns.flags.opcode": (h) => h.opcode,
    "dns.flags.rcode": (h) => h.isResponse ? h.responseCode : undefined,
    "dns.count.answers": (h) => h.answerCount,
    "dns.qry.name": (h) => h.question?.name,
    "dns.qry.type": (h) => h.question?.type,
  },
  dhcp: {
    "dhcp.type": (h) => h.operation,
    "dhcp.id": (h) => h.transactionId,
    "dhcp.option.dhcp": (h) => h.messageType,
  },
  ipv4: {
    "ip.hdr_len": (h) => h.headerLength,
    "ip.dsfield.dscp": (h) => h.dscp,
    "ip.dsfield.ecn": (h) => h.ecn,
    "ip.len": (h) => h.totalLength,
    "ip.id": (h) => h.identification,
    "ip.flags.rb": (h) => h.reserved,
    "ip.flags.df": (h) => h.dontFragment,
    "ip.flags.mf": (h) => h.moreFragments,
    // It counts units of eight octets.
    "ip.frag_offset": (h) => h.fragmentOffset / 8,
    "ip.ttl": (h) => h.ttl,
    "ip.proto": (h) => h.protocol,
    "ip.checksum": (h) => h.checksum,
    "ip.src": (h) => h.source,
    "ip.dst": (h) => h.destination,
  },
  ipv6: {
    "ipv6.tclass.dscp": (h) => h.dscp,
    "ipv6.tclass.ecn": (h) => h.ecn,
    "ipv6.flow": (h) => h.flowLabel,
    "ipv6.plen": (h) => h.payloadLength,
    "ipv6.nxt": (h) => h.nextHeader,
    "ipv6.hlim": (h) => h.hopLimit,
    "ipv6.src": (h) => h.source,
    "ipv6.dst": (h) => h.destination,
  },
  icmpv4: {
    "icmp.type": (h) => h.type,
    "icmp.code": (h) => h.code,
    "icmp.checksum": (h) => h.checksum,
  },
  icmpv6: {
    "icmpv6.type": (h) => h.type,
    "icmpv6.code": (h) => h.code,
    "icmpv6.checksum": (h) => h.checksum,
  },
  udp: {
    "udp.srcport": (h) => h.sourcePort,
    "udp.dstport": (h) => h.destinationPort,
    "udp.length": (h) => h.length,
    "udp.checksum": (h) => h.checksum,
  },
  igmp: {
    "igmp.type": (h) => h.type,
    "igmp.checksum": (h) => h.checksum,
    "igmp.maddr": (h) =>
      "group" in h ? h.group : "records" in h ? h.records[0]?.group : undefined,
    "igmp.s": (h) => h.kind === "queryV3" ? h.suppress : undefined,
    "igmp.qrv": (h) => h.kind === "queryV3" ? h.robustness : undefined,
    "igmp.qqic": (h) => h.kind === "queryV3" ? h.intervalCode : undefined,
    "igmp.num_grp_recs": (h) =>
      h.kind === "reportV3" ? h.recordCount : undefined,
  },
  gre: {
    "gre.proto": (h) => h.protocol,
    "gre.flags.checksum": (h) => h.hasChecksum,
    "gre.flags.key": (h) => h.hasKey,
    "gre.flags.sequence_number": (h) => h.hasSequence,
    "gre.checksum": (h) => h.checksum,
    "gre.key": (h) => h.key,
    "gre.sequence_number": (h) => h.sequence,
  },
  tcp: {
    "tcp.srcport": (h) => h.sourcePort,
    "tcp.dstport": (h) => h.destinationPort,
    "tcp.seq": (h) => h.sequence,
    "tcp.ack": (h) => h.acknowledgment,
    "tcp.hdr_len": (h) => h.headerLength,
    "tcp.flags": (h) => h.reserved << 8 | flagsOf(h),
    "tcp.flags.cwr": (h) => h.cwr,
    "tcp.flags.ece": (h) => h.ece,
    "tcp.flags.urg": (h) => h.urg,
    "tcp.flags.ack": (h) => h.ack,
    "tcp.flags.push": (h) => h.psh,
    "tcp.flags.reset": (h) => h.rst,
    "tcp.flags.syn": (h) => h.syn,
    "tcp.flags.fin": (h) => h.fin,
    "tcp.window_size_value": (h) => h.window,
    "tcp.checksum": (h) => h.checksum,
    "tcp.urgent_pointer": (h) => h.urgentPointer,
    "tcp.options.mss_val": (h) => option(h, "maximumSegmentSize")?.size,
    "tcp.options.wscale.shift": (h) => option(h, "windowScale")?.shift,
    "tcp.options.timestamp.tsval": (h) => option(h, "timestamps")?.value,
    "tcp.options.timestamp.tsecr": (h) => option(h, "timestamps")?.echoReply,
    "tcp.options.sack_le": (h) => option(h, "sack")?.blocks.map((b) => b.left),
    "tcp.options.sack_re": (h) => option(h, "sack")?.blocks.map((b) => b.right),
  },
};

/**
 * Whether a checksum is right: 0 no, 1 yes, 2 cannot be told, 3 there is none,
 * 4 there is none where there must be one.
 */
const STATUS: { readonly [Name in ProtocolName]?: string } = {
  ipv4: "ip.checksum.status",
  icmpv4: "icmp.checksum.status",
  icmpv6: "icmpv6.checksum.status",
  igmp: "igmp.checksum.status",
  gre: "gre.checksum.status",
  udp: "udp.checksum.status",
  tcp: "tcp.checksum.status",
};

/** Of the cooked headers of both versions. */
function cooked<Name extends "sll" | "sll2">(): Reader<Name> {
  return {
    "sll.pkttype": (h) => h.packetType,
    "sll.hatype": (h) => h.hardwareType,
    "sll.halen": (h) => h.addressLength,
    "sll.src.eth": (h) =>
      h.addressLength === 6
        ? h.address.subarray(0, 6).toHex().replace(/(?!^)(?=(..)+$)/g, ":")
        : undefined,
    "sll.etype": (h) => h.protocol,
  };
}

/** All that is compared. */
export const NAMES = [
  ...Object.values(READERS).flatMap((reader) => Object.keys(reader)),
  ...Object.values(STATUS),
];

function tag({ vlanTags }: ProtocolHeaders["ethernet"], tpid: number) {
  return vlanTags.find((tag) => tag.tpid === tpid);
}

function option<Kind extends TCPOption["kind"]>(
  { options }: ProtocolHeaders["tcp"],
  kind: Kind,
): Extract<TCPOption, { kind: Kind }> | undefined {
  return decodeTCPOptions(options).options.map(({ option }) => option)
    .find((option): option is Extract<TCPOption, { kind: Kind }> =>
      option.kind === kind
    );
}

/** The first of each protocol, as tshark's rows have it too. */
export function rowOf({ layers, problems }: Dissection): Row {
  const row: Row = {};
  if (problems.some(({ field }) => /^(total|payload)Length$/.test(field))) {
    row.isIPCutShort = "1";
  }
  for (const layer of layers) {
    if (layer.protocol === "data") continue;
    const reader = READERS[layer.protocol] as Reader<ProtocolName> | undefined;
    for (const [name, read] of Object.entries(reader ?? {})) {
      row[name] ??= textOf(read(layer.header));
    }
    const status = STATUS[layer.protocol];
    if (status === undefined) continue;
    const has = (...fields: string[]) =>
      problems.some(({ layer: name, field }) =>
        name === layer.protocol && fields.includes(field)
      );
    if (layer.protocol === "gre" && !layer.header.hasChecksum) continue;
    const isNone = layer.protocol === "udp" && layer.header.checksum === 0;
    const isKnown = layer.protocol === "ipv4" ||
      layer.outside !== undefined && !has("length");
    row[status] ??= isNone
      ? has("checksum") ? "4" : "3"
      : !isKnown
      ? "2"
      : has("checksum")
      ? "0"
      : "1";
  }
  return row;
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.join();
  return typeof value === "boolean" ? `${Number(value)}` : `${value}`;
}
