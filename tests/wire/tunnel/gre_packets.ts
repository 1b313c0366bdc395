import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { gre } from "../../../lib/wire/tunnel/gre_protocol.ts";
import { type Random, randomBytes, randomInt } from "../../random.ts";
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

/** Version 1, with what tshark takes no further. */
function pptp(random: Random) {
  const number = () => randomInt(random, 0, 0xffffffff);
  return [
    gre({
      version: 1,
      protocol: 0x880b,
      callID: randomInt(random, 0, 0xffff),
      ...(random() < 0.5 ? { sequence: number() } : {}),
      ...(random() < 0.5 ? { acknowledgment: number() } : {}),
    }),
    Uint8Array.fromHex("ff039999"),
    randomBytes(random, randomInt(random, 0, 60)),
  ];
}

export const PACKETS: ProtocolPackets<"gre"> = {
  protocol: "gre",
  seeds: [
    over4(
      gre({ hasChecksum: true, key: 7, sequence: 1 }),
      ipv4(V4),
      icmpv4({ kind: "echoRequest" }),
    ),
    over4(
      gre({ version: 1, protocol: 0x880b, callID: 7, acknowledgment: 9 }),
      octets(9),
    ),
    over4(ports(50_000, 4754), gre(), ipv4(V4), ports(1, 2)),
  ],
  make: (random) =>
    random() < 0.2 ? raw(outer4(random), ...pptp(random)) : raw(
      outer4(random),
      ...(random() < 0.5 ? [] : [ports(port(random), 4754)]),
      gre({
        hasChecksum: random() < 0.5,
        ...(random() < 0.5 ? { key: randomInt(random, 0, 0xffffffff) } : {}),
        ...(random() < 0.5
          ? { sequence: randomInt(random, 0, 0xffffffff) }
          : {}),
        ...wrongChecksum(random),
        protocol: 0x88b5,
      }),
      randomBytes(random, randomInt(random, 0, 60)),
    ),
  fields: {
    "gre.proto": (h) => h.protocol,
    "gre.flags.checksum": (h) => h.hasChecksum,
    "gre.flags.key": (h) => h.hasKey,
    "gre.flags.sequence_number": (h) => h.hasSequence,
    "gre.checksum": (h) => h.checksum,
    "gre.key": (h) => h.key,
    "gre.sequence_number": (h) => h.sequence,
    "gre.key.payload_length": (h) => h.payloadLength,
    "gre.key.call_id": (h) => h.callID,
    "gre.flags.ack": (h) => h.hasAcknowledgment,
    "gre.ack_number": (h) => h.acknowledgment,
  },
  checksumStatus: "gre.checksum.status",
  differences: [{
    reason: "A header of fewer octets than its flags announce is not decoded " +
      "here; tshark shows those that there are.",
    isOne: (name, ours) =>
      name.startsWith("gre.") && ours["gre.proto"] === undefined,
  }],
};
