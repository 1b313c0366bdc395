import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  encodePcapHeader,
  encodePcapRecord,
} from "../../../lib/capture/pcap.ts";
import { runProgram } from "../../../lib/lab/command.ts";
import { renderChecksums } from "../../../lib/render/packet/checksums.ts";
import { renderExplanation } from "../../../lib/render/packet/explain.ts";
import { summarizePacket } from "../../../lib/render/packet/packet_line.ts";
import { PacketError } from "../../../lib/wire/errors.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { packetFromJSON } from "../../../lib/wire/json/packet_from_json.ts";
import { packetToJSON } from "../../../lib/wire/json/packet_json.ts";
import { LINK_TYPE_RAW } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import {
  decodeOSPF,
  encodeOSPF,
  type OSPFMessage,
} from "../../../lib/wire/routing/ospf.ts";
import {
  checkOSPF,
  describeOSPF,
  ospf,
} from "../../../lib/wire/routing/ospf_protocol.ts";
import { liveTest } from "../../live/live.ts";
import {
  assertFuzz,
  assertPrefixes,
  assertRanges,
  assertRoundTrip,
  type Codec,
} from "../codec_checks.ts";
import { linesOf } from "../field_checks.ts";
import { V4 } from "../protocol_packets.ts";
import { PACKETS } from "./ospf_packets.ts";

const OUTSIDE = { ...V4, length: 0 };
const bytes = (hex: string) => Uint8Array.fromHex(hex);

const codec: Codec<OSPFMessage> = {
  decode(octets) {
    const decoded = decodeOSPF(octets);
    const trailer = octets.subarray(decoded.header.packetLength);
    return { ...decoded, trailer };
  },
  encode: encodeOSPF,
  describe: (octets, message) => describeOSPF(octets, message, OUTSIDE),
  check: (octets) => checkOSPF(octets, decodeOSPF(octets), OUTSIDE),
};

const HEAD = {
  version: 2,
  routerId: "192.0.2.1",
  areaId: "0.0.0.7",
  checksum: 0x1234,
  authenticationType: 1,
  authentication: bytes("0102030405060708"),
};
const hex = (type: string, length: string) =>
  `02${type}${length}` + "c0000201" + "00000007" + "12340001" +
  "0102030405060708";
const HELLO = "ffff0000" + "000a" + "12" + "03" + "00000028" + "c0000202" +
  "c0000203";
const BODY = {
  kind: "hello" as const,
  networkMask: "255.255.0.0",
  helloInterval: 10,
  options: 0x12,
  routerPriority: 3,
  routerDeadInterval: 40,
  designatedRouter: "192.0.2.2",
  backupDesignatedRouter: "192.0.2.3",
};

/** Octets, the packet that they are, and its payload. */
const GOOD: [hex: string, message: OSPFMessage, payload: string][] = [
  [
    hex("01", "002c") + HELLO,
    { ...HEAD, ...BODY, type: 1, packetLength: 44, neighbors: [] },
    "",
  ],
  [hex("01", "0034") + HELLO + "c0000204c0000205", {
    ...HEAD,
    ...BODY,
    type: 1,
    packetLength: 52,
    neighbors: ["192.0.2.4", "192.0.2.5"],
  }, ""],
  // Half a neighbor, and one that the length promises.
  [
    hex("01", "0034") + HELLO + "c000",
    { ...HEAD, ...BODY, type: 1, packetLength: 52, neighbors: [] },
    "c000",
  ],
  [
    hex("04", "001a") + "aabb",
    { ...HEAD, kind: "other", type: 4, packetLength: 26 },
    "aabb",
  ],
];

Deno.test("encodeOSPF() and decodeOSPF() of each kind of packet", () => {
  for (const [hex, message, payload] of GOOD) {
    assertRoundTrip(codec, hex, message, payload);
  }
  assertEquals(GOOD.map(([hex]) => decodeOSPF(bytes(hex)).missing), [
    ...[0, 0, 6, 0],
  ]);
  assertPrefixes(codec, GOOD[3][0], 24);
});

Deno.test("decodeOSPF() refuses what cannot be read", () => {
  const BAD: [hex: string, message: string][] = [
    ["03" + GOOD[0][0].slice(2), "ospf version at octet 0: is 3: only 2"],
    [hex("04", "0017"), "packetLength at octet 2: is 23 octets, at least 24"],
    [hex("01", "002b") + HELLO, "is 43 octets, at least 44 wanted"],
    [hex("01", "002c") + HELLO.slice(2), "ends after 43 octets, at least 44"],
  ];
  for (const [hex, message] of BAD) {
    assertThrows(() => decodeOSPF(bytes(hex)), PacketError, message);
  }
});

Deno.test("encodeOSPF() refuses what does not fit", () => {
  const zero = {
    kind: "hello" as const,
    version: 0,
    type: 0,
    packetLength: 0,
    routerId: "0.0.0.0",
    checksum: 0,
    networkMask: "0.0.0.0",
    helloInterval: 0,
    options: 0,
    routerPriority: 0,
    routerDeadInterval: 0,
  };
  assertRanges("OSPF", (changed) => encodeOSPF({ ...zero, ...changed }), [
    ["version", 0, 8],
    ["type", 8, 8],
    ["packetLength", 16, 16],
    ["checksum", 96, 16],
    ["authenticationType", 112, 16],
    ["helloInterval", 224, 16],
    ["options", 240, 8],
    ["routerPriority", 248, 8],
    ["routerDeadInterval", 256, 32],
  ]);
  assertThrows(
    () => encodeOSPF({ ...zero, authentication: new Uint8Array(7) }),
    RangeError,
    "OSPF authentication, in octets, must be a whole number from 8 to 8",
  );
});

