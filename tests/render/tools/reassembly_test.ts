import { assertEquals } from "@std/assert";
import {
  packetNumbers,
  renderDissected,
} from "../../../lib/render/packet/dissected.ts";
import {
  renderReassembly,
  renderUnfinished,
} from "../../../lib/render/tools/reassembly.ts";
import { renderSniff } from "../../../lib/render/tools/sniff.ts";
import {
  buildPacket,
  ipv6,
  type PacketIncomplete,
  type PacketReassembled,
  udp,
} from "../../../mod.ts";

const BYTES = buildPacket(
  ipv6({ source: "2001:db8::1", destination: "2001:db8::2" }),
  udp({ sourcePort: 9, destinationPort: 4000 }),
  "Hello World!",
);
const WHOLE: PacketReassembled = {
  type: "reassembled",
  numbers: [7, 1, 2, 3],
  timestampNs: 1_500_000_000n,
  bytes: BYTES,
  originalLength: BYTES.length,
  linkType: 101,
};
const INCOMPLETE: PacketIncomplete = {
  type: "incomplete",
  layer: "ipv4",
  source: "10.0.0.1",
  destination: "10.0.0.2",
  protocol: 17,
  identification: 7,
  cause: "ended",
  octets: 1480,
  length: null,
  numbers: [4],
};
const DISCARDED = {
  type: "discarded",
  number: 9,
  problem: {
    layer: "ipv4",
    field: "fragmentOffset",
    offset: 6,
    reason: "overlaps another fragment, at 0 to 8",
  },
} as const;
const SUMMARY = "IP6 2001:db8::1.9 > 2001:db8::2.4000: UDP, length 12";

Deno.test("packetNumbers() joins neighbours", () => {
  assertEquals(packetNumbers([4]), "packet 4");
  assertEquals(packetNumbers([2, 1]), "packets 1-2");
  assertEquals(packetNumbers([10, 9, 1, 3, 2]), "packets 1-3, 9-10");
});

Deno.test("renderUnfinished() says what became of which packets", () => {
  const CASES: [Partial<PacketIncomplete>, lines: string[]][] = [
    [{}, [
      "incomplete at the end: IP 10.0.0.1 > 10.0.0.2: udp, id 7: 1480 octets, and not",
      "    the last ones, came in packet 4",
    ]],
    [{ layer: "ipv6", cause: "timedOut", length: 3008, numbers: [4, 5] }, [
      "incomplete after 30 s: IP6 10.0.0.1 > 10.0.0.2: udp, id 7: 1480 of 3008 octets",
      "    came in packets 4-5",
    ]],
    [{ protocol: 253, cause: "evicted", length: 3008 }, [
      "incomplete and given up for newer ones: IP 10.0.0.1 > 10.0.0.2: ip-proto-253, id",
      "    7: 1480 of 3008 octets came in packet 4",
    ]],
  ];
  for (const [changed, lines] of CASES) {
    const text = renderUnfinished({ ...INCOMPLETE, ...changed }, {});
    assertEquals(text.split("\n"), lines);
  }
  assertEquals(
    renderUnfinished(DISCARDED, {}),
    "discarded packet 9: its fragment overlaps another fragment, at 0 to 8",
  );
  for (const event of [INCOMPLETE, DISCARDED]) {
    const json = renderUnfinished(event, { json: true });
    assertEquals(JSON.parse(json), event);
  }
});

Deno.test("renderSniff() shows whole packets below their fragments", () => {
  const line = `  reassembled from packets 1-3, 7: ${SUMMARY}`;
  assertEquals(renderSniff(WHOLE, {}), line);
  const explained = renderSniff(WHOLE, { explain: true }).split("\n");
  assertEquals(explained.slice(0, 2), [
    line,
    "  Internet Protocol Version 6, Src: 2001:db8::1, Dst: 2001:db8::2",
  ]);
  assertEquals(
    renderSniff(DISCARDED, {}),
    `  ${renderUnfinished(DISCARDED, {})}`,
  );
  const summary = {
    type: "summary",
    ...{ captured: 9, octets: 900, dropped: 0 },
    reason: "aborted",
  } as const;
  const reassembly = { reassembled: 2, incomplete: 1, discarded: 3 };
  assertEquals(
    renderSniff({ ...summary, reassembly }, {}),
    "--- 9 captured, 900 octets, 0 dropped (aborted)\n" +
      "--- 2 reassembled, 1 incomplete, 3 discarded",
  );
  assertEquals(
    renderReassembly(reassembly, { json: true }),
    `{"type":"summary","reassembly":${JSON.stringify(reassembly)}}`,
  );
});

Deno.test("renderSniff() and renderDissected() tell the same of whole packets", () => {
  const { layers, problems, ...rest } = JSON.parse(
    renderSniff(WHOLE, { json: true }),
  );
  const common = {
    type: "reassembled",
    numbers: [7, 1, 2, 3],
    timestamp: "1970-01-01T00:00:01.500000000Z",
    linkType: 101,
    length: 60,
    captured: 60,
  };
  assertEquals(rest, { ...common, summary: SUMMARY, bytes: BYTES.toHex() });
  assertEquals([layers.length, problems], [3, []]);
  assertEquals(JSON.parse(renderDissected(WHOLE, { json: true })), {
    ...common,
    layers,
    problems,
  });
});

Deno.test("renderDissected() draws the tree of a whole packet", () => {
  const title =
    "Reassembled from packets 1-3, 7, 1970-01-01T00:00:01.500000000Z, " +
    "60 octets, Raw";
  const lines = renderDissected(WHOLE, {}).split("\n");
  assertEquals(lines.slice(0, 2), [title, "    IP"]);
  assertEquals(lines[2].startsWith("Internet Protocol Version 6"), true);
  assertEquals(lines.slice(-2), ["", ""]);
  const placed = renderDissected(WHOLE, { offsets: true }).split("\n");
  assertEquals(placed[2], "octet.bit   bits");
});
