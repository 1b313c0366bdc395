/** Every lesson, gone through in its lab with the packets that it names. */

import { assert, assertEquals } from "@std/assert";
import { checkStep } from "../../../lib/lesson/check.ts";
import {
  encodeEvidence,
  lessonHash,
  readEvidence,
} from "../../../lib/lesson/evidence.ts";
import { gradeEvidence } from "../../../lib/lesson/grade.ts";
import type {
  Expectation,
  FieldValue,
  Lesson,
} from "../../../lib/lesson/lesson.ts";
import { LESSONS } from "../../../lib/lesson/lessons/lessons.ts";
import {
  ownValue,
  type OwnValues,
  ownValues,
} from "../../../lib/lesson/own_values.ts";
import type { LessonPacket } from "../../../lib/lesson/packet_values.ts";
import {
  dissect,
  packetFromJSON,
  packetToJSON,
  setField,
} from "../../../mod.ts";
import { liveTest } from "../live.ts";
import { sit } from "./lesson_lab.ts";

/** A packet that must not be seen, made of the first that can be. */
function forbidden(
  { where, at }: Expectation,
  models: readonly LessonPacket[],
  own: OwnValues,
): LessonPacket {
  for (const model of models) {
    try {
      let { bytes } = model;
      for (const [path, condition] of Object.entries(where)) {
        const plain = packetToJSON(bytes, dissect(bytes, model));
        const value = ownValue(condition as FieldValue, own);
        bytes = packetFromJSON(setField(plain, path, value));
      }
      const interfaceName = at === undefined
        ? model.interfaceName
        : `${at}/eth0`;
      return { ...model, bytes, interfaceName };
    } catch (error) {
      // It lacks a layer.
      if (!(error instanceof TypeError)) throw error;
    }
  }
  throw new Error("no packet can be made what must not be seen");
}

/** What each expectation of a lesson is there for. */
function checkEach(lesson: Lesson, packets: LessonPacket[], seed: string) {
  const own = ownValues(lesson, seed);
  for (const step of lesson.steps) {
    const { results, holds } = checkStep(step, packets, own);
    assert(holds, `${lesson.id} ${step.id}`);
    for (const [i, { what, packets: found }] of results.entries()) {
      const expectation = step.see[i];
      const others = expectation.max === 0
        ? [
          ...packets,
          forbidden(
            expectation,
            results.slice(0, i).map(({ packets: [one] }) => packets[one]),
            own,
          ),
        ]
        : packets.filter((_, number) => !found.includes(number));
      const { holds, results: failing } = checkStep(step, others, own);
      assert(!holds, `${lesson.id} ${step.id}: ${what}`);
      assertEquals(failing.at(-1)?.holds, false);
    }
    for (const stranger of ["Grace", "Ada ", ""]) {
      const theirs = checkStep(step, packets, ownValues(lesson, stranger));
      assert(!theirs.holds, `${lesson.id} ${step.id} by ${stranger}'s seed`);
    }
  }
}

for (const lesson of LESSONS) {
  await liveTest(
    `the lesson ${lesson.id} passes with its own packets, and without any fails`,
    ["lab"],
    async () => {
      const seed = "Ada";
      const { packets, predictions, passed } = await sit(lesson, seed);
      assertEquals(
        passed,
        Object.fromEntries(lesson.steps.map(({ id }) => [id, true])),
      );
      checkEach(lesson, packets, seed);

      const hash = await lessonHash(lesson);
      const file = encodeEvidence({
        ...{ lesson: lesson.id, hash, seed, predictions, packets },
      });
      const evidence = await readEvidence(file);
      const [graded] = await gradeEvidence(
        [{ file: "ada.pcapng", evidence }],
        LESSONS,
      );
      assertEquals(graded.remarks, []);
      for (const { id, isSeen, isRight, answer } of graded.steps) {
        assert(isSeen && isRight, `${lesson.id} ${id}: ${answer}`);
        const { predict } = lesson.steps.find((step) => step.id === id)!;
        if (typeof predict.answer !== "object") continue;
        assert(answer !== undefined);
      }
    },
  );
}
