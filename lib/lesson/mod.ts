/**
 * Lessons: predict, do, see, explain. What is seen is checked by patterns over
 * packets, and what a student hands in is checked again from its octets. All of
 * it is pure, and runs in a browser.
 *
 * @example
 * ```ts
 * import { checkStep, LESSONS, ownValues, withOwnValues } from "raw4/lessons";
 * import { LINK_TYPE_RAW, packetFromJSON } from "raw4/packets";
 * import { assert } from "@std/assert";
 *
 * const [hello] = LESSONS;
 * const [step] = hello.steps;
 * const own = ownValues(hello, "Ada");
 * const [{ layers }] = step.do.send;
 * const packet = {
 *   bytes: packetFromJSON(withOwnValues({ layers }, own)),
 *   linkType: LINK_TYPE_RAW,
 *   timestampNs: 1n,
 *   interfaceName: "receiver/eth0",
 * };
 * assert(checkStep(step, [packet], own).holds);
 * assert(!checkStep(step, [packet], ownValues(hello, "Grace")).holds);
 * ```
 *
 * @module
 */

// Lessons
export * from "./lesson.ts";
export { LESSONS } from "./lessons/lessons.ts";
export { LESSON_MAX_LENGTH, parseLesson, readLesson } from "./read_lesson.ts";
export { LessonError } from "./read_values.ts";
export { lessonTexts } from "./texts.ts";

// The student's own
export { type OwnValues, ownValues, withOwnValues } from "./own_values.ts";

// What was seen
export * from "./check.ts";
export type { LessonPacket } from "./packet_values.ts";

// Evidence
export * from "./evidence.ts";
export * from "./grade.ts";
