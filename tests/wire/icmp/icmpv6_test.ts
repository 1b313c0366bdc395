import { assertEquals, assertThrows } from "@std/assert";
import { icmpv6Name } from "../../../lib/wire/icmp/icmp_names.ts";
import { decodeICMPv6, encodeICMPv6 } from "../../../lib/wire/icmp/icmpv6.ts";
import {
  checkICMPv6,
  describeICMPv6,
} from "../../../lib/wire/icmp/icmpv6_protocol.ts";
import type {
  ICMPv6Fields,
  ICMPv6Message,
} from "../../../lib/wire/icmp/icmpv6_messages.ts";
import {
  decodeNDPOptions,
  encodeNDPOptions,
  type NDPOption,
} from "../../../lib/wire/icmp/ndp_options.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";
import { assertFieldsCover } from "../field_checks.ts";
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

const ADDRESSES = { source: "2001:db8::1", destination: "2001:db8::2" };
const DESTINATION = "20010db8000000000000000000000002";

const codec: ICMPCodec<ICMPv6Fields, ICMPv6Message> = {
  name: "ICMPv6",
  decode: (octets) => decodeICMPv6(octets).header,
  encode: (fields) => encodeICMPv6(fields, ADDRESSES),
  describe: (octets, message) => describeICMPv6(octets, message, ADDRESSES),
  check: (octets) => checkICMPv6(octets, decodeICMPv6(octets), ADDRESSES),
};

/** One message of every kind; scapy 2.5.0 computed the checksums. */
const MESSAGES: [fields: ICMPv6Fields, hex: string][] = [
  [
    { kind: "destinationUnreachable", code: 4, quoted: bytes("00000000") },
    "0104 a340 00 000000 00000000",
  ],
  [
    { kind: "packetTooBig", mtu: 1280, quoted: bytes("60000000") },
    "0200 3d44 00000500 60000000",
  ],
  [
    { kind: "timeExceeded", quoted: bytes("60000000") },
    "0300 4144 00 000000 60000000",
  ],
  [
    {
      kind: "parameterProblem",
      code: 1,
      pointer: 40,
      quoted: bytes("60000000"),
    },
    "0401 401b 00000028 60000000",
  ],
  [
    {
      kind: "echoRequest",
      identifier: 0x1234,
      sequence: 1,
      payload: bytes("616263"),
    },
    "8000 4dad 1234 0001 616263",
  ],
  [
    { kind: "echoReply", identifier: 0xffff, sequence: 0xfffe },
    "8100 2349 ffff fffe",
  ],
  [{ kind: "routerSolicitation" }, "8500 1f48 00000000"],
  [
    {
      kind: "routerAdvertisement",
      hopLimit: 64,
      managed: true,
      other: true,
      reachableTime: 30_000,
      retransTimer: 1000,
      options: encodeNDPOptions([{ kind: "mtu", mtu: 1500 }]),
    },
    "8600 527a 40 c0 0708 00007530 000003e8 05010000000005dc",
  ],
  [
    {
      kind: "routerAdvertisement",
      hopLimit: 64,
      options: encodeNDPOptions([{
        kind: "prefixInformation",
        prefix: "2001:db8:1::",
        prefixLength: 64,
        onLink: true,
        autonomous: true,
      }]),
    },
    "8600 9de8 40 00 0708 00000000 00000000" +
    "030440c0 00278d00 00093a80 00000000 20010db8000100000000000000000000",
  ],
  [
    {
      kind: "neighborSolicitation",
      target: "2001:db8::2",
      options: encodeNDPOptions([{
        kind: "sourceLinkLayerAddress",
        address: bytes("020000000001"),
      }]),
    },
    `8700 ec72 00000000 ${DESTINATION} 0101020000000001`,
  ],
  [
    {
      kind: "neighborAdvertisement",
      router: true,
      override: true,
      target: "2001:db8::2",
      options: encodeNDPOptions([{
        kind: "targetLinkLayerAddress",
        address: bytes("020000000002"),
      }]),
    },
    `8800 4a71 a0000000 ${DESTINATION} 0201020000000002`,
  ],
  [
    { kind: "redirect", target: "fe80::1", destination: "2001:db8::3" },
    "8900 eee9 00000000 fe800000000000000000000000000001" +
    "20010db8000000000000000000000003",
  ],
  [
    { kind: "unknown", type: 200, code: 7, payload: bytes("deadbeef01") },
    "c807 3da2 deadbeef01",
  ],
];

Deno.test("encodeICMPv6() and decodeICMPv6() of every kind", () => {
  assertMessages(codec, MESSAGES);
});

Deno.test("decodeICMPv6() and encodeICMPv6() keep random octets of every type", () => {
  assertEveryType(codec, 40, 0x4443);
});

