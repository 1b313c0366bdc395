import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { PacketError } from "../../../lib/wire/errors.ts";
import {
  decodeIPv6,
  encodeIPv6,
  IPV6_MAX_PAYLOAD_LENGTH,
  type IPv6Fields,
  upperLayerAddresses,
} from "../../../lib/wire/ipv6/ipv6.ts";
import {
  checkIPv6,
  describeIPv6,
} from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { pseudoHeaderSum } from "../../../lib/wire/pseudo_header.ts";
import {
  internetChecksum,
  onesComplementSum,
} from "../../../lib/bytes/checksum.ts";
import { parseIPv6 } from "../../../lib/wire/address.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";
import { assertFieldsCover, linesOf } from "../field_checks.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

const SOURCE = "20010db8000000000000000000000001";
const DESTINATION = "20010db8000000000000000000000002";
const THIRD = "20010db8000000000000000000000009";

const PLAIN: IPv6Fields = {
  source: "2001:db8::1",
  destination: "2001:db8::2",
  protocol: 253,
};

/** Of the neighbor solicitation in icmp_packets_test.ts, whose origin is noted there. */
const SOLICITATION = "6000000000203aff" +
  "fe800000000000000215c7fffe568000" + "ff0200000000000000000001ff000251" +
  "8700c165000000002404013800000002" + "00000000000002510101" + "0015c7568000";

/** Packets that scapy 2.5.0 built of the same fields. */
const PACKETS: [
  name: string,
  fields: IPv6Fields,
  payload: string,
  packet: string,
][] = [
  [
    "every field of the fixed header",
    { ...PLAIN, dscp: 46, ecn: 1, flowLabel: 0xabcde, hopLimit: 7 },
    "4869",
    `6b9abcde 0002 fd 07 ${SOURCE}${DESTINATION} 4869`,
  ],
  [
    "hop-by-hop, routing, fragment and destination options",
    {
      ...PLAIN,
      protocol: 58,
      extensionHeaders: [
        { kind: "hopByHop", data: bytes("050200000100") },
        {
          kind: "routing",
          routingType: 0,
          segmentsLeft: 1,
          data: bytes(`00000000${THIRD}`),
        },
        { kind: "fragment", identification: 0x01020304 },
        { kind: "destinationOptions", data: bytes("010400000000") },
      ],
    },
    "8000ac3c 0001 0002 78",
    `60000000 0039 00 40 ${SOURCE}${DESTINATION}` +
    `2b00 050200000100  2c02 0001 00000000 ${THIRD}` +
    "3c00 0000 01020304  3a00 010400000000  8000ac3c 0001 0002 78",
  ],
  [
    "authentication header",
    {
      ...PLAIN,
      protocol: 59,
      extensionHeaders: [{
        kind: "authentication",
        data: bytes(`0000 00000001 00000002 ${"aa".repeat(12)}`),
      }],
    },
    "",
    `60000000 0018 33 40 ${SOURCE}${DESTINATION}` +
    `3b04 0000 00000001 00000002 ${"aa".repeat(12)}`,
  ],
];

Deno.test("encodeIPv6() and decodeIPv6() exactly", () => {
  for (const [name, fields, payload, hex] of PACKETS) {
    const packet = bytes(hex);
    assertEquals(
      encodeIPv6(fields, bytes(payload)).toHex(),
      packet.toHex(),
      name,
    );
    const decoded = decodeIPv6(packet);
    assertEquals(decoded.payload, bytes(payload), name);
    assertEquals(decoded.missing, 0, name);
    assertEquals(encodeIPv6(decoded.header, decoded.payload), packet, name);
    assertEquals(checkIPv6(packet, decoded), [], name);
  }
});

