import { assertEquals, assertThrows } from "@std/assert";
import { ethernet } from "../../../lib/wire/link/ethernet_protocol.ts";
import { LINK_TYPE_ETHERNET } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect, headersOf } from "../../../lib/wire/packet/dissect.ts";
import {
  type ARPMessage,
  decodeARP,
  encodeARP,
} from "../../../lib/wire/link/arp.ts";
import {
  ARP,
  arp,
  checkARP,
  describeARP,
} from "../../../lib/wire/link/arp_protocol.ts";
import {
  assertFuzz,
  assertPrefixes,
  assertRanges,
  assertRoundTrip,
  type Codec,
} from "../codec_checks.ts";
import { linesOf } from "../field_checks.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);

const codec: Codec<ARPMessage> = {
  decode(octets) {
    const { header, headerLength } = decodeARP(octets);
    const trailer = octets.subarray(headerLength);
    return { header, payload: new Uint8Array(), trailer };
  },
  encode: encodeARP,
  describe: describeARP,
  check: (octets) => checkARP(octets, decodeARP(octets)),
};

/** Of the Wireshark wiki's sample captures: the first of arp-storm.pcap. */
const ARP_STORM = "000108000604000100070daff45418a6ac01" +
  "00000000000018a6ad9f";

/** Octets, and the message that they are. */
const GOOD: [hex: string, message: ARPMessage][] = [
  [ARP_STORM, {
    kind: "ethernetIPv4",
    hardwareType: 1,
    protocolType: 0x0800,
    hardwareLength: 6,
    protocolLength: 4,
    operation: 1,
    senderHardwareAddress: "00:07:0d:af:f4:54",
    senderProtocolAddress: "24.166.172.1",
    targetHardwareAddress: "00:00:00:00:00:00",
    targetProtocolAddress: "24.166.173.159",
  }],
  ["0006080006040002" + "020000000002c0000202" + "020000000001c0000201", {
    kind: "ethernetIPv4",
    hardwareType: 6,
    protocolType: 0x0800,
    hardwareLength: 6,
    protocolLength: 4,
    operation: 2,
    senderHardwareAddress: "02:00:00:00:00:02",
    senderProtocolAddress: "192.0.2.2",
    targetHardwareAddress: "02:00:00:00:00:01",
    targetProtocolAddress: "192.0.2.1",
  }],
  ["0001080002010009" + "0a0b01" + "0c0d02", {
    kind: "other",
    hardwareType: 1,
    protocolType: 0x0800,
    hardwareLength: 2,
    protocolLength: 1,
    operation: 9,
    addresses: bytes("0a0b010c0d02"),
  }],
  ["ffff123400000000", {
    kind: "other",
    hardwareType: 0xffff,
    protocolType: 0x1234,
    hardwareLength: 0,
    protocolLength: 0,
    operation: 0,
    addresses: bytes(""),
  }],
  // The sizes of Ethernet and IPv4, but something else.
  ["0020080006040001" + "00".repeat(20), {
    kind: "other",
    hardwareType: 32,
    protocolType: 0x0800,
    hardwareLength: 6,
    protocolLength: 4,
    operation: 1,
    addresses: new Uint8Array(20),
  }],
];

Deno.test("encodeARP() and decodeARP() of messages about any addresses", () => {
  for (const [hex, message] of GOOD) assertRoundTrip(codec, hex, message, "");
});

Deno.test("encodeARP() takes a message without a kind for Ethernet and IPv4", () => {
  const octets = encodeARP({
    operation: 1,
    senderHardwareAddress: "00:07:0d:af:f4:54",
    senderProtocolAddress: "24.166.172.1",
    targetProtocolAddress: "24.166.173.159",
  });
  assertEquals(octets.toHex(), ARP_STORM);
});

Deno.test("decodeARP() leaves padding, and throws on every truncated prefix", () => {
  const padded = bytes(ARP_STORM + "06010400");
  assertEquals(decodeARP(padded).header, GOOD[0][1]);
  for (const [hex] of GOOD) assertPrefixes(codec, hex, hex.length / 2);
});

Deno.test("encodeARP() refuses what does not fit", () => {
  const zero: ARPMessage = {
    kind: "other",
    hardwareType: 0,
    protocolType: 0,
    hardwareLength: 0,
    protocolLength: 0,
    operation: 0,
    addresses: new Uint8Array(4),
  };
  assertRanges("ARP", (changed) => encodeARP({ ...zero, ...changed }), [
    ["hardwareType", 0, 16],
    ["protocolType", 16, 16],
    ["hardwareLength", 32, 8],
    ["protocolLength", 40, 8],
    ["operation", 48, 16],
  ]);
  const [, sound] = GOOD[0];
  const bad: [object, string][] = [
    [{ senderHardwareAddress: "02:00" }, "not a MAC address"],
    [{ targetHardwareAddress: "" }, "not a MAC address"],
    [{ senderProtocolAddress: "1.1" }, "not an IPv4 address"],
    [{ targetProtocolAddress: "::1" }, "not an IPv4 address"],
  ];
  for (const [changed, message] of bad) {
    const fields = { ...sound, ...changed } as ARPMessage;
    assertThrows(() => encodeARP(fields), RangeError, message);
  }
  assertThrows(
    () => encodeARP({ ...zero, addresses: new Uint8Array(1021) }),
    RangeError,
    "ARP addresses, in octets, must be a whole number from 0 to 1020",
  );
});

Deno.test("describeARP() words a message as Wireshark does", () => {
  assertEquals(linesOf(describeARP(bytes(GOOD[0][0]), GOOD[0][1])), [
    "Hardware type: Ethernet (1)",
    "Protocol type: IPv4 (0x0800)",
    "Hardware size: 6",
    "Protocol size: 4",
    "Opcode: request (1)",
    "Sender MAC address: 00:07:0d:af:f4:54",
    "Sender IP address: 24.166.172.1",
    "Target MAC address: 00:00:00:00:00:00",
    "Target IP address: 24.166.173.159",
  ]);
  assertEquals(
    GOOD.slice(1, 4).map(([, message]) => ARP.title(message, 0)),
    [
      "Address Resolution Protocol (reply)",
      "Address Resolution Protocol (inverse reply)",
      "Address Resolution Protocol",
    ],
  );
});

Deno.test("checkARP() wants a single sender", () => {
  const [, sound] = GOOD[0];
  const senderHardwareAddress = "01:00:5e:00:00:01";
  const message = { ...sound, senderHardwareAddress } as ARPMessage;
  const check = (message: ARPMessage) => {
    const octets = encodeARP(message);
    return checkARP(octets, decodeARP(octets));
  };
  assertEquals(check(sound), []);
  assertEquals(check(message).map(({ offset }) => offset), [8]);
});

Deno.test("decodeARP() of 20,000 inputs", () => {
  assertFuzz(codec, GOOD.map(([hex]) => hex), 826);
});

Deno.test("arp() of RARP goes by its own EtherType, and is dissected", () => {
  for (const [operation, type] of [[1, 0x0806], [3, 0x8035], [4, 0x8035]]) {
    const frame = buildPacket(
      ethernet({}),
      arp({
        operation,
        senderProtocolAddress: "0.0.0.0",
        targetProtocolAddress: "0.0.0.0",
      }),
    );
    const dissection = dissect(frame, { linkType: LINK_TYPE_ETHERNET });
    const { ethernet: { typeOrLength } = {}, arp: message } = headersOf(
      dissection,
    );
    assertEquals([typeOrLength, message?.operation], [type, operation]);
    assertEquals(dissection.problems, []);
  }
});
