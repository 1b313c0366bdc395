import { arp } from "../../../lib/wire/link/arp_protocol.ts";
import { ethernet } from "../../../lib/wire/link/ethernet_protocol.ts";
import { LINK_TYPE_ETHERNET } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import type { PacketLayer } from "../../../lib/wire/packet/protocol.ts";
import { gre } from "../../../lib/wire/tunnel/gre_protocol.ts";
import { type Random, randomInt } from "../../random.ts";
import {
  address4,
  mac,
  octets,
  over4,
  type Part,
  type ProtocolPackets,
  type TestPacket,
} from "../protocol_packets.ts";

const MAC = { source: "02:00:00:00:00:01", destination: "02:00:00:00:00:02" };
const ARP = arp({
  kind: "ethernetIPv4",
  operation: 1,
  senderProtocolAddress: "192.0.2.1",
  targetProtocolAddress: "192.0.2.2",
});

/** RARP's, by an EtherType of its own. */
const REVERSE = arp({
  operation: 3,
  senderProtocolAddress: "0.0.0.0",
  targetProtocolAddress: "0.0.0.0",
});

const frame = (...parts: Part[]): TestPacket => ({
  linkType: LINK_TYPE_ETHERNET,
  bytes: buildPacket(...parts),
});

/** A message of any operation. */
export function anARP(random: Random): PacketLayer {
  return arp({
    kind: "ethernetIPv4",
    operation: randomInt(random, 1, 9),
    senderHardwareAddress: mac(random, "02:00:00:00:01"),
    senderProtocolAddress: address4(random),
    targetHardwareAddress: mac(random, "02:00:00:00:02"),
    targetProtocolAddress: address4(random),
  });
}

export const PACKETS: ProtocolPackets<"arp"> = {
  protocol: "arp",
  seeds: [
    frame(ethernet(MAC), ARP, octets(18)),
    frame(ethernet({ ...MAC, typeOrLength: 0x0806 }), octets(40)),
    frame(ethernet(MAC), REVERSE),
    over4(gre(), ethernet(MAC), ARP),
  ],
  make: (random) => frame(ethernet(MAC), anARP(random)),
  fields: {
    "arp.hw.type": (h) => h.hardwareType,
    "arp.proto.type": (h) => h.protocolType,
    "arp.hw.size": (h) => h.hardwareLength,
    "arp.proto.size": (h) => h.protocolLength,
    "arp.opcode": (h) => h.operation,
    "arp.src.hw_mac": (h) =>
      "senderHardwareAddress" in h && h.senderHardwareAddress,
    "arp.src.proto_ipv4": (h) =>
      "senderProtocolAddress" in h && h.senderProtocolAddress,
    "arp.dst.hw_mac": (h) =>
      "targetHardwareAddress" in h && h.targetHardwareAddress,
    "arp.dst.proto_ipv4": (h) =>
      "targetProtocolAddress" in h && h.targetProtocolAddress,
  },
  differences: [{
    reason: "A DRARP error (RFC 1931) has a status code where other messages " +
      "have the target's address; here it is an address all the same.",
    isOne: (name, ours) =>
      name === "arp.dst.proto_ipv4" && ours["arp.opcode"] === "7",
  }],
};
