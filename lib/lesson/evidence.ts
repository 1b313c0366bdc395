/**
 * Evidence of a lesson: one pcapng file, whose packets Wireshark shows as those
 * of any other, and whose section has as its comment which lesson it was, the
 * student's seed, and what was predicted when.
 *
 * It proves that these packets meet the lesson's checks with this seed's values,
 * and no more: the student owns the machine, and can write any file.
 *
 * @module
 */

import { CaptureFileError } from "../capture/format_reader.ts";
import { PcapngWriter } from "../capture/pcapng_writer.ts";
import { readCapture } from "../capture/read_capture.ts";
import type { FieldValue, Lesson } from "./lesson.ts";
import type { LessonPacket } from "./packet_values.ts";
import { LessonError, wanted } from "./read_values.ts";

/**
 * What was foretold of a step.
 *
 * @category Lessons
 */
export interface LockedPrediction {
  /** The step. */
  readonly step: string;
  /** What was foretold. */
  readonly value: FieldValue;
  /** When it was locked, in nanoseconds since 1970. */
  readonly lockedNs: bigint;
}

/**
 * What a student hands in.
 *
 * @category Lessons
 */
export interface Evidence {
  /** The lesson's name. */
  readonly lesson: string;
  /** The lesson's hash: of its text as {@linkcode lessonHash} has it. */
  readonly hash: string;
  /** The student's seed. */
  readonly seed: string;
  /** In the order in which they were locked, one a step at most. */
  readonly predictions: readonly LockedPrediction[];
  /** What was seen. */
  readonly packets: readonly LessonPacket[];
  /** What is wrong with the file, behind what could be read. */
  readonly damage?: string;
}

const FORMAT = "raw4 lesson evidence 1";
const MOST_PREDICTIONS = 64;
const MOST_PACKETS = 100_000;
const MOST_OCTETS = 64 * 1024 * 1024;

/**
 * The SHA-256 of a lesson, in hexadecimal: whoever changes a question or a check
 * has another lesson.
 *
 * @category Lessons
 */
export async function lessonHash(lesson: Lesson): Promise<string> {
  const text = new TextEncoder().encode(JSON.stringify(ordered(lesson)));
  const hash = await crypto.subtle.digest("SHA-256", text);
  return new Uint8Array(hash).toHex();
}

/** The same with the names of every object in one order. */
function ordered(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(ordered);
  const entries = Object.entries(value).map(([name, inner]) =>
    [name, ordered(inner)] as const
  );
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1));
}

/**
 * Locks a prediction: of each step the first counts, and no other.
 *
 * @category Lessons
 * @throws {LessonError} if there is no such step, or it is locked already
 */
export function lockPrediction(
  { steps }: Lesson,
  predictions: readonly LockedPrediction[],
  prediction: LockedPrediction,
): readonly LockedPrediction[] {
  const { step } = prediction;
  if (!steps.some(({ id }) => id === step)) {
    throw new LessonError(`the lesson has no step ${JSON.stringify(step)}`);
  }
  if (predictions.some((locked) => locked.step === step)) {
    throw new LessonError(`the prediction of ${step} is locked already`);
  }
  return [...predictions, prediction];
}

/**
 * Writes evidence: the octets of a pcapng file.
 *
 * @category Lessons
 * @throws {RangeError} if the seed or predictions are longer than a comment
 */
export function encodeEvidence(
  { lesson, hash, seed, predictions, packets }: Evidence,
): Uint8Array<ArrayBuffer>[] {
  const comment = JSON.stringify({
    format: FORMAT,
    lesson,
    hash,
    seed,
    predictions: predictions.map(({ step, value, lockedNs }) => ({
      step,
      value,
      lockedNs: `${lockedNs}`,
    })),
  });
  const writer = new PcapngWriter({ application: "raw4", comment });
  return [writer.start, ...packets.flatMap((packet) => writer.encode(packet))];
}

/**
 * Reads evidence, which is hostile. A file that is cut short or damaged behind
 * its head gives what could be read, and `damage`.
 *
 * @category Lessons
 * @param chunks the file, cut in any way
 * @throws {LessonError} if it is no evidence at all
 */
export async function readEvidence(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Evidence> {
  let head: string | undefined;
  let sections = 0;
  let octets = 0;
  let damage: string | undefined;
  const packets: LessonPacket[] = [];
  const onSection = ({ comment }: { comment?: string }) => {
    if (sections++ === 0) head = comment;
  };
  try {
    for await (const packet of readCapture(chunks, { onSection })) {
      octets += packet.bytes.length;
      if (packets.length === MOST_PACKETS || octets > MOST_OCTETS) {
        damage = `there are more than ${MOST_PACKETS} packets, or 64 MiB`;
        break;
      }
      packets.push(packet);
    }
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    damage = error.message;
  }
  if (head === undefined) {
    throw new LessonError(
      "it is no evidence of a lesson: " + (damage ?? "nothing says which"),
    );
  }
  if (sections > 1) damage ??= `it has ${sections} sections, of several files`;
  const evidence = { ...readHead(head), packets };
  return damage === undefined ? evidence : { ...evidence, damage };
}

function readHead(text: string): Omit<Evidence, "packets"> {
  let head: unknown;
  try {
    head = JSON.parse(text);
  } catch {
    throw new LessonError("it is no evidence of a lesson: its comment is none");
  }
  if (typeof head !== "object" || head === null) {
    throw wanted("the evidence", "an object", head);
  }
  const { format, lesson, hash, seed, predictions } = head as Record<
    string,
    unknown
  >;
  if (format !== FORMAT) throw wanted("the evidence's format", FORMAT, format);
  if (!Array.isArray(predictions) || predictions.length > MOST_PREDICTIONS) {
    throw wanted("predictions", `a list of ${MOST_PREDICTIONS} at most`, 0);
  }
  const read: LockedPrediction[] = [];
  for (const { step, value, lockedNs } of predictions.map(Object)) {
    if (read.some((earlier) => earlier.step === step)) {
      throw wanted("predictions", "one a step", step);
    }
    read.push({
      step: shortText(step, "a prediction's step"),
      value: typeof value === "number" || typeof value === "boolean"
        ? value
        : shortText(value, "a prediction"),
      lockedNs: /^\d{1,20}$/.test(`${lockedNs}`)
        ? BigInt(lockedNs)
        : fail("a prediction's time", "nanoseconds", lockedNs),
    });
  }
  return {
    lesson: shortText(lesson, "the lesson"),
    hash: shortText(hash, "the hash"),
    seed: shortText(seed, "the seed"),
    predictions: read,
  };
}

function shortText(value: unknown, what: string): string {
  return typeof value === "string" && value.length <= 200
    ? value
    : fail(what, "a text of 200 characters at most", value);
}

function fail(what: string, form: string, value: unknown): never {
  throw wanted(what, form, value);
}
