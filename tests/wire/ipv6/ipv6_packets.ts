import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import type { IPv6Header } from "../../../lib/wire/ipv6/ipv6.ts";
import {
  ipv6,
  type IPv6LayerFields,
} from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { LINK_TYPE_IPV6 } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { randomBytes, randomInt } from "../../random.ts";
import {
  ends6,
  octets,
  outer6,
  over4,
  ports,
  type ProtocolPackets,
  raw,
  V4,
  V6,
} from "../protocol_packets.ts";

const EXTENSION_HEADERS: readonly IPv6LayerFields["extensionHeaders"][] = [
  [{ kind: "hopByHop" }],
  [{ kind: "destinationOptions", data: octets(14) }],
  [{ kind: "routing", routingType: 4, segmentsLeft: 1, data: octets(20) }],
  [{ kind: "fragment", moreFragments: true }],
  [{ kind: "fragment", fragmentOffset: 8 }],
  [{ kind: "authentication", data: octets(10) }],
  [{ kind: "hopByHop" }, { kind: "fragment" }, { kind: "destinationOptions" }],
];

/** The option of RFC 6275 §6.3, behind four octets of padding. */
const HOME_ADDRESS = Uint8Array.of(1, 2, 0, 0, 0xc9, 16, ...octets(16));

/** Behind the header it is one of the extension headers. */
function authentication({ extensionHeaders }: IPv6Header) {
  for (const extension of extensionHeaders) {
    if (extension.kind !== "authentication") continue;
    const { nextHeader, data } = extension;
    const octets = new DataView(data.buffer, data.byteOffset, data.length);
    const icv = data.subarray(10).toHex();
    return { nextHeader, length: (data.length + 2) / 4 - 2, octets, icv };
  }
}

export const PACKETS: ProtocolPackets<"ipv6"> = {
  protocol: "ipv6",
  seeds: [
    ...EXTENSION_HEADERS.map((extensionHeaders) =>
      raw(ipv6({ ...V6, extensionHeaders }), ports(1, 2), octets(8))
    ),
    raw(
      ipv6({
        ...V6,
        extensionHeaders: [
          { kind: "hopByHop", data: Uint8Array.fromHex("c20400010020") },
          { kind: "destinationOptions", data: HOME_ADDRESS },
          {
            kind: "routing",
            routingType: 3,
            segmentsLeft: 1,
            data: octets(20),
          },
        ],
      }),
      ports(1, 2),
      "jumbogram",
    ),
    raw(ipv6({ ...V6, version: 4 }), ports(1, 2)),
    raw(ipv6({ ...V6, payloadLength: 0 }), ports(1, 2), "offloaded"),
    over4(ipv6(V6), ipv4(V4), ports(1, 2), "tunnels"),
    { linkType: LINK_TYPE_IPV6, bytes: buildPacket(ipv6(V6), ports(1, 2)) },
  ],
  make: (random) =>
    raw(
      outer6(random),
      ipv6({ ...ends6(random), protocol: 253 }),
      randomBytes(random, randomInt(random, 0, 60)),
    ),
  fields: {
    "ipv6.tclass.dscp": (h) => h.dscp,
    "ipv6.tclass.ecn": (h) => h.ecn,
    "ipv6.flow": (h) => h.flowLabel,
    "ipv6.plen": (h) => h.payloadLength,
    "ipv6.nxt": (h) => h.nextHeader,
    "ipv6.hlim": (h) => h.hopLimit,
    "ipv6.src": (h) => h.source,
    "ipv6.dst": (h) => h.destination,
    "ah.next_header": (h) => authentication(h)?.nextHeader,
    "ah.length": (h) => authentication(h)?.length,
    "ah.spi": (h) => authentication(h)?.octets.getUint32(2),
    "ah.sequence": (h) => authentication(h)?.octets.getUint32(6),
    "ah.icv": (h) => authentication(h)?.icv,
  },
  preferences: ["ipv6.defragment:FALSE"],
};
