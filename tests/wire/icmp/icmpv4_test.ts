import type { Field } from "../../../lib/wire/field.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { icmpv4Name } from "../../../lib/wire/icmp/icmp_names.ts";
import { decodeICMPv4, encodeICMPv4 } from "../../../lib/wire/icmp/icmpv4.ts";
import {
  checkICMPv4,
  describeICMPv4,
} from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import type {
  ICMPv4Fields,
  ICMPv4Message,
} from "../../../lib/wire/icmp/icmpv4_messages.ts";
import { decodeIPv4 } from "../../../lib/wire/ipv4/ipv4.ts";
import { assertFieldsCover, linesOf } from "../field_checks.ts";
import {
  assertCutShort,
  assertEveryType,
  assertFieldRanges,
  assertMessages,
  assertShortest,
  assertSubarrays,
  type FieldRange,
  type ICMPCodec,
} from "./icmp_checks.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

/** 192.0.2.1 sends an empty datagram to UDP port 40000 of 192.0.2.2. */
const QUOTED = "4500001c000100004011f6ccc0000201c0000202 30399c400008af60";

/** That of an IP header outside: it makes no difference but that it is known. */
const OUTSIDE = { source: "192.0.2.1", destination: "192.0.2.2", length: 0 };

const codec: ICMPCodec<ICMPv4Fields, ICMPv4Message> = {
  name: "ICMPv4",
  decode: (octets) => decodeICMPv4(octets).header,
  encode: encodeICMPv4,
  describe: (octets, message) => describeICMPv4(octets, message, OUTSIDE),
  check: (octets) => checkICMPv4(octets, decodeICMPv4(octets), OUTSIDE),
};

/** A message's fields, as they are described in a packet. */
function inPacket(octets: Uint8Array): readonly Field[] {
  const packet = buildPacket(
    ipv4({ source: "192.0.2.2", destination: "192.0.2.1", protocol: 1 }),
    octets,
  );
  return describeLayer(packet, dissect(packet).layers[1]).fields;
}

/** One message of every kind; scapy 2.5.0 computed the checksums. */
const MESSAGES: [fields: ICMPv4Fields, hex: string][] = [
  [
    {
      kind: "echoRequest",
      identifier: 0x1234,
      sequence: 1,
      payload: bytes("616263"),
    },
    "0800 2168 1234 0001 616263",
  ],
  [
    { kind: "echoReply", identifier: 0xffff, sequence: 0xfffe },
    "0000 0001 ffff fffe",
  ],
  [
    {
      kind: "destinationUnreachable",
      code: 4,
      nextHopMTU: 1500,
      quoted: bytes(QUOTED),
    },
    `0304 7b3d 0000 05dc ${QUOTED}`,
  ],
  [
    { kind: "sourceQuench", unused: 0x01020304, quoted: bytes("4500") },
    "0400 b2f9 01020304 4500",
  ],
  [
    {
      kind: "redirect",
      code: 1,
      gateway: "192.0.2.254",
      quoted: bytes("4500"),
    },
    "0501 f2ff c00002fe 4500",
  ],
  [
    {
      kind: "routerAdvertisement",
      routers: [
        { address: "192.0.2.1", preference: 0 },
        { address: "192.0.2.2", preference: -0x80000000 },
      ],
    },
    "0900 e9f0 02 02 0708 c0000201 00000000 c0000202 80000000",
  ],
  [{ kind: "routerSolicitation" }, "0a00 f5ff 00000000"],
  [
    { kind: "timeExceeded", quoted: bytes("4500") },
    "0b00 afff 00 00 0000 4500",
  ],
  [
    { kind: "parameterProblem", pointer: 20, quoted: bytes("4500") },
    "0c00 9aff 14 00 0000 4500",
  ],
  [
    {
      kind: "timestampRequest",
      identifier: 0x0102,
      sequence: 0x0304,
      originate: 1,
      transmit: 0x80000000,
    },
    "0d00 6ef8 0102 0304 00000001 00000000 80000000",
  ],
  [
    {
      kind: "timestampReply",
      identifier: 0x0102,
      sequence: 0x0304,
      originate: 86_399_999,
      receive: 86_399_999,
      transmit: 86_399_998,
    },
    "0e00 ca8a 0102 0304 05265bff 05265bff 05265bfe",
  ],
  [
    { kind: "informationRequest", identifier: 1, sequence: 2 },
    "0f00 f0fc 0001 0002",
  ],
  [
    { kind: "informationReply", identifier: 1, sequence: 2 },
    "1000 effc 0001 0002",
  ],
  [
    { kind: "addressMaskRequest", identifier: 1, sequence: 2 },
    "1100 eefc 0001 0002 00000000",
  ],
  [
    {
      kind: "addressMaskReply",
      identifier: 1,
      sequence: 2,
      mask: "255.255.255.0",
    },
    "1200 eefb 0001 0002 ffffff00",
  ],
  [
    { kind: "unknown", type: 200, code: 7, payload: bytes("deadbeef01") },
    "c807 995a deadbeef01",
  ],
];

