import { icmpv6 } from "../../../lib/wire/icmp/icmpv6_protocol.ts";
import { encodeNDPOptions } from "../../../lib/wire/icmp/ndp_options.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { randomBytes, randomInt } from "../../random.ts";
import {
  everyType,
  octets,
  outer6,
  over6,
  type ProtocolPackets,
  raw,
  V6,
  wrongChecksum,
} from "../protocol_packets.ts";

/** Those that are known and some that are not. */
const TYPES = [
  ...[1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 143, 200],
];
const OPTIONS = encodeNDPOptions([
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

export const PACKETS: ProtocolPackets<"icmpv6"> = {
  protocol: "icmpv6",
  seeds: [
    over6(icmpv6({ kind: "echoRequest" }), octets(9)),
    ...everyType(ipv6({ ...V6, protocol: 58, hopLimit: 255 }), TYPES),
    over6(icmpv6({ kind: "neighborSolicitation", target: "fe80::1" }), OPTIONS),
    over6(icmpv6({ kind: "routerAdvertisement" }), OPTIONS),
  ],
  make: (random) =>
    raw(
      outer6(random),
      icmpv6({ kind: "echoRequest", ...wrongChecksum(random) }),
      randomBytes(random, randomInt(random, 0, 60)),
    ),
  fields: {
    "icmpv6.type": (h) => h.type,
    "icmpv6.code": (h) => h.code,
    "icmpv6.checksum": (h) => h.checksum,
  },
  checksumStatus: "icmpv6.checksum.status",
};
