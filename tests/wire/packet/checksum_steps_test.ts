/** Checksums on paper: what the steps add up to is what the packet holds. */

import { assert, assertEquals } from "@std/assert";
import { explainChecksums } from "../../../lib/wire/packet/checksum_steps.ts";
import { dissect } from "../../../lib/wire/packet/dissect.ts";
import {
  type ProtocolName,
  PROTOCOLS,
} from "../../../lib/wire/packet/registry.ts";
import { buildPacket, ipv4, ipv6, udp } from "../../../mod.ts";
import { packetsOf } from "../found_packets.ts";

Deno.test("explainChecksums() tells of which part of the pseudo header a word is", () => {
  const CASES = [
    [ipv4({ source: "192.0.2.1", destination: "192.0.2.2" }), 20, [2, 2, 1, 1]],
    [ipv6({ source: "fe80::1", destination: "fe80::2" }), 40, [8, 8, 2, 2]],
  ] as const;
  for (const [ip, offset, [source, destination, length, protocol]] of CASES) {
    const bytes = buildPacket(ip, udp({ destinationPort: 7 }), "odd");
    const found = explainChecksums(bytes, dissect(bytes)).at(-1);
    assert(found?.kind === "internet");
    const { words } = found;
    const count = (part: string) =>
      words.filter(({ pseudo }) => pseudo === part).length;
    assertEquals(
      ["source", "destination", "length", "protocol"].map(count),
      [source, destination, length, protocol],
    );
    const ofProtocol = words.filter(({ pseudo }) => pseudo === "protocol");
    assertEquals(ofProtocol.at(-1)?.word, 17);
    const ofLength = words.filter(({ pseudo }) => pseudo === "length");
    assertEquals(ofLength.at(-1)?.word, 11);
    const inPacket = words.filter(({ pseudo }) => pseudo === undefined);
    assertEquals(
      inPacket.map(({ offset }) => offset),
      inPacket.map((_, i) => offset + 2 * i),
    );
    assertEquals(words.find(({ isOwn }) => isOwn)?.offset, offset + 6);
  }
});

Deno.test("explainChecksums() adds up, and agrees with what the layers say", () => {
  const kinds = new Set<string>();
  for (const name of Object.keys(PROTOCOLS) as ProtocolName[]) {
    for (const { bytes, linkType } of packetsOf(name)?.seeds ?? []) {
      const dissection = dissect(bytes, { linkType });
      for (const found of explainChecksums(bytes, dissection)) {
        kinds.add(found.kind);
        const layer = dissection.layers[found.layer];
        assertEquals(layer.protocol, found.protocol);
        if (found.kind === "uncovered") continue;
        kinds.add(found.verdict);
        const isWrong = dissection.problems.some(({ field, offset }) =>
          field === "checksum" && offset >= layer.offset &&
          offset < layer.offset + layer.length
        );
        assertEquals(found.verdict === "wrong", isWrong, name);
        if (found.kind !== "internet") continue;
        let sum = 0;
        for (const word of found.words) {
          sum += word.word;
          assertEquals(word.sum, sum);
        }
        for (const fold of found.folds) {
          assertEquals(fold.carry * 0x10000 + fold.low, sum);
          sum = fold.sum;
        }
        assertEquals(sum, found.sum);
        assertEquals(0xffff - sum, found.checksum);
      }
    }
  }
  for (const kind of ["internet", "crc32c", "right", "wrong", "uncovered"]) {
    assert(kinds.has(kind), `no packet has one that is ${kind}`);
  }
});
