import { assert, assertEquals, assertThrows } from "@std/assert";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import {
  LINK_TYPE_ETHERNET,
  LINK_TYPE_IPV4,
  LINK_TYPE_IPV6,
  LINK_TYPE_LINUX_SLL,
  LINK_TYPE_LINUX_SLL2,
  LINK_TYPE_LOOP,
  LINK_TYPE_NULL,
  LINK_TYPE_RAW,
  linkTypeName,
} from "../../../lib/wire/link_types.ts";
import {
  decodeLinuxSLL,
  decodeLinuxSLL2,
  encodeLinuxSLL,
  encodeLinuxSLL2,
  type LinuxSLL2Header,
  type LinuxSLLHeader,
} from "../../../lib/wire/link/linux_cooked.ts";
import {
  describeLinuxSLL,
  describeLinuxSLL2,
} from "../../../lib/wire/link/linux_cooked_protocol.ts";
import { sll as sllLayer } from "../../../lib/wire/link/linux_cooked_protocol.ts";
import type { LLCHeader } from "../../../lib/wire/link/llc.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import {
  checkLoopback,
  decodeLoopback,
  describeLoopback,
  encodeLoopback,
  type LoopbackHeader,
} from "../../../lib/wire/link/loopback.ts";
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

const sll: Codec<LinuxSLLHeader> = {
  decode: decodeLinuxSLL,
  encode: encodeLinuxSLL,
  describe: describeLinuxSLL,
  check: () => [],
};
const sll2: Codec<LinuxSLL2Header> = {
  decode: decodeLinuxSLL2,
  encode: encodeLinuxSLL2,
  describe: describeLinuxSLL2,
  check: () => [],
};
const loopback: Codec<LoopbackHeader> = {
  decode: decodeLoopback,
  encode: encodeLoopback,
  describe: describeLoopback,
  check: (octets) => checkLoopback(octets, decodeLoopback(octets)),
};

const SLL = "000400010006" + "0200000000010000" + "0800";
const SLL2 = "86ddffff" + "00000002" + "0304" + "0006" + "0000000000000000";
/** "Hi", as the third seed's receiver captured it. */
const HI = "4500001636dd000080fdfea701010164010101014869";

Deno.test("encodeLinuxSLL() and decodeLinuxSLL() of known octets", () => {
  assertRoundTrip(sll, SLL + "4869", {
    packetType: 4,
    hardwareType: 1,
    addressLength: 6,
    address: bytes("0200000000010000"),
    protocol: 0x0800,
  }, "4869");
  assertRoundTrip(sll2, SLL2 + "4869", {
    protocol: 0x86dd,
    reserved: 0xffff,
    interfaceIndex: 2,
    hardwareType: 772,
    packetType: 0,
    addressLength: 6,
    address: new Uint8Array(8),
  }, "4869");
  assertPrefixes(sll, SLL + "4869", 16);
  assertPrefixes(sll2, SLL2 + "4869", 20);
});

/** What stands behind a header of protocol 4, the LLC header, the payload. */
const LOGICAL_LINKS: [
  hex: string,
  llc: LLCHeader | undefined,
  payload: string,
][] = [
  [
    "424203" + "00".repeat(35),
    { dsap: 0x42, ssap: 0x42, control: 3 },
    "00"
      .repeat(35),
  ],
  ["f0f00102" + "aa", { dsap: 0xf0, ssap: 0xf0, control: 0x0102 }, "aa"],
  ["aaaa03" + "000000" + "0800" + "45", {
    dsap: 0xaa,
    ssap: 0xaa,
    control: 3,
    snap: { oui: 0, protocol: 0x0800 },
  }, "45"],
  ["4242", undefined, "4242"],
];

