/**
 * Reading lessons, which are hostile until they are read: nothing in them runs,
 * and all in them has limits.
 *
 * @module
 */

import type {
  Expectation,
  FieldCondition,
  Lesson,
  LessonSend,
  LessonStep,
  Prediction,
} from "./lesson.ts";
import {
  entriesAt,
  LessonError,
  listAt,
  LONGEST_TEXT,
  nameAt,
  numberAt,
  objectAt,
  SHORT_TEXT,
  textAt,
  valueAt,
  wanted,
  wholeAt,
} from "./read_values.ts";
import { checkOwnNames, ownAt } from "./read_own.ts";
import { translationsAt } from "./texts.ts";

/**
 * Characters of a lesson's file at most.
 *
 * @category Lessons
 */
export const LESSON_MAX_LENGTH = 131_072;

/** What is longer is no lesson. */
const MOST = {
  steps: 16,
  expectations: 12,
  conditions: 16,
  choices: 8,
  own: 16,
  sends: 16,
  times: 16,
  packets: 100_000,
} as const;

const PATH =
  /^[a-z]\w{0,19}(\[\d{1,2}\])?(\.[a-z]\w{0,29}(\[\d{1,3}\])?){1,5}$/i;

/**
 * Reads a lesson from the text of a file.
 *
 * @category Lessons
 * @throws {LessonError} if it is none, saying where and what is wanted
 */
