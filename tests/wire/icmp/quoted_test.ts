/**
 * What ICMP errors quote, and first fragments: packets that end too early by
 * nature, shown as far as they go.
 *
 * @module
 */

import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { icmpv6 } from "../../../lib/wire/icmp/icmpv6_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import type { PacketLayer } from "../../../lib/wire/packet/protocol.ts";
import { gre } from "../../../lib/wire/tunnel/gre_protocol.ts";
import { igmp } from "../../../lib/wire/igmp/igmp_protocol.ts";
import { tcp } from "../../../lib/wire/transport/tcp_protocol.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import { assertEquals } from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import { packetFromJSON } from "../../../lib/wire/json/packet_from_json.ts";
import { packetToJSON } from "../../../lib/wire/json/packet_json.ts";
import { encodeTCPOptions } from "../../../lib/wire/transport/tcp_options.ts";
import { assertFieldsCover, linesOf } from "../field_checks.ts";

const ENDS4 = { source: "192.0.2.1", destination: "192.0.2.2" };
const ENDS6 = { source: "2001:db8::1", destination: "2001:db8::2" };
const UNITS = { headerLength: 4, fragmentOffset: 8, quotedLength: 4 };

// Made up, so that it cannot have been verified.
const checksum = 0x1234;
const WEB = { sourcePort: 40_000, destinationPort: 80 };
const TCP = tcp({
  ...WEB,
  sequence: 305_419_896,
  syn: true,
  checksum,
  options: encodeTCPOptions([
    { kind: "maximumSegmentSize", size: 1460 },
    { kind: "timestamps", value: 1, echoReply: 0 },
  ]),
});
const UDP = udp({ sourcePort: 40_000, destinationPort: 33_434, checksum });
const PING = {
  kind: "echoRequest",
  identifier: 7,
  sequence: 9,
  checksum,
} as const;
const TIMESTAMP = {
  kind: "timestampRequest",
  identifier: 7,
  checksum,
} as const;
const DATA = "datagram";

const PORTS = "Src Port: 40000, Dst Port: ";
const TCP_START = ["Source Port: 40000", "Destination Port: 80"];
const UDP_LINES = [
  "Source Port: 40000",
  "Destination Port: 33434",
  "Length: 16",
];
const PING_LINES = ["Type: 8 (Echo request)", "Code: 0"];

/** An error of either version about the first octets of a packet. */
function errorAbout(
  octets: number,
  ...layers: (PacketLayer | string)[]
): Uint8Array {
  const packet = buildPacket(...layers);
  const isIPv6 = packet[0] >>> 4 === 6;
  const quoted = packet.subarray(0, (isIPv6 ? 40 : 20) + octets);
  return isIPv6
    ? buildPacket(ipv6(ENDS6), icmpv6({ kind: "timeExceeded" }), quoted)
    : buildPacket(ipv4(ENDS4), icmpv4({ kind: "timeExceeded" }), quoted);
}

/** The last part of what is quoted, in lines. */
function quotedPayload(packet: Uint8Array): string[] {
  const { fields } = describeLayer(packet, dissect(packet).layers[1]);
  const quoted = fields.find(({ name }) => name === "quoted");
  const payload = quoted?.parts?.at(-1);
  return payload?.name === "payload"
    ? linesOf([payload]).map((line) => line.trim())
    : [];
}