Deno.test("cooked headers before LLC are of both versions, and are read further", () => {
  const address = "0200000000010000";
  for (const [hex, llc, payload] of LOGICAL_LINKS) {
    const common = {
      packetType: 2,
      hardwareType: 1,
      addressLength: 6,
      address: bytes(address),
      protocol: 4,
      ...(llc === undefined ? {} : { llc }),
    };
    const v1 = `000200010006${address}0004`;
    const v2 = `00040000000000020001${"0206"}${address}`;
    assertRoundTrip(sll, v1 + hex, common, payload);
    const v2Header = { ...common, reserved: 0, interfaceIndex: 2 };
    assertRoundTrip(sll2, v2 + hex, v2Header, payload);
    const { protocol: _, ...withoutProtocol } = common;
    if (llc === undefined) continue;
    const built = buildPacket(sllLayer(withoutProtocol), bytes(payload));
    assertEquals(built.toHex(), v1 + hex);
  }
  const packet = buildPacket(ipv4({ destination: "192.0.2.2", protocol: 253 }));
  const snap = bytes(`000200010006${address}0004aaaa030000000800`);
  const dissection = dissect(
    Uint8Array.of(...snap, ...packet),
    { linkType: LINK_TYPE_LINUX_SLL },
  );
  assertEquals(
    dissection.layers.map(({ protocol, length }) => `${protocol} ${length}`),
    ["sll 24", "ipv4 20"],
  );
});

Deno.test("encodeLinuxSLL() and encodeLinuxSLL2() refuse what does not fit", () => {
  const zero = {
    packetType: 0,
    hardwareType: 0,
    addressLength: 0,
    address: new Uint8Array(8),
    protocol: 0,
  };
  assertRanges(
    "Linux cooked",
    (changed) => encodeLinuxSLL({ ...zero, ...changed }),
    [
      ["packetType", 0, 16],
      ["hardwareType", 16, 16],
      ["addressLength", 32, 16],
      ["protocol", 112, 16],
    ],
  );
  const zero2 = { ...zero, reserved: 0, interfaceIndex: 0 };
  assertRanges(
    "Linux cooked",
    (changed) => encodeLinuxSLL2({ ...zero2, ...changed }),
    [
      ["protocol", 0, 16],
      ["reserved", 16, 16],
      ["interfaceIndex", 32, 32],
      ["hardwareType", 64, 16],
      ["packetType", 80, 8],
      ["addressLength", 88, 8],
    ],
  );
  const address = new Uint8Array(6);
  for (const encode of [encodeLinuxSLL, encodeLinuxSLL2]) {
    assertThrows(
      () => encode({ ...zero2, address }),
      RangeError,
      "must be 8 octets long, but is 6",
    );
  }
});

Deno.test("describeLinuxSLL() and describeLinuxSLL2() word headers as Wireshark does", () => {
  assertEquals(
    linesOf(sll.describe(bytes(SLL), decodeLinuxSLL(bytes(SLL)).header)),
    [
      "Packet type: Sent by us (4)",
      "Link-layer address type: Ethernet (1)",
      "Link-layer address length: 6",
      "Source: 02:00:00:00:00:01",
      "Protocol: IPv4 (0x0800)",
    ],
  );
  assertEquals(
    linesOf(sll2.describe(bytes(SLL2), decodeLinuxSLL2(bytes(SLL2)).header))
      .slice(0, 5),
    [
      "Protocol: IPv6 (0x86dd)",
      "Reserved: 65535",
      "Interface index: 2",
      "Link-layer address type: Loopback (772)",
      "Packet type: Unicast to us (0)",
    ],
  );
});

/** Octets, what they say, and that in words. */
const FAMILIES: [hex: string, header: LoopbackHeader, text: string][] = [
  ["02000000", { family: 2, littleEndian: true }, "IP (2)"],
  ["00000002", { family: 2, littleEndian: false }, "IP (2)"],
  ["1e000000", { family: 30, littleEndian: true }, "IPv6 (macOS) (30)"],
  ["0000001c", { family: 28, littleEndian: false }, "IPv6 (FreeBSD) (28)"],
  [
    "18000000",
    { family: 24, littleEndian: true },
    "IPv6 (NetBSD, OpenBSD) (24)",
  ],
  ["17000000", { family: 23, littleEndian: true }, "IPv6 (Windows) (23)"],
  ["0a000000", { family: 10, littleEndian: true }, "IPv6 (Linux) (10)"],
  ["00000000", { family: 0, littleEndian: false }, "Unknown (0)"],
  ["0000ffff", { family: 0xffff, littleEndian: false }, "Unknown (65535)"],
  [
    "01020304",
    { family: 0x04030201, littleEndian: true },
    "Unknown (67305985)",
  ],
];