export function parseLesson(text: string): Lesson {
  if (text.length > LESSON_MAX_LENGTH) {
    throw new LessonError(
      `the lesson has more than ${LESSON_MAX_LENGTH} characters`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LessonError(`the lesson is no JSON: ${(error as Error).message}`);
  }
  return readLesson(value);
}

/**
 * Checks that a value is a lesson, and keeps nothing else of it.
 *
 * @category Lessons
 * @throws {LessonError} if it is none, saying where and what is wanted
 */
export function readLesson(value: unknown): Lesson {
  const given = objectAt(value, "the lesson", [
    ...["id", "title", "lab", "about", "own", "steps", "translations"],
  ]);
  const own = entriesAt(given.own ?? {}, "own", MOST.own);
  const steps = listAt(given.steps, "steps", MOST.steps).map(stepAt);
  if (steps.length === 0) throw wanted("steps", "one step at least", []);
  const ids = steps.map(({ id }) => id);
  const twice = ids.find((id, i) => ids.indexOf(id) !== i);
  if (twice !== undefined) throw wanted("steps", "ids that differ", twice);
  const lesson: Lesson = {
    id: nameAt(given.id, "id"),
    title: textAt(given.title, "title", SHORT_TEXT),
    lab: textAt(given.lab, "lab", SHORT_TEXT),
    about: textAt(given.about, "about", LONGEST_TEXT),
    own: Object.fromEntries(own.map(([name, value]) => [
      nameAt(name, "own"),
      ownAt(value, `own.${name}`),
    ])),
    steps,
    ...given.translations === undefined
      ? {}
      : { translations: translationsAt(given.translations, steps) },
  };
  checkOwnNames(lesson);
  return lesson;
}

function stepAt(value: unknown, i: number): LessonStep {
  const at = `steps[${i}]`;
  const given = objectAt(value, at, ["id", "predict", "do", "see", "explain"]);
  const doing = objectAt(given.do, `${at}.do`, ["text", "send"]);
  const see = listAt(given.see, `${at}.see`, MOST.expectations)
    .map((value, j) => expectationAt(value, `${at}.see[${j}]`));
  if (see.length === 0) throw wanted(`${at}.see`, "one at least", []);
  const predict = predictionAt(given.predict, `${at}.predict`);
  const named: string[] = [];
  for (const [j, { name, where }] of see.entries()) {
    for (const [path, condition] of Object.entries(where)) {
      if (typeof condition !== "object") continue;
      const { sameAs } = condition;
      if (sameAs === undefined) continue;
      checkReference(sameAs, named, `${at}.see[${j}].where ${path}`);
    }
    if (name !== undefined) named.push(name);
  }
  if (typeof predict.answer === "object") {
    checkReference(predict.answer.sameAs, named, `${at}.predict.answer`);
  }
  return {
    id: nameAt(given.id, `${at}.id`),
    predict,
    do: {
      text: textAt(doing.text, `${at}.do.text`, LONGEST_TEXT),
      send: listAt(doing.send, `${at}.do.send`, MOST.sends)
        .map((value, j) => sendAt(value, `${at}.do.send[${j}]`)),
    },
    see,
    explain: textAt(given.explain, `${at}.explain`, LONGEST_TEXT),
  };
}

/** Only what an earlier expectation has found can be referred to. */
function checkReference(
  sameAs: string,
  named: readonly string[],
  at: string,
): void {
  const [name] = sameAs.split(".");
  if (named.includes(name) && PATH.test(sameAs.slice(name.length + 1))) return;
  throw wanted(at, `sameAs one of ${named.join(", ") || "nobody"}`, sameAs);
}

function predictionAt(value: unknown, at: string): Prediction {
  const given = objectAt(value, at, ["question", "choices", "answer"]);
  const question = textAt(given.question, `${at}.question`, LONGEST_TEXT);
  if (typeof given.answer === "object") {
    const { sameAs } = objectAt(given.answer, `${at}.answer`, ["sameAs"]);
    const answer = { sameAs: textAt(sameAs, `${at}.answer`, SHORT_TEXT) };
    return { question, answer };
  }
  const answer = valueAt(given.answer, `${at}.answer`);
  if (given.choices === undefined) return { question, answer };
  const choices = listAt(given.choices, `${at}.choices`, MOST.choices)
    .map((choice, i) => textAt(choice, `${at}.choices[${i}]`, SHORT_TEXT));
  if (typeof answer === "string" && choices.includes(answer)) {
    return { question, choices, answer };
  }
  throw wanted(`${at}.answer`, "one of the choices", answer);
}

function expectationAt(value: unknown, at: string): Expectation {
  const given = objectAt(value, at, [
    ...["what", "name", "at", "where", "min", "max"],
  ]);
  const where = entriesAt(given.where, `${at}.where`, MOST.conditions);
  const count = (name: "min" | "max") =>
    given[name] === undefined
      ? {}
      : { [name]: wholeAt(given[name], `${at}.${name}`, 0, MOST.packets) };
  const name = (name: "name" | "at") =>
    given[name] === undefined
      ? {}
      : { [name]: nameAt(given[name], `${at}.${name}`) };
  return {
    what: textAt(given.what, `${at}.what`, SHORT_TEXT),
    ...name("name"),
    ...name("at"),
    where: Object.fromEntries(where.map(([path, value]) => {
      if (!PATH.test(path)) {
        throw wanted(`${at}.where`, "paths such as ipv4.ttl", path);
      }
      return [path, conditionAt(value, `${at}.where ${path}`)];
    })),
    ...count("min"),
    ...count("max"),
  };
}

function conditionAt(value: unknown, at: string): FieldCondition {
  if (typeof value !== "object") return valueAt(value, at);
  const { min, max, not, sameAs } = objectAt(value, at, [
    ...["min", "max", "not", "sameAs"],
  ]);
  return {
    ...min === undefined ? {} : { min: numberAt(min, `${at}.min`) },
    ...max === undefined ? {} : { max: numberAt(max, `${at}.max`) },
    ...not === undefined ? {} : { not: valueAt(not, `${at}.not`) },
    ...sameAs === undefined
      ? {}
      : { sameAs: textAt(sameAs, `${at}.sameAs`, SHORT_TEXT) },
  };
}

function sendAt(value: unknown, at: string): LessonSend {
  const given = objectAt(value, at, ["host", "layers", "times"]);
  const layers = listAt(given.layers, `${at}.layers`, MOST.sends)
    .map((layer, i) => {
      const fields = entriesAt(layer, `${at}.layers[${i}]`, 1);
      // What is in it `packetFromJSON` checks, when it is to be built.
      return Object.fromEntries(fields);
    });
  const { times } = given;
  return {
    host: nameAt(given.host, `${at}.host`),
    layers,
    ...times === undefined
      ? {}
      : { times: wholeAt(times, `${at}.times`, 1, MOST.times) },
  };
}
