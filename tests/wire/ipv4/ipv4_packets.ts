import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import {
  encodeIPv4Options,
  type IPv4Option,
} from "../../../lib/wire/ipv4/ipv4_options.ts";
import {
  finalDestination,
  ipv4,
} from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { LINK_TYPE_IPV4 } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { randomBytes, randomInt } from "../../random.ts";
import {
  ends4,
  octets,
  outer4,
  ports,
  type ProtocolPackets,
  raw,
  V4,
} from "../protocol_packets.ts";

const ECHO = icmpv4({ kind: "echoRequest", identifier: 7, sequence: 9 });

const OPTIONS: readonly IPv4Option[] = [
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

const ROUTE = encodeIPv4Options([{
  kind: "looseSourceRoute",
  pointer: 4,
  addresses: ["192.0.2.8", "192.0.2.9"],
}]);

export const PACKETS: ProtocolPackets<"ipv4"> = {
  protocol: "ipv4",
  seeds: [
    raw(ipv4({ ...V4, protocol: 253 }), "Hello World!"),
    raw(ipv4({ ...V4, moreFragments: true }), ports(1, 2), octets(16)),
    raw(ipv4({ ...V4, fragmentOffset: 16, protocol: 17 }), octets(16)),
    ...OPTIONS.map((option) =>
      raw(ipv4({ ...V4, options: encodeIPv4Options([option]) }), ECHO)
    ),
    raw(...Array.from({ length: 20 }, () => ipv4(V4)), ECHO),
    raw(ipv4({ ...V4, totalLength: 0 }), ports(1, 2), "offloaded"),
    raw(ipv4({ ...V4, totalLength: 9 }), ports(1, 2)),
    raw(ipv4({ ...V4, version: 5 }), ports(1, 2)),
    raw(ipv4({ ...V4, options: ROUTE }), ports(1, 2)),
    { linkType: LINK_TYPE_IPV4, bytes: buildPacket(ipv4(V4), ECHO) },
  ],
  make: (random) =>
    raw(
      outer4(random),
      ipv4({ ...ends4(random), protocol: 253 }),
      randomBytes(random, randomInt(random, 0, 60)),
    ),
  fields: {
    "ip.hdr_len": (h) => h.headerLength,
    "ip.dsfield.dscp": (h) => h.dscp,
    "ip.dsfield.ecn": (h) => h.ecn,
    // Of what was captured before it was cut in pieces it counts the octets.
    "ip.len": (h, { length, payloadLength }) =>
      h.totalLength || length + payloadLength,
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
    // It takes the end of a source route for the destination, as checksums do.
    "ip.dst": (h) => finalDestination(h.destination, h.options),
  },
  checksumStatus: "ip.checksum.status",
  preferences: ["ip.check_checksum:TRUE", "ip.defragment:FALSE"],
  differences: [{
    reason: "A header of another version, or with a total length below its " +
      "own, is shown to its end here; tshark stops where it sees that.",
    isOne: (name, ours, theirs) =>
      ours.isNoIP === "1" && name.startsWith("ip") && !theirs[name],
  }],
};
