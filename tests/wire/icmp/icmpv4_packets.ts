import { encodeICMPExtensions } from "../../../lib/wire/icmp/icmp_extensions.ts";
import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { randomBytes, randomInt } from "../../random.ts";
import {
  everyType,
  octets,
  outer4,
  over4,
  ports,
  type ProtocolPackets,
  raw,
  V4,
  wrongChecksum,
} from "../protocol_packets.ts";

/** Those that are known and one that is not. */
const TYPES = [
  ...[0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 40, 99],
];
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

export const PACKETS: ProtocolPackets<"icmpv4"> = {
  protocol: "icmpv4",
  seeds: [
    over4(
      icmpv4({ kind: "echoRequest", identifier: 7, sequence: 9 }),
      octets(20),
    ),
    ...everyType(ipv4({ ...V4, protocol: 1 }), TYPES),
    over4(icmpv4({ kind: "timeExceeded" }), ...QUOTED),
    over4(
      icmpv4({ kind: "timeExceeded", extensions: EXTENSIONS }),
      buildPacket(...QUOTED),
    ),
    over4(icmpv4({ kind: "destinationUnreachable", code: 4 }), ...QUOTED),
  ],
  make: (random) =>
    raw(
      outer4(random),
      icmpv4({ kind: "echoRequest", ...wrongChecksum(random) }),
      randomBytes(random, randomInt(random, 0, 60)),
    ),
  fields: {
    "icmp.type": (h) => h.type,
    "icmp.code": (h) => h.code,
    "icmp.checksum": (h) => h.checksum,
  },
  checksumStatus: "icmp.checksum.status",
};