Deno.test("decodeIPv6() of a captured neighbor solicitation", () => {
  const { header, headerLength, payload, missing } = decodeIPv6(
    bytes(SOLICITATION),
  );
  assertEquals(header, {
    version: 6,
    dscp: 0,
    ecn: 0,
    flowLabel: 0,
    payloadLength: 32,
    nextHeader: 58,
    hopLimit: 255,
    source: "fe80::215:c7ff:fe56:8000",
    destination: "ff02::1:ff00:251",
    extensionHeaders: [],
    protocol: 58,
  });
  assertEquals([headerLength, payload.length, missing], [40, 32, 0]);
  // RFC 8200 §8.1
  const sum = pseudoHeaderSum(header, 58, payload.length);
  assertEquals(internetChecksum(payload, sum), 0);
});

Deno.test("encodeIPv6() and decodeIPv6() of random headers and extension headers", () => {
  const random = seededRandom(0x8200);
  const octet = () => randomInt(random, 0, 255);
  const address = () =>
    [...randomBytes(random, 8)].map((o) => o.toString(16)).join(":");
  for (let i = 0; i < 1000; i++) {
    const extensionHeaders = Array.from(
      { length: randomInt(random, 0, 4) },
      () =>
        [
          {
            kind: "hopByHop",
            data: randomBytes(random, 8 * randomInt(random, 0, 5) + 6),
          },
          {
            kind: "destinationOptions",
            data: randomBytes(random, 8 * randomInt(random, 0, 5) + 6),
          },
          {
            kind: "routing",
            routingType: octet(),
            segmentsLeft: octet(),
            data: randomBytes(random, 8 * randomInt(random, 0, 5) + 4),
          },
          {
            kind: "fragment",
            reserved: octet(),
            fragmentOffset: 0,
            reservedBits: randomInt(random, 0, 3),
            moreFragments: random() < 0.5,
            identification: randomInt(random, 0, 0xffffffff),
          },
          {
            kind: "authentication",
            data: randomBytes(random, 4 * randomInt(random, 0, 5) + 6),
          },
        ][randomInt(random, 0, 4)],
    ) as NonNullable<IPv6Fields["extensionHeaders"]>;
    const fields: IPv6Fields = {
      dscp: randomInt(random, 0, 63),
      ecn: randomInt(random, 0, 3),
      flowLabel: randomInt(random, 0, 0xfffff),
      hopLimit: octet(),
      source: address(),
      destination: address(),
      protocol: randomInt(random, 61, 255),
      extensionHeaders,
    };
    const payload = randomBytes(random, randomInt(random, 0, 50));
    const packet = encodeIPv6(fields, payload);
    const decoded = decodeIPv6(packet);
    const { header, headerLength } = decoded;
    assertEquals(decoded.payload, payload);
    assertEquals<unknown>(
      header.extensionHeaders.map(({ nextHeader: _, ...rest }) => rest),
      extensionHeaders,
    );
    assertEquals(
      [
        header.dscp,
        header.ecn,
        header.flowLabel,
        header.hopLimit,
        header.protocol,
      ],
      [
        fields.dscp,
        fields.ecn,
        fields.flowLabel,
        fields.hopLimit,
        fields.protocol,
      ],
    );
    assertEquals(encodeIPv6(header, payload), packet);
    assertFieldsCover(
      packet.subarray(0, headerLength),
      describeIPv6(packet, header),
      { fragmentOffset: 8 },
    );
  }
});

Deno.test("decodeIPv6() and encodeIPv6() keep random octets behind any next header", () => {
  const random = seededRandom(0x0629);
  for (let i = 0; i < 4000; i++) {
    const packet = randomBytes(random, randomInt(random, 40, 200));
    packet[0] = 0x60 | packet[0] & 0x0f;
    packet[4] = 0;
    packet[6] = [0, 43, 44, 51, 60][i % 5];
    const { header, headerLength, payload } = decodeIPv6(packet);
    const end = Math.min(packet.length, 40 + header.payloadLength);
    assertEquals(headerLength + payload.length, end);
    assertEquals(encodeIPv6(header, payload), packet.slice(0, end));
    describeIPv6(packet, header);
  }
});