/**
 * What ping.exe of Windows sends first, 32 letters with identifier 1 and
 * sequence 1; written down from its known form, not cut from a capture.
 */
const WINDOWS_PING = "08004d5a00010001" +
  "6162636465666768696a6b6c6d6e6f7071727374757677616263646566676869";

Deno.test("encodeICMPv4() and decodeICMPv4() of every kind", () => {
  assertMessages(codec, MESSAGES);
});

Deno.test("decodeICMPv4() of the echo request that Windows sends", () => {
  const octets = bytes(WINDOWS_PING);
  const message = decodeICMPv4(octets).header;
  assert(message.kind === "echoRequest");
  assertEquals([message.identifier, message.sequence], [1, 1]);
  assertEquals(
    new TextDecoder().decode(message.payload),
    "abcdefghijklmnopqrstuvwabcdefghi",
  );
  assertEquals(codec.check(octets, message), []);
});

Deno.test("decodeICMPv4() and encodeICMPv4() keep random octets of every type", () => {
  assertEveryType(codec, 20, 0x1c4a);
});

Deno.test("decodeICMPv4() of every prefix throws, or is the same again", () => {
  assertCutShort(codec, MESSAGES);
});

Deno.test("decodeICMPv4() throws only where the type needs more octets", () => {
  const shortest: [type: number, octets: number][] = [
    ...[0, 3, 4, 5, 8, 9, 10, 11, 12, 15, 16].map((
      type,
    ): [number, number] => [type, 8]),
    [13, 20],
    [14, 20],
    [17, 12],
    [18, 12],
    [6, 4],
    [255, 4],
  ];
  assertShortest(codec, shortest);
});

Deno.test("decodeICMPv4() reads a subarray, and shares its memory", () => {
  assertSubarrays(codec, MESSAGES);
});

Deno.test("decodeICMPv4() of an error with a minimal quote: header and eight octets", () => {
  const message = decodeICMPv4(bytes(`0b00 0000 00000000 ${QUOTED}`)).header;
  assert(message.kind === "timeExceeded");
  const { header, payload } = decodeIPv4(message.quoted);
  assertEquals([header.destination, payload.length], ["192.0.2.2", 8]);
});

Deno.test("encodeICMPv4() writes what is given, right or wrong", () => {
  assertEquals(
    encodeICMPv4({
      kind: "echoRequest",
      type: 99,
      code: 98,
      checksum: 0xabcd,
      identifier: 1,
      sequence: 2,
    }).toHex(),
    "6362abcd00010002",
  );
  assertEquals(
    encodeICMPv4({
      kind: "routerAdvertisement",
      checksum: 0,
      addressCount: 9,
      entryLength: 12,
      lifetime: 1,
      routers: [],
    }).toHex(),
    "0900000009030001",
  );
});

