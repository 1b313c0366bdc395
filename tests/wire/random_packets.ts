/**
 * Packets of every kind at random, right and wrong, as capture files have them.
 *
 * @module
 */

import {
  buildPacket,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
  type PacketLayer,
} from "../../lib/wire/build.ts";
import { loopback, sll, sll2 } from "../../lib/wire/capture_layers.ts";
import { arp, ethernet } from "../../lib/wire/link_layers.ts";
import {
  encodeTCPOptions,
  type TCPOption,
} from "../../lib/wire/tcp_options.ts";
import {
  gre,
  igmp,
  type IGMPLayerFields,
  tcp,
  udp,
} from "../../lib/wire/transport_layers.ts";
import { type Random, randomBytes, randomInt, randomOf } from "../random.ts";

/** An Ethernet frame. */
export function frame(random: Random): Uint8Array<ArrayBuffer> {
  const vlanTags = randomOf(random, [
    [],
    [],
    [{ vid: randomInt(random, 0, 4095), pcp: randomInt(random, 0, 7) }],
    [
      { vid: randomInt(random, 0, 4095) },
      { vid: randomInt(random, 0, 4095), dei: random() < 0.5 },
    ],
  ]);
  const head = {
    destination: `02:00:00:00:00:${hexOctet(random)}`,
    source: `02:00:00:00:01:${hexOctet(random)}`,
    vlanTags,
  };
  if (random() < 0.1) {
    return buildPacket(
      ethernet({
        ...head,
        vlanTags: [],
        llc: {
          dsap: 0xaa,
          ssap: 0xaa,
          control: 3,
          snap: { oui: randomInt(random, 1, 0xffffff), protocol: 0x9999 },
        },
      }),
      randomBytes(random, randomInt(random, 40, 60)),
    );
  }
  if (random() < 0.2) return buildPacket(ethernet(head), anARP(random));
  const inside = rawPacket(random);
  const typeOrLength = inside[0] >>> 4 === 4 ? 0x0800 : 0x86dd;
  // Padded as short frames are.
  const padding = new Uint8Array(Math.max(0, 46 - inside.length));
  return buildPacket(ethernet({ ...head, typeOrLength }), inside, padding);
}

function anARP(random: Random): PacketLayer {
  return arp({
    kind: "ethernetIPv4",
    operation: randomInt(random, 1, 9),
    senderHardwareAddress: `02:00:00:00:01:${hexOctet(random)}`,
    senderProtocolAddress: address4(random),
    targetHardwareAddress: `02:00:00:00:02:${hexOctet(random)}`,
    targetProtocolAddress: address4(random),
  });
}

/** One that Linux captured on all interfaces, version 1 or 2. */
export function cooked(
  random: Random,
  version: 1 | 2,
): Uint8Array<ArrayBuffer> {
  const isARP = random() < 0.2;
  const inside = isARP ? buildPacket(anARP(random)) : rawPacket(random);
  const fields = {
    packetType: randomInt(random, 0, 4),
    ...randomOf(random, [
      { hardwareType: 1, addressLength: 6 },
      { hardwareType: 772, addressLength: 6 },
      { hardwareType: 65_534, addressLength: 0 },
    ]),
    address: Uint8Array.of(...randomBytes(random, 6), 0, 0),
    protocol: isARP ? 0x0806 : inside[0] >>> 4 === 4 ? 0x0800 : 0x86dd,
  };
  return buildPacket(
    version === 1 ? sll(fields) : sll2({
      ...fields,
      reserved: 0,
      interfaceIndex: randomInt(random, 1, 2 ** 31),
    }),
    inside,
  );
}

/** One of a loopback interface, in the byte order of a host or the network's. */
export function looped(
  random: Random,
  littleEndian: boolean,
): Uint8Array<ArrayBuffer> {
  const inside = rawPacket(random);
  const family = inside[0] >>> 4 === 4 ? 2 : randomOf(random, [24, 28, 30]);
  return buildPacket(loopback({ family, littleEndian }), inside);
}

/** One that begins with its IP header. */
export function rawPacket(random: Random): Uint8Array<ArrayBuffer> {
  const payload = randomBytes(random, randomInt(random, 0, 60));
  const is4 = random() < 0.6;
  if (random() < 0.1) return buildPacket(outer4(random), anIGMP(random));
  if (random() < 0.1) {
    const tunnel = {
      hasChecksum: random() < 0.5,
      ...(random() < 0.5 ? { key: randomInt(random, 0, 0xffffffff) } : {}),
      ...(random() < 0.5 ? { sequence: randomInt(random, 0, 0xffffffff) } : {}),
      ...wrongChecksum(random),
      protocol: 0x88b5,
    };
    return buildPacket(outer4(random), gre(tunnel), payload);
  }
  if (random() < 0.1) return named(random);
  return buildPacket(
    is4 ? outer4(random) : outer6(random),
    random() < 0.45
      ? aUDP(random)
      : random() < 0.8
      ? aTCP(random)
      : is4
      ? icmpv4({ kind: "echoRequest", ...wrongChecksum(random) })
      : icmpv6({ kind: "echoRequest", ...wrongChecksum(random) }),
    payload,
  );
}

/** A message of DNS or DHCP, whose ports tell. */
function named(random: Random): Uint8Array<ArrayBuffer> {
  const isDNS = random() < 0.5;
  const addresses = {
    source: address4(random),
    destination: address4(random),
  };
  return buildPacket(
    ipv4(addresses),
    isDNS
      ? udp({
        sourcePort: port(random),
        destinationPort: 53,
      })
      : udp({ sourcePort: 68, destinationPort: 67 }),
    isDNS ? aDNS(random) : aDHCP(random),
  );
}

