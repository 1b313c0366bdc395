import type { PacketLayer } from "../../../lib/wire/packet/protocol.ts";
import type {
  SCTPChunkFields,
  SCTPHeader,
} from "../../../lib/wire/transport/sctp.ts";
import { sctp } from "../../../lib/wire/transport/sctp_protocol.ts";
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

const PORTS = { sourcePort: 5000, destinationPort: 7 };
const INIT = Uint8Array.fromHex("00000001" + "00010000" + "0001ffff00000001");
/** What DATA begins with: a TSN, a stream, a sequence number, a protocol. */
const DATA = Uint8Array.fromHex("00000002" + "00000003" + "00000000");

/** Of the unknown ones tshark reads on behind those of the upper half alone. */
function aChunk(random: Random): SCTPChunkFields {
  const flags = randomInt(random, 0, 255);
  const value = randomBytes(random, randomInt(random, 0, 20));
  return randomOf<SCTPChunkFields>(random, [
    { type: 1, value: INIT },
    { type: 11, flags },
    { type: randomInt(random, 140, 180), flags, value },
  ]);
}

function aPacket(random: Random): PacketLayer {
  return sctp({
    sourcePort: port(random),
    destinationPort: port(random),
    verificationTag: randomInt(random, 0, 0xffffffff),
    chunks: Array.from(
      { length: randomInt(random, 1, 4) },
      () => aChunk(random),
    ),
    ...wrongChecksum(random),
  });
}

const each =
  (read: (chunk: SCTPHeader["chunks"][number]) => number) =>
  ({ chunks }: SCTPHeader) => chunks.map(read);

export const PACKETS: ProtocolPackets<"sctp"> = {
  protocol: "sctp",
  seeds: [
    over4(sctp({ ...PORTS, chunks: [{ type: 1, value: INIT }] })),
    over6(sctp({
      ...PORTS,
      verificationTag: 9,
      chunks: [
        { type: 10, value: octets(13) },
        { type: 0, flags: 3, value: Uint8Array.of(...DATA, 0x48, 0x69) },
      ],
    })),
    over4(sctp({ ...PORTS, chunks: [{ type: 11 }] }), octets(3)),
  ],
  make: (random) => raw(outer(random), aPacket(random)),
  fields: {
    "sctp.srcport": (h) => h.sourcePort,
    "sctp.dstport": (h) => h.destinationPort,
    "sctp.verification_tag": (h) => h.verificationTag,
    "sctp.checksum": (h) => h.checksum,
    "sctp.chunk_type": each(({ type }) => type),
    "sctp.chunk_flags": each(({ flags }) => flags),
    "sctp.chunk_length": each(({ length }) => length),
  },
  lists: ["sctp.chunk_type", "sctp.chunk_flags", "sctp.chunk_length"],
  checksumStatus: "sctp.checksum.status",
  preferences: ["sctp.checksum:CRC 32c"],
  differences: [{
    reason:
      "Of a first fragment no checksum is checked here; tshark takes it " +
      "for all.",
    isOne: (name, ours) =>
      name === "sctp.checksum.status" && ours[name] === "2" &&
      ours["ip.flags.mf"] === "1",
  }, {
    reason: "A chunk that is cut short is payload here; tshark shows what " +
      "there is of it.",
    isOne: (name, ours, theirs) =>
      name.startsWith("sctp.chunk_") &&
      theirs[name].replace(/,?[^,]*$/, "") === ours[name],
  }],
};
