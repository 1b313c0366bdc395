import { assertEquals, assertThrows } from "@std/assert";
import {
  forgedPacket,
  type ForgedPacketFields,
  internetChecksum,
} from "../../mod.ts";
import { completeForged } from "../../lib/compare/forged_packet.ts";
import { readForged } from "../../lib/compare/forged_packet.ts";

const SEED = { source: "172.16.12.1", destination: "172.31.0.1" } as const;
const HEADER = "ac100c01ac1f0001";
const ECHO = "0800f7ff00000000";

/** Fields beside the seed's addresses, and the octets. */
const PACKETS: [fields: Partial<ForgedPacketFields>, hex: string][] = [
  [{}, `4500001c00000000ff010000${HEADER}${ECHO}`],
  [
    { ttl: 0, trafficClass: 0xb9, identification: 0x1234 },
    `45b9001c1234000000010000${HEADER}${ECHO}`,
  ],
  [{ flags: 7 }, `4500001c0000e000ff010000${HEADER}${ECHO}`],
  [{ flags: 2 }, `4500001c00004000ff010000${HEADER}${ECHO}`],
  [
    { checksum: 0xdead, totalLength: 0 },
    `4500000000000000ff01dead${HEADER}${ECHO}`,
  ],
  [
    { options: Uint8Array.of(1) },
    `4600002000000000ff010000${HEADER}01000000${ECHO}`,
  ],
  [
    {
      icmpIdentifier: 1,
      icmpSequence: 2,
      payload: Uint8Array.of(0x48, 0x69),
    },
    `4500001e00000000ff010000${HEADER}0800af9300010002` + "4869",
  ],
  [
    { protocol: 253, payload: Uint8Array.of(0x48, 0x69) },
    `4500001600000000fffd0000${HEADER}4869`,
  ],
  [{ protocol: 253 }, `4500001400000000fffd0000${HEADER}`],
];

Deno.test("forgedPacket() makes the seed's packet, and what is asked for", () => {
  for (const [fields, hex] of PACKETS) {
    assertEquals(forgedPacket({ ...SEED, ...fields }).toHex(), hex);
  }
});

Deno.test("forgedPacket() of an echo request has the ICMP checksum right", () => {
  const payload = new TextEncoder().encode("odd");
  const packet = forgedPacket({ ...SEED, icmpIdentifier: 7, payload });
  assertEquals(internetChecksum(packet.subarray(20)), 0);
});

Deno.test("forgedPacket() refuses what does not fit, and names it", () => {
  const BAD: [fields: Partial<ForgedPacketFields>, said: string][] = [
    [{ ttl: 256 }, "ttl"],
    [{ ttl: -1 }, "ttl"],
    [{ trafficClass: 256 }, "trafficClass"],
    [{ identification: 65_536 }, "identification"],
    [{ flags: 8 }, "flags"],
    [{ checksum: 65_536 }, "checksum"],
    [{ totalLength: 65_536 }, "totalLength"],
    [{ protocol: 256 }, "protocol"],
    [{ options: new Uint8Array(41) }, "options"],
    [{ icmpIdentifier: 65_536 }, "identifier"],
    [{ icmpSequence: 1.5 }, "sequence"],
    [{ payload: new Uint8Array(65_508) }, "payload"],
    [{ source: "1.1.1" }, "1.1.1"],
    [{ destination: "::1" }, "::1"],
    [{ protocol: 17, icmpSequence: 0 }, "fields of the echo request"],
  ];
  for (const [fields, said] of BAD) {
    assertThrows(() => forgedPacket({ ...SEED, ...fields }), RangeError, said);
  }
});

Deno.test("readForged() keeps length and checksum as they were given", () => {
  for (const totalLength of [0, 19, 28, 65_535]) {
    const packet = forgedPacket({ ...SEED, totalLength, checksum: 0xdead });
    const before = packet.toHex();
    const { header, payload, headerIncluded } = readForged(packet);
    assertEquals([header.totalLength, header.checksum, headerIncluded], [
      totalLength,
      0xdead,
      true,
    ]);
    assertEquals(payload.toHex(), ECHO);
    assertEquals(packet.toHex(), before);
  }
});

Deno.test("readForged() refuses what is no IPv4 packet", () => {
  const packet = forgedPacket(SEED);
  const six = packet.slice();
  six[0] = 0x65;
  const short = packet.slice();
  short[0] = 0x44;
  const long = packet.slice();
  long[0] = 0x4f;
  const BAD = [new Uint8Array(), packet.subarray(0, 19), six, short, long];
  for (const bytes of BAD) {
    assertThrows(() => readForged(bytes), RangeError, "no IPv4 packet");
  }
});

Deno.test("completeForged() writes length and checksum, as Linux does", () => {
  const packet = forgedPacket({
    ...SEED,
    totalLength: 7,
    checksum: 1,
    options: new Uint8Array(40).fill(1),
    identification: 9,
  });
  const completed = completeForged(packet);
  assertEquals(completed.subarray(2, 4).toHex(), "0044");
  assertEquals(internetChecksum(completed.subarray(0, 60)), 0);
  const rest = (bytes: Uint8Array) =>
    bytes.slice().fill(0, 2, 4).fill(0, 10, 12).toHex();
  assertEquals(rest(completed), rest(packet));
});
