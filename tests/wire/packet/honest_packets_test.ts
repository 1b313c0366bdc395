/**
 * Packets that honest hosts send, or have before their interface cuts them in
 * pieces, and that a reader by the letter of the header takes for wrong: no
 * problem is found in them, and tshark finds their checksums right.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { encodeIPv4Options } from "../../../lib/wire/ipv4/ipv4_options.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import type { IPv6ExtensionFields } from "../../../lib/wire/ipv6/ipv6_extensions.ts";
import { ipv6 } from "../../../lib/wire/ipv6/ipv6_protocol.ts";
import { packetFromJSON } from "../../../lib/wire/json/packet_from_json.ts";
import { packetToJSON } from "../../../lib/wire/json/packet_json.ts";
import { LINK_TYPE_RAW } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import { tcp } from "../../../lib/wire/transport/tcp_protocol.ts";
import { udp } from "../../../lib/wire/transport/udp.ts";
import { pseudoHeaderSum } from "../../../lib/wire/pseudo_header.ts";
import { internetChecksum } from "../../../lib/bytes/checksum.ts";
import { ah } from "../../../lib/wire/tunnel/ah.ts";
import { liveTest } from "../../live/live.ts";
import { readWithTshark } from "../tshark.ts";

const ENDS = { source: "192.0.2.1", destination: "192.0.2.2" };
const ENDS6 = { source: "2001:db8::1", destination: "2001:db8::2" };
const TCP = { sourcePort: 61_000, destinationPort: 61_001, ack: true };
const UDP = { sourcePort: 61_000, destinationPort: 61_001 };
const hex = (text: string) => Uint8Array.fromHex(text);

/** Of that many octets behind the IPv6 header (RFC 2675 §2). */
function jumbo(length: number): IPv6ExtensionFields {
  const option = hex(`c204${length.toString(16).padStart(8, "0")}`);
  return { kind: "hopByHop", data: option };
}

const BIG = new Uint8Array(70_000).map((_, i) => i);

/**
 * What each is, its layers, whom the checksum inside is from and for, and
 * whether tshark has a checksum to say something of.
 */
const PACKETS: readonly (readonly [
  name: string,
  packet: Uint8Array<ArrayBuffer>,
  layers: string,
  addresses: readonly [source: string, destination: string],
  hasTsharkNothing?: true,
])[] = [
  [
    "a source route with hops left",
    buildPacket(
      ipv4({
        ...ENDS,
        options: encodeIPv4Options([{
          kind: "strictSourceRoute",
          pointer: 8,
          addresses: ["192.0.2.7", "192.0.2.8", "192.0.2.9"],
        }]),
      }),
      tcp(TCP),
      "Hi",
    ),
    "ipv4 tcp data",
    ["192.0.2.1", "192.0.2.9"],
  ],
  [
    "a source route at its end",
    buildPacket(
      ipv4({
        ...ENDS,
        options: encodeIPv4Options([
          { kind: "noOperation" },
          {
            kind: "looseSourceRoute",
            pointer: 8,
            addresses: ["192.0.2.7"],
          },
        ]),
      }),
      udp(UDP),
      "Hi",
    ),
    "ipv4 udp data",
    ["192.0.2.1", "192.0.2.2"],
  ],
  [
    "an Authentication Header",
    buildPacket(ipv4(ENDS), ah({ spi: 1, icv: BIG.slice(0, 12) }), tcp(TCP)),
    "ipv4 ah tcp",
    ["192.0.2.1", "192.0.2.2"],
  ],
  [
    "a total length of 0",
    buildPacket(ipv4({ ...ENDS, totalLength: 0 }), tcp(TCP), BIG.slice(0, 9e3)),
    "ipv4 tcp data",
    ["192.0.2.1", "192.0.2.2"],
  ],
  [
    "a payload length of 0",
    buildPacket(ipv6({ ...ENDS6, payloadLength: 0 }), tcp(TCP), BIG.slice(9e3)),
    "ipv6 tcp data",
    ["2001:db8::1", "2001:db8::2"],
    true,
  ],
  [
    "a jumbogram",
    buildPacket(
      ipv6({ ...ENDS6, extensionHeaders: [jumbo(8 + 20 + BIG.length)] }),
      tcp(TCP),
      BIG,
    ),
    "ipv6 tcp data",
    ["2001:db8::1", "2001:db8::2"],
  ],
  [
    "a home address",
    buildPacket(
      ipv6({
        ...ENDS6,
        extensionHeaders: [{
          kind: "destinationOptions",
          data: hex("01020000" + "c910" + "20010db8" + "00".repeat(11) + "99"),
        }],
      }),
      udp(UDP),
      "Hi",
    ),
    "ipv6 udp data",
    ["2001:db8::99", "2001:db8::2"],
  ],
  [
    "a routing header of type 0",
    buildPacket(
      ipv6({
        ...ENDS6,
        extensionHeaders: [{
          kind: "routing",
          routingType: 0,
          segmentsLeft: 1,
          data: hex("00000000" + "20010db8" + "00".repeat(11) + "08"),
        }],
      }),
      udp(UDP),
      "Hi",
    ),
    "ipv6 udp data",
    ["2001:db8::1", "2001:db8::8"],
  ],
  [
    "a routing header of RPL, what its addresses share left out",
    buildPacket(
      ipv6({
        ...ENDS6,
        extensionHeaders: [{
          kind: "routing",
          routingType: 3,
          segmentsLeft: 2,
          data: hex("ef500000" + "0707" + "09" + "00".repeat(5)),
        }],
      }),
      udp(UDP),
      "Hi",
    ),
    "ipv6 udp data",
    ["2001:db8::1", "2001:db8::9"],
  ],
];