Deno.test("decodeIPv6() of every prefix throws or reports what is missing", () => {
  for (const [name, , , hex] of PACKETS) {
    const packet = bytes(hex);
    for (let length = 0; length < packet.length; length++) {
      const prefix = packet.subarray(0, length);
      if (length < 40) {
        assertThrows(
          () => decodeIPv6(prefix),
          PacketError,
          "at least 40 wanted",
        );
        continue;
      }
      const decoded = decodeIPv6(prefix);
      assertEquals(decoded.missing, packet.length - length, name);
      assertEquals(encodeIPv6(decoded.header, decoded.payload), prefix, name);
      assert(checkIPv6(prefix, decoded).length > 0);
    }
  }
});

Deno.test("decodeIPv6() leaves an extension header that is cut short in the payload", () => {
  const packet = bytes(
    `60000000 000c 00 40 ${SOURCE}${DESTINATION} 2b00 010400000000 3a02 0001`,
  );
  const decoded = decodeIPv6(packet);
  assertEquals(decoded.header.extensionHeaders.length, 1);
  assertEquals(decoded.header.protocol, 43);
  assertEquals(decoded.payload, bytes("3a020001"));
  assertEquals(checkIPv6(packet, decoded), [{
    layer: "ipv6",
    field: "extensionHeaders",
    offset: 48,
    reason: "end in the middle of one (IPv6-Route, 43)",
  }]);
});

Deno.test("decodeIPv6() does not look into a later fragment", () => {
  // Its first octets look like a routing header, and are not.
  const packet = bytes(
    `60000000 0010 2c 40 ${SOURCE}${DESTINATION} 2b00 0008 00000001 3a00 0000 00000000`,
  );
  const decoded = decodeIPv6(packet);
  assertEquals(decoded.header.protocol, 43);
  assertEquals(decoded.payload.length, 8);
  assertEquals(checkIPv6(packet, decoded), []);
});

Deno.test("decodeIPv6() throws for another version", () => {
  for (const version of [0, 4, 5, 7, 15]) {
    const packet = bytes(SOLICITATION);
    packet[0] = version << 4;
    const error = assertThrows(() => decodeIPv6(packet), PacketError);
    assertEquals(
      error.message,
      `ipv6 version at octet 0: is ${version}, 6 wanted`,
    );
  }
});

Deno.test("decodeIPv6() leaves what follows the payload length aside", () => {
  const packet = bytes(`${SOLICITATION} 00000000`);
  const { payload, missing } = decodeIPv6(packet);
  assertEquals([payload.length, missing], [32, 0]);
});

Deno.test("decodeIPv6() reads a subarray, and shares its memory", () => {
  for (const [name, , , hex] of PACKETS) {
    const packet = bytes(hex);
    const larger = new Uint8Array(packet.length + 9).fill(0xa5);
    larger.set(packet, 5);
    const decoded = decodeIPv6(larger.subarray(5, 5 + packet.length));
    assertEquals(decoded, decodeIPv6(packet), name);
    assertStrictEquals(decoded.payload.buffer, larger.buffer);
  }
});

Deno.test("encodeIPv6() writes what is given, right or wrong", () => {
  const packet = encodeIPv6({
    ...PLAIN,
    version: 15,
    payloadLength: 9,
    nextHeader: 17,
    extensionHeaders: [{ kind: "hopByHop", nextHeader: 6 }],
  });
  assertEquals(
    packet.toHex(),
    `f000000000091140${SOURCE}${DESTINATION}0600000000000000`,
  );
});

Deno.test("encodeIPv6() pads extension headers with zeros", () => {
  const lengths: [data: number, octets: number][] = [[0, 8], [6, 8], [7, 16]];
  for (const [data, octets] of lengths) {
    const packet = encodeIPv6({
      ...PLAIN,
      extensionHeaders: [{ kind: "hopByHop", data: new Uint8Array(data) }],
    });
    assertEquals(packet.length, 40 + octets);
    assertEquals(packet[41], octets / 8 - 1);
  }
});

