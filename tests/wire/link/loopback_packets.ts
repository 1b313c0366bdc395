import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { loopback } from "../../../lib/wire/link/loopback.ts";
import {
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
} from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { randomOf } from "../../random.ts";
import { ports, type ProtocolPackets, V4, V6 } from "../protocol_packets.ts";

export const PACKETS: ProtocolPackets<"loopback"> = {
  protocol: "loopback",
  seeds: [
    {
      linkType: LINK_TYPE_NULL,
      bytes: buildPacket(
        loopback({ family: 2, littleEndian: true }),
        ipv4(V4),
        icmpv4({ kind: "echoRequest" }),
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
  ],
  make(random, anyIP) {
    const inside = anyIP(random);
    // Of hosts, and of OpenBSD.
    const littleEndian = random() < 0.5;
    const family = inside[0] >>> 4 === 4 ? 2 : randomOf(random, [24, 28, 30]);
    return {
      linkType: littleEndian ? LINK_TYPE_NULL : LINK_TYPE_LOOP,
      bytes: buildPacket(loopback({ family, littleEndian }), inside),
    };
  },
  fields: { "null.family": (h) => h.family },
};