/** Octets behind the quoted IP header, and what is shown of them. */
const QUOTES: [packet: Uint8Array, lines: string[]][] = [
  [errorAbout(0, ipv4(ENDS4), UDP, DATA), []],
  [errorAbout(7, ipv4(ENDS4), UDP, DATA), ["Payload: (7 bytes)"]],
  [errorAbout(8, ipv4(ENDS4), UDP, DATA), [
    `Payload: (8 bytes) UDP, ${PORTS}33434`,
    ...UDP_LINES,
    "Checksum: 0x1234 [unverified]",
  ]],
  [errorAbout(12, ipv6(ENDS6), UDP, DATA), [
    `Payload: (12 bytes) UDP, ${PORTS}33434`,
    ...UDP_LINES,
    "Checksum: 0x1234 [unverified]",
    "Payload: (4 bytes)",
  ]],
  [errorAbout(3, ipv4(ENDS4), TCP), [
    "Payload: (3 bytes) TCP",
    "Source Port: 40000",
    "Rest of the header: (1 byte)",
  ]],
  [errorAbout(8, ipv4(ENDS4), TCP), [
    `Payload: (8 bytes) TCP, ${PORTS}80`,
    ...TCP_START,
    "Sequence Number: 305419896",
  ]],
  [errorAbout(8, ipv6(ENDS6), TCP), [
    `Payload: (8 bytes) TCP, ${PORTS}80`,
    ...TCP_START,
    "Sequence Number: 305419896",
  ]],
  [errorAbout(13, ipv4(ENDS4), TCP), [
    `Payload: (13 bytes) TCP, ${PORTS}80`,
    ...TCP_START,
    "Sequence Number: 305419896",
    "Acknowledgment Number: 0",
    "Rest of the header: (1 byte)",
  ]],
  // The second option is cut.
  [errorAbout(28, ipv4(ENDS4), TCP), [
    `Payload: (28 bytes) TCP, ${PORTS}80`,
    ...TCP_START,
    "Sequence Number: 305419896",
    "Acknowledgment Number: 0",
    "Header Length: 36 bytes (9)",
    "Flags: 0x002 (SYN)",
    "Reserved: Not set",
    "Congestion Window Reduced: Not set",
    "ECN-Echo: Not set",
    "Urgent: Not set",
    "Acknowledgment: Not set",
    "Push: Not set",
    "Reset: Not set",
    "Syn: Set",
    "Fin: Not set",
    "Window: 65535",
    "Checksum: 0x1234 [unverified]",
    "Urgent Pointer: 0",
    "Options: (4 bytes)",
    "TCP Option: Maximum segment size: 1460 bytes",
    "Rest of the header: (4 bytes)",
  ]],
  [errorAbout(8, ipv4(ENDS4), icmpv4(PING), DATA), [
    "Payload: (8 bytes) ICMP",
    ...PING_LINES,
    "Checksum: 0x1234 [unverified]",
    "Identifier (BE): 7 (0x0007)",
    "Sequence Number (BE): 9 (0x0009)",
  ]],
  [errorAbout(8, ipv4(ENDS4), icmpv4(TIMESTAMP)), [
    "Payload: (8 bytes) ICMP",
    "Type: 13 (Timestamp request)",
    "Code: 0",
    "Checksum: 0x1234 [unverified]",
    "Identifier (BE): 7 (0x0007)",
    "Sequence Number (BE): 0 (0x0000)",
  ]],
  [errorAbout(10, ipv6(ENDS6), icmpv6(PING), DATA), [
    "Payload: (10 bytes) ICMPv6",
    "Type: 128 (Echo request)",
    "Code: 0",
    "Checksum: 0x1234 [unverified]",
    "Identifier: 0x0007",
    "Sequence: 9",
    "Payload: (2 bytes)",
  ]],
  // A later fragment begins with no header.
  [
    errorAbout(8, ipv4({ ...ENDS4, fragmentOffset: 8 }), UDP, DATA),
    ["Payload: (8 bytes)"],
  ],
  // A length that cannot be is no header.
  [
    errorAbout(8, ipv4(ENDS4), udp({ destinationPort: 7, length: 7 })),
    ["Payload: (8 bytes)"],
  ],
  [errorAbout(20, ipv4(ENDS4), tcp({ ...WEB, headerLength: 4 })), [
    `Payload: (20 bytes) TCP, ${PORTS}80`,
    ...TCP_START,
    "Sequence Number: 0",
    "Acknowledgment Number: 0",
    "Rest of the header: (8 bytes)",
  ]],
];

Deno.test("describeLayer() shows a quoted packet as far as it goes", () => {
  for (const [packet, lines] of QUOTES) {
    assertEquals(quotedPayload(packet), lines);
  }
});

Deno.test("a quote is no problem, and is built again, wherever it ends", () => {
  const layers = [[UDP, DATA], [TCP, DATA], [icmpv4(PING), DATA]];
  for (const inside of layers) {
    for (let octets = 0; octets <= 44; octets++) {
      const packet = errorAbout(octets, ipv4(ENDS4), ...inside);
      const dissection = dissect(packet);
      assertEquals(dissection.problems, []);
      const plain = packetToJSON(packet, dissection, { offsets: true });
      assertEquals(packetFromJSON(plain), packet);
      const { fields } = describeLayer(packet, dissection.layers[1]);
      const message = packet.subarray(20);
      assertFieldsCover(message, fields, UNITS);
      const quoted = fields.at(-1)!;
      assertFieldsCover(
        packet.subarray(28),
        quoted.parts!.map((part) => ({
          ...part,
          bitOffset: part.bitOffset - 64,
          parts: [],
        })),
        UNITS,
      );
    }
  }
});

Deno.test("describeLayer() shows no quote within a quote", () => {
  let packet = buildPacket(ipv4(ENDS4), UDP);
  for (let depth = 0; depth < 1000; depth++) {
    packet = buildPacket(
      ipv4(ENDS4),
      icmpv4({ kind: "destinationUnreachable", code: 3 }),
      packet,
    );
  }
  assertEquals(quotedPayload(packet).slice(1).map((line) => line.slice(0, 8)), [
    "Type: 3 ",
    "Code: 3 ",
    "Checksum",
    "Payload:",
  ]);
});

