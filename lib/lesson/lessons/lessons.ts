/**
 * The lessons that there are, in the order in which they build on each other.
 * One more is a file of JSON here, as `../lesson.ts` has it, and its name below;
 * `tests/live/lesson` goes through it by itself.
 *
 * @module
 */

import type { Lesson } from "../lesson.ts";
import { readLesson } from "../read_lesson.ts";
import arp from "./arp.json" with { type: "json" };
import checksum from "./checksum.json" with { type: "json" };
import echo from "./echo.json" with { type: "json" };
import forged from "./forged.json" with { type: "json" };
import fragments from "./fragments.json" with { type: "json" };
import hello from "./hello.json" with { type: "json" };
import kernel from "./kernel.json" with { type: "json" };
import ttl from "./ttl.json" with { type: "json" };

/**
 * All lessons.
 *
 * @category Lessons
 *
 * @example
 * ```ts
 * import { LESSONS, ownValues } from "raw4/lessons";
 * import { assert, assertNotEquals } from "@std/assert";
 *
 * const [hello] = LESSONS;
 * assert(hello.steps.length > 0);
 * assertNotEquals(ownValues(hello, "Ada"), ownValues(hello, "Grace"));
 * ```
 */
export const LESSONS: readonly Lesson[] = [
  ...[hello, checksum, kernel, echo],
  ...[ttl, fragments, forged, arp],
].map(readLesson);