Deno.test("decodeLoopback() tells families and byte order", () => {
  for (const [hex, header, text] of FAMILIES) {
    assertRoundTrip(loopback, hex + "45", header, "45");
    assertPrefixes(loopback, hex + "45", 4);
    assertEquals(loopback.describe(bytes(hex), header)[0].text, text);
  }
  assertRanges(
    "loopback",
    (changed) => encodeLoopback({ family: 0, littleEndian: false, ...changed }),
    [["family", 0, 32]],
  );
  const octets = encodeLoopback({ family: 0x0102_0304, littleEndian: true });
  assertEquals(loopback.check(octets).length, 1);
});

Deno.test("decodeLinuxSLL(), decodeLinuxSLL2() and decodeLoopback() of 20,000 inputs each", () => {
  assertFuzz(sll, [SLL + "4869"], 113);
  assertFuzz(sll2, [SLL2 + "4869"], 276);
  assertFuzz(loopback, FAMILIES.map(([hex]) => hex), 108);
});

const IPV6 = "6000000000003b40" + "0".repeat(31) + "1" + "0".repeat(31) + "1";

/** The link type, what is before an IP header, and the layers. */
const STARTS: [linkType: number, hex: string, layers: string][] = [
  [LINK_TYPE_RAW, HI, "ipv4 data"],
  [LINK_TYPE_RAW, IPV6, "ipv6"],
  [LINK_TYPE_IPV4, HI, "ipv4 data"],
  [LINK_TYPE_IPV6, IPV6, "ipv6"],
  [LINK_TYPE_ETHERNET, "00".repeat(12) + "0800" + HI, "ethernet ipv4 data"],
  [LINK_TYPE_LINUX_SLL, SLL + HI, "sll ipv4 data"],
  [LINK_TYPE_LINUX_SLL2, SLL2 + IPV6, "sll2 ipv6"],
  [LINK_TYPE_NULL, "02000000" + HI, "loopback ipv4 data"],
  [LINK_TYPE_LOOP, "00000018" + IPV6, "loopback ipv6"],
  [LINK_TYPE_NULL, "07000000" + HI, "loopback data"],
];

Deno.test("dissect() begins with the link type", () => {
  for (const [linkType, hex, layers] of STARTS) {
    const found = dissect(bytes(hex), { linkType });
    const names = found.layers.map(({ protocol }) => protocol).join(" ");
    assertEquals([names, found.problems], [layers, []], linkTypeName(linkType));
  }
});

Deno.test("dissect() of a wrong or unknown link type keeps the octets", () => {
  assertEquals(dissect(bytes(HI), { linkType: 147 }), {
    layers: [{ protocol: "data", offset: 0, length: 22 }],
    problems: [{
      layer: "link",
      field: "linkType",
      offset: 0,
      reason: "147 is not known",
    }],
  });
  assertEquals(
    dissect(bytes(HI), { linkType: LINK_TYPE_IPV6 }).problems[0].field,
    "header",
  );
  assertEquals(linkTypeName(147), undefined);
});

Deno.test("dissect() of 20,000 inputs of every link type neither throws nor reads beyond", () => {
  const random = seededRandom(20_000);
  const linkTypes = [...new Set(STARTS.map(([linkType]) => linkType))];
  for (let i = 0; i < 20_000; i++) {
    const [linkType, hex] = randomOf(random, STARTS);
    const octets = bytes(hex + randomBytes(random, 40).toHex())
      .slice(0, randomInt(random, 0, hex.length / 2 + 40));
    for (let n = randomInt(random, 0, 6); n > 0 && octets.length > 0; n--) {
      octets[randomInt(random, 0, octets.length - 1)] = randomInt(
        random,
        0,
        255,
      );
    }
    const before = octets.toHex();
    for (const type of i % 4 === 0 ? linkTypes : [linkType]) {
      const { layers, problems } = dissect(octets, { linkType: type });
      let end = 0;
      for (const layer of layers) {
        assertEquals(layer.offset, end);
        end += layer.length;
        describeLayer(octets, layer);
      }
      assert(end <= octets.length && layers.length <= 17);
      for (const { offset } of problems) assert(offset <= octets.length);
    }
    assertEquals(octets.toHex(), before, "its input is unchanged");
  }
});
