import { assert, assertEquals } from "@std/assert";
import {
  type ComparedField,
  encodeIPv4,
  forgedPacket,
  type ForgedPacketFields,
  type IPv4Fields,
} from "../../mod.ts";
import { comparePackets } from "../../lib/compare/sent_versus_wire.ts";
import { foretellPacket } from "../../lib/compare/sent_versus_wire.ts";
import { readForged } from "../../lib/compare/forged_packet.ts";
import { MACS, seen } from "./wire_sightings.ts";

const GIVEN = { source: "172.16.12.1", destination: "1.1.1.1" } as const;
const ECHO = Uint8Array.fromHex("0800f7ff00000000");

/** The seed's packet as it is on a wire, but for some fields. */
function onWire(fields: Partial<IPv4Fields> = {}): Uint8Array {
  return encodeIPv4(
    { ...GIVEN, protocol: 1, ttl: 255, identification: 0x64ec, ...fields },
    ECHO,
  );
}

function compare(
  given: Partial<ForgedPacketFields>,
  left: Partial<IPv4Fields>,
  arrived?: Partial<IPv4Fields>,
): Map<string, ComparedField> {
  const { fields } = comparePackets({
    given: readForged(forgedPacket({ ...GIVEN, ...given })),
    left: seen(onWire(left)),
    arrived: arrived && seen(onWire({ ...left, ...arrived })),
    there: "receiver",
  });
  return new Map(fields.map((field) => [field.name, field]));
}

/** What was given, what left, what the kernel did, and why. */
const BY_THE_KERNEL: [
  given: Partial<ForgedPacketFields>,
  left: Partial<IPv4Fields>,
  name: string,
  values: [unknown, unknown],
  kernel: ComparedField["kernel"],
  rule: RegExp | undefined,
][] = [
  [{}, {}, "totalLength", [28, 28], "left", /^always written by the kernel/],
  [{ totalLength: 0 }, {}, "totalLength", [0, 28], "filled", /^always written/],
  [
    { totalLength: 99 },
    {},
    "totalLength",
    [99, 28],
    "overwritten",
    /^always written/,
  ],
  [{}, {}, "checksum", [0, 0x9ce1], "filled", /^always computed/],
  [
    { checksum: 0xdead },
    {},
    "checksum",
    [0xdead, 0x9ce1],
    "overwritten",
    /^always computed/,
  ],
  [{}, {}, "identification", [0, 0x64ec], "filled", /^0 lets the kernel/],
  [
    { identification: 7 },
    { identification: 7 },
    "identification",
    [7, 7],
    "left",
    undefined,
  ],
  [
    { flags: 2 },
    { identification: 0, dontFragment: true },
    "identification",
    [0, 0],
    "left",
    /^0 stays where Don't Fragment is set/,
  ],
  [
    { source: "0.0.0.0" },
    { source: "1.1.1.100" },
    "source",
    ["0.0.0.0", "1.1.1.100"],
    "filled",
    /^0\.0\.0\.0 lets the kernel write the route's/,
  ],
  [
    {},
    { source: "1.1.1.100" },
    "source",
    ["172.16.12.1", "1.1.1.100"],
    "overwritten",
    /^no rule of raw\(7\): a firewall of this host/,
  ],
  [{}, { ttl: 9 }, "ttl", [255, 9], "overwritten", /^no rule of raw\(7\)/],
  [
    {},
    {},
    "macDestination",
    [undefined, MACS.destination],
    "filled",
    /by ARP/,
  ],
  [{}, {}, "version", [4, 4], "left", undefined],
  [{}, {}, "destination", ["1.1.1.1", "1.1.1.1"], "left", undefined],
  [{}, {}, "payload", [ECHO.toHex(), ECHO.toHex()], "left", undefined],
];

Deno.test("comparePackets() tells what the kernel filled, overwrote and left", () => {
  for (const [given, left, name, values, kernel, rule] of BY_THE_KERNEL) {
    const field = compare(given, left).get(name)!;
    const note = `${name} ${JSON.stringify(given)}`;
    assertEquals([field.sent?.value, field.left?.value], values, note);
    assertEquals(field.kernel, kernel, note);
    assertEquals(field.way, undefined, note);
    assertEquals(field.arrived, undefined, note);
    if (rule === undefined) assertEquals(field.rules, [], note);
    else assert(rule.test(field.rules[0]), `${note}: ${field.rules}`);
  }
});

