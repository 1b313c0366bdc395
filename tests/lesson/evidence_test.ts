/** Evidence that is cut short, edited, hostile, or somebody else's. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { PcapngWriter } from "../../lib/capture/pcapng_writer.ts";
import {
  encodeEvidence,
  type Evidence,
  lessonHash,
  lockPrediction,
  readEvidence,
} from "../../lib/lesson/evidence.ts";
import { gradeEvidence } from "../../lib/lesson/grade.ts";
import { ownValues, withOwnValues } from "../../lib/lesson/own_values.ts";
import type { LessonPacket } from "../../lib/lesson/packet_values.ts";
import { parseLesson, readLesson } from "../../lib/lesson/read_lesson.ts";
import { LessonError } from "../../lib/lesson/read_values.ts";
import { LINK_TYPE_RAW, packetFromJSON } from "../../mod.ts";
import { randomInt, seededRandom } from "../random.ts";

const step = (id: string, ttl: number) => ({
  id,
  predict: { question: "Which TTL?", answer: { sameAs: "one.ipv4.ttl" } },
  do: { text: "Send.", send: [] },
  see: [{
    what: `a packet with TTL ${ttl}`,
    name: "one",
    where: { "ipv4.ttl": ttl, "ipv4.identification": "$id" },
  }],
  explain: "So it is.",
});
const LESSON = readLesson({
  id: "test",
  title: "A test",
  lab: "pair",
  about: "Nothing.",
  own: { id: { kind: "number", min: 1, max: 65_535 } },
  steps: [step("first", 3), step("second", 4)],
});
const HASH = await lessonHash(LESSON);

/** What an honest student hands in; at a time of her own. */
function sit(seed: string, at: bigint): Evidence {
  const packets = [3, 4].map((ttl, i): LessonPacket => ({
    bytes: packetFromJSON(withOwnValues({
      layers: [{
        ipv4: {
          ...{ destination: "1.1.1.1", source: "1.1.1.100", protocol: 253 },
          ...{ ttl, identification: "$id" },
        },
      }],
    }, ownValues(LESSON, seed))),
    linkType: LINK_TYPE_RAW,
    timestampNs: at + BigInt(2 * i + 1),
    interfaceName: "sender/eth0",
  }));
  const predictions = [
    { step: "first", value: 3, lockedNs: at },
    { step: "second", value: "5", lockedNs: at + 2n },
  ];
  return { lesson: "test", hash: HASH, seed, predictions, packets };
}

const ADA = sit("Ada", 1000n);
const GRACE = sit("Grace", 2000n);

/** What comes of files, as `file: seen/foretold`, and the remarks. */
async function grade(...given: Evidence[]) {
  const handedIn = given.map((evidence, i) => ({ file: "abc"[i], evidence }));
  return (await gradeEvidence(handedIn, [LESSON])).map((
    { file, steps, remarks },
  ) => [
    `${file}: ${
      steps.map(({ isSeen, isRight }) => `${+isSeen}/${+isRight}`).join(" ")
    }`,
    ...remarks,
  ]);
}

Deno.test("evidence is read as it was written", async () => {
  const file = encodeEvidence(ADA);
  const { packets, ...head } = await readEvidence(file);
  const { packets: written, ...wanted } = ADA;
  assertEquals(head, wanted);
  assertEquals(
    packets.map(({ bytes, timestampNs, interfaceName, linkType }) => ({
      ...{ bytes, linkType, timestampNs, interfaceName },
    })),
    written as unknown[],
  );
  assertEquals(await grade(await readEvidence(file), GRACE), [
    ["a: 1/1 1/0"],
    ["b: 1/1 1/0"],
  ]);
});

Deno.test("evidence that is cut short gives what is there, and says so", async () => {
  const whole = await new Blob(encodeEvidence(ADA)).bytes();
  const head = encodeEvidence({ ...ADA, packets: [] })[0].length;
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.slice(0, length);
    if (length < head) {
      await assertRejects(() => readEvidence([cut]), LessonError);
      continue;
    }
    const evidence = await readEvidence([cut]);
    assert(evidence.packets.length < 2);
    const [[marks, ...remarks]] = await grade(evidence);
    assert(!marks.endsWith("1/0"), "the second packet is not there");
    assertEquals(
      remarks.some((remark) => remark.includes("damaged")),
      evidence.damage !== undefined,
    );
  }
});

Deno.test("evidence that was edited shows", async () => {
  const [first, second] = ADA.packets;
  const [locked, other] = ADA.predictions;
  // A packet with an identification of nobody's.
  const bytes = second.bytes.slice();
  bytes[4] ^= 1;
  const CASES: [Partial<Evidence>, marks: string, remark?: string][] = [
    [{ packets: [first, { ...second, bytes }] }, "1/1 0/0"],
    [{ packets: [first] }, "1/1 0/0"],
    [{ predictions: [] }, "1/0 1/0"],
    [{ predictions: [{ ...locked, value: 4 }, other] }, "1/0 1/0"],
    // Foretold when it had been seen.
    [{ predictions: [{ ...locked, lockedNs: 5000n }, other] }, "0/0 1/0"],
    [{ packets: [{ ...first, timestampNs: undefined }, second] }, "0/0 1/0"],
    [{ seed: "Eve" }, "0/0 0/0"],
    [{ hash: "0".repeat(64) }, "1/1 1/0", "another version"],
    [{ lesson: "nothing" }, "", "no lesson"],
    [{ damage: "cut" }, "1/1 1/0", "damaged"],
  ];
  for (const [edited, marks, remark] of CASES) {
    const [[found, ...remarks]] = await grade({ ...ADA, ...edited });
    assertEquals(found, `a: ${marks}`);
    assertEquals(remarks.length, remark === undefined ? 0 : 1);
    assert(remark === undefined || remarks[0].includes(remark), remarks[0]);
  }
});

