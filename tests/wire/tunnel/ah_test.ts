import { assertEquals, assertThrows } from "@std/assert";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { decodeIPv6 } from "../../../lib/wire/ipv6/ipv6.ts";
import { describeIPv6, ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import type { PacketLayer } from "../../../lib/wire/packet/protocol.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import { LINK_TYPE_RAW } from "../../../lib/wire/link_types.ts";
import { summarizePacket } from "../../../lib/render/packet/packet_line.ts";
import { tcp } from "../../../lib/wire/transport/tcp_protocol.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import {
  ah,
  type AHHeader,
  decodeAH,
  describeAH,
  encodeAH,
} from "../../../lib/wire/tunnel/ah.ts";
import {
  assertFuzz,
  assertPrefixes,
  assertRanges,
  assertRoundTrip,
  type Codec,
} from "../codec_checks.ts";
import { linesOf } from "../field_checks.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);
const PORTS = { sourcePort: 7, destinationPort: 9 };
const ENDS = { source: "192.0.2.1", destination: "192.0.2.2" };

const codec: Codec<AHHeader> = {
  decode: decodeAH,
  encode: encodeAH,
  describe: describeAH,
  check: () => [],
};

/** Octets, the header that they are, and the payload behind it. */
const GOOD: [hex: string, header: AHHeader, payload: string][] = [
  ["11010000" + "00000064" + "00000001", {
    nextHeader: 17,
    headerLength: 12,
    reserved: 0,
    spi: 100,
    sequence: 1,
    icv: bytes(""),
  }, ""],
  [
    "0604abcd" + "ffffffff" + "80000000" + "000102030405060708090a0b" + "4869",
    {
      nextHeader: 6,
      headerLength: 24,
      reserved: 0xabcd,
      spi: 0xffffffff,
      sequence: 0x80000000,
      icv: bytes("000102030405060708090a0b"),
    },
    "4869",
  ],
];

Deno.test("encodeAH() and decodeAH() of each kind of header", () => {
  for (const [hex, header, payload] of GOOD) {
    assertRoundTrip(codec, hex, header, payload);
  }
});

Deno.test("decodeAH() of every truncated prefix", () => {
  for (const [hex, , payload] of GOOD) {
    assertPrefixes(codec, hex, (hex.length - payload.length) / 2);
  }
});

Deno.test("encodeAH() pads, and refuses what does not fit", () => {
  const padded = encodeAH({ nextHeader: 17, icv: bytes("aabb") });
  assertEquals(padded.toHex(), "11020000" + "00".repeat(8) + "aabb0000");
  const zero = {
    ...GOOD[0][1],
    ...{ nextHeader: 0, headerLength: 8, spi: 0, sequence: 0 },
  };
  assertRanges("AH", (changed) => encodeAH({ ...zero, ...changed }), [
    ["nextHeader", 0, 8],
    ["reserved", 16, 16],
    ["spi", 32, 32],
    ["sequence", 64, 32],
  ]);
  const bad: [object, string][] = [
    [{ headerLength: 13 }, "AH headerLength must be a multiple of 4"],
    [{ headerLength: 4 }, "AH headerLength must be"],
    [{ headerLength: 1032 }, "AH headerLength must be"],
    [{ headerLength: undefined, icv: new Uint8Array(1020) }, "AH headerLength"],
  ];
  for (const [changed, message] of bad) {
    assertThrows(() => encodeAH({ ...zero, ...changed }), RangeError, message);
  }
  // Given is written as it is.
  const wrong = encodeAH({ nextHeader: 1, headerLength: 8 }, bytes("ff"));
  assertEquals(wrong.toHex(), "0100" + "00".repeat(10) + "ff");
  assertThrows(() => decodeAH(wrong), Error, "is 8 octets, at least 12 wanted");
});

Deno.test("describeAH() words the fields as Wireshark does, behind IPv6 too", () => {
  const fields = linesOf(describeAH(bytes(GOOD[1][0]), GOOD[1][1]));
  assertEquals(fields, [
    "Next header: TCP (6)",
    "Length: 4 (24 bytes)",
    "Reserved: 0xabcd",
    "AH SPI: 0xffffffff",
    "AH Sequence: 2147483648",
    "AH ICV: 000102030405060708090a0b",
  ]);
  const packet = buildPacket(
    ipv6({
      source: "2001:db8::1",
      destination: "2001:db8::2",
      extensionHeaders: [{
        kind: "authentication",
        data: bytes(GOOD[1][0]).subarray(2, 24),
      }],
    }),
    tcp(PORTS),
  );
  const lines = linesOf(describeIPv6(packet, decodeIPv6(packet).header));
  assertEquals(lines.slice(-4), fields.slice(2).map((line) => `  ${line}`));
});

Deno.test("checksums behind ah() cover the addresses before it", () => {
  const packet = buildPacket(ipv4(ENDS), ah({ spi: 1 }), udp(PORTS), "Hi");
  const { layers, problems } = dissect(packet);
  assertEquals(problems, []);
  assertEquals(layers.map(({ protocol }) => protocol), [
    "ipv4",
    "ah",
    "udp",
    "data",
  ]);
  const twice = buildPacket(ipv4(ENDS), ah(), ah(), tcp(PORTS));
  assertEquals(dissect(twice).problems, []);
  twice[12] ^= 1;
  assertEquals(
    dissect(twice).problems.map(({ layer }) => layer),
    ["ipv4", "tcp"],
  );
  const tunnel = buildPacket(ipv4(ENDS), ah(), ipv4(ENDS), udp(PORTS));
  assertEquals(dissect(tunnel).problems, []);
  assertThrows(
    () => buildPacket(ipv4(ENDS), ah(), "Hi"),
    TypeError,
    "AH nextHeader cannot be computed: the next layer is not a known " +
      "protocol, so give ah({ nextHeader: … })",
  );
});

Deno.test("a packet with an Authentication Header in one line, as tcpdump's", () => {
  const line = (...layers: (PacketLayer | string)[]) => {
    const packet = buildPacket(...layers);
    return summarizePacket({
      bytes: packet,
      originalLength: packet.length,
      linkType: LINK_TYPE_RAW,
    });
  };
  const head = ah({ spi: 100, sequence: 7, icv: bytes("1111") });
  const start = "IP 192.0.2.1 > 192.0.2.2: " +
    "AH(spi=0x00000064,seq=0x7,icv=0x11110000): ";
  assertEquals(
    line(ipv4(ENDS), head, udp(PORTS), "hello"),
    `${start}7 > 9: UDP, length 5`,
  );
  assertEquals(
    line(ipv4(ENDS), head, ipv4(ENDS), udp(PORTS), "hello"),
    `${start}IP 192.0.2.1.7 > 192.0.2.2.9: UDP, length 5`,
  );
  assertEquals(
    line(ipv4(ENDS), ah({ nextHeader: 253 }), "hello"),
    "IP 192.0.2.1 > 192.0.2.2: AH(spi=0x00000000,seq=0x0,icv=0x): " +
      "ip-proto-253 5",
  );
});

Deno.test("decodeAH() of 20,000 inputs", () => {
  assertFuzz(codec, GOOD.map(([hex]) => hex), 4302);
});
