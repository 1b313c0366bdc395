import { assert, assertEquals } from "@std/assert";
import type { Field } from "../../../lib/wire/field.ts";
import {
  decodeIPv4,
  encodeIPv4,
  type IPv4Fields,
} from "../../../lib/wire/ipv4/ipv4.ts";
import {
  checkIPv4,
  describeIPv4,
} from "../../../lib/wire/ipv4/ipv4_protocol.ts";
import { parseIPv4 } from "../../../lib/wire/address.ts";
import { randomBytes, randomInt, seededRandom } from "../../random.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex);

/** A sound header; tables change some of its fields. */
const SOUND: IPv4Fields = {
  source: "192.0.2.1",
  destination: "203.0.113.255",
  protocol: 253,
};

function describe(packet: Uint8Array): Field[] {
  return describeIPv4(packet, decodeIPv4(packet).header);
}

/** Fields without parts, and the parts of the others. */
function leaves(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => field.parts ? leaves(field.parts) : [field]);
}

/** The bits of a field as a number, read without the code under test. */
function bitsAt(packet: Uint8Array, { bitOffset, bitWidth }: Field): number {
  const bits = [...packet].map((octet) => octet.toString(2).padStart(8, "0"));
  return parseInt(bits.join("").slice(bitOffset, bitOffset + bitWidth), 2);
}

/** What `checkIPv4` says, a line each. */
function problemsOf(packet: Uint8Array): string[] {
  return checkIPv4(packet, decodeIPv4(packet)).map((problem) =>
    `${problem.layer} ${problem.field}@${problem.offset}: ${problem.reason}`
  );
}

Deno.test("describeIPv4() tells the seed's second received packet in order", () => {
  const packet = bytes("4500001636dd000080fdfea701010164010101014869");
  const lines = (fields: readonly Field[], indent = ""): string[] =>
    fields.flatMap(({ label, text, parts }) => [
      `${indent}${label}: ${text}`,
      ...lines(parts ?? [], `${indent}  `),
    ]);
  assertEquals(lines(describe(packet)), [
    "Version: 4",
    "Header Length: 20 bytes (5)",
    "Differentiated Services Field: 0x00 (DSCP: CS0, ECN: Not-ECT)",
    "  Differentiated Services Codepoint: Default (0)",
    "  Explicit Congestion Notification: Not ECN-Capable Transport (0)",
    "Total Length: 22",
    "Identification: 0x36dd (14045)",
    "Flags: 0x0",
    "  Reserved bit: Not set",
    "  Don't fragment: Not set",
    "  More fragments: Not set",
    "Fragment Offset: 0",
    "Time to Live: 128",
    "Protocol: experimentation and testing (253)",
    "Header Checksum: 0xfea7 [correct]",
    "Source Address: 1.1.1.100",
    "Destination Address: 1.1.1.1",
  ]);
});

Deno.test("describeIPv4() covers every bit of the header exactly once", () => {
  const random = seededRandom(1);
  for (let i = 0; i < 500; i++) {
    const words = randomInt(random, 5, 7);
    const packet = randomBytes(random, words * 4);
    packet[0] = 0x40 | words;
    packet[2] |= 0x80;
    const fields = describe(packet);
    const cover = (fields: readonly Field[]): number[] => {
      const times = new Array(packet.length * 8).fill(0);
      for (const { bitOffset, bitWidth } of fields) {
        for (let bit = 0; bit < bitWidth; bit++) times[bitOffset + bit]++;
      }
      return times;
    };
    const once = new Array(packet.length * 8).fill(1);
    assertEquals(cover(fields), once, "fields");
    // What cannot be read of the options has no part.
    const header = (times: number[]) => times.slice(0, 160);
    assertEquals(header(cover(leaves(fields))), header(once), "parts");
    for (const field of fields) {
      for (const { bitOffset, bitWidth } of field.parts ?? []) {
        assert(bitOffset >= field.bitOffset);
        assert(bitOffset + bitWidth <= field.bitOffset + field.bitWidth);
      }
    }
    const order = fields.map((field) => field.bitOffset);
    assertEquals(order, order.toSorted((a, b) => a - b), "wire order");
  }
});