Deno.test("encodeICMPv4() takes the least and the most of every field, not beyond", () => {
  const error = { kind: "timeExceeded" } as const;
  const echo = { kind: "echoReply" } as const;
  const advertisement = { kind: "routerAdvertisement", routers: [] } as const;
  const time = { kind: "timestampReply" } as const;
  const ranges: FieldRange<ICMPv4Fields>[] = [
    [(type) => ({ ...echo, type }), "type", 0, 255],
    [(code) => ({ ...echo, code }), "code", 0, 255],
    [(checksum) => ({ ...echo, checksum }), "checksum", 0, 0xffff],
    [(identifier) => ({ ...echo, identifier }), "identifier", 0, 0xffff],
    [(sequence) => ({ ...echo, sequence }), "sequence", 0, 0xffff],
    [(unusedBefore) => ({ ...error, unusedBefore }), "unusedBefore", 0, 255],
    [(quotedLength) => ({ ...error, quotedLength }), "quotedLength", 0, 1020],
    [(unusedAfter) => ({ ...error, unusedAfter }), "unusedAfter", 0, 0xffff],
    [
      (nextHopMTU) => ({ kind: "destinationUnreachable", nextHopMTU }),
      "nextHopMTU",
      0,
      0xffff,
    ],
    [
      (pointer) => ({ kind: "parameterProblem", pointer }),
      "pointer",
      0,
      255,
    ],
    [(unused) => ({ kind: "sourceQuench", unused }), "unused", 0, 0xffffffff],
    [
      (reserved) => ({ kind: "routerSolicitation", reserved }),
      "reserved",
      0,
      0xffffffff,
    ],
    [(originate) => ({ ...time, originate }), "originate", 0, 0xffffffff],
    [(receive) => ({ ...time, receive }), "receive", 0, 0xffffffff],
    [(transmit) => ({ ...time, transmit }), "transmit", 0, 0xffffffff],
    [
      (addressCount) => ({ ...advertisement, addressCount }),
      "addressCount",
      0,
      255,
    ],
    [
      (entryLength) => ({ ...advertisement, entryLength }),
      "entryLength",
      0,
      1020,
    ],
    [(lifetime) => ({ ...advertisement, lifetime }), "lifetime", 0, 0xffff],
    [
      (preference) => ({
        kind: "routerAdvertisement",
        routers: [{ address: "192.0.2.1", preference }],
      }),
      "preference",
      -0x80000000,
      0x7fffffff,
    ],
  ];
  assertFieldRanges(codec, ranges);
  assertThrows(
    () => encodeICMPv4({ ...error, quotedLength: 6 }),
    RangeError,
    "ICMPv4 quotedLength must be a multiple of 4, but is 6",
  );
  assertThrows(
    () => encodeICMPv4({ kind: "redirect", gateway: "192.0.2" }),
    RangeError,
    'not an IPv4 address: "192.0.2"',
  );
});

Deno.test("decodeICMPv4() of router advertisements that are not as they should be", () => {
  const cases: [
    hex: string,
    routers: number,
    payload: string,
    problem?: string,
  ][] = [
    ["0900 0000 01 02 0000 c0000201 00000001 ff", 1, "ff"],
    [
      "0900 0000 02 02 0000 c0000201 00000001 ff",
      1,
      "ff",
      "addressCount: is 2, only 1 are there",
    ],
    ["0900 0000 00 02 0000 c0000201 00000001", 0, "c000020100000001"],
    [
      "0900 0000 01 03 0000 c0000201 00000001 00000000",
      0,
      "c00002010000000100000000",
      "entryLength: is 12, 8 wanted",
    ],
    ["0900 0000 01 00 0000", 0, "", "entryLength: is 0, 8 wanted"],
  ];
  for (const [hex, routers, payload, problem] of cases) {
    const octets = bytes(hex);
    const message = decodeICMPv4(octets).header;
    assert(message.kind === "routerAdvertisement");
    assertEquals(message.routers.length, routers, hex);
    assertEquals(message.payload.toHex(), payload, hex);
    assertEquals(encodeICMPv4(message), octets);
    const problems = checkICMPv4(octets, decodeICMPv4(octets));
    assertEquals(
      problems.map(({ field, reason }) => `${field}: ${reason}`),
      problem === undefined ? [] : [problem],
    );
  }
});

