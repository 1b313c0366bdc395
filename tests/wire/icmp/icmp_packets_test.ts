import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { icmpv6 } from "../../../lib/wire/icmp/icmpv6_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { assert, assertEquals } from "@std/assert";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import { encodeICMPv6 } from "../../../lib/wire/icmp/icmpv6.ts";
import { decodeNDPOptions } from "../../../lib/wire/icmp/ndp_options.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";
import { linesOf } from "../field_checks.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

const ADDRESSES = { source: "2001:db8::1", destination: "2001:db8::2" };
const SOURCE = "20010db8000000000000000000000001";
const DESTINATION = "20010db8000000000000000000000002";

/**
 * Packet 1 of icmp6-sample.pcap of python-libtrace (2014), put together from
 * what its test prints: message, checksum and source. The checksum 0xc165 bears
 * out the destination and the length; class, label and hop limit are as RFC
 * 4861 has them.
 */
const CAPTURED = "6000000000203aff" +
  "fe800000000000000215c7fffe568000" + "ff0200000000000000000001ff000251" +
  "8700c165000000002404013800000002" + "00000000000002510101" + "0015c7568000";

Deno.test("dissect() of a captured neighbor solicitation", () => {
  const packet = bytes(CAPTURED);
  const { layers, problems } = dissect(packet);
  assertEquals(problems, []);
  assertEquals(layers.map(({ protocol }) => protocol), ["ipv6", "icmpv6"]);
  assert(layers[1].protocol === "icmpv6");
  const { header } = layers[1];
  assert(header.kind === "neighborSolicitation");
  assertEquals(header.target, "2404:138:0:2::251");
  assertEquals(
    decodeNDPOptions(header.options).options.map(({ option }) => option),
    [{ kind: "sourceLinkLayerAddress", address: bytes("0015c7568000") }],
  );
  assertEquals(linesOf(describeLayer(packet, layers[1]).fields), [
    "Type: 135 (Neighbor solicitation)",
    "Code: 0",
    "Checksum: 0xc165 [correct]",
    "Reserved: 0x00000000",
    "Target Address: 2404:138:0:2::251",
    "ICMPv6 Option: Source link-layer address : 00:15:c7:56:80:00",
  ]);
});

Deno.test("buildPacket() computes ICMPv6's checksum over the addresses outside", () => {
  const echo = icmpv6({
    kind: "echoRequest",
    identifier: 0x1234,
    sequence: 1,
  });
  // scapy 2.5.0
  assertEquals(
    buildPacket(ipv6(ADDRESSES), echo, "abc").toHex(),
    bytes(
      `60000000 000b 3a 40 ${SOURCE}${DESTINATION} 8000 4dad 1234 0001 616263`,
    ).toHex(),
  );
  // Without an IPv6 layer directly outside, Linux computes it.
  assertEquals(
    buildPacket(echo, "abc").toHex(),
    bytes("8000 0000 1234 0001 616263").toHex(),
  );
});

Deno.test("buildPacket() and dissect() reach through routing headers", () => {
  // The final destination, not the next, is what RFC 8200 §8.1 demands.
  const packet = buildPacket(
    ipv6({
      ...ADDRESSES,
      extensionHeaders: [{
        kind: "routing",
        routingType: 0,
        segmentsLeft: 1,
        data: bytes("0000000020010db8000000000000000000000009"),
      }],
    }),
    icmpv6({ kind: "echoRequest", identifier: 1, sequence: 2 }),
    "x",
  );
  // scapy 2.5.0
  assertEquals(packet.subarray(64).toHex(), "8000ac3c0001000278");
  assertEquals(dissect(packet).problems, []);
});

