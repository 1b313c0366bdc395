import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { LINK_TYPE_ETHERNET } from "../../../lib/wire/link_types.ts";
import {
  decodeTCP,
  encodeTCP,
  TCP_FLAGS,
  type TCPHeader,
} from "../../../lib/wire/transport/tcp.ts";
import {
  checkTCP,
  describeTCP,
  tcp,
  tcpTitle,
} from "../../../lib/wire/transport/tcp_protocol.ts";
import {
  randomBytes,
  randomInt,
  randomOf,
  seededRandom,
} from "../../random.ts";
import {
  assertFuzz,
  assertPrefixes,
  assertRanges,
  assertRoundTrip,
  type Codec,
} from "../codec_checks.ts";
import { linesOf } from "../field_checks.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const ENDS4 = { source: "192.0.2.1", destination: "192.0.2.2" };
const ENDS6 = { source: "2001:db8::1", destination: "2001:db8::2" };

const codec: Codec<TCPHeader> = {
  decode: decodeTCP,
  encode: encodeTCP,
  describe: describeTCP,
  check: (octets) => {
    const outside = { ...ENDS4, length: octets.length };
    return checkTCP(octets, decodeTCP(octets), outside);
  },
  units: { headerLength: 4 },
};

const NO_FLAGS = {
  cwr: false,
  ece: false,
  urg: false,
  ack: false,
  psh: false,
  rst: false,
  syn: false,
  fin: false,
};

/** Octets, the header that they are, and the payload behind it. */
const GOOD: [hex: string, header: TCPHeader, payload: string][] = [
  [
    "9c40005000000001000000005002ffff8f4d0000",
    {
      ...NO_FLAGS,
      sourcePort: 40000,
      destinationPort: 80,
      sequence: 1,
      acknowledgment: 0,
      headerLength: 20,
      reserved: 0,
      syn: true,
      window: 0xffff,
      checksum: 0x8f4d,
      urgentPointer: 0,
      options: bytes(""),
    },
    "",
  ],
  [
    "ffff0000fffffffeabcdef016f551234a5a58001" + "01030307" + "6869",
    {
      ...NO_FLAGS,
      sourcePort: 0xffff,
      destinationPort: 0,
      sequence: 0xfffffffe,
      acknowledgment: 0xabcdef01,
      headerLength: 24,
      reserved: 15,
      ece: true,
      ack: true,
      rst: true,
      fin: true,
      window: 0x1234,
      checksum: 0xa5a5,
      urgentPointer: 0x8001,
      options: bytes("01030307"),
    },
    "6869",
  ],
];

Deno.test("encodeTCP() and decodeTCP() of known octets", () => {
  for (const [hex, header, payload] of GOOD) {
    assertRoundTrip(codec, hex, header, payload);
  }
});

/**
 * Captured by the author of gopacket, and among its test packets: a reset, in
 * a frame padded to 60 octets, and an acknowledgment with a VLAN tag.
 */
const RESET = "bc305be8d349b8ac6f92d5bf0800" +
  "450000280000400040063f9fac1151c5ac115149" +
  "00639aef000000002ec1278350140000c3080000" + "000000000000";
const TAGGED = "0010dbff100000152c9dcc00" + "810001f7" + "0800" +
  "45000028298d40007d0683a0ac1bca8e451694e2" +
  "d40a0050dfab9cc6cd1ee5d1501001005a740000" + "000000000000";

Deno.test("captured segments have no problem and are built again", () => {
  for (const [hex, offset] of [[RESET, 34], [TAGGED, 38]] as const) {
    const frame = bytes(hex);
    const { layers, problems } = dissect(frame, {
      linkType: LINK_TYPE_ETHERNET,
    });
    assertEquals(problems, []);
    assertEquals(layers.map((layer) => layer.protocol), [
      "ethernet",
      "ipv4",
      "tcp",
    ]);
    const [, ip, segment] = layers;
    assert(ip.protocol === "ipv4" && segment.protocol === "tcp");
    const { checksum: _, ...fields } = segment.header;
    const { checksum: __, protocol: ___, ...outside } = ip.header;
    const built = buildPacket(ipv4(outside), tcp(fields));
    assertEquals(built.toHex(), frame.subarray(offset - 20, -6).toHex());
  }
  const { header } = decodeTCP(bytes(RESET).subarray(34, -6));
  assertEquals([header.sourcePort, header.rst, header.ack], [99, true, true]);
});

Deno.test("encodeTCP() computes what is left out", () => {
  assertEquals(
    encodeTCP({ sourcePort: 1, destinationPort: 2 }).toHex(),
    "000100020000000000000000" + "5000ffff00000000",
  );
  const options = bytes("030307");
  assertEquals(
    encodeTCP({ sourcePort: 1, destinationPort: 2, options }).toHex().slice(24),
    "6000ffff00000000" + "03030700",
  );
});

Deno.test("encodeTCP() writes each flag where RFC 9293 has it", () => {
  for (const [i, flag] of TCP_FLAGS.entries()) {
    const octets = encodeTCP({
      sourcePort: 0,
      destinationPort: 0,
      [flag]: true,
    });
    assertEquals(octets[13], 0x80 >> i);
    const { header } = decodeTCP(octets);
    assertEquals(TCP_FLAGS.filter((name) => header[name]), [flag]);
  }
});

Deno.test("decodeTCP() of every truncated prefix", () => {
  for (const [hex, { headerLength }] of GOOD) {
    assertPrefixes(codec, hex, headerLength);
  }
});

