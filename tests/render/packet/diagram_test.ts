import { assertEquals } from "@std/assert";
import { renderDiagram } from "../../../lib/render/packet/diagram.ts";
import { renderExplanation } from "../../../lib/render/packet/explain.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import { encodeIPv4, type IPv4Fields } from "../../../lib/wire/ipv4/ipv4.ts";
import { SEED } from "../packets.ts";

const RULE =
  "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+";

function diagram(packet: Uint8Array): string[] {
  const [ipv4] = dissect(packet).layers;
  return renderDiagram(packet, describeLayer(packet, ipv4).fields);
}

/** One row of boxes: the last of two lines, for changed fields. */
function values(changed: Partial<IPv4Fields>, row: number): string {
  const packet = encodeIPv4({
    protocol: 253,
    destination: "1.1.1.1",
    ...changed,
  });
  return diagram(packet)[2 + 3 * row + 2];
}

Deno.test("renderDiagram() draws the seed's second packet as RFC 791 does", () => {
  const lines = [
    " 0                   1                   2                   3",
    " 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1",
    RULE,
    "|Version|  IHL  |   DSCP    |ECN|         Total Length          |",
    "|   4   |   5   |Default (0)| 0 |              22               |",
    RULE,
    "|        Identification         |R|D|M|     Fragment Offset     |",
    "|        0x36dd (14045)         |0|0|0|            0            |",
    RULE,
    "| Time to Live  |   Protocol    |        Header Checksum        |",
    "|      128      |      253      |       0xfea7 [correct]        |",
    RULE,
    "|                        Source Address                         |",
    "|                           1.1.1.100                           |",
    RULE,
    "|                      Destination Address                      |",
    "|                            1.1.1.1                            |",
    RULE,
  ];
  const packet = Uint8Array.fromHex(SEED[1][0]);
  assertEquals(diagram(packet), lines);
  assertEquals(renderExplanation(packet).slice(-lines.length - 1), [
    "",
    ...lines,
  ]);
});

/** Changed fields, and what their row of boxes shows. */
const ROWS: [Partial<IPv4Fields>, row: number, values: string][] = [
  [
    { dscp: 44, ecn: 1, totalLength: 65_535 },
    0,
    // VOICE-ADMIT has no room.
    "|   4   |   5   |    44     | 1 |             65535             |",
  ],
  [
    { reserved: true, moreFragments: true, fragmentOffset: 65_528 },
    1,
    "|          0x0000 (0)           |1|0|1|          65528          |",
  ],
  [
    { ttl: 255, protocol: 1, checksum: 0x1234 },
    2,
    // Nor "0x1234 [incorrect, should be …]".
    "|      255      |   ICMP (1)    |            0x1234             |",
  ],
];

Deno.test("renderDiagram() shows a bare number where words have no room", () => {
  for (const [changed, row, shown] of ROWS) {
    assertEquals(values(changed, row), shown);
  }
});

Deno.test("renderDiagram() gives options a line for each 32 bits", () => {
  const options = Uint8Array.fromHex("940400000707040000000000");
  const packet = encodeIPv4({ protocol: 253, destination: "1.1.1.1", options });
  assertEquals(diagram(packet).slice(-5), [
    "|                            Options                            |",
    "|                           94040000                            |",
    "|                           07070400                            |",
    "|                           00000000                            |",
    RULE,
  ]);
});

Deno.test("renderExplanation() draws nothing where no header decodes", () => {
  assertEquals(renderExplanation(Uint8Array.of(0x45)), [
    "Data (1 byte)",
    "0000  45                                                E",
    "[Problem: ipv4 header at 1: ends after 1 octet, at least 20 wanted]",
  ]);
});
