import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  decodeICMPExtensions,
  encodeICMPExtensions,
  type ICMPExtensionObject,
  type ICMPExtensionsFields,
} from "../../../lib/wire/icmp/icmp_extensions.ts";
import { describeICMPExtensions } from "../../../lib/wire/icmp/icmp_rows.ts";
import { decodeICMPv4, encodeICMPv4 } from "../../../lib/wire/icmp/icmpv4.ts";
import {
  checkICMPv4,
  describeICMPv4,
} from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { decodeICMPv6, encodeICMPv6 } from "../../../lib/wire/icmp/icmpv6.ts";
import { checkICMPv6 } from "../../../lib/wire/icmp/icmpv6_protocol.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";
import { assertFieldsCover, linesOf } from "../field_checks.ts";

/** That of an IP header outside: it makes no difference but that it is known. */
const OUTSIDE = { source: "192.0.2.1", destination: "192.0.2.2", length: 0 };

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

/** Two labels, 16 above 25612, and an object that nobody knows. */
const STRUCTURE: ICMPExtensionsFields = {
  objects: [
    {
      kind: "mplsLabelStack",
      labels: [
        { label: 16, trafficClass: 5, bottomOfStack: false, ttl: 254 },
        { label: 25612, trafficClass: 0, bottomOfStack: true, ttl: 1 },
      ],
    },
    {
      kind: "unknown",
      classNumber: 2,
      classType: 0x0a,
      data: bytes("00000003c0000201"),
    },
  ],
};
const STRUCTURE_HEX = "2000 4897" + "000c 01 01 00010afe 0640c101" +
  "000c 02 0a 00000003 c0000201";

/** The structure alone; scapy 2.5.0 computed the checksum. */
const MPLS: [fields: ICMPExtensionsFields, hex: string][] = [
  [{ objects: [] }, "2000 dfff"],
  [STRUCTURE, STRUCTURE_HEX],
];

Deno.test("encodeICMPExtensions() and decodeICMPExtensions() exactly", () => {
  for (const [fields, hex] of MPLS) {
    const octets = bytes(hex);
    assertEquals(encodeICMPExtensions(fields).toHex(), octets.toHex());
    const decoded = decodeICMPExtensions(octets);
    assertEquals(decoded.objects.map(({ object }) => object), fields.objects);
    assertEquals([decoded.version, decoded.reserved], [2, 0]);
    assertEquals(decoded.fault, undefined);
  }
});

Deno.test("encodeICMPExtensions() and decodeICMPExtensions() of random structures", () => {
  const random = seededRandom(0x4884);
  const object = (): ICMPExtensionObject =>
    random() < 0.5
      ? {
        kind: "mplsLabelStack",
        labels: Array.from({ length: randomInt(random, 0, 5) }, () => ({
          label: randomInt(random, 0, 0xfffff),
          trafficClass: randomInt(random, 0, 7),
          bottomOfStack: random() < 0.5,
          ttl: randomInt(random, 0, 255),
        })),
      }
      : {
        kind: "unknown",
        classNumber: randomInt(random, 2, 255),
        classType: randomInt(random, 0, 255),
        data: randomBytes(random, randomInt(random, 0, 40)),
      };
  for (let i = 0; i < 500; i++) {
    const fields = {
      version: 2,
      reserved: randomInt(random, 0, 0xfff),
      checksum: randomInt(random, 0, 0xffff),
      objects: Array.from({ length: randomInt(random, 0, 4) }, object),
    };
    const octets = encodeICMPExtensions(fields);
    const { objects, ...header } = decodeICMPExtensions(octets);
    assertEquals(
      { ...header, objects: objects.map(({ object }) => object) },
      fields,
    );
    if (octets.length > 0) {
      assertFieldsCover(octets, [describeICMPExtensions(octets)]);
    }
  }
});

Deno.test("decodeICMPExtensions() never throws, and says what cut it short", () => {
  const octets = bytes(STRUCTURE_HEX);
  for (let length = 0; length < octets.length; length++) {
    const { objects, fault } = decodeICMPExtensions(octets.subarray(0, length));
    const whole = [4, 16].includes(length);
    assertEquals(fault === undefined, whole, `${length} octets`);
    assertEquals(objects.length, length < 16 ? 0 : 1);
  }
  const faults: [hex: string, offset: number, reason: string][] = [
    ["", 0, "ends after 0 octets, at least 4 wanted"],
    ["1000 0000", 4, "version is 1, 2 wanted"],
    ["2000 0000 00", 4, "an object ends after 1 octet, at least 4 wanted"],
    [
      "2000 0000 0003 0101",
      4,
      "an object gives its length as 3, at least 4 wanted",
    ],
    [
      "2000 0000 0000 0101",
      4,
      "an object gives its length as 0, at least 4 wanted",
    ],
    [
      "2000 0000 0004 0101 0009 0101 00000000",
      8,
      "an object is 9 octets long, only 8 are left",
    ],
  ];
  for (const [hex, offset, reason] of faults) {
    assertEquals(decodeICMPExtensions(bytes(hex)).fault, { offset, reason });
  }
});