function aDNS(random: Random): Uint8Array {
  const isResponse = random() < 0.5;
  const flags = (isResponse ? 0x8000 : 0) |
    (isResponse ? randomOf(random, [0, 0, 2, 3, 5]) : 0) | 0x0100;
  const labels = Array.from(
    { length: randomInt(random, 1, 4) },
    () => `n${randomBytes(random, randomInt(random, 0, 12)).toHex()}`,
  );
  const question = labels.map((label) =>
    String.fromCharCode(label.length) + label
  ).join("");
  const type = randomOf(random, [1, 2, 5, 12, 15, 16, 28, 33, 255]);
  const answers = isResponse && (flags & 15) === 0 ? 1 : 0;
  return buildPacket(
    words(randomInt(random, 0, 0xffff), flags, 1, answers, 0, 0),
    question,
    Uint8Array.of(0),
    words(type, 1),
    // The name is where the question has it; an address, whatever was asked.
    answers === 0 ? "" : words(0xc00c, 1, 1, 0, 60, 4, 0xc000, 0x0201),
  );
}

function aDHCP(random: Random): Uint8Array {
  const message = new Uint8Array(260);
  message.set([randomInt(random, 1, 2), 1, 6, 0]);
  message.set(randomBytes(random, 4), 4);
  message.set(Uint8Array.fromHex("63825363"), 236);
  const type = Uint8Array.of(53, 1, randomInt(random, 1, 8));
  const host = Uint8Array.of(12, 4, 0x68, 0x6f, 0x73, 0x74);
  message.set(
    randomOf(random, [[...type, ...host, 255], [0, ...host, ...type, 255]]),
    240,
  );
  return message;
}

/** So many 16-bit numbers, one after the other. */
function words(...values: number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]));
}

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

function outer4(random: Random): PacketLayer {
  return ipv4({
    source: address4(random),
    destination: address4(random),
    dscp: randomInt(random, 0, 63),
    ecn: randomInt(random, 0, 3),
    identification: randomInt(random, 0, 0xffff),
    reserved: random() < 0.1,
    dontFragment: random() < 0.5,
    moreFragments: random() < 0.05,
    fragmentOffset: random() < 0.05 ? 8 * randomInt(random, 1, 8191) : 0,
    ttl: randomInt(random, 0, 255),
    options: new Uint8Array(randomOf(random, [0, 0, 0, 4, 40])).fill(1),
    ...wrongChecksum(random),
    ...(random() < 0.05 ? { totalLength: randomInt(random, 61, 200) } : {}),
  });
}

function outer6(random: Random): PacketLayer {
  return ipv6({
    source: address6(random),
    destination: address6(random),
    dscp: randomInt(random, 0, 63),
    ecn: randomInt(random, 0, 3),
    flowLabel: randomInt(random, 0, 0xfffff),
    hopLimit: randomInt(random, 0, 255),
    extensionHeaders: random() < 0.2 ? [{ kind: "destinationOptions" }] : [],
    ...(random() < 0.05 ? { payloadLength: randomInt(random, 20, 200) } : {}),
  });
}

function aUDP(random: Random): PacketLayer {
  return udp({
    sourcePort: port(random),
    destinationPort: port(random),
    ...wrongChecksum(random),
    ...(random() < 0.05 ? { checksum: 0 } : {}),
    ...(random() < 0.05 ? { length: randomInt(random, 0, 100) } : {}),
  });
}

function aTCP(random: Random): PacketLayer {
  const flag = () => random() < 0.3;
  return tcp({
    sourcePort: port(random),
    destinationPort: port(random),
    sequence: randomInt(random, 0, 0xffffffff),
    acknowledgment: randomInt(random, 0, 0xffffffff),
    window: randomInt(random, 0, 0xffff),
    urgentPointer: randomInt(random, 0, 0xffff),
    reserved: random() < 0.1 ? randomInt(random, 0, 15) : 0,
    cwr: flag(),
    ece: flag(),
    urg: flag(),
    ack: flag(),
    psh: flag(),
    rst: flag(),
    syn: flag(),
    fin: flag(),
    options: tcpOptions(random),
    ...wrongChecksum(random),
    ...(random() < 0.05 ? { headerLength: 4 * randomInt(random, 0, 15) } : {}),
  });
}

function tcpOptions(random: Random): Uint8Array {
  const word = () => randomInt(random, 0, 0xffffffff);
  const sack = Array.from(
    { length: randomInt(random, 1, 2) },
    () => ({ left: word(), right: word() }),
  );
  return encodeTCPOptions(randomOf<TCPOption[]>(random, [
    [],
    [
      { kind: "maximumSegmentSize", size: randomInt(random, 0, 0xffff) },
      { kind: "sackPermitted" },
      { kind: "windowScale", shift: randomInt(random, 0, 14) },
    ],
    [{ kind: "timestamps", value: word(), echoReply: word() }],
    [{ kind: "noOperation" }, { kind: "sack", blocks: sack }],
    [{ kind: "unknown", type: 19, data: randomBytes(random, 16) }],
    [{ kind: "fastOpen", cookie: randomBytes(random, 8) }],
  ]));
}

/** One in ten checksums is made up, and never zero, which can mean none. */
function wrongChecksum(random: Random): { checksum?: number } {
  return random() < 0.1 ? { checksum: randomInt(random, 1, 0xfffe) } : {};
}

/** No port that tshark takes for anything. */
function port(random: Random): number {
  return randomInt(random, 61_000, 61_900);
}

function hexOctet(random: Random): string {
  return randomInt(random, 0, 255).toString(16).padStart(2, "0");
}

function address4(random: Random): string {
  return `198.51.100.${randomInt(random, 1, 254)}`;
}

function address6(random: Random): string {
  return `2001:db8::${randomInt(random, 1, 0xffff).toString(16)}`;
}