Deno.test("decodeTCP() refuses structural faults", () => {
  const bad: [number, string][] = [
    [0x40, "tcp headerLength at octet 12: is 16 octets, at least 20 wanted"],
    [0x00, "is 0 octets, at least 20 wanted"],
    [0x60, "is 24 octets, only 20 are there"],
    [0xf0, "is 60 octets, only 20 are there"],
  ];
  for (const [octet, message] of bad) {
    const octets = bytes(GOOD[0][0]);
    octets[12] = octet;
    assertThrows(() => decodeTCP(octets), Error, message);
  }
});

Deno.test("encodeTCP() refuses what does not fit", () => {
  const zero: TCPHeader = {
    ...NO_FLAGS,
    sourcePort: 0,
    destinationPort: 0,
    sequence: 0,
    acknowledgment: 0,
    headerLength: 0,
    reserved: 0,
    window: 0,
    checksum: 0,
    urgentPointer: 0,
    options: bytes(""),
  };
  assertRanges("TCP", (changed) => encodeTCP({ ...zero, ...changed }), [
    ["sourcePort", 0, 16],
    ["destinationPort", 16, 16],
    ["sequence", 32, 32],
    ["acknowledgment", 64, 32],
    ["reserved", 100, 4],
    ["window", 112, 16],
    ["checksum", 128, 16],
    ["urgentPointer", 144, 16],
  ]);
  const bad: [object, string][] = [
    [{ headerLength: 64 }, "headerLength must be a whole number from 0 to 60"],
    [{ headerLength: 21 }, "headerLength must be a multiple of 4"],
    [{ options: new Uint8Array(41) }, "from 0 to 40, but is 41"],
  ];
  for (const [changed, message] of bad) {
    const encode = () => encodeTCP({ ...zero, ...changed });
    assertThrows(encode, RangeError, message);
  }
  const longest = encodeTCP({ ...zero, options: new Uint8Array(40).fill(1) });
  assertEquals(longest.length, 60);
});

/** Changed fields, and what is wrong with them. */
const PROBLEMS: [changed: object, problems: string[]][] = [
  [{}, []],
  [{ syn: true, ack: true }, []],
  [{ syn: true, fin: true }, ["syn@33: is set together with FIN"]],
  [{ syn: true, rst: true }, ["syn@33: is set together with RST"]],
  [{ checksum: 1 }, ["checksum@36: 0x0001 [incorrect, should be 0xe369]"]],
  [{ options: bytes("01020601") }, [
    "options@41: option 2 is 6 octets long, only 3 are left",
  ]],
  [{ headerLength: 16 }, ["headerLength@32: is 16 octets, at least 20 wanted"]],
];

Deno.test("dissect() tells what is wrong with a segment", () => {
  for (const [changed, problems] of PROBLEMS) {
    const packet = buildPacket(
      ipv4(ENDS4),
      tcp({ sourcePort: 5, destinationPort: 7, ...changed }),
      "Hi",
    );
    const found = dissect(packet).problems.map(({ field, offset, reason }) =>
      `${field}@${offset}: ${reason}`
    );
    assertEquals(found, problems);
  }
});

Deno.test("describeTCP() and tcpTitle() word a header as Wireshark does", () => {
  const octets = bytes(GOOD[1][0]);
  const { header, payload } = decodeTCP(octets);
  assertEquals(linesOf(describeTCP(octets, header)), [
    "Source Port: 65535",
    "Destination Port: 0",
    "Sequence Number: 4294967294",
    "Acknowledgment Number: 2882400001",
    "Header Length: 24 bytes (6)",
    "Flags: 0xf55 (FIN, RST, ACK, ECE, AE, Reserved)",
    "  Reserved: 0xf",
    "  Congestion Window Reduced: Not set",
    "  ECN-Echo: Set",
    "  Urgent: Not set",
    "  Acknowledgment: Set",
    "  Push: Not set",
    "  Reset: Set",
    "  Syn: Not set",
    "  Fin: Set",
    "Window: 4660",
    "Checksum: 0xa5a5 [unverified]",
    "Urgent Pointer: 32769",
    "Options: (4 bytes)",
    "  TCP Option: No-Operation (NOP)",
    "  TCP Option: Window scale: 7 (multiply by 128)",
  ]);
  assertEquals(
    tcpTitle(header, payload.length),
    "Transmission Control Protocol, Src Port: 65535, Dst Port: 0, " +
      "Seq: 4294967294, Ack: 2882400001, Len: 2",
  );
  const sound = describeTCP(
    bytes(GOOD[0][0]),
    decodeTCP(bytes(GOOD[0][0])).header,
    {
      ...ENDS4,
      length: 20,
    },
  );
  assertEquals(linesOf(sound).at(-2), "Checksum: 0x8f4d [correct]");
});

Deno.test("a computed checksum is right over IPv4 and IPv6", () => {
  const random = seededRandom(9293);
  for (let i = 0; i < 2000; i++) {
    const packet = buildPacket(
      randomOf(random, [ipv4(ENDS4), ipv6(ENDS6)]),
      tcp({
        sourcePort: randomInt(random, 0, 0xffff),
        destinationPort: randomInt(random, 0, 0xffff),
        sequence: randomInt(random, 0, 0xffffffff),
        options: new Uint8Array(randomInt(random, 0, 40)).fill(1),
      }),
      randomBytes(random, randomInt(random, 0, 50)),
    );
    assertEquals(dissect(packet).problems, [], packet.toHex());
  }
});

Deno.test("decodeTCP() of 20,000 inputs", () => {
  assertFuzz(codec, GOOD.map(([hex]) => hex), 793);
});