Deno.test("decodeICMPExtensions() keeps a label stack of an odd length whole", () => {
  const { objects } = decodeICMPExtensions(bytes("2000 0000 0006 0101 abcd"));
  assertEquals(objects, [{
    offset: 4,
    length: 6,
    object: {
      kind: "unknown",
      classNumber: 1,
      classType: 1,
      data: bytes("abcd"),
    },
  }]);
});

Deno.test("encodeICMPExtensions() takes the least and the most, not beyond", () => {
  const label = { label: 0, trafficClass: 0, bottomOfStack: false, ttl: 0 };
  const stack = (change: object): ICMPExtensionsFields => ({
    objects: [{ kind: "mplsLabelStack", labels: [{ ...label, ...change }] }],
  });
  const unknown = (change: object): ICMPExtensionsFields => ({
    objects: [{
      kind: "unknown",
      classNumber: 0,
      classType: 0,
      data: new Uint8Array(),
      ...change,
    }],
  });
  const ranges: [
    make: (value: number) => ICMPExtensionsFields,
    field: string,
    max: number,
  ][] = [
    [(version) => ({ version, objects: [] }), "ICMP extension version", 15],
    [
      (reserved) => ({ reserved, objects: [] }),
      "ICMP extension reserved",
      0xfff,
    ],
    [
      (checksum) => ({ checksum, objects: [] }),
      "ICMP extension checksum",
      0xffff,
    ],
    [(label) => stack({ label }), "MPLS label", 0xfffff],
    [(trafficClass) => stack({ trafficClass }), "MPLS trafficClass", 7],
    [(ttl) => stack({ ttl }), "MPLS ttl", 255],
    [
      (classNumber) => unknown({ classNumber }),
      "ICMP extension classNumber",
      255,
    ],
    [(classType) => unknown({ classType }), "ICMP extension classType", 255],
  ];
  for (const [make, field, max] of ranges) {
    for (const value of [0, max]) encodeICMPExtensions(make(value));
    for (const value of [-1, max + 1, 0.5]) {
      assertThrows(
        () => encodeICMPExtensions(make(value)),
        RangeError,
        `${field} must be a whole number from 0 to ${max}, but is ${value}`,
      );
    }
  }
  encodeICMPExtensions(unknown({ data: new Uint8Array(65_531) }));
  assertThrows(
    () => encodeICMPExtensions(unknown({ data: new Uint8Array(65_532) })),
    RangeError,
    "ICMP extension object, in octets, must be a whole number from 4 to 65535, but is 65536",
  );
});

Deno.test("encodeICMPv4() pads what is quoted before extensions, and says how much", () => {
  const extensions = bytes(STRUCTURE_HEX);
  const cases: [
    quoted: number,
    given: number | undefined,
    padded: number,
    length: number,
  ][] = [
    [28, undefined, 128, 128],
    [128, undefined, 128, 128],
    [129, undefined, 132, 132],
    [1017, undefined, 1020, 1020],
    // Given is written as it is; nothing of the quote is cut off.
    [28, 0, 128, 0],
    [28, 32, 32, 32],
    [30, 20, 30, 20],
  ];
  for (const [length, given, padded, quotedLength] of cases) {
    const quoted = new Uint8Array(length).fill(0x45);
    const octets = encodeICMPv4({
      kind: "timeExceeded",
      quoted,
      extensions,
      ...(given === undefined ? {} : { quotedLength: given }),
    });
    assertEquals(octets.length, 8 + padded + extensions.length);
    assertEquals(octets[5] * 4, quotedLength);
    assertEquals(octets.subarray(8, 8 + length), quoted);
    assertEquals(octets.subarray(8 + padded), extensions);
  }
  assertThrows(
    () =>
      encodeICMPv4({
        kind: "timeExceeded",
        quoted: new Uint8Array(1021),
        extensions,
      }),
    RangeError,
    "ICMPv4 quotedLength must be a whole number from 0 to 1020, but is 1024",
  );
});

Deno.test("encodeICMPv6() pads what is quoted to units of eight octets", () => {
  const extensions = bytes(STRUCTURE_HEX);
  for (const [length, padded] of [[48, 128], [129, 136], [2040, 2040]]) {
    const octets = encodeICMPv6({
      kind: "destinationUnreachable",
      quoted: new Uint8Array(length),
      extensions,
    });
    assertEquals(octets[4] * 8, padded);
    const message = decodeICMPv6(octets).header;
    assert(message.kind === "destinationUnreachable");
    assertEquals(message.quoted.length, padded);
    assertEquals(message.extensions, extensions);
    assertEquals(checkICMPv6(octets, decodeICMPv6(octets)), []);
    assertEquals(encodeICMPv6(message), octets);
  }
});