Deno.test("buildPacket() and dissect() of errors that quote packets, and of tunnels", () => {
  const cases: [packet: Uint8Array, protocols: string[]][] = [
    [
      buildPacket(
        ipv4({ source: "192.0.2.2", destination: "192.0.2.1" }),
        icmpv4({ kind: "destinationUnreachable", code: 3 }),
        ipv4({ source: "192.0.2.1", destination: "192.0.2.2", protocol: 17 }),
        bytes("30399c400008af60"),
      ),
      ["ipv4", "icmpv4"],
    ],
    [
      buildPacket(
        ipv4({ source: "192.0.2.2", destination: "192.0.2.1" }),
        icmpv4({ kind: "echoReply", identifier: 1, sequence: 2 }),
        "Hello",
      ),
      ["ipv4", "icmpv4", "data"],
    ],
    [
      buildPacket(
        ipv6(ADDRESSES),
        icmpv6({ kind: "packetTooBig", mtu: 1280 }),
        ipv6({ source: "2001:db8::2", destination: "2001:db8::1" }),
        icmpv6({ kind: "echoRequest" }),
      ),
      ["ipv6", "icmpv6"],
    ],
    [
      buildPacket(
        ipv4({ source: "192.0.2.2", destination: "192.0.2.1" }),
        ipv6(ADDRESSES),
        icmpv6({ kind: "echoRequest" }),
      ),
      ["ipv4", "ipv6", "icmpv6"],
    ],
    [
      buildPacket(
        ipv6(ADDRESSES),
        ipv4({ source: "192.0.2.2", destination: "192.0.2.1" }),
        icmpv4({ kind: "echoRequest" }),
      ),
      ["ipv6", "ipv4", "icmpv4"],
    ],
  ];
  for (const [packet, protocols] of cases) {
    // Padding of a short Ethernet frame is nobody's.
    const padded = new Uint8Array(packet.length + 6);
    padded.set(packet);
    for (const octets of [packet, padded]) {
      const { layers, problems } = dissect(octets);
      assertEquals(layers.map(({ protocol }) => protocol), protocols);
      assertEquals(problems, []);
      for (const layer of layers) {
        if (layer.protocol !== "data") {
          const { fields } = describeLayer(octets, layer);
          const checksum = fields.find(({ name }) => name === "checksum");
          assert(checksum === undefined || /\[correct\]$/.test(checksum.text));
        }
      }
    }
  }
});

Deno.test("dissect() does not judge the checksum of a first fragment", () => {
  const whole = buildPacket(
    ipv4({ source: "192.0.2.2", destination: "192.0.2.1" }),
    icmpv4({ kind: "echoRequest" }),
    "x".repeat(40),
  );
  const fragments = [
    buildPacket(
      ipv4({
        source: "192.0.2.2",
        destination: "192.0.2.1",
        protocol: 1,
        moreFragments: true,
      }),
      whole.subarray(20, 44),
    ),
    buildPacket(
      ipv6({
        ...ADDRESSES,
        protocol: 58,
        extensionHeaders: [{ kind: "fragment", moreFragments: true }],
      }),
      encodeICMPv6({ kind: "echoRequest", checksum: 0x1234 }),
    ),
  ];
  for (const packet of fragments) {
    const { layers, problems } = dissect(packet);
    assertEquals(problems, []);
    assertEquals(layers[1].outside, undefined);
    const { fields } = describeLayer(packet, layers[1]);
    assert(fields[2].text.endsWith("[unverified]"));
  }
  const later = buildPacket(
    ipv6({
      ...ADDRESSES,
      protocol: 58,
      extensionHeaders: [{ kind: "fragment", fragmentOffset: 8 }],
    }),
    "12345678",
  );
  assertEquals(
    dissect(later).layers.map(({ protocol }) => protocol),
    ["ipv6", "data"],
  );
});

Deno.test("dissect() keeps what precedes an ICMP message that is cut short", () => {
  const packet = buildPacket(
    ipv6({ ...ADDRESSES, protocol: 58 }),
    bytes("8700 0000 0000"),
  );
  const { layers, problems } = dissect(packet);
  assertEquals(layers.map(({ protocol }) => protocol), ["ipv6", "data"]);
  assertEquals(problems, [{
    layer: "icmpv6",
    field: "message",
    offset: 46,
    reason: "ends after 6 octets, at least 24 wanted",
  }]);
});

Deno.test("dissect() never throws, whatever the octets", () => {
  const random = seededRandom(0xd155ec7);
  for (let i = 0; i < 5000; i++) {
    const octets = randomBytes(random, randomInt(random, 0, 120));
    octets[0] = i % 2 === 0 ? 0x45 : 0x60;
    octets[i % 2 === 0 ? 9 : 6] = [1, 4, 41, 58, 0, 43, 44, 60][i % 8];
    const { layers } = dissect(octets);
    for (const layer of layers) describeLayer(octets, layer);
  }
});

Deno.test("buildPacket() puts layers inside a neighbor message behind its options", () => {
  const message = icmpv6({
    kind: "routerSolicitation",
    options: bytes("0101020000000001"),
  });
  assertEquals(
    buildPacket(message, bytes("05010000000005dc")).toHex(),
    "8500000000000000" + "0101020000000001" + "05010000000005dc",
  );
});
