/** Checksums on paper: what the steps add up to is what the packet holds. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { explainChecksums } from "../../../lib/wire/packet/checksum_steps.ts";
import { describeLayer, dissect } from "../../../lib/wire/packet/dissect.ts";
import { hex } from "../../../lib/wire/field.ts";
import { put16 } from "../../../lib/wire/octets.ts";
import {
  type ProtocolName,
  PROTOCOLS,
} from "../../../lib/wire/packet/registry.ts";
import {
  buildPacket,
  icmpv4,
  ipv4,
  ipv6,
  type PacketLayer,
  tcp,
  udp,
} from "../../../mod.ts";
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

/** What a checksum's field says, for each verdict of the steps. */
const FIELD_SAYS = {
  right: /\[correct\]$/,
  wrong: /\[incorrect|illegal/,
  none: /\[zero-value ignored\]$/,
  uncovered: /\[unverified\]$|\[zero-value ignored\]$/,
};

/** Each verdict, once the field has been found to say the same. */
function verdictsOf(bytes: Uint8Array, linkType?: number): string[] {
  const dissection = dissect(bytes, { linkType });
  return explainChecksums(bytes, dissection).map((found) => {
    const { layer } = found;
    const verdict = found.kind === "uncovered" ? found.kind : found.verdict;
    const { fields } = describeLayer(bytes, dissection.layers[layer]);
    const text = fields.find(({ name }) => name === "checksum")!.text;
    const says = Deno.inspect(dissection.layers[layer]);
    assert(FIELD_SAYS[verdict].test(text), `${verdict}, ${text}: ${says}`);
    if (found.kind === "internet" && text.includes("should be")) {
      assertStringIncludes(text, `should be ${hex(found.wanted, 4)}]`);
    }
    return verdict;
  });
}

const FOUR = ipv4({ source: "192.0.2.1", destination: "192.0.2.2" });
const SIX = ipv6({ source: "fe80::1", destination: "fe80::2" });
const PORTS = { sourcePort: 9, destinationPort: 7 };

Deno.test("explainChecksums() has the verdicts that fields have", () => {
  const CASES: [PacketLayer[], verdicts: string[]][] = [
    [[FOUR, udp(PORTS)], ["right", "right"]],
    [[FOUR, udp({ ...PORTS, length: 9 })], ["right", "right"]],
    [[FOUR, udp({ ...PORTS, length: 100 })], ["right", "uncovered"]],
    [[SIX, udp({ ...PORTS, length: 100 })], ["uncovered"]],
    [[FOUR, udp({ ...PORTS, checksum: 0 })], ["right", "none"]],
    [[SIX, udp({ ...PORTS, checksum: 0 })], ["wrong"]],
    [[SIX, udp({ ...PORTS, checksum: 1 })], ["wrong"]],
  ];
  for (const [layers, verdicts] of CASES) {
    assertEquals(verdictsOf(buildPacket(...layers, "Hi")), verdicts);
  }
});

Deno.test("explainChecksums() takes 0xffff for the 0 that it is", () => {
  // What stands in the field completes the sum, and leaves the checksum 0.
  const CASES: ((value: number) => PacketLayer[])[] = [
    (value) => [FOUR, icmpv4({ kind: "echoRequest", identifier: value })],
    (value) => [FOUR, tcp({ ...PORTS, window: value })],
    (value) => [SIX, tcp({ ...PORTS, window: value })],
    (value) => [FOUR, udp({ ...PORTS, sourcePort: value })],
    (value) => [
      ipv4({
        source: "192.0.2.1",
        ...{ destination: "192.0.2.2", protocol: 253, identification: value },
      }),
    ],
  ];
  const last = (bytes: Uint8Array) => {
    const found = explainChecksums(bytes, dissect(bytes)).at(-1);
    assert(found?.kind === "internet");
    return found;
  };
  for (const layers of CASES) {
    const bytes = buildPacket(
      ...layers(last(buildPacket(...layers(0))).checksum),
    );
    const { checksum, words } = last(bytes);
    assertEquals(checksum, 0);
    put16(bytes, words.find(({ isOwn }) => isOwn)!.offset!, 0xffff);
    assertEquals(verdictsOf(bytes).at(-1), "right");
    put16(bytes, words.find(({ isOwn }) => isOwn)!.offset!, 1);
    assertEquals(verdictsOf(bytes).at(-1), "wrong");
  }
});

Deno.test("explainChecksums() agrees with fields, whatever they hold", () => {
  for (const name of Object.keys(PROTOCOLS) as ProtocolName[]) {
    for (const { bytes, linkType } of packetsOf(name)?.seeds ?? []) {
      verdictsOf(bytes, linkType);
      for (
        const found of explainChecksums(bytes, dissect(bytes, { linkType }))
      ) {
        if (found.kind !== "internet") continue;
        const at = found.words.find(({ isOwn }) => isOwn)!.offset!;
        for (const value of [0, 1, 0xffff]) {
          const changed = bytes.slice();
          put16(changed, at, value);
          verdictsOf(changed, linkType);
        }
      }
    }
  }
});
