import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { PacketError } from "../../../lib/wire/errors.ts";
import { fragmentIPv4 } from "../../../lib/wire/packet/fragment.ts";
import { decodeIPv4, type IPv4Fields } from "../../../lib/wire/ipv4/ipv4.ts";
import { encodeIPv4Options } from "../../../lib/wire/ipv4/ipv4_options.ts";
import { Reassembler } from "../../../lib/wire/packet/reassembler.ts";
import {
  type Random,
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);

/** A packet whose payload counts up, so that no two pieces are the same. */
function packet(length: number, changed: Partial<IPv4Fields> = {}) {
  const payload = Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8));
  const ends = { source: "192.0.2.1", destination: "192.0.2.2" };
  return buildPacket(
    ipv4({ ...ends, protocol: 253, identification: 7, ...changed }),
    payload,
  );
}

/** Each fragment as `offset+octets`, and `…` where more follow. */
const shape = (fragments: readonly Uint8Array[]) =>
  fragments.map((fragment) => {
    const { header, payload } = decodeIPv4(fragment);
    const more = header.moreFragments ? "…" : "";
    return `${header.fragmentOffset}+${payload.length}${more}`;
  });

/** Payload, MTU, and the fragments. */
const SHAPES: [payload: number, mtu: number, fragments: string[]][] = [
  [0, 28, ["0+0"]],
  [8, 28, ["0+8"]],
  [9, 28, ["0+8…", "8+1"]],
  [16, 28, ["0+8…", "8+8"]],
  [17, 35, ["0+8…", "8+9"]],
  [100, 120, ["0+100"]],
  [100, 119, ["0+96…", "96+4"]],
  [3000, 1500, ["0+1480…", "1480+1480…", "2960+40"]],
  [65_515, 65_534, ["0+65512…", "65512+3"]],
];

Deno.test("fragmentIPv4() splits at multiples of eight", () => {
  for (const [length, mtu, wanted] of SHAPES) {
    const whole = packet(length);
    const before = whole.toHex();
    const fragments = fragmentIPv4(whole, mtu);
    assertEquals(shape(fragments), wanted);
    for (const fragment of fragments) {
      assert(fragment.length <= mtu);
      assertEquals(dissect(fragment).problems, [], "checksums are right");
      fragment.fill(0xff);
    }
    assertEquals(whole.toHex(), before, "its input is unchanged");
  }
});

Deno.test("fragmentIPv4() goes on from a fragment's own offset", () => {
  const middle = packet(40, { fragmentOffset: 800, moreFragments: true });
  assertEquals(shape(fragmentIPv4(middle, 44)), ["800+24…", "824+16…"]);
  const last = packet(40, { fragmentOffset: 800 });
  assertEquals(shape(fragmentIPv4(last, 44)), ["800+24…", "824+16"]);
  const end = packet(40, { fragmentOffset: 65_528 });
  assertThrows(() => fragmentIPv4(end, 44), PacketError, "would be 65552");
});

Deno.test("fragmentIPv4() copies options as RFC 791 §3.1 says", () => {
  const options = encodeIPv4Options([
    { kind: "recordRoute", pointer: 4, addresses: ["0.0.0.0"] },
    { kind: "noOperation" },
    { kind: "looseSourceRoute", pointer: 4, addresses: ["192.0.2.9"] },
    { kind: "timestamp", pointer: 5, overflow: 0, flag: 0, entries: [] },
    { kind: "routerAlert", value: 0 },
  ]);
  const fragments = fragmentIPv4(packet(64, { options }), 72);
  const headers = fragments.map((fragment) => decodeIPv4(fragment).header);
  assertEquals(headers[0].options, options);
  for (const header of headers.slice(1)) {
    assertEquals(header.options.toHex(), "830704c0000209" + "94040000" + "00");
  }
  assertEquals(shape(fragments), ["0+24…", "24+40"]);
});

Deno.test("fragmentIPv4() refuses what must not be split", () => {
  const whole = packet(100, { dontFragment: true });
  assertEquals(fragmentIPv4(whole, 120), [whole]);
  assertThrows(
    () => fragmentIPv4(whole, 119),
    PacketError,
    "ipv4 dontFragment at octet 6: is set, and 120 octets do not fit into 119",
  );
  assertThrows(
    () => fragmentIPv4(packet(100).subarray(0, 99), 68),
    PacketError,
    "is 120 octets, of which 21 are missing",
  );
  const bad: [number, object][] = [[27, {}], [65_536, {}], [NaN, {}], [
    31,
    { options: new Uint8Array(4) },
  ]];
  for (const [mtu, changed] of bad) {
    assertThrows(
      () => fragmentIPv4(packet(100, changed), mtu),
      RangeError,
      `to 65535, but is ${mtu}`,
    );
  }
});

Deno.test("fragmentIPv4() leaves what follows the total length", () => {
  const padded = bytes(packet(20).toHex() + "000000000000");
  assertEquals(shape(fragmentIPv4(padded, 36)), ["0+16…", "16+4"]);
  assertEquals(fragmentIPv4(padded, 1500)[0].length, 40);
});

