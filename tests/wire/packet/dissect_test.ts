import {
  ipv4,
  type IPv4LayerFields,
} from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import {
  assert,
  assertEquals,
  assertLess,
  assertStrictEquals,
} from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { renderTree } from "../../../lib/render/packet/tree.ts";
import {
  dissect,
  type Dissection,
  headersOf,
} from "../../../lib/wire/packet/dissect.ts";
import { LINK_TYPE_ETHERNET } from "../../../lib/wire/link_types.ts";
import {
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);

/** Each layer as `protocol@offset+length`. */
const layersOf = ({ layers }: Dissection) =>
  layers.map(({ protocol, offset, length }) =>
    `${protocol}@${offset}+${length}`
  );

/** Each problem as `layer.field@offset`. */
const problemsOf = ({ problems }: Dissection) =>
  problems.map(({ layer, field, offset }) => `${layer}.${field}@${offset}`);

/** An outer header of 20 octets that announces IPv4. */
const outer = (changed: Partial<IPv4LayerFields> = {}) =>
  ipv4({
    source: "192.0.2.1",
    destination: "192.0.2.2",
    protocol: 4,
    ...changed,
  });

/** An inner header whose payload is only data. */
const inner = (changed: Partial<IPv4LayerFields> = {}) =>
  ipv4({
    source: "10.0.0.1",
    destination: "10.0.0.2",
    protocol: 253,
    ...changed,
  });

Deno.test("dissect() of the packets received in the seed finds no problem", () => {
  // Example 2 of the third seed, "Python - Socket - Raw IPv4".
  const received = [
    "4500002136c8000080fdfeb1010101640101010148656c6c6f20576f726c642021",
    "4500001636dd000080fdfea701010164010101014869",
    "450000213716000080fdfe630101016401010101486f772061726520796f75203f",
    "450000183760000080fdfe22010101640101010151756974",
  ];
  for (const hex of received) {
    const dissection = dissect(bytes(hex));
    assertEquals(dissection.problems, []);
    assertEquals(layersOf(dissection), [
      "ipv4@0+20",
      `data@20+${hex.length / 2 - 20}`,
    ]);
    const [layer] = dissection.layers;
    assert(layer.protocol === "ipv4");
    assertEquals(layer.header.source, "1.1.1.100");
    assertEquals(layer.header.protocol, 253);
  }
});

const OPTIONS = { options: bytes("94040000") };
const HELLO = "Hello World!";

/** Packets, their layers and what is wrong with them. */
const PACKETS: [
  name: string,
  packet: Uint8Array,
  layers: string[],
  problems: string[],
][] = [
  ["nothing", bytes(""), [], ["ipv4.header@0"]],
  ["neither IPv4 nor IPv6", bytes("50".padEnd(80, "0")), ["data@0+40"], [
    "ipv4.version@0",
  ]],
  ["too short", bytes("450000"), ["data@0+3"], ["ipv4.header@3"]],
  ["a header alone", buildPacket(inner()), ["ipv4@0+20"], []],
  ["with options", buildPacket(inner(OPTIONS), "a"), [
    "ipv4@0+24",
    "data@24+1",
  ], []],
  ["IPv4 in IPv4", buildPacket(outer(), inner(), HELLO), [
    "ipv4@0+20",
    "ipv4@20+20",
    "data@40+12",
  ], []],
  [
    "IPv4 in IPv4 in IPv4, with options",
    buildPacket(outer(OPTIONS), outer(OPTIONS), inner(OPTIONS), HELLO),
    ["ipv4@0+24", "ipv4@24+24", "ipv4@48+24", "data@72+12"],
    [],
  ],
  [
    "trailing octets belong to no layer",
    Uint8Array.of(...buildPacket(outer(), inner(), "a"), ...new Uint8Array(9)),
    ["ipv4@0+20", "ipv4@20+20", "data@40+1"],
    [],
  ],
  [
    "nor to an inner packet that claims them",
    Uint8Array.of(
      ...buildPacket(outer(), inner({ totalLength: 30 }), "a"),
      ...new Uint8Array(9),
    ),
    ["ipv4@0+20", "ipv4@20+20", "data@40+1"],
    ["ipv4.totalLength@22"],
  ],
  [
    "octets after the inner packet belong to no layer either",
    buildPacket(outer(), inner({ totalLength: 21 }), "abc"),
    ["ipv4@0+20", "ipv4@20+20", "data@40+1"],
    [],
  ],
  [
    "a first fragment is dissected further",
    buildPacket(outer({ moreFragments: true }), inner(), HELLO),
    ["ipv4@0+20", "ipv4@20+20", "data@40+12"],
    [],
  ],
  [
    "a later fragment is not",
    buildPacket(outer({ fragmentOffset: 8 }), inner(), HELLO),
    ["ipv4@0+20", "data@20+32"],
    [],
  ],
];