Deno.test("decodeICMPv6() of every prefix throws, or is the same again", () => {
  assertCutShort(codec, MESSAGES);
});

Deno.test("decodeICMPv6() throws only where the type needs more octets", () => {
  const shortest: [type: number, octets: number][] = [
    [1, 8],
    [2, 8],
    [3, 8],
    [4, 8],
    [128, 8],
    [129, 8],
    [133, 8],
    [134, 16],
    [135, 24],
    [136, 24],
    [137, 40],
    [0, 4],
    [255, 4],
  ];
  assertShortest(codec, shortest);
});

Deno.test("decodeICMPv6() reads a subarray, and shares its memory", () => {
  assertSubarrays(codec, MESSAGES);
});

Deno.test("encodeICMPv6() takes the least and the most of every field, not beyond", () => {
  const error = { kind: "timeExceeded" } as const;
  const echo = { kind: "echoReply" } as const;
  const router = { kind: "routerAdvertisement" } as const;
  const ranges: FieldRange<ICMPv6Fields>[] = [
    [(type) => ({ ...echo, type }), "type", 0, 255],
    [(code) => ({ ...echo, code }), "code", 0, 255],
    [(checksum) => ({ ...echo, checksum }), "checksum", 0, 0xffff],
    [(identifier) => ({ ...echo, identifier }), "identifier", 0, 0xffff],
    [(sequence) => ({ ...echo, sequence }), "sequence", 0, 0xffff],
    [(quotedLength) => ({ ...error, quotedLength }), "quotedLength", 0, 2040],
    [(unused) => ({ ...error, unused }), "unused", 0, 0xffffff],
    [(mtu) => ({ kind: "packetTooBig", mtu }), "mtu", 0, 0xffffffff],
    [
      (pointer) => ({ kind: "parameterProblem", pointer }),
      "pointer",
      0,
      0xffffffff,
    ],
    [(hopLimit) => ({ ...router, hopLimit }), "hopLimit", 0, 255],
    [
      (reservedFlags) => ({ ...router, reservedFlags }),
      "reservedFlags",
      0,
      0x3f,
    ],
    [(lifetime) => ({ ...router, lifetime }), "lifetime", 0, 0xffff],
    [
      (reachableTime) => ({ ...router, reachableTime }),
      "reachableTime",
      0,
      0xffffffff,
    ],
    [
      (retransTimer) => ({ ...router, retransTimer }),
      "retransTimer",
      0,
      0xffffffff,
    ],
    [
      (reserved) => ({ kind: "routerSolicitation", reserved }),
      "reserved",
      0,
      0xffffffff,
    ],
    [
      (reserved) => ({ kind: "neighborSolicitation", target: "::1", reserved }),
      "reserved",
      0,
      0xffffffff,
    ],
    [
      (reserved) => ({
        kind: "neighborAdvertisement",
        target: "::1",
        reserved,
      }),
      "reserved",
      0,
      0x1fffffff,
    ],
  ];
  assertFieldRanges(codec, ranges);
  assertThrows(
    () => encodeICMPv6({ ...error, quotedLength: 12 }),
    RangeError,
    "ICMPv6 quotedLength must be a multiple of 8, but is 12",
  );
});

Deno.test("encodeICMPv6() without addresses leaves the checksum to the kernel", () => {
  const octets = encodeICMPv6({ kind: "echoRequest", identifier: 1 });
  assertEquals(octets.toHex(), "8000000000010000");
  const message = decodeICMPv6(octets).header;
  assertEquals(checkICMPv6(octets, decodeICMPv6(octets)), []);
  assertEquals(describeICMPv6(octets, message)[2].text, "0x0000 [unverified]");
});

Deno.test("checkICMPv6() reports a checksum of other addresses", () => {
  const octets = bytes(MESSAGES[5][1]);
  const addresses = { ...ADDRESSES, destination: "2001:db8::3" };
  assertEquals(checkICMPv6(octets, decodeICMPv6(octets), addresses), [{
    layer: "icmpv6",
    field: "checksum",
    offset: 2,
    reason: "0x2349 [incorrect, should be 0x2348]",
  }]);
});

Deno.test("describeICMPv6() covers every octet of every kind but the payload", () => {
  for (const [, hex] of MESSAGES) {
    const octets = bytes(hex);
    const message = decodeICMPv6(octets).header;
    const payload = "payload" in message ? message.payload.length : 0;
    assertFieldsCover(
      octets.subarray(0, octets.length - payload),
      describeICMPv6(octets, message, ADDRESSES),
      { quotedLength: 8 },
    );
  }
});

