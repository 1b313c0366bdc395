/**
 * What the tests know of a protocol: each has a file `NAME_packets.ts` in the
 * folder of its tests, which `found_packets.ts` finds by its name. From there
 * come the packets that the fuzzer begins with, those at random, and what is
 * compared with tshark.
 *
 * @module
 */

import { encodeIPv4Options } from "../../lib/wire/ipv4/ipv4_options.ts";
import { ipv4 } from "../../lib/wire/ipv4/ipv4_protocol.ts";
import type { IPv6ExtensionFields } from "../../lib/wire/ipv6/ipv6_extensions.ts";
import { ipv6 } from "../../lib/wire/ipv6/ipv6_protocol.ts";
import { LINK_TYPE_RAW } from "../../lib/wire/link_types.ts";
import { buildPacket } from "../../lib/wire/packet/build.ts";
import type { ProtocolLayer } from "../../lib/wire/packet/dissect.ts";
import type { PacketLayer } from "../../lib/wire/packet/protocol.ts";
import type {
  ProtocolHeaders,
  ProtocolName,
} from "../../lib/wire/packet/registry.ts";
import { udp } from "../../lib/wire/transport/udp.ts";
import { type Random, randomBytes, randomInt, randomOf } from "../random.ts";

/** A packet, and what it begins with. */
export interface TestPacket {
  readonly linkType: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A packet's fields as tshark names them; numbers in decimal. */
export type Row = Readonly<Record<string, string>>;

/** tshark's names of fields, and how we read them. */
export type Reader<Name extends ProtocolName> = Readonly<
  Record<
    string,
    (header: ProtocolHeaders[Name], layer: ProtocolLayer<Name>) => unknown
  >
>;

/** Where we say something else than tshark, on purpose. */
export interface Difference {
  readonly reason: string;
  /** Whether a field of a packet is to be left out of the comparison. */
  isOne(name: string, ours: Row, theirs: Row): boolean;
}

/** All that the tests know of a protocol; the file exports it as `PACKETS`. */
export interface ProtocolPackets<Name extends ProtocolName> {
  readonly protocol: Name;
  /** Sound packets of each of its kinds: what the fuzzer begins with. */
  readonly seeds: readonly TestPacket[];
  /**
   * One that has it at random, right or wrong.
   *
   * @param anyIP makes an IP packet of any protocol, where one goes inside
   */
  make(random: Random, anyIP: MakeOctets): TestPacket;
  /** What is compared with tshark. */
  readonly fields: Reader<Name>;
  /** Those fields of which a packet may have several. */
  readonly lists?: readonly string[];
  /**
   * tshark's field that says whether the checksum is right: 0 no, 1 yes, 2
   * cannot be told, 3 there is none, 4 there is none where there must be one.
   */
  readonly checksumStatus?: string;
  /** Where tshark has no such field: what the line of its tree is called. */
  readonly checksumLine?: string;
  /** What tshark is to be told, such as `udp.check_checksum:TRUE`. */
  readonly preferences?: readonly string[];
  readonly differences?: readonly Difference[];
}

/** Makes octets at random. */
export type MakeOctets = (random: Random) => Uint8Array<ArrayBuffer>;

/** Of which a packet is built. */
export type Part = PacketLayer | Uint8Array | string;

export const V4 = { source: "192.0.2.1", destination: "192.0.2.2" };
export const V6 = { source: "2001:db8::1", destination: "2001:db8::2" };

/** So many octets, no two neighbours alike. */
export const octets = (length: number) =>
  Uint8Array.from({ length }, (_, i) => i * 37);

/** A packet that begins with its IP header. */
export const raw = (...parts: Part[]): TestPacket => ({
  linkType: LINK_TYPE_RAW,
  bytes: buildPacket(...parts),
});
export const over4 = (...parts: Part[]) => raw(ipv4(V4), ...parts);
export const over6 = (...parts: Part[]) => raw(ipv6(V6), ...parts);

export const ports = (sourcePort: number, destinationPort: number) =>
  udp({ sourcePort, destinationPort });

/** Messages of some types, four octets and what follows them. */
export function everyType(
  header: PacketLayer,
  types: readonly number[],
): TestPacket[] {
  return types.map((type) =>
    raw(header, Uint8Array.of(type, 0, 0, 0), octets(44))
  );
}

/** An IPv4 header, most of them right. */
export function outer4(random: Random): PacketLayer {
  return ipv4({
    ...ends4(random),
    dscp: randomInt(random, 0, 63),
    ecn: randomInt(random, 0, 3),
    identification: randomInt(random, 0, 0xffff),
    reserved: random() < 0.1,
    dontFragment: random() < 0.5,
    moreFragments: random() < 0.05,
    fragmentOffset: random() < 0.05 ? 8 * randomInt(random, 1, 8191) : 0,
    ttl: randomInt(random, 0, 255),
    options: random() < 0.1
      ? sourceRoute(random)
      : new Uint8Array(randomOf(random, [0, 0, 0, 4, 40])).fill(1),
    ...wrongChecksum(random),
    ...(random() < 0.05 ? { totalLength: randomInt(random, 120, 200) } : {}),
    // Before it is cut in pieces, and never.
    ...(random() < 0.05 ? { totalLength: 0, moreFragments: false } : {}),
    ...(random() < 0.02 ? { totalLength: randomInt(random, 1, 19) } : {}),
    ...(random() < 0.02 ? { version: randomOf(random, [0, 5, 7, 15]) } : {}),
  });
}

/** One whose hops are still to come, or are behind. */
function sourceRoute(random: Random): Uint8Array {
  const count = randomInt(random, 1, 4);
  return encodeIPv4Options([
    { kind: "noOperation" },
    {
      kind: randomOf(random, ["looseSourceRoute", "strictSourceRoute"]),
      pointer: 4 * randomInt(random, 1, count + 1),
      addresses: Array.from({ length: count }, () => address4(random)),
    },
  ]);
}

/** An IPv6 header, most of them right. */
export function outer6(random: Random): PacketLayer {
  return ipv6({
    ...ends6(random),
    dscp: randomInt(random, 0, 63),
    ecn: randomInt(random, 0, 3),
    flowLabel: randomInt(random, 0, 0xfffff),
    hopLimit: randomInt(random, 0, 255),
    extensionHeaders: random() < 0.5 ? extensions(random) : [],
    ...(random() < 0.05 ? { payloadLength: randomInt(random, 90, 200) } : {}),
    ...(random() < 0.02 ? { version: randomOf(random, [0, 5, 7]) } : {}),
  });
}

/** Those that say more of whom a packet is from and for, and those that do not. */
function extensions(random: Random): IPv6ExtensionFields[] {
  const address = () =>
    Uint8Array.of(...[0x20, 1, 0xd, 0xb8], ...randomBytes(random, 12));
  const segmentsLeft = randomInt(random, 0, 2);
  const route = (routingType: number, head: number[], count: number) => ({
    kind: "routing" as const,
    routingType,
    segmentsLeft: Math.min(segmentsLeft, count),
    data: Uint8Array.of(
      ...head,
      ...Array.from({ length: count }, address).flatMap((octets) => [
        ...octets,
      ]),
    ),
  });
  return randomOf<IPv6ExtensionFields[]>(random, [
    [{ kind: "destinationOptions" }],
    [{
      kind: "destinationOptions",
      data: Uint8Array.of(1, 2, 0, 0, 0xc9, 16, ...address()),
    }],
    [route(0, [0, 0, 0, 0], randomInt(random, 1, 3))],
    [route(2, [0, 0, 0, 0], 1)],
    [route(4, [1, 0, 0, 0], 2)],
    [{
      kind: "authentication",
      data: Uint8Array.of(0, 0, ...randomBytes(random, 8 + 12)),
    }],
  ]);
}

/** An IP header of either version. */
export function outer(random: Random): PacketLayer {
  return random() < 0.6 ? outer4(random) : outer6(random);
}

/** One in ten checksums is made up, and never zero, which can mean none. */
export function wrongChecksum(random: Random): { checksum?: number } {
  return random() < 0.1 ? { checksum: randomInt(random, 1, 0xfffe) } : {};
}

/** No port that tshark takes for anything. */
export function port(random: Random): number {
  return randomInt(random, 61_000, 61_900);
}

/** Two hosts. */
export function ends4(random: Random) {
  return { source: address4(random), destination: address4(random) };
}

export function ends6(random: Random) {
  return { source: address6(random), destination: address6(random) };
}

export function address4(random: Random): string {
  return `198.51.100.${randomInt(random, 1, 254)}`;
}

export function address6(random: Random): string {
  return `2001:db8::${randomInt(random, 1, 0xffff).toString(16)}`;
}

/** The first octets say which one it is. */
export function mac(random: Random, start: string): string {
  const last = randomInt(random, 0, 255).toString(16).padStart(2, "0");
  return `${start}:${last}`;
}

/** The EtherType of an IP packet. */
export function etherTypeOfIP(packet: Uint8Array): number {
  return packet[0] >>> 4 === 6 ? 0x86dd : 0x0800;
}
