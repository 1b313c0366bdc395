import { assert, assertEquals, assertThrows } from "@std/assert";
import { PacketError } from "../../../lib/wire/errors.ts";
import {
  decodeIPv6,
  encodeIPv6,
  type IPv6Fields,
} from "../../../lib/wire/ipv6/ipv6.ts";
import type { IPv6ExtensionFields } from "../../../lib/wire/ipv6/ipv6_extensions.ts";
import { LINK_TYPE_RAW } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { fragmentIPv6 } from "../../../lib/wire/packet/fragment.ts";
import { Reassembler } from "../../../lib/wire/packet/reassembler.ts";
import { ipv6, udp } from "../../../lib/wire/packet/layers.ts";
import { liveTest } from "../../live/live.ts";
import {
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";
import { readWithTshark } from "../tshark.ts";

const ENDS = { source: "2001:db8::1", destination: "2001:db8::2" };
const HOP_BY_HOP: IPv6ExtensionFields = { kind: "hopByHop" };
const ROUTING: IPv6ExtensionFields = {
  kind: "routing",
  routingType: 0,
  segmentsLeft: 0,
};
const OPTIONS: IPv6ExtensionFields = { kind: "destinationOptions" };

/** A packet whose payload counts up, so that no two pieces are the same. */
function packet(length: number, changed: Partial<IPv6Fields> = {}) {
  const payload = Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8));
  return encodeIPv6({ ...ENDS, protocol: 253, ...changed }, payload);
}

/** The kinds of a fragment's headers, and `offset+octets`, `…` where more follow. */
function shape(fragment: Uint8Array): string {
  const { header, payload } = decodeIPv6(fragment);
  const kinds = header.extensionHeaders.map((extension) => {
    if (extension.kind !== "fragment") return extension.kind;
    const { fragmentOffset, moreFragments, identification } = extension;
    assertEquals(identification, 0xfedcba98);
    return `${fragmentOffset}${moreFragments ? "…" : ""}`;
  });
  return [...kinds, `+${payload.length}`].join(" ");
}

const SHAPES: [IPv6ExtensionFields[], number, mtu: number, string[]][] = [
  [[], 1240, 1280, ["+1240"]],
  [[], 1241, 1280, ["0… +1232", "1232 +9"]],
  [[], 1241, 1287, ["+1241"]],
  [[], 17, 56, ["0… +8", "8… +8", "16 +1"]],
  // What routers read is in all of them, what they do not in the first.
  [[HOP_BY_HOP], 25, 72, ["hopByHop 0… +16", "hopByHop 16 +9"]],
  [[OPTIONS], 25, 72, ["0… destinationOptions +16", "24 +9"]],
  [
    [HOP_BY_HOP, OPTIONS, ROUTING, OPTIONS],
    24,
    88,
    [
      "hopByHop destinationOptions routing 0… destinationOptions +8",
      "hopByHop destinationOptions routing 16 +16",
    ],
  ],
];

Deno.test("fragmentIPv6() splits behind the headers that routers read", () => {
  for (const [extensionHeaders, length, mtu, wanted] of SHAPES) {
    const whole = packet(length, { extensionHeaders, dscp: 10, flowLabel: 9 });
    const before = whole.toHex();
    const fragments = fragmentIPv6(whole, mtu, 0xfedcba98);
    assertEquals(fragments.map(shape), wanted);
    assertEquals(
      fragments.every((fragment) => fragment.length <= mtu),
      true,
    );
    const reassembler = new Reassembler();
    const results = fragments.map((fragment) => reassembler.add(fragment, 0));
    const last = results.at(-1)!;
    assert(last.kind === "complete");
    assertEquals(last.packet.toHex(), before);
    for (const fragment of fragments) fragment.fill(0xff);
    assertEquals(whole.toHex(), before, "its input is unchanged");
  }
});