Deno.test("a copied file shows: by seed, by packets, and by the values in them", async () => {
  // As it is.
  assertEquals(await grade(ADA, ADA, GRACE), [
    [
      "a: 1/1 1/0",
      "it has the seed of b",
      "2 of its packets are in b, too, to the nanosecond",
    ],
    [
      "b: 1/1 1/0",
      "it has the seed of a",
      "2 of its packets are in a, too, to the nanosecond",
    ],
    ["c: 1/1 1/0"],
  ]);
  // With another name on it.
  const [, [copy, ...remarks]] = await grade(ADA, { ...ADA, seed: "Bob" });
  assertEquals(copy, "b: 0/0 0/0");
  assertEquals(remarks, [
    "its packets have the values of the seed of a",
    "2 of its packets are in a, too, to the nanosecond",
  ]);
  // And with other times.
  const packets = ADA.packets.map((packet) => ({
    ...packet,
    timestampNs: packet.timestampNs! + 7n,
  }));
  const [, [, ...later]] = await grade(ADA, { ...ADA, packets, seed: "Bob" });
  assertEquals(later, ["its packets have the values of the seed of a"]);
});

Deno.test("hostile evidence is refused, or harmless", async () => {
  const head = {
    format: "raw4 lesson evidence 1",
    ...{ lesson: "test", hash: HASH, seed: "x", predictions: [] as unknown },
  };
  const one = { step: "first", value: 1, lockedNs: "1" };
  const REFUSED: unknown[] = [
    ...["", "x", null, [], 5, {}, { ...head, format: "raw4" }],
    ...[{ ...head, seed: 5 }, { ...head, seed: "x".repeat(201) }],
    ...[{ ...head, predictions: {} }, { ...head, predictions: [null] }],
    { ...head, predictions: Array.from({ length: 65 }, () => one) },
    { ...head, predictions: [one, one] },
    { ...head, predictions: [{ ...one, lockedNs: "-1" }] },
    { ...head, predictions: [{ ...one, lockedNs: 1e300 }] },
    { ...head, predictions: [{ ...one, value: {} }] },
    { ...head, predictions: [{ ...one, step: ["first"] }] },
  ];
  for (const value of REFUSED) {
    const comment = typeof value === "string" ? value : JSON.stringify(value);
    const { start } = new PcapngWriter({ comment });
    await assertRejects(
      () => readEvidence([start]),
      LessonError,
      undefined,
      comment,
    );
  }
  const plain = new PcapngWriter();
  await assertRejects(() => readEvidence([plain.start]), LessonError, "which");
  await assertRejects(
    () => readEvidence([new TextEncoder().encode("no capture file")]),
    LessonError,
    "no evidence",
  );
  const { start } = new PcapngWriter({ comment: JSON.stringify(head) });
  // Two files, one behind the other.
  const twice = await readEvidence([start, ...encodeEvidence(ADA)]);
  assert(twice.damage?.includes("2 sections"));
  const names = ["__proto__", "constructor", "toString"];
  for (const lesson of names) {
    const [[marks]] = await grade({ ...ADA, lesson });
    assertEquals(marks, "a: ");
  }
});

Deno.test("readEvidence() and parseLesson() of 4,000 damaged files", async () => {
  const random = seededRandom(13);
  const file = await new Blob(encodeEvidence(ADA)).bytes();
  const lesson = new TextEncoder().encode(JSON.stringify(LESSON));
  const utf8 = new TextDecoder();
  let read = 0;
  for (let i = 0; i < 2000; i++) {
    const [evidence, text] = [file, lesson].map((octets) => {
      const damaged = octets.slice();
      for (let n = randomInt(random, 1, 4); n > 0; n--) {
        damaged[randomInt(random, 0, damaged.length - 1)] = randomInt(
          random,
          0,
          255,
        );
      }
      return damaged;
    });
    try {
      await grade(await readEvidence([evidence]));
      read++;
    } catch (error) {
      if (!(error instanceof LessonError)) throw error;
    }
    try {
      parseLesson(utf8.decode(text));
      read++;
    } catch (error) {
      if (!(error instanceof LessonError)) throw error;
    }
  }
  assert(read > 100, `only ${read} were read`);
});

Deno.test("lessonHash() is of what a lesson says, not of how it is written", async () => {
  const { steps, id, ...others } = LESSON;
  assertEquals(await lessonHash({ ...others, steps, id }), HASH);
  assertEquals(HASH.length, 64);
  const [first, ...rest] = steps;
  const easier = { ...first, see: [{ ...first.see[0], where: {} }] };
  assert(await lessonHash({ ...LESSON, steps: [easier, ...rest] }) !== HASH);
});

Deno.test("lockPrediction() takes the first prediction of a step, and no other", () => {
  const first = { step: "first", value: 3, lockedNs: 1n };
  const locked = lockPrediction(LESSON, [], first);
  assertEquals(locked, [first]);
  assertThrows(
    () => lockPrediction(LESSON, locked, { ...first, value: 4 }),
    LessonError,
    "locked already",
  );
  assertThrows(
    () => lockPrediction(LESSON, locked, { ...first, step: "third" }),
    LessonError,
    "no step",
  );
});