Deno.test("decodeICMPv4() finds extensions that no length announces, if they are whole", () => {
  const quoted = new Uint8Array(128).fill(0x45);
  const good = bytes(STRUCTURE_HEX);
  const wrongChecksum = good.with(2, 0x45);
  const wrongVersion = bytes("1000 efff");
  const cases: [extensions: Uint8Array, found: boolean][] = [
    [good, true],
    [bytes("2000 dfff"), true],
    [wrongChecksum, false],
    [wrongVersion, false],
    [bytes("2000 df"), false],
  ];
  for (const [extensions, found] of cases) {
    const octets = new Uint8Array(8 + 128 + extensions.length);
    octets[0] = 11;
    octets.set(quoted, 8);
    octets.set(extensions, 136);
    const message = decodeICMPv4(octets).header;
    assert(message.kind === "timeExceeded");
    assertEquals(message.quotedLength, 0);
    assertEquals(message.extensions, found ? extensions : new Uint8Array());
    assertEquals(encodeICMPv4(message), octets);
  }
});

Deno.test("decodeICMPv4() takes no more for extensions than there is", () => {
  const cases: [
    words: number,
    body: number,
    quoted: number,
    problem?: string,
  ][] = [
    // The length field, octets behind the header, and which of them are quoted.
    [7, 28, 28],
    [7, 31, 31],
    [7, 32, 28, "extensions: version is 0, 2 wanted"],
    [
      8,
      28,
      28,
      "quotedLength: is 32 octets, only 28 are there",
    ],
    [255, 0, 0, "quotedLength: is 1020 octets, only 0 are there"],
  ];
  for (const [words, body, quoted, problem] of cases) {
    const octets = new Uint8Array(8 + body);
    octets[0] = 3;
    octets[5] = words;
    const message = decodeICMPv4(octets).header;
    assert(message.kind === "destinationUnreachable");
    assertEquals(message.quoted.length, quoted);
    assertEquals(message.extensions.length, body - quoted);
    assertEquals(encodeICMPv4(message), octets);
    assertEquals(
      checkICMPv4(octets, decodeICMPv4(octets)).map(({ field, reason }) =>
        `${field}: ${reason}`
      ),
      problem === undefined ? [] : [problem],
    );
  }
});

Deno.test("checkICMPv4() reports a wrong checksum of the extensions", () => {
  const check = (checksum: number) => {
    const octets = encodeICMPv4({
      kind: "parameterProblem",
      quoted: new Uint8Array(128),
      extensions: encodeICMPExtensions({ ...STRUCTURE, checksum }),
    });
    return checkICMPv4(octets, decodeICMPv4(octets), OUTSIDE);
  };
  // Zero means that none was sent.
  assertEquals(check(0), []);
  assertEquals(check(0x4897), []);
  assertEquals(check(1), [{
    layer: "icmpv4",
    field: "extensions",
    offset: 138,
    reason: "checksum 0x0001 [incorrect, should be 0x4897]",
  }]);
});

Deno.test("describeICMPv4() shows every label of the stack", () => {
  const octets = encodeICMPv4({
    kind: "timeExceeded",
    extensions: bytes(STRUCTURE_HEX),
  });
  const fields = describeICMPv4(octets, decodeICMPv4(octets).header);
  assertFieldsCover(octets, fields, { quotedLength: 4 });
  assertEquals(linesOf(fields.slice(-1)), [
    "ICMP Multi-Part Extensions: (28 bytes)",
    "  Version: 2",
    "  Reserved: 0x000",
    "  Checksum: 0x4897 [correct]",
    "  ICMP Extension Object: MPLS Label Stack, Label: 16, TC: 5, S: 0, TTL: 254; Label: 25612, TC: 0, S: 1, TTL: 1",
    "    Length: 12",
    "    Class: 1",
    "    C-Type: 1",
    "    MPLS Stack Entry: Label: 16, TC: 5, S: 0, TTL: 254",
    "      Label: 16",
    "      Traffic Class: 5",
    "      Bottom of Stack: Not set",
    "      Time to Live: 254",
    "    MPLS Stack Entry: Label: 25612, TC: 0, S: 1, TTL: 1",
    "      Label: 25612",
    "      Traffic Class: 0",
    "      Bottom of Stack: Set",
    "      Time to Live: 1",
    "  ICMP Extension Object: Class 2, C-Type 10, 8 bytes of data",
    "    Length: 12",
    "    Class: 2",
    "    C-Type: 10",
  ]);
});
