import { flagsOf, type TCPHeader } from "../../../lib/wire/transport/tcp.ts";
import {
  decodeTCPOptions,
  encodeTCPOptions,
  type TCPOption,
} from "../../../lib/wire/transport/tcp_options.ts";
import { tcp } from "../../../lib/wire/transport/tcp_protocol.ts";
import { type Random, randomBytes, randomInt, randomOf } from "../../random.ts";
import {
  octets,
  outer,
  over4,
  over6,
  port,
  type ProtocolPackets,
  raw,
  wrongChecksum,
} from "../protocol_packets.ts";

const OPTIONS = encodeTCPOptions([
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
const PORTS = { sourcePort: 9, destinationPort: 80 };

function randomOptions(random: Random): Uint8Array {
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
    [{
      kind: "unknown",
      type: 30,
      data: Uint8Array.of(0x01, 0x81, ...randomBytes(random, 8)),
    }],
  ]));
}

function aTCP(random: Random) {
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
    options: randomOptions(random),
    ...wrongChecksum(random),
    ...(random() < 0.05 ? { headerLength: 4 * randomInt(random, 0, 15) } : {}),
  });
}

export const PACKETS: ProtocolPackets<"tcp"> = {
  protocol: "tcp",
  seeds: [
    over4(tcp({ ...PORTS, options: OPTIONS })),
    over6(tcp({ ...PORTS, options: SACK }), "data"),
  ],
  make: (random) =>
    raw(
      outer(random),
      aTCP(random),
      randomBytes(random, randomInt(random, 0, 60)),
    ),
  fields: {
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
    "tcp.options.mptcp.subtype": (h) => {
      const multipath = option(h, "unknown");
      return multipath?.type === 30 ? multipath.data[0] >>> 4 : undefined;
    },
    "tcp.options.sack_le": (h) => option(h, "sack")?.blocks.map((b) => b.left),
    "tcp.options.sack_re": (h) => option(h, "sack")?.blocks.map((b) => b.right),
  },
  lists: ["tcp.options.sack_le", "tcp.options.sack_re"],
  checksumStatus: "tcp.checksum.status",
  preferences: [
    "tcp.check_checksum:TRUE",
    "tcp.relative_sequence_numbers:FALSE",
    "tcp.analyze_sequence_numbers:FALSE",
  ],
  differences: [{
    reason: "A header whose own length is impossible is not decoded here; " +
      "tshark shows what stands before that length.",
    isOne: (name, ours) =>
      name.startsWith("tcp.") && ours["tcp.hdr_len"] === undefined,
  }],
};

function option<Kind extends TCPOption["kind"]>(
  { options }: TCPHeader,
  kind: Kind,
): Extract<TCPOption, { kind: Kind }> | undefined {
  return decodeTCPOptions(options).options.map(({ option }) => option)
    .find((option): option is Extract<TCPOption, { kind: Kind }> =>
      option.kind === kind
    );
}