Deno.test("a Hello takes the defaults of RFC 2328, and its checksum leaves the password out", () => {
  const hello = (authentication: string) =>
    encodeOSPF({
      kind: "hello",
      routerId: "192.0.2.1",
      authenticationType: 1,
      authentication: bytes(authentication),
    });
  const { header } = decodeOSPF(hello("0000000000000000"));
  assert(header.kind === "hello");
  assertEquals(
    [header.areaId, header.helloInterval, header.routerDeadInterval],
    ["0.0.0.0", 10, 40],
  );
  assertEquals([header.packetLength, header.options], [44, 2]);
  const other = hello("ff00000000000001");
  assertEquals(decodeOSPF(other).header.checksum, header.checksum);
  assertEquals(codec.check(other), []);
  other[45 - 2] ^= 1;
  assertEquals(codec.check(other).map(({ field }) => field), ["checksum"]);
  assertEquals(checkOSPF(other, decodeOSPF(other)), []);
  // Cryptographic authentication makes the checksum superfluous (§D.4.3).
  const secret = encodeOSPF({
    kind: "hello",
    routerId: "192.0.2.1",
    authenticationType: 2,
  });
  assertEquals(decodeOSPF(secret).header.checksum, 0);
  assertEquals(codec.check(secret), []);
  assertEquals(codec.check(bytes(GOOD[2][0])).map(({ reason }) => reason), [
    "is 52 octets, of which 6 are missing",
  ]);
});

Deno.test("describeOSPF() words a Hello", () => {
  const octets = encodeOSPF({
    kind: "hello",
    routerId: "192.0.2.1",
    checksum: 1,
    neighbors: ["192.0.2.9"],
  });
  const { header } = decodeOSPF(octets);
  assertEquals(linesOf(codec.describe(octets, header)), [
    "Version: 2",
    "Message Type: Hello (1)",
    "Packet Length: 48",
    "Source OSPF Router: 192.0.2.1",
    "Area ID: 0.0.0.0 (Backbone)",
    "Checksum: 0x0001 [incorrect, should be 0x788f]",
    "Auth Type: Null (0)",
    "Auth Data: 0000000000000000",
    "Network Mask: 255.255.255.0",
    "Hello Interval [sec]: 10",
    "Options: 0x02",
    "Router Priority: 1",
    "Router Dead Interval [sec]: 40",
    "Designated Router: 0.0.0.0",
    "Backup Designated Router: 0.0.0.0",
    "Active Neighbor: 192.0.2.9",
  ]);
  assert(
    linesOf(describeOSPF(octets, header)).includes(
      "Checksum: 0x0001 [unverified]",
    ),
  );
  const secret = { ...header, authenticationType: 2, checksum: 0 };
  assert(
    linesOf(describeOSPF(octets, secret)).includes(
      "Checksum: 0x0000 [none, authentication is cryptographic]",
    ),
  );
});

Deno.test("every kind of packet goes through JSON and explanations", () => {
  for (const { bytes: packet, linkType } of PACKETS.seeds) {
    const dissection = dissect(packet);
    const { layers, problems } = dissection;
    assertEquals([layers[1].protocol, problems], ["ospf", []]);
    const plain = packetToJSON(packet, dissection);
    assertEquals(packetFromJSON(JSON.parse(JSON.stringify(plain))), packet);
    const explained = renderExplanation(packet, linkType);
    assert(explained.some((line) => line.includes("Source OSPF Router")));
    const checksums = renderChecksums(packet, dissection);
    assert(checksums.at(-1)?.endsWith("as it should be"), checksums.join("\n"));
  }
  // The calculation goes on behind the authentication.
  const [{ bytes: packet }] = PACKETS.seeds;
  const places = renderChecksums(packet, dissect(packet))
    .flatMap((line) => /^ +(\d+) {2}0x/.exec(line)?.[1] ?? []).map(Number);
  assert(places.includes(34) && places.includes(44));
  assert(!places.some((place) => place > 34 && place < 44), `${places}`);
});

await liveTest("OSPF in a line is as tcpdump has it", ["tcpdump"], async () => {
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  // The last is of no type that there is.
  const packets = PACKETS.seeds.slice(0, -1);
  try {
    const file = [
      encodePcapHeader(LINK_TYPE_RAW),
      ...packets.map(({ bytes }) =>
        encodePcapRecord({ timestampNs: 0n, bytes })
      ),
    ];
    await Deno.writeFile(path, await new Blob(file).bytes());
    const theirs = await runProgram("tcpdump", ["-tnr", path]);
    const ours = packets.map(({ bytes, linkType }) =>
      summarizePacket({ bytes, linkType, originalLength: bytes.length })
    );
    assertEquals(ours, theirs.trimEnd().split("\n"));
    assertEquals(ours[0], "IP 192.0.2.1 > 192.0.2.2: OSPFv2, Hello, length 52");
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("ospf() builds what dissect() reads", () => {
  const packet = buildPacket(
    ipv4({ source: "192.0.2.1", destination: "224.0.0.5", ttl: 1 }),
    ospf({ kind: "other", type: 5, routerId: "192.0.2.1" }),
    "Hi",
  );
  const { layers, problems } = dissect(packet);
  assertEquals(problems, []);
  assertEquals(
    layers.map(({ protocol, length }) => `${protocol}+${length}`),
    ["ipv4+20", "ospf+24", "data+2"],
  );
});

Deno.test("decodeOSPF() of 20,000 inputs", () => {
  assertFuzz(codec, GOOD.map(([hex]) => hex), 2328);
});