Deno.test("dissect() finds the layers", () => {
  for (const [name, packet, layers, problems] of PACKETS) {
    const dissection = dissect(packet);
    assertEquals(layersOf(dissection), layers, name);
    assertEquals(problemsOf(dissection), problems, name);
  }
});

const NESTED = ["ipv4@0+20", "ipv4@20+20", "data@40+12"];
const ONLY_OUTER = ["ipv4@0+20", "data@20+32"];

/** What is wrong inside and outside, the layers left, and the problems. */
const PROBLEMS: [
  outside: Partial<IPv4LayerFields>,
  inside: Partial<IPv4LayerFields>,
  layers: string[],
  problems: string[],
][] = [
  [{ ttl: 0 }, {}, NESTED, ["ipv4.ttl@8"]],
  [{ checksum: 0 }, {}, NESTED, ["ipv4.checksum@10"]],
  [{ totalLength: 99 }, {}, NESTED, ["ipv4.totalLength@2"]],
  [{}, { ttl: 0 }, NESTED, ["ipv4.ttl@28"]],
  [{}, { checksum: 0 }, NESTED, ["ipv4.checksum@30"]],
  [{}, { totalLength: 33 }, NESTED, ["ipv4.totalLength@22"]],
  // The header's octets are shown; what is behind it nobody knows.
  [{}, { totalLength: 19 }, NESTED, ["ipv4.totalLength@22"]],
  [{}, { version: 6 }, NESTED, ["ipv4.version@20"]],
  [{ totalLength: 1 }, {}, ["ipv4@0+20", "data@20+32"], [
    "ipv4.totalLength@2",
  ]],
  [{ version: 7, ttl: 0, checksum: 0 }, {}, ["ipv4@0+20", "data@20+32"], [
    "ipv4.version@0",
  ]],
  // Captured before it was cut in pieces.
  [{ totalLength: 0 }, {}, NESTED, []],
  [{}, { totalLength: 0 }, NESTED, []],
  [{}, { headerLength: 16 }, ONLY_OUTER, ["ipv4.headerLength@20"]],
  [{}, { headerLength: 60 }, ONLY_OUTER, ["ipv4.headerLength@20"]],
  [
    {},
    { options: bytes("01010701") },
    ["ipv4@0+20", "ipv4@20+24", "data@44+12"],
    ["ipv4.options@42"],
  ],
  [
    { ttl: 0, checksum: 0, totalLength: 99 },
    { ttl: 0, checksum: 0, totalLength: 99 },
    NESTED,
    [
      "ipv4.totalLength@2",
      "ipv4.ttl@8",
      "ipv4.checksum@10",
      "ipv4.totalLength@22",
      "ipv4.ttl@28",
      "ipv4.checksum@30",
    ],
  ],
];

Deno.test("dissect() counts the offsets of problems from the packet's start", () => {
  for (const [outside, inside, layers, problems] of PROBLEMS) {
    const packet = buildPacket(outer(outside), inner(inside), HELLO);
    const dissection = dissect(packet);
    assertEquals(problemsOf(dissection), problems);
    assertEquals(layersOf(dissection), layers);
    // The same in the middle of other octets.
    const around = Uint8Array.of(0xff, ...packet, 0xff);
    assertEquals(dissect(around.subarray(1, -1)), dissection);
  }
});

Deno.test("dissect() of every truncated prefix keeps what is there", () => {
  const packet = buildPacket(outer(), inner(OPTIONS), HELLO);
  for (let length = 0; length < packet.length; length++) {
    const dissection = dissect(packet.subarray(0, length));
    const headers = length < 20 ? 0 : length < 44 ? 1 : 2;
    const ipv4 = dissection.layers.filter(({ protocol }) =>
      protocol === "ipv4"
    );
    assertEquals(ipv4.length, headers);
    checkWhole(dissection, length);
    // Outside something is missing; so inside, or it could not be decoded.
    assertEquals(dissection.problems.length, length < 20 ? 1 : 2);
  }
});

Deno.test("dissect() ends a hostile nesting", () => {
  const depth = 1000;
  const packet = buildPacket(...new Array(depth).fill(outer()));
  const dissection = dissect(packet);
  assertLess(dissection.layers.length, 32);
  assertStrictEquals(dissection.layers.at(-1)?.protocol, "data");
  checkWhole(dissection, packet.length);
  assertEquals(problemsOf(dissection), ["ipv4.header@320"]);
  assertEquals(
    dissection.problems[0].reason,
    "is nested too deep: at most 16 layers are read",
  );
});

