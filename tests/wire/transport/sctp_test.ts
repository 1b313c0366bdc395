import { assert, assertEquals, assertThrows } from "@std/assert";
import { runProgram } from "../../../lib/lab/command.ts";
import {
  encodePcapHeader,
  encodePcapRecord,
} from "../../../lib/capture/pcap.ts";
import { renderChecksums } from "../../../lib/render/packet/checksums.ts";
import { renderExplanation } from "../../../lib/render/packet/explain.ts";
import { summarizePacket } from "../../../lib/render/packet/packet_line.ts";
import { icmpv4 } from "../../../lib/wire/icmp/icmpv4_protocol.ts";
import { ipv4 } from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { packetFromJSON } from "../../../lib/wire/json/packet_from_json.ts";
import { packetToJSON } from "../../../lib/wire/json/packet_json.ts";
import { LINK_TYPE_RAW } from "../../../lib/wire/link_types.ts";
import { buildPacket } from "../../../lib/wire/packet/build.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import {
  decodeSCTP,
  encodeSCTP,
  type SCTPHeader,
} from "../../../lib/wire/transport/sctp.ts";
import {
  checkSCTP,
  describeSCTP,
  sctp,
} from "../../../lib/wire/transport/sctp_protocol.ts";
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
import { PACKETS } from "./sctp_packets.ts";

const OUTSIDE = { ...V4, length: 0 };
const bytes = (hex: string) => Uint8Array.fromHex(hex);

const codec: Codec<SCTPHeader> = {
  decode: decodeSCTP,
  encode: encodeSCTP,
  describe: (octets, header) => describeSCTP(octets, header, OUTSIDE),
  check: (octets) => checkSCTP(octets, decodeSCTP(octets), OUTSIDE),
};

const HEAD = { sourcePort: 5000, destinationPort: 7, verificationTag: 9 };
const HEX = "1388000700000009";

/** Octets, the header that they are, and what is behind its last chunk. */
const GOOD: [hex: string, header: SCTPHeader, payload: string][] = [
  [HEX + "12345678", { ...HEAD, checksum: 0x12345678, chunks: [] }, ""],
  [HEX + "12345678" + "0b010004" + "00030005aa010203", {
    ...HEAD,
    checksum: 0x12345678,
    chunks: [
      {
        type: 11,
        flags: 1,
        length: 4,
        value: bytes(""),
        padding: bytes(""),
      },
      {
        type: 0,
        flags: 3,
        length: 5,
        value: bytes("aa"),
        padding: bytes("010203"),
      },
    ],
  }, ""],
  // The last without its padding; a length that is none; one past the end.
  [HEX + "00000000" + "06000005" + "aa", {
    ...HEAD,
    checksum: 0,
    chunks: [{
      type: 6,
      flags: 0,
      length: 5,
      value: bytes("aa"),
      padding: bytes(""),
    }],
  }, ""],
  [
    HEX + "00000000" + "06000003",
    { ...HEAD, checksum: 0, chunks: [] },
    "06000003",
  ],
  [
    HEX + "00000000" + "06000006ff",
    { ...HEAD, checksum: 0, chunks: [] },
    "06000006ff",
  ],
];

Deno.test("encodeSCTP() and decodeSCTP() of each kind of list", () => {
  for (const [hex, header, payload] of GOOD) {
    assertRoundTrip(codec, hex, header, payload);
  }
  assertEquals(GOOD.map(([hex]) => decodeSCTP(bytes(hex)).missing), [
    ...[0, 0, 0, 0, 1],
  ]);
  assertPrefixes(codec, GOOD[0][0], 12);
});

Deno.test("encodeSCTP() refuses what does not fit", () => {
  const zero = { sourcePort: 0, destinationPort: 0, checksum: 0 };
  assertRanges("SCTP", (changed) => encodeSCTP({ ...zero, ...changed }), [
    ["sourcePort", 0, 16],
    ["destinationPort", 16, 16],
    ["verificationTag", 32, 32],
    ["checksum", 64, 32],
  ]);
  assertRanges(
    "SCTP",
    (changed) =>
      encodeSCTP({ ...zero, chunks: [{ type: 0, length: 0, ...changed }] }),
    [
      ["type", 96, 8, "chunk type"],
      ["flags", 104, 8, "chunk flags"],
      ["length", 112, 16, "chunk length"],
    ],
  );
  assertThrows(
    () =>
      encodeSCTP({
        ...zero,
        chunks: [{ type: 0, value: new Uint8Array(65_532) }],
      }),
    RangeError,
    "SCTP chunk, in octets, must be a whole number from 4 to 65535",
  );
});