Deno.test("encodeNDPOptions() and decodeNDPOptions() of random options", () => {
  const random = seededRandom(0x4861);
  const word = () => randomInt(random, 0, 0xffffffff);
  const make: (() => NDPOption)[] = [
    () => ({
      kind: random() < 0.5
        ? "sourceLinkLayerAddress"
        : "targetLinkLayerAddress",
      address: randomBytes(random, 6 + 8 * randomInt(random, 0, 3)),
    }),
    () => ({
      kind: "prefixInformation",
      prefixLength: randomInt(random, 0, 255),
      onLink: random() < 0.5,
      autonomous: random() < 0.5,
      reservedFlags: randomInt(random, 0, 0x3f),
      validLifetime: word(),
      preferredLifetime: word(),
      reserved: word(),
      prefix: "2001:db8::",
    }),
    () => ({
      kind: "mtu",
      reserved: randomInt(random, 0, 0xffff),
      mtu: word(),
    }),
    () => ({
      kind: "unknown",
      type: randomInt(random, 6, 255),
      data: randomBytes(random, 6 + 8 * randomInt(random, 0, 3)),
    }),
  ];
  for (let i = 0; i < 500; i++) {
    const options = Array.from(
      { length: randomInt(random, 0, 4) },
      () => make[randomInt(random, 0, 3)](),
    );
    const octets = encodeNDPOptions(options);
    const decoded = decodeNDPOptions(octets);
    assertEquals(decoded.fault, undefined);
    assertEquals(decoded.options.map(({ option }) => option), options);
  }
});

Deno.test("decodeNDPOptions() never throws, and says what cut it short", () => {
  const faults: [
    hex: string,
    options: number,
    offset: number,
    reason: string,
  ][] = [
    ["01", 0, 0, "option 1 gives no length, at least 8 octets wanted"],
    ["0100", 0, 0, "option 1 gives no length, at least 8 octets wanted"],
    ["0101", 0, 0, "option 1 is 8 octets long, only 2 are left"],
    [
      "05010000000005dc 0304 0000",
      1,
      8,
      "option 3 is 32 octets long, only 4 are left",
    ],
  ];
  for (const [hex, count, offset, reason] of faults) {
    const { options, fault } = decodeNDPOptions(bytes(hex));
    assertEquals(options.length, count);
    assertEquals(fault, { offset, reason });
    const octets = encodeICMPv6({
      kind: "routerSolicitation",
      options: bytes(hex),
    }, ADDRESSES);
    const message = decodeICMPv6(octets).header;
    assertEquals(checkICMPv6(octets, decodeICMPv6(octets), ADDRESSES), [
      { layer: "icmpv6", field: "options", offset: 8 + offset, reason },
    ]);
    assertFieldsCover(octets, describeICMPv6(octets, message));
  }
  // Known by type, but not of its shape.
  assertEquals(
    decodeNDPOptions(bytes("05020000000005dc0000000000000000")).options[0]
      .option,
    { kind: "unknown", type: 5, data: bytes("0000000005dc0000000000000000") },
  );
});

Deno.test("encodeNDPOptions() pads, and throws where a value does not fit", () => {
  assertEquals(
    encodeNDPOptions([{ kind: "unknown", type: 14, data: bytes("0102") }])
      .toHex(),
    "0e01010200000000",
  );
  const bad: [
    option: Parameters<typeof encodeNDPOptions>[0][0],
    message: string,
  ][] = [
    [
      { kind: "unknown", type: 256, data: bytes("") },
      "NDP option type must be a whole number from 0 to 255, but is 256",
    ],
    [
      { kind: "unknown", type: 14, data: new Uint8Array(2039) },
      "NDP option length, in units of 8 octets, must be a whole number from 1 to 255, but is 256",
    ],
    [
      { kind: "mtu", mtu: 2 ** 32 },
      "NDP option mtu must be a whole number from 0 to 4294967295, but is 4294967296",
    ],
    [
      { kind: "prefixInformation", prefix: "::", prefixLength: -1 },
      "NDP option prefixLength must be a whole number from 0 to 255, but is -1",
    ],
  ];
  for (const [option, message] of bad) {
    assertThrows(() => encodeNDPOptions([option]), RangeError, message);
  }
});

Deno.test("icmpv6Name() of types and codes, known and unknown", () => {
  const names: [type: number, code: number | undefined, name: string][] = [
    [1, 0, "destination unreachable: no route to destination"],
    [1, 4, "destination unreachable: port unreachable"],
    [2, 0, "packet too big"],
    [3, 0, "time exceeded: hop limit exceeded in transit"],
    [4, 1, "parameter problem: unrecognized next header"],
    [128, 0, "echo request"],
    [135, undefined, "neighbor solicitation"],
    [1, 99, "destination unreachable: unknown code 99"],
    [99, 0, "unknown type 99"],
  ];
  for (const [type, code, name] of names) {
    assertEquals(icmpv6Name(type, code), name);
  }
});
