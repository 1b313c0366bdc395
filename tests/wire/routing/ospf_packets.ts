import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import type { PacketLayer } from "../../../lib/wire/packet/protocol.ts";
import type { OSPFMessage } from "../../../lib/wire/routing/ospf.ts";
import { ospf } from "../../../lib/wire/routing/ospf_protocol.ts";
import { type Random, randomBytes, randomInt } from "../../random.ts";
import {
  address4,
  ends4,
  octets,
  outer4,
  over4,
  type ProtocolPackets,
  raw,
  wrongChecksum,
} from "../protocol_packets.ts";

const ROUTER = { routerId: "192.0.2.1", areaId: "0.0.0.7" };

function aHello(random: Random): PacketLayer {
  return ospf({
    kind: "hello",
    routerId: address4(random),
    areaId: `0.0.0.${randomInt(random, 0, 9)}`,
    networkMask: "255.255.0.0",
    helloInterval: randomInt(random, 1, 0xffff),
    // What bit 4 announces, tshark looks for behind the packet.
    options: randomInt(random, 0, 255) & ~0x10,
    routerPriority: randomInt(random, 0, 255),
    routerDeadInterval: randomInt(random, 1, 0xffffffff),
    designatedRouter: address4(random),
    backupDesignatedRouter: address4(random),
    neighbors: Array.from(
      { length: randomInt(random, 0, 3) },
      () => address4(random),
    ),
    authenticationType: randomInt(random, 0, 1),
    authentication: randomBytes(random, 8),
    ...wrongChecksum(random),
  });
}

type Read = (hello: Extract<OSPFMessage, { kind: "hello" }>) => unknown;
const ofHello = (read: Read) => (message: OSPFMessage) =>
  message.kind === "hello" ? read(message) : undefined;

export const PACKETS: ProtocolPackets<"ospf"> = {
  protocol: "ospf",
  seeds: [
    over4(ospf({
      kind: "hello",
      ...ROUTER,
      neighbors: ["192.0.2.9", "192.0.2.8"],
    })),
    over4(
      ospf({
        kind: "hello",
        ...ROUTER,
        authenticationType: 2,
        authentication: octets(8),
        packetLength: 44,
      }),
      // The digest, which the packet's length leaves out.
      octets(16),
    ),
    ...[2, 3, 4, 5, 9].map((type) =>
      over4(ospf({ kind: "other", type, ...ROUTER }), octets(20))
    ),
  ],
  make: (random) =>
    random() < 0.9
      ? raw(outer4(random), aHello(random))
      : raw(ipv4(ends4(random)), aHello(random)),
  fields: {
    "ospf.version": (h) => h.version,
    "ospf.msg": (h) => h.type,
    "ospf.packet_length": (h) => h.packetLength,
    "ospf.srcrouter": (h) => h.routerId,
    "ospf.area_id": (h) => h.areaId,
    "ospf.checksum": (h) => h.checksum,
    "ospf.auth.type": (h) => h.authenticationType,
    "ospf.hello.network_mask": ofHello((h) => h.networkMask),
    "ospf.hello.hello_interval": ofHello((h) => h.helloInterval),
    "ospf.v2.options": ofHello((h) => h.options),
    "ospf.hello.router_priority": ofHello((h) => h.routerPriority),
    "ospf.hello.router_dead_interval": ofHello((h) => h.routerDeadInterval),
    "ospf.hello.designated_router": ofHello((h) => h.designatedRouter),
    "ospf.hello.backup_designated_router": ofHello((h) =>
      h.backupDesignatedRouter
    ),
    "ospf.hello.active_neighbor": ofHello((h) => h.neighbors),
  },
  lists: ["ospf.hello.active_neighbor"],
  checksumLine: "Checksum",
  differences: [{
    reason: "A Hello of fewer octets than every one has is not decoded here; " +
      "tshark shows those that there are.",
    isOne: (name, ours) =>
      name.startsWith("ospf.") && ours["ospf.version"] === undefined,
  }],
};
