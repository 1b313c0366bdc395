import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import type { LinuxSLLHeader } from "../../../lib/wire/link/linux_cooked.ts";
import {
  sll,
  type SLLLayerFields,
} from "../../../lib/wire/link/linux_cooked_protocol.ts";
import { LINK_TYPE_LINUX_SLL } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { type Random, randomBytes, randomInt, randomOf } from "../../random.ts";
import {
  etherTypeOfIP,
  type MakeOctets,
  octets,
  type ProtocolPackets,
  V4,
} from "../protocol_packets.ts";
import { anARP } from "./arp_packets.ts";
import { anLLC } from "./ethernet_packets.ts";

/** What both versions have. */
export const COOKED = {
  packetType: 4,
  hardwareType: 1,
  addressLength: 6,
  address: octets(8),
};

/** What both versions have at random, and what is inside. */
export function aCooked(random: Random, anyIP: MakeOctets): {
  readonly fields: SLLLayerFields;
  readonly inside: Uint8Array;
} {
  const isARP = random() < 0.2;
  const isLLC = !isARP && random() < 0.2;
  const message = anARP(random);
  const inside = isARP
    ? buildPacket(message)
    : isLLC
    ? randomBytes(random, randomInt(random, 40, 60))
    : anyIP(random);
  const fields = {
    packetType: randomInt(random, 0, 4),
    ...randomOf(random, [
      { hardwareType: 1, addressLength: 6 },
      { hardwareType: 772, addressLength: 6 },
      { hardwareType: 65_534, addressLength: 0 },
    ]),
    address: Uint8Array.of(...randomBytes(random, 6), 0, 0),
    ...(isLLC ? { llc: anLLC(random) } : {
      protocol: isARP ? message.etherType : etherTypeOfIP(inside),
    }),
  };
  return { fields, inside };
}

/** Of both versions. */
export const FIELDS = {
  "sll.pkttype": (h: LinuxSLLHeader) => h.packetType,
  "sll.hatype": (h: LinuxSLLHeader) => h.hardwareType,
  "sll.halen": (h: LinuxSLLHeader) => h.addressLength,
  "sll.src.eth": (h: LinuxSLLHeader) =>
    h.addressLength === 6
      ? h.address.subarray(0, 6).toHex().replace(/(?!^)(?=(..)+$)/g, ":")
      : undefined,
  "sll.etype": (h: LinuxSLLHeader) => h.llc ? undefined : h.protocol,
  "sll.ltype": (h: LinuxSLLHeader) => h.llc && h.protocol,
  "llc.dsap": (h: LinuxSLLHeader) => h.llc?.dsap,
  "llc.ssap": (h: LinuxSLLHeader) => h.llc?.ssap,
  "llc.oui": (h: LinuxSLLHeader) => h.llc?.snap?.oui,
};

export const PACKETS: ProtocolPackets<"sll"> = {
  protocol: "sll",
  seeds: [{
    linkType: LINK_TYPE_LINUX_SLL,
    bytes: buildPacket(
      sll(COOKED),
      ipv4(V4),
      icmpv4({ kind: "echoRequest" }),
    ),
  }, {
    linkType: LINK_TYPE_LINUX_SLL,
    bytes: buildPacket(
      sll({
        ...COOKED,
        llc: {
          ...{ dsap: 0xaa, ssap: 0xaa, control: 3 },
          snap: { oui: 0, protocol: 0x0800 },
        },
      }),
      ipv4(V4),
      icmpv4({ kind: "echoRequest" }),
    ),
  }],
  make(random, anyIP) {
    const { fields, inside } = aCooked(random, anyIP);
    const bytes = buildPacket(sll(fields), inside);
    return { linkType: LINK_TYPE_LINUX_SLL, bytes };
  },
  fields: FIELDS,
};