Deno.test("checkSCTP() tells a wrong checksum, and what is no chunk", () => {
  const right = encodeSCTP({ ...HEAD, chunks: [{ type: 11 }] });
  assertEquals(codec.check(right), []);
  assertEquals(checkSCTP(bytes(GOOD[0][0]), decodeSCTP(bytes(GOOD[0][0]))), []);
  const reasons = (octets: Uint8Array) =>
    codec.check(octets).map(({ field, offset, reason }) =>
      `${field} at ${offset} ${reason}`
    );
  assertEquals(reasons(encodeSCTP(HEAD, bytes("0600"))), [
    "chunks at 12 end in 2 octets that are no chunk",
  ]);
  assertEquals(reasons(encodeSCTP(HEAD, bytes("0600000cff"))), [
    "chunks at 12 end in one of which 7 octets are missing",
  ]);
  right[15] ^= 1;
  const [fault] = reasons(right);
  assert(/^checksum at 8 0x\w{8} \[incorrect, should be 0x/.test(fault), fault);
});

Deno.test("describeSCTP() words a packet", () => {
  const packet = buildPacket(
    ipv4(V4),
    sctp({ ...HEAD, chunks: [{ type: 10, value: bytes("aabbcc") }] }),
  );
  const { layers } = dissect(packet);
  const { title, fields } = describeLayer(packet, layers[1]);
  assertEquals(
    title,
    "Stream Control Transmission Protocol, Src Port: 5000, Dst Port: 7",
  );
  assertEquals(linesOf(fields), [
    "Source Port: 5000",
    "Destination Port: 7",
    "Verification Tag: 0x00000009",
    `Checksum: 0x${packet.subarray(28, 32).toHex()} [correct]`,
    "Chunk: COOKIE ECHO (8 bytes)",
    "  Chunk Type: COOKIE ECHO (10)",
    "  Chunk Flags: 0x00",
    "  Chunk Length: 7",
    "  Chunk Value: (3 bytes)",
    "  Chunk Padding: (1 byte)",
  ]);
  assertEquals(
    linesOf(
      describeSCTP(packet.subarray(20), decodeSCTP(packet.subarray(20)).header),
    )
      .filter((line) => line.startsWith("Checksum")),
    [`Checksum: 0x${packet.subarray(28, 32).toHex()} [unverified]`],
  );
});

Deno.test("an error that quotes 8 octets of a packet tells its ports and tag", () => {
  const quoted = buildPacket(ipv4({ ...V4, totalLength: 52 }), sctp(HEAD));
  const packet = buildPacket(
    ipv4(V4),
    icmpv4({ kind: "timeExceeded" }),
    quoted.subarray(0, 28),
  );
  const lines = linesOf(describeLayer(packet, dissect(packet).layers[1]).fields)
    .map((line) => line.trim());
  assert(
    lines.includes("Payload: (8 bytes) SCTP, Src Port: 5000, Dst Port: 7"),
  );
  assert(lines.includes("Verification Tag: 0x00000009"));
  assert(!lines.some((line) => line.startsWith("Chunk")));
});

Deno.test("a packet of several chunks goes through JSON, a line and explanations", () => {
  const [, { bytes: packet, linkType }] = PACKETS.seeds;
  const plain = packetToJSON(packet, dissect(packet));
  assertEquals(packetFromJSON(JSON.parse(JSON.stringify(plain))), packet);
  const line = summarizePacket({
    bytes: packet,
    linkType,
    originalLength: packet.length,
  });
  assertEquals(
    line,
    "IP6 2001:db8::1.5000 > 2001:db8::2.7: sctp (1) [COOKIE ECHO] (2) [DATA]",
  );
  const explained = renderExplanation(packet, linkType).join("\n");
  assert(/Chunk: DATA \(\d+ bytes\)/.test(explained), explained);
  const checksum = renderChecksums(packet, dissect(packet));
  assertEquals(
    [checksum[0], checksum.at(-1)?.replace(/0x\w+/, "it")],
    [
      "Checksum of sctp: CRC-32C, its own field taken as 0",
      "  in the packet: it, as it should be",
    ],
  );
  packet[packet.length - 1] ^= 1;
  const wrong = renderChecksums(packet, dissect(packet)).at(-1) ?? "";
  assert(wrong.includes("it should be 0x"), wrong);
  packet[packet.length - 1] ^= 1;
});

await liveTest("an SCTP packet in a line is as tcpdump has it", [
  "tcpdump",
], async () => {
  const [{ bytes: packet, linkType }] = PACKETS.seeds;
  const path = await Deno.makeTempFile({ suffix: ".pcap" });
  try {
    const file = [
      encodePcapHeader(LINK_TYPE_RAW),
      encodePcapRecord({ timestampNs: 0n, bytes: packet }),
    ];
    await Deno.writeFile(path, await new Blob(file).bytes());
    const theirs = await runProgram("tcpdump", ["-tnr", path]);
    const ours = summarizePacket({
      bytes: packet,
      linkType,
      originalLength: packet.length,
    });
    assertEquals(ours, "IP 192.0.2.1.5000 > 192.0.2.2.7: sctp (1) [INIT]");
    // It goes on to tell what the chunk says.
    assert(theirs.startsWith(ours), theirs);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("decodeSCTP() of 20,000 inputs", () => {
  assertFuzz(codec, GOOD.map(([hex]) => hex), 9260);
});
