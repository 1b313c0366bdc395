/**
 * Some thousands of packets of every kind, right and wrong, read by tshark and
 * by us, and compared field by field. It writes capture files and runs tshark
 * on them; nothing is sent.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { encodePcapHeader, encodePcapRecord } from "../../lib/capture/pcap.ts";
import {
  buildPacket,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
  type PacketLayer,
} from "../../lib/wire/build.ts";
import { dissect, type Dissection } from "../../lib/wire/dissect.ts";
import { arp, ethernet } from "../../lib/wire/link_layers.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_RAW,
} from "../../lib/wire/link_types.ts";
import type { ProtocolHeaders, ProtocolName } from "../../lib/wire/protocol.ts";
import {
  decodeTCPOptions,
  encodeTCPOptions,
  type TCPOption,
} from "../../lib/wire/tcp_options.ts";
import { flagsOf } from "../../lib/wire/tcp.ts";
import {
  gre,
  igmp,
  type IGMPLayerFields,
  tcp,
  udp,
} from "../../lib/wire/transport_layers.ts";
import { liveTest } from "../live/live.ts";
import {
  type Random,
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../random.ts";

const PACKETS = 4000;

/** A packet's fields as tshark names them; numbers in decimal. */
type Row = Record<string, string>;

/**
 * Where we say something else than tshark, on purpose.
 *
 * @returns whether `name` is to be left out of the comparison
 */
const DIFFERENCES: readonly {
  readonly reason: string;
  isOne(name: string, ours: Row, theirs: Row): boolean;
}[] = [
  {
    reason: "A header whose own length is impossible is not decoded here; " +
      "tshark shows what stands before that length.",
    isOne: (name, ours, theirs) =>
      name.startsWith("udp.") && ours["udp.length"] === undefined &&
        Number(theirs["udp.length"]) < 8 ||
      name.startsWith("tcp.") && ours["tcp.hdr_len"] === undefined,
  },
  {
    reason: "A message of fewer octets than every one of its kind has is not " +
      "decoded here; tshark shows those that there are.",
    isOne: (name, ours) =>
      name.startsWith("igmp.") &&
      (ours["igmp.type"] === undefined || ours["igmp.maddr"] === ""),
  },
  {
    reason: "Where an IP length goes past the end no checksum inside is " +
      "checked here; tshark takes what is there for all.",
    isOne: (name, ours) =>
      name.endsWith(".checksum.status") && /[23]/.test(ours[name]) &&
      ours.isIPCutShort === "1",
  },
  {
    reason: "A DRARP error (RFC 1931) has a status code where other messages " +
      "have the target's address; here it is an address all the same.",
    isOne: (name, ours) =>
      name === "arp.dst.proto_ipv4" && ours["arp.opcode"] === "7",
  },
];

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