Deno.test("checkICMPv4() reports a wrong checksum, but not that of a fragment", () => {
  const octets = bytes(WINDOWS_PING);
  octets[20] ^= 1;
  const message = decodeICMPv4(octets).header;
  assertEquals(codec.check(octets, message), [{
    layer: "icmpv4",
    field: "checksum",
    offset: 2,
    reason: "0x4d5a [incorrect, should be 0x4e5a]",
  }]);
  assertEquals(checkICMPv4(octets, decodeICMPv4(octets)), []);
});

Deno.test("describeICMPv4() covers every octet of every kind but the payload", () => {
  for (const [, hex] of MESSAGES) {
    const octets = bytes(hex);
    const message = decodeICMPv4(octets).header;
    const payload = "payload" in message ? message.payload.length : 0;
    const described = describeICMPv4(octets, message).map((field) =>
      // Signed, which bits are not.
      field.name === "preference"
        ? { ...field, value: Number(field.value) >>> 0 }
        : field
    );
    assertFieldsCover(
      octets.subarray(0, octets.length - payload),
      described,
      { headerLength: 4, fragmentOffset: 8, quotedLength: 4, entryLength: 4 },
    );
  }
});

Deno.test("describeICMPv4() words a port unreachable as Wireshark does", () => {
  const octets = bytes(`0303 811a 00000000 ${QUOTED}`);
  const lines = linesOf(inPacket(octets));
  assertEquals(lines.slice(0, 8), [
    "Type: 3 (Destination unreachable)",
    "Code: 3 (Port unreachable)",
    "Checksum: 0x811a [correct]",
    "Unused: 0x00",
    "Length: 0 (0 bytes)",
    "MTU of next hop: 0",
    "Quoted packet: (28 bytes) IPv4, Src: 192.0.2.1, Dst: 192.0.2.2",
    "  Version: 4",
  ]);
  assertEquals(lines.slice(-6), [
    "  Destination Address: 192.0.2.2",
    "  Payload: (8 bytes) UDP, Src Port: 12345, Dst Port: 40000",
    "    Source Port: 12345",
    "    Destination Port: 40000",
    "    Length: 8",
    "    Checksum: 0xaf60 [unverified]",
  ]);
});

Deno.test("describeICMPv4() of a fragment says that its checksum is unverified", () => {
  const octets = bytes(WINDOWS_PING);
  const [, , checksum] = describeICMPv4(
    octets,
    decodeICMPv4(octets).header,
  );
  assertEquals(checksum.text, "0x4d5a [unverified]");
});

Deno.test("describeICMPv4() shows a quote that is no packet as octets", () => {
  for (
    const [quoted, text] of [
      ["45", "(1 byte)"],
      ["00", "(1 byte)"],
      ["ff".repeat(40), "(40 bytes)"],
      ["6000", "(2 bytes)"],
      ["", undefined],
    ] as const
  ) {
    const octets = encodeICMPv4({
      kind: "timeExceeded",
      quoted: bytes(quoted),
    });
    const field = inPacket(octets).at(6);
    assertEquals([field?.text, field?.parts], [text, text && []]);
  }
});

Deno.test("icmpv4Name() of types and codes, known and unknown", () => {
  const names: [type: number, code: number | undefined, name: string][] = [
    [0, 0, "echo reply"],
    [0, undefined, "echo reply"],
    [8, 1, "echo request: unknown code 1"],
    [3, 0, "destination unreachable: network unreachable"],
    [3, 3, "destination unreachable: port unreachable"],
    [3, 4, "destination unreachable: fragmentation needed"],
    [
      3,
      13,
      "destination unreachable: communication administratively prohibited",
    ],
    [3, 16, "destination unreachable: unknown code 16"],
    [3, undefined, "destination unreachable"],
    [5, 1, "redirect: for the host"],
    [11, 0, "time exceeded: TTL exceeded in transit"],
    [11, 1, "time exceeded: fragment reassembly time exceeded"],
    [12, 2, "parameter problem: bad length"],
    [200, 0, "unknown type 200"],
    [200, 1, "unknown type 200: unknown code 1"],
  ];
  for (const [type, code, name] of names) {
    assertEquals(icmpv4Name(type, code), name);
  }
});