Deno.test("fragmentIPv6() refuses what must not be split", () => {
  const atomic = packet(2000, { extensionHeaders: [{ kind: "fragment" }] });
  assertThrows(
    () => fragmentIPv6(atomic, 1280, 1),
    PacketError,
    "leads to a fragment header already",
  );
  assertThrows(
    () => fragmentIPv6(packet(2000).subarray(0, 1000), 1280, 1),
    PacketError,
    "is 2000 octets, of which 1040 are missing",
  );
  const bad: [number, IPv6ExtensionFields[], least: number][] = [
    [55, [], 56],
    [63, [HOP_BY_HOP], 64],
    [71, [OPTIONS, OPTIONS, OPTIONS], 72],
    [65_576, [], 56],
    [NaN, [], 56],
  ];
  for (const [mtu, extensionHeaders, least] of bad) {
    assertThrows(
      () => fragmentIPv6(packet(100, { extensionHeaders }), mtu, 1),
      RangeError,
      `from ${least} to 65575, but is ${mtu}`,
    );
  }
  assertThrows(() => fragmentIPv6(packet(2000), 1280, 2 ** 32), RangeError);
});

Deno.test("a jumbogram stays whole (RFC 2675 §3)", () => {
  const length = 70_000;
  const jumbo = packet(length, {
    extensionHeaders: [{
      kind: "hopByHop",
      data: Uint8Array.fromHex(
        `c204${(length + 8).toString(16).padStart(8, "0")}`,
      ),
    }],
  });
  const result = new Reassembler().add(jumbo, 0);
  assert(result.kind === "complete");
  assertEquals(result.packet.length, 40 + 8 + length);
  assertThrows(
    () => fragmentIPv6(jumbo, 1280, 1),
    PacketError,
    "is that of a jumbogram",
  );
  assertThrows(
    () => fragmentIPv6(jumbo.subarray(0, 1000), 1280, 1),
    PacketError,
    "is 70008 octets, of which 69048 are missing",
  );
});

const FIELDS = ["ipv6.reassembled.data", "udp.checksum.status"];

await liveTest(
  "Reassembler puts fragments of IPv6 together as tshark does",
  ["tshark"],
  async () => {
    const random = seededRandom(8200);
    const fragments: { at: number; fragment: Uint8Array }[] = [];
    for (let i = 0; i < 200; i++) {
      const extensionHeaders = [HOP_BY_HOP, OPTIONS, ROUTING, OPTIONS]
        .filter(() => random() < 0.3);
      const whole = buildPacket(
        ipv6({ ...ENDS, extensionHeaders, flowLabel: i }),
        udp({ sourcePort: 61_000, destinationPort: 61_001 }),
        randomBytes(random, randomInt(random, 1300, 4000)),
      );
      const mtu = randomOf(random, [1280, 1281, 1400, 1500]);
      for (const fragment of fragmentIPv6(whole, mtu, i)) {
        const chance = random();
        if (chance < 0.1) continue;
        fragments.push({ at: i + 3 * random(), fragment });
      }
    }
    fragments.sort((a, b) => a.at - b.at);
    const packets = fragments.map(({ fragment }) => fragment);
    const theirs = await readWithTshark(packets, LINK_TYPE_RAW, FIELDS, [
      "ipv6.defragment:TRUE",
      "udp.check_checksum:TRUE",
    ]);
    const reassembler = new Reassembler();
    let whole = 0;
    for (const [i, fragment] of packets.entries()) {
      const result = reassembler.add(fragment, 0);
      const [data] = theirs[i]["ipv6.reassembled.data"] ?? [];
      if (result.kind !== "complete") {
        assertEquals(data, undefined, `fragment ${i}`);
        continue;
      }
      if (!hasFragmentHeader(fragment)) continue;
      whole++;
      assert(result.packet.toHex().endsWith(data));
      assertEquals(dissect(result.packet).problems, []);
      assertEquals(theirs[i]["udp.checksum.status"], ["1"]);
    }
    assert(whole > 80 && whole < 200, `${whole}`);
  },
);

function hasFragmentHeader(packet: Uint8Array): boolean {
  return decodeIPv6(packet).header.extensionHeaders
    .some(({ kind }) => kind === "fragment");
}