/**
 * A query for ipv4.google.com in three fragments, as Android's translator
 * between IPv4 and IPv6 (clatd) has it in its tests.
 */
const CAPTURED = [
  "45000024fe47200040118c6dc000000408080808" +
  "145d0035002968bb50470100000100" + "00",
  "45000024fe47200240118c6bc000000408080808" +
  "00000000046970763406676f6f676c65",
  "4500001dfe4700044011ac70c000000408080808" + "03636f6d0000010001",
];

Deno.test("Reassembler puts a query of three fragments together, in any order", () => {
  for (const order of ["012", "021", "102", "120", "201", "210"]) {
    const reassembler = new Reassembler();
    const results = [...order].map((i, now) =>
      reassembler.add(bytes(CAPTURED[Number(i)]), now)
    );
    const last = results.pop();
    assert(results.every(({ kind }) => kind === "incomplete"));
    assert(last?.kind === "complete");
    const { layers, problems } = dissect(last.packet);
    assertEquals(problems, [], "its UDP checksum is right");
    assertEquals(layers[1].protocol, "udp");
    assertEquals([reassembler.pending, reassembler.octets], [0, 0]);
  }
});

/** Fragments of one packet as offset, octets, and whether more follow. */
type Part = [offset: number, length: number, more: boolean, fill?: number];

function part([offset, length, more, fill = 1]: Part): Uint8Array {
  return buildPacket(
    ipv4({
      source: "192.0.2.1",
      destination: "192.0.2.2",
      protocol: 253,
      fragmentOffset: offset,
      moreFragments: more,
    }),
    new Uint8Array(length).fill(fill),
  );
}

/** Fragments one after the other, and what comes of each. */
const SEQUENCES: [name: string, parts: Part[], results: string[]][] = [
  ["no fragment", [[0, 8, false]], ["complete"]],
  ["in order", [[0, 8, true], [8, 8, false]], ["incomplete", "complete"]],
  [
    "identical duplicates are tolerated",
    [[0, 8, true], [0, 8, true], [16, 3, false], [16, 3, false], [8, 8, true]],
    ["incomplete", "duplicate", "incomplete", "duplicate", "complete"],
  ],
  [
    "a duplicate with other octets is not",
    [[0, 8, true], [0, 8, true, 2], [8, 8, false]],
    ["incomplete", "overlaps", "overlapped"],
  ],
  [
    "nor one with another length",
    [[0, 16, true], [0, 8, true]],
    ["incomplete", "overlaps"],
  ],
  [
    "nor one that is the last",
    [[0, 8, true], [8, 8, true], [8, 8, false]],
    ["incomplete", "incomplete", "overlaps"],
  ],
  [
    "overlap from before",
    [[8, 8, true], [0, 16, true]],
    ["incomplete", "overlaps"],
  ],
  [
    "overlap from behind, as teardrop has it",
    [[0, 32, true], [24, 4, false]],
    ["incomplete", "overlaps"],
  ],
  [
    "a fragment around another",
    [[8, 8, true], [0, 32, true]],
    ["incomplete", "overlaps"],
  ],
  [
    "a gap is waited for",
    [[0, 8, true], [16, 8, false]],
    ["incomplete", "incomplete"],
  ],
  [
    "two last ones",
    [[16, 8, false], [32, 8, false]],
    ["incomplete", "is the last"],
  ],
  [
    "a last one before others",
    [[32, 8, true], [16, 8, false]],
    ["incomplete", "is the last"],
  ],
  [
    "one beyond the last",
    [[16, 8, false], [32, 8, true]],
    ["incomplete", "goes on beyond"],
  ],
  ["not a multiple of eight", [[0, 7, true]], ["a multiple of 8 wanted"]],
  ["nothing in it", [[8, 0, false]], ["has no payload"]],
  ["ping of death", [[65_528, 100, false]], ["ends beyond 65535"]],
  [
    "a wrong one does not harm the others",
    [[0, 8, true], [8, 7, true], [8, 8, false]],
    ["incomplete", "a multiple of 8 wanted", "complete"],
  ],
];

Deno.test("Reassembler tolerates duplicates and trusts no overlap", () => {
  for (const [name, parts, wanted] of SEQUENCES) {
    const reassembler = new Reassembler();
    for (const [i, fields] of parts.entries()) {
      const result = reassembler.add(part(fields), 0);
      if (result.kind === "dropped") {
        assert(result.problem.reason.includes(wanted[i]), `${name}: ${i}`);
      } else if (result.kind === "incomplete" && result.isDuplicate) {
        assertEquals("duplicate", wanted[i], name);
      } else {
        assertEquals(result.kind, wanted[i], name);
      }
    }
  }
});