Deno.test("encodeIPv6() takes the least and the most of every field, not beyond", () => {
  const fragment = (change: object): IPv6Fields => ({
    ...PLAIN,
    extensionHeaders: [{ kind: "fragment", ...change }],
  });
  const routing = { kind: "routing", routingType: 0, segmentsLeft: 0 } as const;
  const ranges: [
    make: (value: number) => IPv6Fields,
    field: string,
    max: number,
  ][] = [
    [(version) => ({ ...PLAIN, version }), "version", 15],
    [(dscp) => ({ ...PLAIN, dscp }), "dscp", 63],
    [(ecn) => ({ ...PLAIN, ecn }), "ecn", 3],
    [(flowLabel) => ({ ...PLAIN, flowLabel }), "flowLabel", 0xfffff],
    [(payloadLength) => ({ ...PLAIN, payloadLength }), "payloadLength", 0xffff],
    [(nextHeader) => ({ ...PLAIN, nextHeader }), "nextHeader", 255],
    [(hopLimit) => ({ ...PLAIN, hopLimit }), "hopLimit", 255],
    [(protocol) => ({ ...PLAIN, protocol }), "protocol", 255],
    [(nextHeader) => fragment({ nextHeader }), "extension nextHeader", 255],
    [(reserved) => fragment({ reserved }), "extension reserved", 255],
    [(reservedBits) => fragment({ reservedBits }), "extension reservedBits", 3],
    [
      (identification) => fragment({ identification }),
      "extension identification",
      0xffffffff,
    ],
    [
      (fragmentOffset) => fragment({ fragmentOffset }),
      "fragmentOffset",
      65_528,
    ],
    [
      (routingType) => ({
        ...PLAIN,
        extensionHeaders: [{ ...routing, routingType }],
      }),
      "extension routingType",
      255,
    ],
    [
      (segmentsLeft) => ({
        ...PLAIN,
        extensionHeaders: [{ ...routing, segmentsLeft }],
      }),
      "extension segmentsLeft",
      255,
    ],
  ];
  for (const [make, field, max] of ranges) {
    for (const value of [0, max]) encodeIPv6(make(value));
    for (const value of [-1, max + 1, 0.5, NaN]) {
      assertThrows(
        () => encodeIPv6(make(value)),
        RangeError,
        `IPv6 ${field} must be a whole number from 0 to ${max}, but is ${value}`,
      );
    }
  }
  assertThrows(
    () => encodeIPv6(fragment({ fragmentOffset: 4 })),
    RangeError,
    "IPv6 fragmentOffset must be a multiple of 8, but is 4",
  );
  assertThrows(
    () => encodeIPv6({ ...PLAIN, destination: "2001:db8::2%eth0" }),
    RangeError,
    'not an IPv6 address: "2001:db8::2%eth0"',
  );
  assertEquals(
    encodeIPv6(PLAIN, new Uint8Array(IPV6_MAX_PAYLOAD_LENGTH)).length,
    65_575,
  );
  assertThrows(
    () => encodeIPv6(PLAIN, new Uint8Array(IPV6_MAX_PAYLOAD_LENGTH + 1)),
    RangeError,
    "IPv6 extension headers and payload, in octets, must be a whole number from 0 to 65535",
  );
  assertThrows(
    () =>
      encodeIPv6({
        ...PLAIN,
        extensionHeaders: [{ kind: "hopByHop", data: new Uint8Array(2047) }],
      }),
    RangeError,
    "IPv6 hopByHop header, in octets, must be a whole number from 8 to 2048, but is 2056",
  );
});

Deno.test("upperLayerAddresses() follows routing headers to their end", () => {
  const via = (routingType: number, segmentsLeft: number, data: string) =>
    upperLayerAddresses({
      ...PLAIN,
      extensionHeaders: [
        { kind: "routing", routingType, segmentsLeft, data: bytes(data) },
      ],
    }).destination;
  const OTHER = "20010db8000000000000000000000008";
  assertEquals(via(0, 1, `00000000${OTHER}${THIRD}`), "2001:db8::9");
  assertEquals(via(2, 1, `00000000${THIRD}`), "2001:db8::9");
  // RFC 8754 §2: the last segment comes first.
  assertEquals(via(4, 1, `01000000${THIRD}${OTHER}`), "2001:db8::9");
  // RFC 6554 §3: what the last has like the destination is left out.
  assertEquals(via(3, 1, `00000000${THIRD}`), "2001:db8::9");
  assertEquals(
    via(3, 2, `88000000${"11".repeat(8)}${"22".repeat(8)}`),
    "2001:db8::2222:2222:2222:2222",
  );
  assertEquals(via(3, 1, `0f700000${"09"}${"00".repeat(7)}`), "2001:db8::9");
  const ignored: [type: number, left: number, data: string][] = [
    [0, 0, `00000000${THIRD}`],
    [0, 1, "00000000"],
    [3, 1, "00000000"],
    [3, 1, "0000"],
    [3, 0, `00000000${THIRD}`],
    [99, 1, `00000000${THIRD}`],
  ];
  for (const [type, left, data] of ignored) {
    assertEquals(via(type, left, data), "2001:db8::2");
  }
});

