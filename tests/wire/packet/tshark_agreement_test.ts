/**
 * Some thousands of packets of every protocol, right and wrong, read by tshark
 * and by us, and compared field by field. It writes capture files and runs
 * tshark on them; nothing is sent.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import type { ProtocolName } from "../../../lib/wire/packet/registry.ts";
import { liveTest } from "../../live/live.ts";
import { seededRandom } from "../../random.ts";
import { linesOf } from "../field_checks.ts";
import { FOUND } from "../found_packets.ts";
import type { Row, TestPacket } from "../protocol_packets.ts";
import { randomPacket } from "../random_packets.ts";
import { readWithTshark, tsharkTrees } from "../tshark.ts";
import {
  DIFFERENCES,
  LISTS,
  NAMES,
  PREFERENCES,
  rowOf,
} from "../tshark_fields.ts";

const PACKETS = 1600;

for (const [seed, found] of FOUND.entries()) {
  const { protocol, fields, checksumStatus, checksumLine } = found;
  await liveTest(
    `dissect() reads packets with ${protocol} as tshark does`,
    ["tshark"],
    async () => {
      const random = seededRandom(seed);
      const packets = Array.from(
        { length: PACKETS },
        () => randomPacket(protocol, random),
      );
      const theirs = await theirRows(packets);
      const filled = new Map<string, number>();
      const mismatches = new Map<string, string>();
      for (const [i, { bytes, linkType }] of packets.entries()) {
        const ours = rowOf(dissect(bytes, { linkType }));
        for (const name of NAMES) {
          const [our, their] = [ours[name] ?? "", theirs[i][name] ?? ""];
          if (our === their) {
            if (our !== "") filled.set(name, (filled.get(name) ?? 0) + 1);
            continue;
          }
          const known = DIFFERENCES.some(({ isOne }) =>
            isOne(name, ours, theirs[i])
          );
          if (!known) {
            mismatches.set(
              `${name}: ${our || "nothing"} here, ${their || "nothing"} there`,
              bytes.toHex(),
            );
          }
        }
      }
      assertEquals([...mismatches].slice(0, 20), []);
      // The comparison would be worth little if it compared nothing.
      for (const name of [...Object.keys(fields), checksumStatus]) {
        if (name === undefined) continue;
        assert((filled.get(name) ?? 0) >= 20, `${name} is hardly compared`);
      }
      if (checksumLine !== undefined) {
        await compareLines(packets, protocol, checksumLine);
      }
    },
  );
}

/** What both say of a checksum that both can check, right and wrong. */
async function compareLines(
  packets: readonly TestPacket[],
  protocol: ProtocolName,
  label: string,
): Promise<void> {
  const trees = await tsharkTrees(
    packets.map(({ bytes }) => bytes),
    PREFERENCES,
  );
  const isOne = (line: string) => line.trim().startsWith(`${label}: `);
  const seen = new Map<string, number>();
  for (const [i, { bytes }] of packets.entries()) {
    const layer = dissect(bytes).layers
      .find((layer) => layer.protocol === protocol);
    const ours = layer && linesOf(describeLayer(bytes, layer).fields)
      .find(isOne);
    if (ours === undefined || ours.endsWith("[unverified]")) continue;
    assertEquals(ours, trees[i].find(isOne)?.trim(), bytes.toHex());
    const verdict = /\[\w+/.exec(ours)?.[0] ?? "";
    seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
  }
  for (const verdict of ["[correct", "[incorrect"]) {
    assert((seen.get(verdict) ?? 0) >= 20, `${verdict}] is hardly compared`);
  }
}

/** In the order of the packets, whatever each begins with. */
async function theirRows(packets: readonly TestPacket[]): Promise<Row[]> {
  const rows = new Map<TestPacket, Row>();
  for (const [linkType, same] of Map.groupBy(packets, (p) => p.linkType)) {
    const read = await readWithTshark(
      same.map(({ bytes }) => bytes),
      linkType,
      NAMES,
      PREFERENCES,
    );
    assertEquals(read.length, same.length);
    for (const [i, packet] of same.entries()) {
      const row = Object.entries(read[i]).map(([name, values]) => [
        name,
        name === "ah.icv"
          ? values[0].replace("<MISSING>", "")
          : LISTS.includes(name)
          ? values.map(decimal).join()
          : decimal(values[0]),
      ]);
      rows.set(packet, Object.fromEntries(row));
    }
  }
  return packets.map((packet) => rows.get(packet)!);
}

function decimal(text: string): string {
  return /^(0x[0-9a-f]+|\d+)$/.test(text) ? `${Number(text)}` : text;
}
