/**
 * Reading the values of hostile JSON, each where it must be and no longer than
 * it may be.
 *
 * @module
 */

import { Raw4Error } from "../wire/errors.ts";
import type { FieldValue } from "./lesson.ts";

/**
 * A lesson, or evidence, that is none.
 *
 * @category Lessons
 */
export class LessonError extends Raw4Error {
  /** The class, also where a bundle has renamed it. */
  override name = "LessonError";
}

/** Characters of a text at most. */
export const LONGEST_TEXT = 4000;
/** Characters of a title, a choice, and the like. */
export const SHORT_TEXT = 200;

const NAME = /^[a-z][A-Za-z0-9_-]{0,39}$/;

/** An object with no other names than these. */
export function objectAt<Name extends string>(
  value: unknown,
  at: string,
  names: readonly Name[],
): Partial<Record<Name, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wanted(at, "an object", value);
  }
  const unknown = Object.keys(value).find((name) =>
    !names.includes(name as Name)
  );
  if (unknown === undefined) return value;
  throw wanted(at, `nothing but ${names.join(", ")}`, unknown);
}

/** What is in an object, whatever it is called. */
export function entriesAt(
  value: unknown,
  at: string,
  most: number,
): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wanted(at, "an object", value);
  }
  const entries = Object.entries(value);
  if (entries.length <= most) return entries;
  throw wanted(at, `${most} at most`, entries.length);
}

/** A list. */
export function listAt(value: unknown, at: string, most: number): unknown[] {
  if (Array.isArray(value) && value.length <= most) return value;
  throw wanted(at, `a list of ${most} at most`, value);
}

/** A text. */
export function textAt(value: unknown, at: string, most: number): string {
  if (typeof value === "string" && value.length <= most) return value;
  throw wanted(at, `a text of ${most} characters at most`, value);
}

/** A name, which is safe in files and paths. */
export function nameAt(value: unknown, at: string): string {
  if (typeof value === "string" && NAME.test(value)) return value;
  throw wanted(at, "a name of letters, digits, - and _", value);
}

/** A number. */
export function numberAt(value: unknown, at: string): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw wanted(at, "a number", value);
}

/** A whole number within a range. */
export function wholeAt(
  value: unknown,
  at: string,
  min: number,
  max: number,
): number {
  const number = numberAt(value, at);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw wanted(at, `a whole number from ${min} to ${max}`, value);
}

/** What a field may be compared with. */
export function valueAt(value: unknown, at: string): FieldValue {
  if (typeof value === "string") return textAt(value, at, LONGEST_TEXT);
  if (typeof value === "boolean") return value;
  return numberAt(value, at);
}

/**
 * The error for what a lesson must not have.
 *
 * @category Lessons
 */
export function wanted(at: string, what: string, value: unknown): LessonError {
  // Nothing within it is looked at, however deep it goes.
  const text = Array.isArray(value)
    ? "a list"
    : typeof value === "object" && value !== null
    ? "an object"
    : JSON.stringify(value) ?? "nothing";
  const found = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return new LessonError(`${at} must be ${what}, but is ${found}`);
}
