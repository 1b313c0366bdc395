/**
 * Packets to be shown: the seed's, and random ones, sound and hostile.
 *
 * @module
 */

import { Datagram } from "../../lib/socket/datagram.ts";
import type { Outgoing } from "../../lib/tools/pair/send_messages.ts";
import { encodeIPv4 } from "../../lib/wire/ipv4/ipv4.ts";
import {
  encodeIPv4Options,
  type IPv4Option,
} from "../../lib/wire/ipv4/ipv4_options.ts";
import { type Random, randomBytes, randomInt, randomOf } from "../random.ts";

/** What the seed's receiver prints: its packets, and their text. */
export const SEED: readonly (readonly [hex: string, text: string])[] = [
  [
    "4500002136c8000080fdfeb1010101640101010148656c6c6f20576f726c642021",
    "Hello World !",
  ],
  ["4500001636dd000080fdfea701010164010101014869", "Hi"],
  [
    "450000213716000080fdfe630101016401010101486f772061726520796f75203f",
    "How are you ?",
  ],
  ["450000183760000080fdfe22010101640101010151756974", "Quit"],
];

/** What is known of a packet whose header the kernel writes. */
export const OUTGOING: Outgoing = {
  source: "1.1.1.100",
  destination: "1.1.1.1",
  protocol: 253,
  ttl: 7,
  trafficClass: 0xb9,
  mtu: 1500,
  discoversMTU: true,
};

/** When the seed's receiver captured "Hello World!". */
export const SEED_TIME_NS = 1459291722_432656000n;

/** Octets as a socket would hand them out. */
export function datagram(
  bytes: Uint8Array<ArrayBuffer>,
  timestampNs = SEED_TIME_NS,
): Datagram {
  return new Datagram(bytes, {
    source: "1.1.1.100",
    destination: "1.1.1.1",
    seconds: Number(timestampNs / 1_000_000_000n),
    nanoseconds: Number(timestampNs % 1_000_000_000n),
    truncated: false,
    interfaceIndex: 2,
    hopLimit: undefined,
    error: undefined,
  });
}

/** Sound options, any of them, filling at most the 40 octets there are. */
export function randomOptions(random: Random): Uint8Array<ArrayBuffer> {
  const address = () => [...randomBytes(random, 4)].join(".");
  const some = <T>(max: number, make: () => T): T[] =>
    Array.from({ length: randomInt(random, 0, max) }, make);
  const route = () => some(9, address);
  const kinds: (() => IPv4Option)[] = [
    () => ({ kind: "recordRoute", pointer: 4, addresses: route() }),
    () => ({ kind: "looseSourceRoute", pointer: 4, addresses: route() }),
    () => ({ kind: "strictSourceRoute", pointer: 4, addresses: route() }),
    () => ({
      kind: "timestamp",
      pointer: 5,
      overflow: randomInt(random, 0, 15),
      flag: 0,
      entries: some(
        9,
        () => ({ timestamp: randomInt(random, 0, 2 ** 32 - 1) }),
      ),
    }),
    () => ({
      kind: "timestamp",
      pointer: 5,
      overflow: 0,
      flag: randomInt(random, 1, 15),
      entries: some(4, () => ({
        address: address(),
        timestamp: randomInt(random, 0, 2 ** 32 - 1),
      })),
    }),
    () => ({ kind: "routerAlert", value: randomInt(random, 0, 0xffff) }),
    () => ({ kind: "noOperation" }),
    () => ({ kind: "endOfList" }),
    () => ({
      kind: "unknown",
      type: randomInt(random, 2, 255),
      data: randomBytes(random, randomInt(random, 0, 38)),
    }),
  ];
  return encodeIPv4Options([randomOf(random, kinds)()]);
}

/** A packet that decodes, with every field at random. */
export function randomPacket(random: Random): Uint8Array<ArrayBuffer> {
  const address = () => [...randomBytes(random, 4)].join(".");
  const flag = () => random() < 0.5;
  return encodeIPv4({
    dscp: randomInt(random, 0, 63),
    ecn: randomInt(random, 0, 3),
    identification: randomInt(random, 0, 0xffff),
    reserved: flag(),
    dontFragment: flag(),
    moreFragments: flag(),
    fragmentOffset: flag() ? 0 : 8 * randomInt(random, 0, 8191),
    ttl: randomInt(random, 0, 255),
    protocol: randomInt(random, 0, 255),
    checksum: flag() ? undefined : randomInt(random, 0, 0xffff),
    source: address(),
    destination: address(),
    options: flag() ? undefined : randomOptions(random),
  }, randomBytes(random, randomInt(random, 0, 100)));
}

/** Packets within packets, as tunnels and hostile hosts make them. */
function nested(random: Random, depth: number): Uint8Array<ArrayBuffer> {
  if (depth === 0) return randomPacket(random);
  return encodeIPv4(
    { protocol: 4, destination: "1.1.1.1", options: randomOptions(random) },
    nested(random, depth - 1),
  );
}

/**
 * What a hostile host might send: sound packets cut short, with octets changed
 * or too many, with random options or text full of control characters, or just
 * anything.
 */
export function hostileOctets(random: Random): Uint8Array<ArrayBuffer> {
  switch (randomInt(random, 0, 6)) {
    case 0:
      return randomBytes(random, randomInt(random, 0, 80));
    case 1: {
      const packet = randomPacket(random);
      return packet.slice(0, randomInt(random, 0, packet.length));
    }
    case 2: {
      const packet = randomPacket(random);
      for (let i = randomInt(random, 1, 8); i > 0; i--) {
        packet[randomInt(random, 0, packet.length - 1)] = randomInt(
          random,
          0,
          255,
        );
      }
      return packet;
    }
    case 3: {
      const padding = randomBytes(random, randomInt(random, 1, 60));
      return Uint8Array.of(...randomPacket(random), ...padding);
    }
    case 4:
      return encodeIPv4({
        protocol: 253,
        destination: "1.1.1.1",
        options: randomBytes(random, randomInt(random, 0, 40)),
      }, randomBytes(random, randomInt(random, 0, 20)));
    case 5:
      return nested(random, random() < 0.02 ? 20 : randomInt(random, 1, 2));
    default:
      return encodeIPv4(
        { protocol: 253, destination: "1.1.1.1" },
        new TextEncoder().encode(hostileText(random)),
      );
  }
}

/** Characters that a terminal must not get: each kind's first and last. */
const DANGEROUS = [
  ..."\0\x07\x08\t\n\r\x1b\x7f\x80\x9b\x9f\u00ad\u061c\u200b\u200d\u200e\u200f",
  ..."\u2028\u2029\u202a\u202e\u2060\u2066\u2069\ufeff\ufff9\ufffb",
  "\u{1d173}",
  "\u{e0001}",
  "\u{e007f}",
  "\ue000",
  "\u{f0000}",
  "\u{10ffff}",
  "\uffff",
  "\u0378",
];

/** Text of which every third character is dangerous, escape sequences too. */
export function hostileText(random: Random): string {
  const parts = [
    () => randomOf(random, DANGEROUS),
    () => randomOf(random, ["\x1b[2J", "\x1b]0;x\x07", "\\", "é", "漢", "👍"]),
    () => String.fromCodePoint(randomInt(random, 0x20, 0xd7ff)),
  ];
  return Array.from(
    { length: randomInt(random, 0, 40) },
    () => randomOf(random, parts)(),
  ).join("");
}