/** How it arrived, and the rule for what had changed. */
const ON_THE_WAY: [arrived: Partial<IPv4Fields>, name: string, rule: string][] =
  [
    [{ ttl: 254 }, "ttl", "a router on the way took one (RFC 791 §3.2)"],
    [{ ttl: 250 }, "ttl", "5 routers on the way took one each (RFC 791 §3.2)"],
    [{ ttl: 250 }, "checksum", "updated wherever the header was changed"],
    [{ dscp: 10 }, "dsField", "remarked on the way (RFC 2474)"],
    [{ source: "10.0.0.1" }, "source", "translated on the way (NAT"],
    [{ destination: "10.0.0.1" }, "destination", "translated on the way (NAT"],
    [{ dontFragment: true }, "flags", "changed on the way"],
  ];

Deno.test("comparePackets() tells what changed on the way", () => {
  for (const [arrived, name, rule] of ON_THE_WAY) {
    const field = compare({ identification: 5 }, {}, arrived).get(name)!;
    assertEquals(field.way, "changed", name);
    const found = field.rules.at(-1)!;
    assert(found.startsWith(rule), `${name}: ${found}`);
  }
  const untouched = compare({}, {}, {});
  for (const [name, field] of untouched) {
    assertEquals(field.way, "left", name);
  }
});

Deno.test("comparePackets() of a socket's own header: it is the kernel's", () => {
  const { fields } = comparePackets({
    given: {
      header: { destination: "1.1.1.1", protocol: 253, ttl: 9 },
      payload: ECHO,
      headerIncluded: false,
    },
    left: seen(onWire({ protocol: 253, ttl: 9 })),
  });
  const marks = fields.map(({ name, kernel, rules }) =>
    `${name} ${kernel} ${rules.length}`
  );
  assertEquals(marks, [
    ...["macDestination filled 1", "macSource filled 1"],
    ...["version filled 1", "headerLength filled 1", "dsField filled 1"],
    ...["totalLength filled 1", "identification filled 1", "flags filled 1"],
    ...["fragmentOffset filled 1", "ttl left 0", "protocol left 0"],
    ...["checksum filled 1", "source filled 1", "destination left 0"],
    "payload left 0",
  ]);
});

Deno.test("comparePackets() says where a packet was not seen, and of fragments", () => {
  const given = readForged(forgedPacket(GIVEN));
  const unseen = comparePackets({ given, device: "eth0", there: "receiver" });
  assertEquals(unseen.here, { device: "eth0", isSeen: false });
  assertEquals([unseen.there?.host, unseen.there?.isSeen], ["receiver", false]);
  assertEquals(unseen.fields.some(({ kernel }) => kernel), false);

  const piece = encodeIPv4({
    ...GIVEN,
    protocol: 1,
    moreFragments: true,
  }, ECHO);
  const payload = Uint8Array.of(...ECHO, ...ECHO);
  const { isFragmented, fields } = comparePackets({
    given: { ...given, payload },
    left: seen(piece),
  });
  assertEquals(isFragmented, true);
  const data = fields.at(-1)!;
  assertEquals([data.sent?.text, data.left?.text, data.kernel], [
    ...["16 octets", "8 octets", "overwritten"],
  ]);
});

Deno.test("comparePackets() has no link-layer addresses of loopback", () => {
  const given = readForged(forgedPacket(GIVEN));
  const { fields } = comparePackets({
    given,
    left: { ...seen(onWire()), device: "lo" },
  });
  assertEquals(fields.some(({ layer }) => layer === "ethernet"), false);
});

Deno.test("comparePackets() gives every field's place in its header", () => {
  const places = [...compare({}, {}).values()].map((field) =>
    [field.layer, field.name, field.bitOffset, field.bitWidth].join(" ")
  );
  for (
    const place of [
      "ethernet macSource 48 48",
      "ipv4 version 0 4",
      "ipv4 totalLength 16 16",
      "ipv4 identification 32 16",
      "ipv4 checksum 80 16",
      "ipv4 destination 128 32",
      "data payload 0 64",
    ]
  ) assert(places.includes(place), `${place} in ${places}`);
});

Deno.test("foretellPacket() tells what will be written, as far as it is known", () => {
  const foretold = (fields: Partial<ForgedPacketFields>) =>
    foretellPacket(forgedPacket({ ...GIVEN, ...fields }))
      .map(({ name, left, kernel }) => `${name} ${left?.text} ${kernel}`);
  assertEquals(foretold({}), [
    "totalLength 28 left",
    "identification undefined filled",
    "checksum undefined filled",
  ]);
  assertEquals(foretold({ source: "0.0.0.0", identification: 1 }), [
    "totalLength 28 left",
    "checksum undefined filled",
    "source undefined filled",
  ]);
  assertEquals(foretold({ flags: 2, totalLength: 3, checksum: 4 }), [
    "totalLength 28 overwritten",
    "identification 0x0000 left",
    "checksum 0xc1cd overwritten",
  ]);
});