for (const [name, packet, layers, [source, destination]] of PACKETS) {
  Deno.test(`dissect() finds no problem with ${name}`, () => {
    const dissection = dissect(packet);
    assertEquals(dissection.problems, []);
    assertEquals(
      dissection.layers.map(({ protocol }) => protocol).join(" "),
      layers,
    );
    // Calculated from the octets alone.
    const upper = dissection.layers.find(({ protocol }) =>
      protocol === "tcp" || protocol === "udp"
    );
    assert(upper !== undefined);
    const octets = packet.subarray(upper.offset);
    const number = upper.protocol === "tcp" ? 6 : 17;
    const initial = pseudoHeaderSum(
      { source, destination },
      number,
      octets.length,
    );
    assertEquals(internetChecksum(octets, initial), 0);
    const described = packetToJSON(packet, dissection);
    assertEquals(packetFromJSON(described), packet);
  });
}

await liveTest(
  "tshark finds the checksums right where dissect() does",
  ["tshark"],
  async () => {
    const compared = PACKETS.filter((packet) => packet[4] === undefined);
    const fields = await readWithTshark(
      compared.map(([, packet]) => packet),
      LINK_TYPE_RAW,
      ["tcp.checksum.status", "udp.checksum.status"],
      ["tcp.check_checksum:TRUE", "udp.check_checksum:TRUE"],
    );
    assertEquals(
      fields.map((row, i) => [compared[i][0], Object.values(row).flat()]),
      compared.map(([name]) => [name, ["1"]]),
    );
  },
);

Deno.test("lengths of 0 are told to be of offloaded packets, and of jumbograms", () => {
  const text = (packet: Uint8Array, name: string) =>
    describeLayer(packet, dissect(packet).layers[0]).fields
      .find((field) => field.name === name)?.text;
  assertEquals(
    PACKETS.slice(3, 6).map(([, packet]) =>
      text(packet, packet[0] >>> 4 === 4 ? "totalLength" : "payloadLength")
    ),
    [
      "0 (presumed TSO: 9040 octets are here)",
      "0 (presumed TSO: 61020 octets are here)",
      "0 (jumbogram of 70028 octets)",
    ],
  );
  const empty = buildPacket(ipv6({ ...ENDS6, protocol: 59 }));
  assertEquals(text(empty, "payloadLength"), "0");
});

Deno.test("dissect() tells what is wrong with jumbograms, and goes on", () => {
  const problems = (length: number, payloadLength?: number, data = BIG) =>
    dissect(buildPacket(
      ipv6({ ...ENDS6, payloadLength, extensionHeaders: [jumbo(length)] }),
      tcp({ ...TCP, checksum: 0xdead }),
      data,
    )).problems.map(({ layer, field, reason }) => `${layer} ${field} ${reason}`)
      .filter((text) => !text.includes("checksum"));
  assertEquals(problems(70_028), []);
  assertEquals(problems(70_029), [
    "ipv6 payloadLength is 70029 octets, of which 1 are missing",
  ]);
  assertEquals(problems(48, undefined, new Uint8Array(20)), [
    "ipv6 extensionHeaders have a jumbo payload of 48 octets, 65536 or more " +
    "wanted",
  ]);
  assertEquals(problems(70_000, 48, new Uint8Array(20)), [
    "ipv6 extensionHeaders have a jumbo payload option beside a payload length",
  ]);
});

Deno.test("readers show the octets of headers that are none, and build them again", () => {
  const CASES: [packet: Uint8Array<ArrayBuffer>, problem: string][] = [
    [
      buildPacket(ipv4({ ...ENDS, version: 5 }), udp(UDP), "Hi"),
      "ipv4 version is 5, 4 wanted",
    ],
    [
      buildPacket(ipv4({ ...ENDS, totalLength: 19 }), udp(UDP), "Hi"),
      "ipv4 totalLength is 19 octets, less than the header's 20",
    ],
    [
      Uint8Array.of(...[2, 0, 0, 0], ...buildPacket(ipv6(ENDS6), udp(UDP))),
      "ipv4 version is 6, 4 wanted",
    ],
    [
      Uint8Array.of(
        ...[30, 0, 0, 0],
        ...buildPacket(ipv4({ ...ENDS, protocol: 253 }), BIG.slice(0, 50)),
      ),
      "ipv6 version is 4, 6 wanted",
    ],
  ];
  for (const [packet, problem] of CASES) {
    const linkType = packet[0] < 0x40 ? 0 : LINK_TYPE_RAW;
    const dissection = dissect(packet, { linkType });
    const { layer, field, reason } = dissection.problems[0];
    assertEquals(`${layer} ${field} ${reason}`, problem);
    assertEquals(dissection.problems.length, 1);
    // Where the header's own length is none, either, they are data.
    const names = dissection.layers.map(({ protocol }) => protocol)
      .filter((protocol) => protocol !== "loopback");
    const isLengthNone = problem.startsWith("ipv4 version is 6");
    assertEquals(names, isLengthNone ? ["data"] : [layer, "data"]);
    const described = packetToJSON(packet, dissection, { offsets: true });
    assertEquals(packetFromJSON(described), packet);
  }
});
