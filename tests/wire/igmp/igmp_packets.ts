import {
  igmp,
  type IGMPLayerFields,
} from "../../../lib/wire/igmp/igmp_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import type { PacketLayer } from "../../../lib/wire/packet/protocol.ts";
import { type Random, randomInt, randomOf } from "../../random.ts";
import {
  address4,
  everyType,
  octets,
  outer4,
  over4,
  type ProtocolPackets,
  raw,
  V4,
  wrongChecksum,
} from "../protocol_packets.ts";

/** Those that are known and one that is not. */
const TYPES = [0x11, 0x12, 0x16, 0x17, 0x22, 0x99];

function anIGMP(random: Random): PacketLayer {
  const group = `239.1.2.${randomInt(random, 0, 255)}`;
  const wrong = wrongChecksum(random);
  return igmp(randomOf<IGMPLayerFields>(random, [
    { kind: "query", group, ...wrong },
    {
      kind: randomOf(random, ["reportV1", "reportV2", "leave"]),
      group,
      ...wrong,
    },
    {
      kind: "queryV3",
      group,
      suppress: random() < 0.5,
      robustness: randomInt(random, 0, 7),
      intervalCode: randomInt(random, 0, 127),
      sources: random() < 0.5 ? [address4(random)] : [],
      ...wrong,
    },
    {
      kind: "reportV3",
      records: [{
        type: randomInt(random, 1, 6),
        group: "239.1.1.1",
        sources: [address4(random)],
        auxiliaryData: new Uint8Array(),
      }],
      ...wrong,
    },
  ]));
}

export const PACKETS: ProtocolPackets<"igmp"> = {
  protocol: "igmp",
  seeds: [
    ...everyType(ipv4({ ...V4, protocol: 2 }), TYPES),
    over4(igmp({
      kind: "reportV3",
      records: [{
        type: 1,
        group: "239.1.1.1",
        sources: ["192.0.2.3"],
        auxiliaryData: octets(4),
      }],
    })),
    over4(
      igmp({ kind: "queryV3", group: "239.1.1.1", sources: ["192.0.2.3"] }),
    ),
  ],
  make: (random) => raw(outer4(random), anIGMP(random)),
  fields: {
    "igmp.type": (h) => h.type,
    "igmp.checksum": (h) => h.checksum,
    "igmp.maddr": (h) =>
      "group" in h ? h.group : "records" in h ? h.records[0]?.group : undefined,
    "igmp.s": (h) => h.kind === "queryV3" ? h.suppress : undefined,
    "igmp.qrv": (h) => h.kind === "queryV3" ? h.robustness : undefined,
    "igmp.qqic": (h) => h.kind === "queryV3" ? h.intervalCode : undefined,
    "igmp.num_grp_recs": (h) =>
      h.kind === "reportV3" ? h.recordCount : undefined,
  },
  checksumStatus: "igmp.checksum.status",
  differences: [{
    reason: "A message of fewer octets than every one of its kind has is not " +
      "decoded here; tshark shows those that there are.",
    isOne: (name, ours) =>
      name.startsWith("igmp.") &&
      (ours["igmp.type"] === undefined || ours["igmp.maddr"] === ""),
  }],
};
