/** The cells of bit diagrams: every bit of a header is in one of them. */

import { assert, assertEquals } from "@std/assert";
import { renderDiagram } from "../../../lib/render/packet/diagram.ts";
import { diagramRows } from "../../../lib/render/packet/diagram_rows.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import {
  type ProtocolName,
  PROTOCOLS,
} from "../../../lib/wire/packet/registry.ts";
import { arp, buildPacket, ethernet, ipv6 } from "../../../mod.ts";
import { packetsOf } from "../../wire/found_packets.ts";

function headers(bytes: Uint8Array, linkType?: number) {
  return dissect(bytes, { linkType }).layers.map((layer) => ({
    octets: bytes.subarray(layer.offset, layer.offset + layer.length),
    fields: describeLayer(bytes, layer).fields,
  }));
}

Deno.test("diagramRows() has every bit once, in order, 32 a row", () => {
  let seen = 0;
  for (const name of Object.keys(PROTOCOLS) as ProtocolName[]) {
    for (const { bytes, linkType } of packetsOf(name)?.seeds ?? []) {
      for (const { octets, fields } of headers(bytes, linkType)) {
        let at = 0;
        const rows = diagramRows(octets, fields);
        for (const [i, row] of rows.entries()) {
          assertEquals(at, 32 * i);
          for (const { bitOffset, bitWidth, path } of row) {
            assertEquals(bitOffset, at, `${name} ${path.join(".")}`);
            assert(bitWidth > 0);
            at += bitWidth;
            seen++;
          }
        }
        if (fields.length > 0) assert(at <= octets.length * 8);
        for (const line of renderDiagram(octets, fields)) {
          assert(line.length <= 65, line);
        }
      }
    }
  }
  assert(seen > 1000);
});

Deno.test("diagramRows() parts what is wider than a row, or crosses its end", () => {
  const frame = buildPacket(
    ethernet({ source: "02:00:00:00:00:01", destination: "02:00:00:00:00:02" }),
    arp({
      operation: 1,
      senderProtocolAddress: "10.9.0.1",
      targetProtocolAddress: "10.9.0.5",
    }),
  );
  const [link] = headers(frame, 1);
  const cells = diagramRows(link.octets, link.fields);
  assertEquals(
    cells.map((row) =>
      row.map(({ path, bitWidth, isContinued, text }) =>
        [path.join("."), bitWidth, isContinued, text].join(" ")
      )
    ),
    [
      ["destination 32 false 02000000"],
      ["destination 16 true 0002", "source 16 false 0200"],
      ["source 32 true 00000001"],
      ["typeOrLength 16 false ARP (0x0806)"],
    ],
  );
  assertEquals(renderDiagram(link.octets, link.fields).slice(2), [
    "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+",
    "|                          Destination                          |",
    "|                           02000000                            |",
    "+                               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+",
    "|                               |            Source             |",
    "|             0002              |             0200              |",
    "|                           00000001                            |",
    "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+",
    "|             Type              |",
    "|         ARP (0x0806)          |",
    "+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+",
  ]);
});

Deno.test("diagramRows() names parts by the way to them, and their bits", () => {
  const [{ octets, fields }] = headers(buildPacket(
    ipv6({ source: "::1", destination: "::1", protocol: 59, ecn: 1 }),
  ));
  const [first] = diagramRows(octets, fields);
  assertEquals(
    first.map(({ path, bitOffset, bitWidth, abbreviation, value }) => ({
      ...{ path: path.join("."), bitOffset, bitWidth, abbreviation, value },
    }))[2],
    {
      path: "trafficClass.ecn",
      bitOffset: 10,
      bitWidth: 2,
      abbreviation: "ECN",
      value: "1",
    },
  );
});