Deno.test("describeIPv4() gives each value as its bits hold it", () => {
  const random = seededRandom(2);
  const units: Record<string, number> = { headerLength: 4, fragmentOffset: 8 };
  for (let i = 0; i < 500; i++) {
    const packet = randomBytes(random, 20);
    packet[0] = 0x45;
    packet[2] |= 0x80;
    const { header } = decodeIPv4(packet);
    const names = new Map<string, unknown>(Object.entries(header));
    for (const field of leaves(describeIPv4(packet, header))) {
      const { name, value } = field;
      const number = typeof value === "string"
        ? parseIPv4(value)
        : Number(value) / (units[name] ?? 1);
      assertEquals(number, bitsAt(packet, field), name);
      assertEquals(value, names.get(name), name);
    }
  }
});

/** A field's text under changed fields. */
const TEXTS: [changed: Partial<IPv4Fields>, name: string, text: string][] = [
  [{}, "checksum", "0x7aec [correct]"],
  [{ checksum: 0 }, "checksum", "0x0000 [incorrect, should be 0x7aec]"],
  [{ checksum: 0x7aed }, "checksum", "0x7aed [incorrect, should be 0x7aec]"],
  [{ ttl: 0 }, "ttl", "0"],
  [{ protocol: 4 }, "protocol", "IPv4 (4)"],
  [{ protocol: 200 }, "protocol", "Unknown (200)"],
  [{ identification: 0xab }, "identification", "0x00ab (171)"],
  [{ fragmentOffset: 65_528 }, "fragmentOffset", "65528"],
  [{ reserved: true }, "reserved", "Set"],
  [{ dontFragment: true }, "dontFragment", "Set"],
  [{ moreFragments: true }, "moreFragments", "Set"],
  [{ dscp: 46 }, "dscp", "Expedited Forwarding (46)"],
  [{ dscp: 63 }, "dscp", "Unknown (63)"],
  [{ ecn: 1 }, "ecn", "ECN-Capable Transport codepoint '01' (1)"],
  [{ ecn: 2 }, "ecn", "ECN-Capable Transport codepoint '10' (2)"],
  [{ ecn: 3 }, "ecn", "Congestion Experienced (3)"],
  [
    { options: bytes("94040000") },
    "routerAlert",
    "Router Alert, examine packet (0)",
  ],
];

Deno.test("describeIPv4() says what values mean", () => {
  for (const [changed, name, text] of TEXTS) {
    const fields = leaves(describe(encodeIPv4({ ...SOUND, ...changed })));
    assertEquals(fields.find((field) => field.name === name)?.text, text);
  }
});

Deno.test("describeIPv4() places options, and shows the text of a malformed list", () => {
  const options = bytes("0194040000830700");
  const packet = encodeIPv4({ ...SOUND, options });
  const field = describe(packet).at(-1);
  assertEquals(
    [field?.name, field?.bitOffset, field?.bitWidth, field?.text],
    [
      "options",
      160,
      64,
      "(8 bytes) [malformed: option 131 is 7 octets long, only 3 are left]",
    ],
  );
  assertEquals(
    field?.parts?.map((part) => [part.name, part.bitOffset, part.bitWidth]),
    [["noOperation", 160, 8], ["routerAlert", 168, 32]],
  );
});

/** Fields and payload, and what is wrong with them. */
const PROBLEMS: [Partial<IPv4Fields>, problems: string[]][] = [
  [{}, []],
  [{ options: bytes("01010101") }, []],
  [{ ttl: 0 }, ["ipv4 ttl@8: is 0: no host may send that"]],
  [{ checksum: 0x7aeb }, [
    "ipv4 checksum@10: 0x7aeb [incorrect, should be 0x7aec]",
  ]],
  [{ totalLength: 30 }, [
    "ipv4 totalLength@2: is 30 octets, of which 10 are missing",
  ]],
  [{ options: bytes("01010701") }, [
    "ipv4 options@22: option 7 gives its length as 1, at least 2 wanted",
  ]],
  [{ totalLength: 30, ttl: 0, checksum: 1, options: bytes("01010107") }, [
    "ipv4 totalLength@2: is 30 octets, of which 6 are missing",
    "ipv4 ttl@8: is 0: no host may send that",
    "ipv4 checksum@10: 0x0001 [incorrect, should be 0xb7da]",
    "ipv4 options@23: option 7 ends before its length",
  ]],
];

Deno.test("checkIPv4() tells all that is wrong with a header", () => {
  for (const [changed, problems] of PROBLEMS) {
    assertEquals(problemsOf(encodeIPv4({ ...SOUND, ...changed })), problems);
  }
});