Deno.test("Reassembler tells packets apart by all four fields", () => {
  const reassembler = new Reassembler();
  const first = packet(16);
  const others: Partial<IPv4Fields>[] = [
    { source: "192.0.2.3" },
    { destination: "192.0.2.3" },
    { protocol: 254 },
    { identification: 8 },
  ];
  reassembler.add(fragmentIPv4(first, 28)[0], 0);
  for (const changed of others) {
    const [, second] = fragmentIPv4(packet(16, changed), 28);
    assertEquals(reassembler.add(second, 0).kind, "incomplete");
  }
  assertEquals(reassembler.pending, 5);
  const [, second] = fragmentIPv4(first, 28);
  const result = reassembler.add(second, 0);
  assert(result.kind === "complete");
  assertEquals(result.packet, first);
});

Deno.test("Reassembler gives up after the timeout of the caller's clock", () => {
  const reassembler = new Reassembler({ timeoutMs: 1000 });
  const [first, second] = fragmentIPv4(packet(16), 28);
  reassembler.add(first, 5000);
  assertEquals(reassembler.expire(5999), 0);
  assertEquals(reassembler.add(second, 6000).kind, "incomplete");
  assertEquals(reassembler.counts.timedOut, 1);
  assertEquals(reassembler.expire(7000), 1);
  assertEquals([reassembler.pending, reassembler.octets], [0, 0]);
});

Deno.test("Reassembler keeps to its limits", () => {
  const few = new Reassembler({ maxDatagrams: 10 });
  const small = new Reassembler({ maxOctets: 2000 });
  const short = new Reassembler({ maxFragments: 3 });
  for (let i = 0; i < 1000; i++) {
    const [first] = fragmentIPv4(packet(64, { identification: i }), 52);
    few.add(first, i);
    small.add(first, i);
    assert(few.pending <= 10 && small.octets <= 2000);
  }
  assertEquals([few.pending, few.counts.evicted], [10, 990]);
  assertEquals(small.pending, Math.floor(2000 / (160 + 32 + 20)));
  const results = fragmentIPv4(packet(64), 28).map((fragment) =>
    short.add(fragment, 0).kind
  );
  assertEquals(results.slice(2, 5), ["incomplete", "dropped", "dropped"]);
  assertEquals(short.octets, 0);
  const tiny = new Reassembler({ maxOctets: 100 });
  assertEquals(tiny.add(part([0, 8, true]), 0).kind, "dropped");
  assertEquals([tiny.pending, tiny.octets], [0, 0]);
  for (const wrong of [0, -1, 0.5, NaN]) {
    assertThrows(() => new Reassembler({ timeoutMs: wrong }), RangeError);
  }
});

Deno.test("fragmentIPv4() and Reassembler give the same octets again", () => {
  const random = seededRandom(815);
  for (let i = 0; i < 1000; i++) {
    const whole = buildPacket(
      ipv4({
        source: "192.0.2.1",
        destination: "192.0.2.2",
        protocol: randomInt(random, 0, 255),
        identification: randomInt(random, 0, 0xffff),
        ttl: randomInt(random, 1, 255),
        dscp: randomInt(random, 0, 63),
        options: new Uint8Array(randomInt(random, 0, 40)).fill(1),
      }),
      randomBytes(random, randomInt(random, 0, 300)),
    );
    const once = fragmentIPv4(whole, randomInt(random, 68, 300));
    const twice = once.flatMap((fragment) =>
      fragmentIPv4(fragment, randomInt(random, 68, 300))
    );
    const reassembler = new Reassembler();
    const shuffled = shuffle(random, [...twice, randomOf(random, twice)]);
    const whole1 = shuffled.map((fragment) => reassembler.add(fragment, 0))
      .flatMap((result) => result.kind === "complete" ? [result.packet] : []);
    assert(whole1.length >= 1);
    assertEquals(whole1[0].toHex(), whole.toHex());
  }
});

function shuffle<T>(random: Random, list: T[]): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = randomInt(random, 0, i);
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}

Deno.test("Reassembler of 20,000 hostile fragments neither throws nor grows", () => {
  const random = seededRandom(1858);
  const reassembler = new Reassembler({
    maxDatagrams: 16,
    maxOctets: 20_000,
    timeoutMs: 50,
  });
  let complete = 0;
  for (let i = 0; i < 20_000; i++) {
    const octets = i % 10 === 0
      ? randomBytes(random, randomInt(random, 0, 60))
      : part([
        8 * randomInt(random, 0, 3),
        8 * randomInt(random, 0, 3) + (random() < 0.1 ? 1 : 0),
        random() < 0.6,
        randomInt(random, 1, 2),
      ]);
    if (octets.length > 5) octets[5] = randomInt(random, 0, 40);
    const result = reassembler.add(octets, Math.floor(i / 10));
    if (result.kind === "complete") {
      complete++;
      if (result.packet[0] >>> 4 === 6) continue;
      const { header, missing } = decodeIPv4(result.packet);
      assertEquals([header.moreFragments, missing], [false, 0]);
    }
    assert(reassembler.pending <= 16 && reassembler.octets <= 20_000);
  }
  assert(complete > 1000, `${complete} became whole`);
  assertEquals(reassembler.expire(1e9) <= 16, true);
  assertEquals([reassembler.pending, reassembler.octets], [0, 0]);
});
