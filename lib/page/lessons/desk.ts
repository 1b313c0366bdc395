/**
 * The lessons that there are, and how far a student has come with which.
 *
 * @module
 */

import type { Lesson } from "../../lesson/lesson.ts";
import { LESSON_MAX_LENGTH, parseLesson } from "../../lesson/read_lesson.ts";
import type { SavedFile } from "../state/browser.ts";
import type { Packet } from "../state/store.ts";
import { Attempt } from "./attempt.ts";

/** Where a student sits. */
export class Desk {
  lessons: readonly Lesson[] = [];
  /** The lesson that the student is at. */
  attempt: Attempt | undefined;
  #begun: readonly Attempt[] = [];

  /** @param onChange told when something changed */
  constructor(readonly onChange: () => void) {}

  /** The student's name, or what was given instead, where it is known. */
  get seed(): string | undefined {
    return this.#begun.at(-1)?.seed;
  }

  /**
   * Takes a lesson from a file, in place of one of the same name.
   *
   * @throws {LessonError} if it is none
   */
  async take(file: Blob): Promise<void> {
    // Of what is longer no more is needed to know that.
    const start = file.slice(0, 4 * LESSON_MAX_LENGTH + 4);
    const lesson = parseLesson(await start.text());
    const others = this.lessons.filter(({ id }) => id !== lesson.id);
    this.lessons = [lesson, ...others];
    this.leave();
  }

  /** Begins a lesson, or goes on with it. */
  begin(lesson: Lesson, seed: string): void {
    const begun = this.#begun.find((attempt) =>
      attempt.lesson === lesson && attempt.seed === seed
    );
    this.#replace(begun, begun ?? Attempt.begin(lesson, seed));
  }

  /** Locks a prediction: what comes from now on counts. */
  lock(step: string, value: string): void {
    const now = BigInt(Date.now()) * 1_000_000n;
    const { attempt } = this;
    if (attempt === undefined) return;
    this.#replace(attempt, attempt.lock(step, value, now));
  }

  #replace(old: Attempt | undefined, attempt: Attempt): void {
    this.#begun = [...this.#begun.filter((one) => one !== old), attempt];
    this.attempt = attempt;
    this.onChange();
  }

  /** Goes back to where a lesson is chosen. */
  leave(): void {
    this.attempt = undefined;
    this.onChange();
  }

  /** What the student hands in. */
  async evidence(packets: readonly Packet[]): Promise<SavedFile | undefined> {
    if (this.attempt === undefined) return undefined;
    const { lesson, seed } = this.attempt;
    const name = `${lesson.id}-${seed.replaceAll(/[^\w-]+/g, "_")}.pcapng`;
    return { name, pieces: await this.attempt.evidence(packets) };
  }
}
