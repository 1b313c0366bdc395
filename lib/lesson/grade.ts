/**
 * Grading: every check is run again, from the octets of the packets that a
 * student has handed in, and files are compared with each other.
 *
 * @module
 */

import { checkStep, isRight } from "./check.ts";
import type { Evidence } from "./evidence.ts";
import { lessonHash } from "./evidence.ts";
import type { FieldValue, Lesson } from "./lesson.ts";
import { ownValues } from "./own_values.ts";

/**
 * What came of a step.
 *
 * @category Lessons
 */
export interface GradedStep {
  /** The step. */
  readonly id: string;
  /** Whether packets that meet its checks are there, seen after the prediction. */
  readonly isSeen: boolean;
  /** What is missing first, if it is not. */
  readonly missing?: string;
  /** What was foretold; absent if nothing was. */
  readonly prediction?: FieldValue;
  /** What was right; absent where no packet tells. */
  readonly answer?: FieldValue;
  /** Whether it was foretold rightly. */
  readonly isRight: boolean;
}

/**
 * A file, graded.
 *
 * @category Lessons
 */
export interface GradedEvidence {
  /** What the file is called. */
  readonly file: string;
  /** The lesson's name, as the file has it. */
  readonly lesson: string;
  /** The student's seed. */
  readonly seed: string;
  /** How many packets it has. */
  readonly packets: number;
  /** Each step of the lesson; none if it is not known. */
  readonly steps: readonly GradedStep[];
  /** What a teacher should look at, in sentences. */
  readonly remarks: readonly string[];
}

/**
 * A file that was read.
 *
 * @category Lessons
 */
export interface HandedIn {
  /** What it is called. */
  readonly file: string;
  /** What is in it. */
  readonly evidence: Evidence;
}

/**
 * Grades files, each by itself and all beside each other.
 *
 * @category Lessons
 * @param lessons those that are known
 */
export async function gradeEvidence(
  handedIn: readonly HandedIn[],
  lessons: readonly Lesson[],
): Promise<GradedEvidence[]> {
  const seen = packetsByFile(handedIn);
  const graded: GradedEvidence[] = [];
  for (const one of handedIn) {
    const { file, evidence } = one;
    const { lesson: id, hash, seed, packets, damage } = evidence;
    const remarks: string[] = [];
    if (damage !== undefined) {
      remarks.push(
        `the file is damaged, and what could be read counts: ${damage}`,
      );
    }
    const lesson = lessons.find((lesson) => lesson.id === id);
    if (lesson === undefined) {
      remarks.push(`there is no lesson ${JSON.stringify(id)} to check it by`);
    } else if (await lessonHash(lesson) !== hash) {
      remarks.push(
        "it is of another version of the lesson: it is checked by this one",
      );
    }
    const steps = lesson === undefined ? [] : gradeSteps(evidence, lesson);
    if (lesson !== undefined) {
      remarks.push(...foreign(one, handedIn, lesson, steps));
    }
    remarks.push(...shared(one, handedIn, seen));
    graded.push({
      ...{ file, lesson: id, seed, packets: packets.length, steps, remarks },
    });
  }
  return graded;
}

function gradeSteps(
  { seed, predictions, packets }: Evidence,
  lesson: Lesson,
): GradedStep[] {
  const own = ownValues(lesson, seed);
  return lesson.steps.map((step): GradedStep => {
    const { id } = step;
    const locked = predictions.find((prediction) => prediction.step === id);
    // What was seen before it was foretold, nobody foretold.
    const { holds, results, answer } = checkStep(
      ...[step, packets, own, locked?.lockedNs] as const,
    );
    const failed = results.find((result) => !result.holds);
    return {
      id,
      isSeen: holds,
      ...failed === undefined ? {} : { missing: failed.what },
      ...locked === undefined ? {} : { prediction: locked.value },
      ...answer === undefined ? {} : { answer },
      isRight: locked !== undefined && isRight(locked.value, answer),
    };
  });
}

/** Whether packets that lack this student's values have somebody else's. */
function foreign(
  { file, evidence }: HandedIn,
  handedIn: readonly HandedIn[],
  lesson: Lesson,
  steps: readonly GradedStep[],
): string[] {
  const seenBy = (graded: readonly GradedStep[]) =>
    graded.filter(({ isSeen }) => isSeen).length;
  const own = seenBy(steps);
  if (own === steps.length) return [];
  const seeds = new Map(
    handedIn.map(({ evidence: { seed }, file }) => [seed, file]),
  );
  seeds.delete(evidence.seed);
  return [...seeds].flatMap(([seed, other]) => {
    const predictions = evidence.predictions.map((prediction) => ({
      ...prediction,
      lockedNs: 0n,
    }));
    const theirs = { ...evidence, predictions, seed };
    return other !== file && seenBy(gradeSteps(theirs, lesson)) > own
      ? [`its packets have the values of the seed of ${other}`]
      : [];
  });
}

/** What two files have that only one can have made. */
function shared(
  { file, evidence }: HandedIn,
  handedIn: readonly HandedIn[],
  seen: ReadonlyMap<string, ReadonlySet<string>>,
): string[] {
  const ours = seen.get(file) ?? new Set();
  return handedIn.flatMap((other) => {
    if (other.file === file) return [];
    const theirs = seen.get(other.file) ?? new Set();
    const common = ours.intersection(theirs).size;
    const isSame = other.evidence.lesson === evidence.lesson &&
      other.evidence.seed === evidence.seed;
    return [
      ...isSame ? [`it has the seed of ${other.file}`] : [],
      ...common > 0
        ? [
          `${common} of its packets are in ${other.file}, too, to the nanosecond`,
        ]
        : [],
    ];
  });
}

/** Each packet with its time: nobody sees the same twice. */
function packetsByFile(
  handedIn: readonly HandedIn[],
): Map<string, Set<string>> {
  return new Map(
    handedIn.map(({ file, evidence: { packets } }) => [
      file,
      new Set(
        packets.filter(({ timestampNs }) => timestampNs !== undefined).map((
          { timestampNs, bytes, interfaceName },
        ) =>
          `${timestampNs} ${interfaceName} ${bytes.subarray(0, 96).toHex()}`
        ),
      ),
    ]),
  );
}
