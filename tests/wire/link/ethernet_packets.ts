import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import type { EthernetHeader } from "../../../lib/wire/link/ethernet.ts";
import { ethernet } from "../../../lib/wire/link/ethernet_protocol.ts";
import type { LLCHeader } from "../../../lib/wire/link/llc.ts";
import { LINK_TYPE_ETHERNET } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { type Random, randomBytes, randomInt, randomOf } from "../../random.ts";
import {
  etherTypeOfIP,
  mac,
  type MakeOctets,
  octets,
  type Part,
  type ProtocolPackets,
  type TestPacket,
  V4,
} from "../protocol_packets.ts";
import { anARP } from "./arp_packets.ts";

const MAC = { source: "02:00:00:00:00:01", destination: "02:00:00:00:00:02" };
const INSIDE = [ipv4(V4), icmpv4({ kind: "echoRequest" })];
const SNAP = { dsap: 0xaa, ssap: 0xaa, control: 3 };

const frame = (...parts: Part[]): TestPacket => ({
  linkType: LINK_TYPE_ETHERNET,
  bytes: buildPacket(...parts),
});

/** What tshark does not take for more than it is. */
export function anLLC(random: Random): LLCHeader {
  const snap = { oui: randomInt(random, 1, 0xffffff), protocol: 0x9999 };
  return randomOf<LLCHeader>(random, [
    { ...SNAP, snap },
    { dsap: 0x0c, ssap: 0x0c, control: randomOf(random, [3, 0x0204]) },
  ]);
}

function aFrame(random: Random, anyIP: MakeOctets): TestPacket {
  const vlanTags = randomOf(random, [
    [],
    [],
    [{ vid: randomInt(random, 0, 4095), pcp: randomInt(random, 0, 7) }],
    [
      { vid: randomInt(random, 0, 4095) },
      { vid: randomInt(random, 0, 4095), dei: random() < 0.5 },
    ],
  ]);
  const ends = {
    destination: mac(random, "02:00:00:00:00"),
    source: mac(random, "02:00:00:00:01"),
  };
  if (random() < 0.1) {
    return frame(
      ethernet({ ...ends, llc: anLLC(random) }),
      randomBytes(random, randomInt(random, 40, 60)),
    );
  }
  const head = { ...ends, vlanTags };
  if (random() < 0.2) return frame(ethernet(head), anARP(random));
  const inside = anyIP(random);
  // Padded as short frames are.
  const padding = new Uint8Array(Math.max(0, 46 - inside.length));
  const typeOrLength = etherTypeOfIP(inside);
  return frame(ethernet({ ...head, typeOrLength }), inside, padding);
}

export const PACKETS: ProtocolPackets<"ethernet"> = {
  protocol: "ethernet",
  seeds: [
    frame(
      ethernet({ ...MAC, vlanTags: [{ tpid: 0x88a8, vid: 5 }, { vid: 1 }] }),
      ...INSIDE,
    ),
    frame(
      ethernet({
        ...MAC,
        llc: { ...SNAP, snap: { oui: 0, protocol: 0x0800 } },
      }),
      ...INSIDE,
    ),
    frame(
      ethernet({ ...MAC, llc: { dsap: 0x42, ssap: 0x42, control: 3 } }),
      octets(35),
    ),
  ],
  make: aFrame,
  fields: {
    "eth.dst": (h) => h.destination,
    "eth.src": (h) => h.source,
    "eth.type": (h) => h.vlanTags[0]?.tpid ?? (h.llc ? "" : h.typeOrLength),
    "eth.len": (h) => h.llc && h.vlanTags.length === 0 ? h.typeOrLength : "",
    "vlan.id": (h) => tag(h, 0x8100)?.vid,
    "vlan.priority": (h) => tag(h, 0x8100)?.pcp,
    "vlan.dei": (h) => tag(h, 0x8100)?.dei,
    "ieee8021ad.id": (h) => tag(h, 0x88a8)?.vid,
    "llc.dsap": (h) => h.llc?.dsap,
    "llc.ssap": (h) => h.llc?.ssap,
    "llc.oui": (h) => h.llc?.snap?.oui,
  },
};

function tag({ vlanTags }: EthernetHeader, tpid: number) {
  return vlanTags.find((tag) => tag.tpid === tpid);
}