Deno.test("pseudoHeaderSum() is that of IPv4 too", () => {
  // RFC 768, the datagram that the ICMP tests quote.
  const datagram = bytes("30399c400008af60");
  const addresses = { source: "192.0.2.1", destination: "192.0.2.2" };
  assertEquals(
    internetChecksum(datagram, pseudoHeaderSum(addresses, 17, 8)),
    0,
  );
});

Deno.test("checkIPv6() reports a hop limit of zero and what is missing", () => {
  const packet = encodeIPv6({ ...PLAIN, hopLimit: 0, payloadLength: 5 });
  assertEquals(checkIPv6(packet, decodeIPv6(packet)), [
    {
      layer: "ipv6",
      field: "payloadLength",
      offset: 4,
      reason: "is 5 octets, of which 5 are missing",
    },
    {
      layer: "ipv6",
      field: "hopLimit",
      offset: 7,
      reason: "is 0: no host may send that",
    },
  ]);
});

Deno.test("describeIPv6() words the fields as Wireshark does", () => {
  const packet = bytes(PACKETS[1][3]);
  assertEquals(linesOf(describeIPv6(packet, decodeIPv6(packet).header)), [
    "Version: 6",
    "Traffic Class: 0x00 (DSCP: CS0, ECN: Not-ECT)",
    "  Differentiated Services Codepoint: Default (0)",
    "  Explicit Congestion Notification: Not ECN-Capable Transport (0)",
    "Flow Label: 0x00000",
    "Payload Length: 57",
    "Next Header: HOPOPT (0)",
    "Hop Limit: 64",
    "Source Address: 2001:db8::1",
    "Destination Address: 2001:db8::2",
    "IPv6 Hop-by-Hop Option: (8 bytes)",
    "  Next Header: IPv6-Route (43)",
    "  Length: 0 (8 bytes)",
    "  IPv6 Option: Router Alert (0)",
    "  IPv6 Option: Padding",
    "Routing Header for IPv6: (24 bytes)",
    "  Next Header: IPv6-Frag (44)",
    "  Length: 2 (24 bytes)",
    "  Type: 0",
    "  Segments Left: 1",
    "Fragment Header for IPv6: (8 bytes)",
    "  Next Header: IPv6-Opts (60)",
    "  Reserved octet: 0x00",
    "  Offset: 0 (0 bytes)",
    "  Reserved bits: 0",
    "  More Fragments: Not set",
    "  Identification: 0x01020304",
    "Destination Options for IPv6: (8 bytes)",
    "  Next Header: IPv6-ICMP (58)",
    "  Length: 0 (8 bytes)",
    "  IPv6 Option: Padding",
  ]);
});

Deno.test("pseudoHeaderSum() tells one pair of addresses from the next", () => {
  const hosts = ["2001:db8::1", "2001:db8::2", "fe80::3", "::ffff:1.2.3.4"];
  for (let i = 0; i < 3; i++) {
    for (const source of hosts) {
      for (const destination of hosts) {
        const octets = [...parseIPv6(source), ...parseIPv6(destination)];
        assertEquals(
          pseudoHeaderSum({ source, destination }, 58, 8),
          onesComplementSum(Uint8Array.of(...octets, 0, 58, 0, 8)),
        );
      }
    }
  }
});