const NAMES = [
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

for (
  const [name, linkType, make] of [
    ["Ethernet frames", LINK_TYPE_ETHERNET, frame],
    ["raw IP packets", LINK_TYPE_RAW, rawPacket],
  ] as const
) {
  await liveTest(
    `dissect() reads ${name} as tshark does`,
    ["tshark"],
    async () => {
      const random = seededRandom(linkType);
      const packets = Array.from({ length: PACKETS }, () => make(random));
      const theirs = await readWithTshark(packets, linkType);
      assertEquals(theirs.length, packets.length);
      const filled = new Map<string, number>();
      const mismatches = new Map<string, string>();
      for (const [i, packet] of packets.entries()) {
        const ours = rowOf(dissect(packet, { linkType }));
        for (const name of NAMES) {
          const [our, their] = [ours[name] ?? "", theirs[i][name] ?? ""];
          if (our === their) {
            if (our !== "") filled.set(name, (filled.get(name) ?? 0) + 1);
            continue;
          }
          const known = DIFFERENCES.some(({ isOne }) =>
            isOne(name, ours, theirs[i])
          );
          if (!known) {
            mismatches.set(
              `${name}: ${our || "nothing"} here, ${their || "nothing"} there`,
              packet.toHex(),
            );
          }
        }
      }
      assertEquals([...mismatches].slice(0, 20), []);
      // The comparison would be worth little if it compared nothing.
      for (const name of NAMES) {
        const isLink = /^(eth|vlan|ieee|llc|arp)/.test(name);
        if (isLink && linkType === LINK_TYPE_RAW) continue;
        assert((filled.get(name) ?? 0) >= 20, `${name} is hardly compared`);
      }
    },
  );
}

/** The first of each protocol, as tshark's rows have it too. */
function rowOf({ layers, problems }: Dissection): Row {
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

function frame(random: Random): Uint8Array<ArrayBuffer> {
  const vlanTags = randomOf(random, [
    [],
    [],
    [{ vid: randomInt(random, 0, 4095), pcp: randomInt(random, 0, 7) }],
    [
      { vid: randomInt(random, 0, 4095) },
      { vid: randomInt(random, 0, 4095), dei: random() < 0.5 },
    ],
  ]);
  const head = {
    destination: `02:00:00:00:00:${hexOctet(random)}`,
    source: `02:00:00:00:01:${hexOctet(random)}`,
    vlanTags,
  };
  if (random() < 0.1) {
    return buildPacket(
      ethernet({
        ...head,
        vlanTags: [],
        llc: {
          dsap: 0xaa,
          ssap: 0xaa,
          control: 3,
          snap: { oui: randomInt(random, 1, 0xffffff), protocol: 0x9999 },
        },
      }),
      randomBytes(random, randomInt(random, 40, 60)),
    );
  }
  if (random() < 0.2) return buildPacket(ethernet(head), anARP(random));
  const inside = rawPacket(random);
  const typeOrLength = inside[0] >>> 4 === 4 ? 0x0800 : 0x86dd;
  // Padded as short frames are.
  const padding = new Uint8Array(Math.max(0, 46 - inside.length));
  return buildPacket(ethernet({ ...head, typeOrLength }), inside, padding);
}

function anARP(random: Random): PacketLayer {
  return arp({
    kind: "ethernetIPv4",
    operation: randomInt(random, 1, 9),
    senderHardwareAddress: `02:00:00:00:01:${hexOctet(random)}`,
    senderProtocolAddress: address4(random),
    targetHardwareAddress: `02:00:00:00:02:${hexOctet(random)}`,
    targetProtocolAddress: address4(random),
  });
}

/** One that begins with its IP header. */
function rawPacket(random: Random): Uint8Array<ArrayBuffer> {
  const payload = randomBytes(random, randomInt(random, 0, 60));
  const is4 = random() < 0.6;
  if (random() < 0.1) return buildPacket(outer4(random), anIGMP(random));
  if (random() < 0.1) {
    const tunnel = {
      hasChecksum: random() < 0.5,
      ...(random() < 0.5 ? { key: randomInt(random, 0, 0xffffffff) } : {}),
      ...(random() < 0.5 ? { sequence: randomInt(random, 0, 0xffffffff) } : {}),
      ...wrongChecksum(random),
      protocol: 0x88b5,
    };
    return buildPacket(outer4(random), gre(tunnel), payload);
  }
  return buildPacket(
    is4 ? outer4(random) : outer6(random),
    random() < 0.45
      ? aUDP(random)
      : random() < 0.8
      ? aTCP(random)
      : is4
      ? icmpv4({ kind: "echoRequest", ...wrongChecksum(random) })
      : icmpv6({ kind: "echoRequest", ...wrongChecksum(random) }),
    payload,
  );
}

function anIGMP(random: Random): PacketLayer {
  const group = `239.1.2.${randomInt(random, 0, 255)}`;
  const wrong = wrongChecksum(random);
  return igmp(randomOf<IGMPLayerFields>(random, [
    { kind: "query", group, ...wrong },
    {
      kind: randomOf(random, ["reportV1", "reportV2", "leave"]),
      group,
      ...wrong,
    },
    {
      kind: "queryV3",
      group,
      suppress: random() < 0.5,
      robustness: randomInt(random, 0, 7),
      intervalCode: randomInt(random, 0, 127),
      sources: random() < 0.5 ? [address4(random)] : [],
      ...wrong,
    },
    {
      kind: "reportV3",
      records: [{
        type: randomInt(random, 1, 6),
        group: "239.1.1.1",
        sources: [address4(random)],
        auxiliaryData: new Uint8Array(),
      }],
      ...wrong,
    },
  ]));
}

function outer4(random: Random): PacketLayer {
  return ipv4({
    source: address4(random),
    destination: address4(random),
    dscp: randomInt(random, 0, 63),
    ecn: randomInt(random, 0, 3),
    identification: randomInt(random, 0, 0xffff),
    reserved: random() < 0.1,
    dontFragment: random() < 0.5,
    moreFragments: random() < 0.05,
    fragmentOffset: random() < 0.05 ? 8 * randomInt(random, 1, 8191) : 0,
    ttl: randomInt(random, 0, 255),
    options: new Uint8Array(randomOf(random, [0, 0, 0, 4, 40])).fill(1),
    ...wrongChecksum(random),
    ...(random() < 0.05 ? { totalLength: randomInt(random, 61, 200) } : {}),
  });
}

function outer6(random: Random): PacketLayer {
  return ipv6({
    source: address6(random),
    destination: address6(random),
    dscp: randomInt(random, 0, 63),
    ecn: randomInt(random, 0, 3),
    flowLabel: randomInt(random, 0, 0xfffff),
    hopLimit: randomInt(random, 0, 255),
    extensionHeaders: random() < 0.2 ? [{ kind: "destinationOptions" }] : [],
    ...(random() < 0.05 ? { payloadLength: randomInt(random, 20, 200) } : {}),
  });
}

function aUDP(random: Random): PacketLayer {
  return udp({
    sourcePort: port(random),
    destinationPort: port(random),
    ...wrongChecksum(random),
    ...(random() < 0.05 ? { checksum: 0 } : {}),
    ...(random() < 0.05 ? { length: randomInt(random, 0, 100) } : {}),
  });
}

function aTCP(random: Random): PacketLayer {
  const flag = () => random() < 0.3;
  return tcp({
    sourcePort: port(random),
    destinationPort: port(random),
    sequence: randomInt(random, 0, 0xffffffff),
    acknowledgment: randomInt(random, 0, 0xffffffff),
    window: randomInt(random, 0, 0xffff),
    urgentPointer: randomInt(random, 0, 0xffff),
    reserved: random() < 0.1 ? randomInt(random, 0, 15) : 0,
    cwr: flag(),
    ece: flag(),
    urg: flag(),
    ack: flag(),
    psh: flag(),
    rst: flag(),
    syn: flag(),
    fin: flag(),
    options: tcpOptions(random),
    ...wrongChecksum(random),
    ...(random() < 0.05 ? { headerLength: 4 * randomInt(random, 0, 15) } : {}),
  });
}

function tcpOptions(random: Random): Uint8Array {
  const word = () => randomInt(random, 0, 0xffffffff);
  const sack = Array.from(
    { length: randomInt(random, 1, 2) },
    () => ({ left: word(), right: word() }),
  );
  return encodeTCPOptions(randomOf<TCPOption[]>(random, [
    [],
    [
      { kind: "maximumSegmentSize", size: randomInt(random, 0, 0xffff) },
      { kind: "sackPermitted" },
      { kind: "windowScale", shift: randomInt(random, 0, 14) },
    ],
    [{ kind: "timestamps", value: word(), echoReply: word() }],
    [{ kind: "noOperation" }, { kind: "sack", blocks: sack }],
    [{ kind: "unknown", type: 19, data: randomBytes(random, 16) }],
    [{ kind: "fastOpen", cookie: randomBytes(random, 8) }],
  ]));
}

/** One in ten checksums is made up, and never zero, which can mean none. */
function wrongChecksum(random: Random): { checksum?: number } {
  return random() < 0.1 ? { checksum: randomInt(random, 1, 0xfffe) } : {};
}

/** No port that tshark takes for anything. */
function port(random: Random): number {
  return randomInt(random, 61_000, 61_900);
}

function hexOctet(random: Random): string {
  return randomInt(random, 0, 255).toString(16).padStart(2, "0");
}

function address4(random: Random): string {
  return `198.51.100.${randomInt(random, 1, 254)}`;
}

function address6(random: Random): string {
  return `2001:db8::${randomInt(random, 1, 0xffff).toString(16)}`;
}

async function readWithTshark(
  packets: readonly Uint8Array[],
  linkType: number,
): Promise<Row[]> {
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    const file = [
      encodePcapHeader(linkType),
      ...packets.map((bytes) => encodePcapRecord({ timestampNs: 0n, bytes })),
    ];
    await Deno.writeFile(
      path,
      new Uint8Array(await new Blob(file).arrayBuffer()),
    );
    const { success, stdout, stderr } = await new Deno.Command("tshark", {
      args: [
        ...["-n", "-r", path, "-T", "json"],
        ...["ip", "udp", "tcp"].flatMap((name) => [
          "-o",
          `${name}.check_checksum:TRUE`,
        ]),
        ...["-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"],
        ...["-o", "tcp.relative_sequence_numbers:FALSE"],
        ...["-o", "tcp.analyze_sequence_numbers:FALSE"],
        ...NAMES.flatMap((name) => ["-e", name]),
      ],
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    const records: { _source: { layers: Record<string, string[]> } }[] = JSON
      .parse(new TextDecoder().decode(stdout));
    return records.map(({ _source: { layers } }) =>
      Object.fromEntries(
        Object.entries(layers).map(([name, values]) => [
          name,
          name.includes("sack_")
            ? values.map(decimal).join()
            : decimal(values[0]),
        ]),
      )
    );
  } finally {
    await Deno.remove(path);
  }
}

function decimal(text: string): string {
  return /^(0x[0-9a-f]+|\d+)$/.test(text) ? `${Number(text)}` : text;
}
