import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { tcp } from "../../../lib/wire/transport/tcp_protocol.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import { ah } from "../../../lib/wire/tunnel/ah.ts";
import { randomBytes, randomInt, randomOf } from "../../random.ts";
import {
  octets,
  outer4,
  over4,
  port,
  ports,
  type ProtocolPackets,
  raw,
  V4,
  wrongChecksum,
} from "../protocol_packets.ts";

export const PACKETS: ProtocolPackets<"ah"> = {
  protocol: "ah",
  seeds: [
    over4(ah({ spi: 7, icv: octets(12) }), ports(1, 2), "authentic"),
    over4(ah(), ipv4(V4), ports(1, 2)),
  ],
  make: (random) =>
    raw(
      outer4(random),
      ah({
        spi: randomInt(random, 0, 0xffffffff),
        sequence: randomInt(random, 0, 0xffffffff),
        icv: randomBytes(random, 4 * randomInt(random, 0, 8)),
      }),
      randomOf(random, [tcp, udp])({
        sourcePort: port(random),
        destinationPort: port(random),
        ...wrongChecksum(random),
      }),
      randomBytes(random, randomInt(random, 0, 60)),
    ),
  fields: {
    "ah.next_header": (h) => h.nextHeader,
    "ah.length": (h) => h.headerLength / 4 - 2,
    "ah.spi": (h) => h.spi,
    "ah.sequence": (h) => h.sequence,
    "ah.icv": (h) => h.icv.toHex(),
  },
};
