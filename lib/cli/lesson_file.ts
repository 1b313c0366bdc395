/**
 * A teacher's own lessons, from files.
 *
 * @module
 */

import type { Lesson } from "../lesson/lesson.ts";
import { LESSON_MAX_LENGTH, parseLesson } from "../lesson/read_lesson.ts";
import { LessonError } from "../lesson/read_values.ts";
import { EXIT, ScriptError } from "./exit.ts";
import { openInput } from "./input.ts";

/**
 * Reads lessons.
 *
 * @throws {ScriptError} if a file cannot be read, or is no lesson: that is a
 * mistake in the command
 */
export async function readLessonFiles(
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Lesson[]> {
  const lessons: Lesson[] = [];
  for (const path of paths) {
    const pieces = ReadableStream.from(openInput(path, signal))
      .pipeThrough(new TextDecoderStream());
    let text = "";
    for await (const piece of pieces) {
      text += piece;
      if (text.length > LESSON_MAX_LENGTH) break;
    }
    try {
      lessons.push(parseLesson(text));
    } catch (error) {
      if (!(error instanceof LessonError)) throw error;
      throw new ScriptError(`${path}: ${error.message}`, EXIT.USAGE);
    }
  }
  return lessons;
}
