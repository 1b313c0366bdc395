import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { sll2 } from "../../../lib/wire/link/linux_cooked_protocol.ts";
import { LINK_TYPE_LINUX_SLL2 } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { randomInt } from "../../random.ts";
import {
  octets,
  ports,
  type ProtocolPackets,
  V6,
} from "../protocol_packets.ts";
import { aCooked, COOKED, FIELDS } from "./sll_packets.ts";

export const PACKETS: ProtocolPackets<"sll2"> = {
  protocol: "sll2",
  seeds: [{
    linkType: LINK_TYPE_LINUX_SLL2,
    bytes: buildPacket(
      sll2({ ...COOKED, reserved: 0, interfaceIndex: 2 }),
      ipv6(V6),
      ports(1, 2),
    ),
  }, {
    linkType: LINK_TYPE_LINUX_SLL2,
    bytes: buildPacket(
      sll2({
        ...{ ...COOKED, reserved: 0, interfaceIndex: 2 },
        llc: { dsap: 0x42, ssap: 0x42, control: 3 },
      }),
      octets(35),
    ),
  }],
  make(random, anyIP) {
    const { fields, inside } = aCooked(random, anyIP);
    const interfaceIndex = randomInt(random, 1, 2 ** 31);
    const bytes = buildPacket(
      sll2({ ...fields, reserved: 0, interfaceIndex }),
      inside,
    );
    return { linkType: LINK_TYPE_LINUX_SLL2, bytes };
  },
  fields: { ...FIELDS, "sll.ifindex": (h) => h.interfaceIndex },
};