/** A first fragment of so many octets behind the IP header. */
function firstFragment(
  octets: number,
  ...layers: (PacketLayer | Uint8Array)[]
): Uint8Array<ArrayBuffer> {
  const whole = buildPacket(ipv4(ENDS4), ...layers);
  return buildPacket(
    ipv4({ ...ENDS4, protocol: whole[9], moreFragments: true }),
    whole.subarray(20, 20 + octets),
  );
}

function firstOfIPv6(protocol: number): PacketLayer {
  const extensionHeaders = [{ kind: "fragment", moreFragments: true }] as const;
  return ipv6({ ...ENDS6, protocol, extensionHeaders });
}

const LONG = new Uint8Array(400);
const PORT53 = udp({ sourcePort: 53, destinationPort: 40_000 });
const PORT67 = udp({ sourcePort: 68, destinationPort: 67 });
const GROUPS = Array.from({ length: 9 }, (_, i) => ({
  type: 2,
  group: `239.1.1.${i}`,
  sources: [],
  auxiliaryData: new Uint8Array(),
}));

/** A first fragment, and its layers. */
const FRAGMENTS: [packet: Uint8Array<ArrayBuffer>, layers: string[]][] = [
  [firstFragment(16, PORT53, LONG), ["ipv4", "udp", "data"]],
  [firstFragment(24, PORT53, LONG), ["ipv4", "udp", "dns"]],
  [firstFragment(200, PORT67, LONG), ["ipv4", "udp", "data"]],
  [firstFragment(8, TCP, LONG), ["ipv4", "data"]],
  [firstFragment(24, TCP, LONG), ["ipv4", "data"]],
  [firstFragment(80, TCP, LONG), ["ipv4", "tcp", "data"]],
  [firstFragment(8, icmpv4(TIMESTAMP)), ["ipv4", "data"]],
  [
    firstFragment(64, igmp({ kind: "reportV3", records: GROUPS })),
    ["ipv4", "igmp"],
  ],
  [firstFragment(32, ipv4(ENDS4), PORT53, LONG), [
    ...["ipv4", "ipv4", "udp", "data"],
  ]],
  [firstFragment(16, ipv4(ENDS4), PORT53, LONG), ["ipv4", "data"]],
  [firstFragment(56, ipv6(ENDS6), PORT53, LONG), [
    ...["ipv4", "ipv6", "udp", "data"],
  ]],
  [
    buildPacket(
      firstOfIPv6(17),
      bytes("0035 9c40 0190 1234 0001 0203 0405 0607"),
    ),
    ["ipv6", "udp", "data"],
  ],
  // 128 octets are quoted, of which 8 are there.
  [
    buildPacket(
      ipv4({ ...ENDS4, protocol: 1, moreFragments: true }),
      bytes("0b00 1234 00200000 45000064 00000000"),
    ),
    ["ipv4", "icmpv4"],
  ],
  // A router advertisement whose prefix is cut.
  [
    buildPacket(
      firstOfIPv6(58),
      bytes("8600 1234 40000000 0000000000000000 0304 40c0 00000000"),
    ),
    ["ipv6", "icmpv6"],
  ],
];

function bytes(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

Deno.test("dissect() finds no problem in what other fragments would bring", () => {
  for (const [packet, layers] of FRAGMENTS) {
    const dissection = dissect(packet);
    assertEquals(dissection.problems, [], `${layers}`);
    assertEquals(dissection.layers.map(({ protocol }) => protocol), layers);
    const plain = packetToJSON(packet, dissection);
    assertEquals(packetFromJSON(plain), packet);
  }
});

Deno.test("dissect() still reports what no other fragment can mend", () => {
  const shortUDP = udp({ destinationPort: 53, length: 7 });
  const shortTCP = tcp({ ...WEB, headerLength: 16 });
  const short = buildPacket(ipv4(ENDS4), PORT53, bytes("00010000"));
  const cases: [Uint8Array, string][] = [
    [firstFragment(16, shortUDP, LONG), "udp.length@24"],
    [firstFragment(24, shortTCP, LONG), "tcp.headerLength@32"],
    [
      firstFragment(24, ipv4({ ...ENDS4, protocol: 253, ttl: 0 }), LONG),
      "ipv4.ttl@28",
    ],
    // All of the datagram inside is there.
    [
      firstFragment(40, gre({ protocol: 0x0800 }), short, LONG),
      "dns.message@56",
    ],
  ];
  for (const [packet, problem] of cases) {
    const problems = dissect(packet).problems.map(({ layer, field, offset }) =>
      `${layer}.${field}@${offset}`
    );
    assertEquals(problems, [problem]);
  }
});

Deno.test("describeLayer() shows the ports of a segment's first octets", () => {
  const packet = firstFragment(8, TCP, LONG);
  const { title, fields } = describeLayer(packet, dissect(packet).layers[1]);
  assertEquals(title, `Transmission Control Protocol, ${PORTS}80`);
  assertEquals(linesOf(fields), [...TCP_START, "Sequence Number: 305419896"]);
});
