import { udp } from "../../../lib/wire/transport/udp.ts";
import { randomBytes, randomInt } from "../../random.ts";
import {
  outer,
  over4,
  port,
  ports,
  type ProtocolPackets,
  raw,
  wrongChecksum,
} from "../protocol_packets.ts";

export const PACKETS: ProtocolPackets<"udp"> = {
  protocol: "udp",
  seeds: [over4(ports(7, 9), "datagram")],
  make: (random) =>
    raw(
      outer(random),
      udp({
        sourcePort: port(random),
        destinationPort: port(random),
        ...wrongChecksum(random),
        ...(random() < 0.05 ? { checksum: 0 } : {}),
        ...(random() < 0.05 ? { length: randomInt(random, 0, 100) } : {}),
      }),
      randomBytes(random, randomInt(random, 0, 60)),
    ),
  fields: {
    "udp.srcport": (h) => h.sourcePort,
    "udp.dstport": (h) => h.destinationPort,
    "udp.length": (h) => h.length,
    "udp.checksum": (h) => h.checksum,
  },
  checksumStatus: "udp.checksum.status",
  preferences: ["udp.check_checksum:TRUE"],
  differences: [{
    reason: "A header whose own length is impossible is not decoded here; " +
      "tshark shows what stands before that length.",
    isOne: (name, ours, theirs) =>
      name.startsWith("udp.") && ours["udp.length"] === undefined &&
      Number(theirs["udp.length"]) < 8,
  }],
};