/** Source and destination, and why no host may send that. */
const MARTIANS: [source: string, destination: string, reason?: string][] = [
  ["10.0.0.1", "10.0.0.2"],
  ["0.0.0.0", "255.255.255.255"],
  ["127.0.0.1", "127.0.0.2"],
  ["223.255.255.255", "10.0.0.1"],
  ["127.0.0.1", "10.0.0.1", "a loopback address cannot leave its host"],
  ["0.0.0.1", "10.0.0.1", "an address of no network"],
  ["224.0.0.1", "10.0.0.1", "a group cannot send"],
  ["239.255.255.255", "10.0.0.1", "a group cannot send"],
  ["240.0.0.1", "10.0.0.1", "a reserved address"],
  ["255.255.255.255", "10.0.0.1", "nobody is everybody"],
];

Deno.test("dissect() reports martian sources", () => {
  for (const [source, destination, reason] of MARTIANS) {
    const { problems } = dissect(buildPacket(inner({ source, destination })));
    const wanted = reason === undefined ? [] : [{
      layer: "ipv4",
      field: "source",
      offset: 12,
      reason: `is ${source}: ${reason}`,
    }];
    assertEquals(problems, wanted);
  }
});

Deno.test("the tree of any packet is at most 80 columns wide", () => {
  const random = seededRandom(80);
  const tops = [0x11, 0x06, 0x02, 0x2f, 0x01, 0x3a];
  for (let i = 0; i < 20_000; i++) {
    const octets = randomBytes(random, randomInt(random, 38, 120));
    octets.set(bytes("0800"), 12);
    octets[14] = 0x45;
    octets.set(bytes("0020"), 16);
    octets[17] = randomInt(random, 20, 120);
    octets[20] = 0;
    octets[21] = 0;
    octets[23] = randomOf(random, tops);
    if (i % 3 === 0) octets.set(bytes("0035"), 36);
    const dissection = dissect(octets, { linkType: LINK_TYPE_ETHERNET });
    for (const line of renderTree(octets, dissection)) {
      if (line.length > 80) throw new Error(`${line.length}: ${line}`);
    }
  }
});

/** The layers are one after the other from the start, and all is in bounds. */
function checkWhole({ layers, problems }: Dissection, length?: number): number {
  let end = 0;
  for (const [i, layer] of layers.entries()) {
    assertStrictEquals(layer.offset, end);
    assert(layer.length > 0);
    assert(layer.protocol !== "data" || i === layers.length - 1);
    end += layer.length;
  }
  if (length !== undefined) assertStrictEquals(end, length);
  for (const { offset } of problems) assert(offset >= 0);
  return end;
}

Deno.test("dissect() never throws on random octets", () => {
  const random = seededRandom(100_000);
  let nested = 0;
  for (let i = 0; i < 100_000; i++) {
    const octets = randomBytes(random, randomInt(random, 0, 80));
    // Three in four begin like IPv4 that holds IPv4.
    for (let at = 0; i % 4 !== 0 && at + 20 < octets.length; at += 20) {
      octets[at] = 0x40 | randomOf(random, [5, 5, 5, 5, octets[at] & 15]);
      octets[at + 2] = 0;
      octets[at + 6] &= 0xe0;
      octets[at + 7] = 0;
      octets[at + 9] = 4;
    }
    const dissection = dissect(octets);
    assert(checkWhole(dissection) <= octets.length);
    for (const { offset } of dissection.problems) {
      assert(offset <= octets.length);
    }
    if (dissection.layers.length > 2) nested++;
  }
  assert(nested > 1000, "enough of them were nested");
});

Deno.test("dissect() never throws on mutated packets", () => {
  const random = seededRandom(2);
  const good = [
    buildPacket(outer(), inner(), HELLO),
    buildPacket(outer(OPTIONS), outer(), inner(OPTIONS), HELLO),
    buildPacket(inner({ options: bytes("440c0d21c000020180000001") }), HELLO),
  ];
  for (let i = 0; i < 20_000; i++) {
    const original = randomOf(random, good);
    const octets = original.slice(0, randomInt(random, 0, original.length * 2));
    for (let n = randomInt(random, 1, 4); n > 0 && octets.length > 0; n--) {
      octets[randomInt(random, 0, octets.length - 1)] ^= 1 <<
        randomInt(random, 0, 7);
    }
    const before = octets.toHex();
    assert(checkWhole(dissect(octets)) <= octets.length);
    assertStrictEquals(octets.toHex(), before, "its input is unchanged");
  }
});

Deno.test("headersOf() gives the outermost header of each protocol", () => {
  const packet = buildPacket(outer({ ttl: 1 }), inner({ ttl: 2 }), "data");
  const headers = headersOf(dissect(packet));
  assertEquals(Object.keys(headers), ["ipv4"]);
  assertEquals(headers.ipv4?.ttl, 1);
  assertEquals(headersOf({ layers: [], problems: [] }), {});
});
