/** Lessons are hostile until they are read. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Lesson, LessonTexts } from "../../lib/lesson/lesson.ts";
import { LESSONS } from "../../lib/lesson/lessons/lessons.ts";
import {
  LESSON_MAX_LENGTH,
  parseLesson,
  readLesson,
} from "../../lib/lesson/read_lesson.ts";
import { LessonError } from "../../lib/lesson/read_values.ts";
import { lessonTexts } from "../../lib/lesson/texts.ts";

/** A lesson in which one place holds something else. */
function withValue(path: string, value: unknown): unknown {
  const lesson = structuredClone(LESSONS[0]) as unknown as Record<
    string,
    unknown
  >;
  const names = path.split(".");
  const last = names.pop()!;
  let inner = lesson;
  for (const name of names) inner = inner[name] as Record<string, unknown>;
  inner[last] = value;
  return lesson;
}

Deno.test("the lessons are read as they are, and differ", () => {
  assert(LESSONS.length >= 8);
  assertEquals(new Set(LESSONS.map(({ id }) => id)).size, LESSONS.length);
  for (const lesson of LESSONS) {
    assertEquals(readLesson(JSON.parse(JSON.stringify(lesson))), lesson);
    for (const { predict } of lesson.steps) {
      const { choices = [], answer } = predict;
      assert(choices.length !== 1, "no choice");
      if (typeof answer === "object") continue;
      assert(choices.length === 0 || choices.includes(`${answer}`));
    }
  }
});

Deno.test("every lesson is told in the page's second language, too", () => {
  for (const lesson of LESSONS) {
    const [english, german] = ["en", "de"].map((language) =>
      lessonTexts(lesson, language)
    );
    const words = (texts: LessonTexts) =>
      JSON.stringify(texts).split('"').filter((text) => / /.test(text));
    const common = words(english).filter((text) =>
      words(german).includes(text)
    );
    assertEquals(common, [], `${lesson.id} is not translated`);
    assertEquals(lessonTexts(lesson, "fr"), english);
  }
});

Deno.test("a hostile lesson is refused in words, before anything is done", () => {
  const long = "x".repeat(5000);
  const many = (value: unknown) => Array.from({ length: 500 }, () => value);
  const [step] = LESSONS[0].steps;
  const CASES: [path: string, value: unknown, says: string][] = [
    ["id", "../../etc/passwd", "id must be a name"],
    ["id", "__proto__", "id must be a name"],
    ["title", long, "title must be a text of 200"],
    ["about", 5, "about must be a text"],
    ["run", "rm", "must be nothing but"],
    ["own", many(1), "own must be an object"],
    ["own", { word: { kind: "eval" } }, "own.word.kind must be"],
    ["own", { word: { kind: "number", min: 5, max: 1 } }, "own.word.max"],
    [
      "own",
      { n: { kind: "address", network: "8.8", min: 1, max: 2 } },
      "octets",
    ],
    ["own", {}, "a name of its own values"],
    ["steps", [], "one step at least"],
    ["steps", [step, step], "ids that differ"],
    ["steps", many(step), "steps must be a list"],
    ["steps.0.script", "alert(1)", "must be nothing but"],
    ["steps.0.see", many({}), "see must be a list of 12"],
    ["steps.0.see.0.where", { "ipv4.ttl": { code: "1" } }, "nothing but min"],
    ["steps.0.see.0.where", { "constructor.prototype": [] }, "an object"],
    ["steps.0.see.0.where", { "(a+)+$": 1 }, "paths such as"],
    ["steps.0.see.0.where", { "ipv4.ttl": { min: "1" } }, "must be a number"],
    ["steps.0.see.0.where", { "ipv4.ttl": { min: null } }, "must be a number"],
    ["steps.0.see.0.where", { "ipv4.ttl": { sameAs: "x.y" } }, "sameAs one of"],
    ["steps.0.see.0.min", 1e9, "whole number from 0 to 100000"],
    ["steps.0.see.0.min", -1, "whole number"],
    ["steps.0.do.send.0.times", 1e9, "whole number from 1 to 16"],
    ["steps.0.do.send.0.layers", many({}), "a list of 16"],
    ["steps.0.do.send.0.layers", [{ ipv4: {}, udp: {} }], "1 at most"],
    ["steps.0.predict.answer", { sameAs: "nobody.ipv4.ttl" }, "sameAs one of"],
    ["steps.0.predict.answer", null, "an object"],
    ["steps.1.predict.answer", "something else", "one of the choices"],
    ["translations", many({}), "translations must be an object"],
    ["translations", { "<b>": {} }, "codes such as de"],
    ["translations.de.script", "alert(1)", "must be nothing but"],
    ["translations.de.title", long, "title must be a text of 200"],
    ["translations.de.steps", [], "a list of 2, as the lesson has them"],
    ["translations.de.steps.0.see", ["a", "b"], "see must be a list of 1"],
    ["translations.de.steps.0.choices", ["a"], "choices must be a list of 0"],
    ["translations.de.steps.1.choices", ["a"], "a list of 3, as the lesson"],
  ];
  for (const [path, value, says] of CASES) {
    assertThrows(() => readLesson(withValue(path, value)), LessonError, says);
  }
  for (const value of [undefined, null, [], 5, "lesson", () => {}]) {
    assertThrows(() => readLesson(value), LessonError, "an object");
  }
});

Deno.test("parseLesson() refuses what is no JSON, too long, or too deep", () => {
  const text = JSON.stringify(LESSONS[0]);
  assertEquals(parseLesson(text), LESSONS[0]);
  for (let i = 0; i < text.length; i += 7) {
    assertThrows(() => parseLesson(text.slice(0, i)), LessonError, "no JSON");
  }
  assertThrows(
    () => parseLesson(text.padEnd(LESSON_MAX_LENGTH + 1)),
    LessonError,
    "more than",
  );
  const deep = (depth: number) => {
    let value: unknown = "$nobody";
    for (let i = 0; i < depth; i++) value = [value];
    return withValue("steps.0.do.send.0.layers", [{ data: value }]);
  };
  assertThrows(() => readLesson(deep(2)), LessonError, "its own values");
  assertThrows(
    () => parseLesson(JSON.stringify(deep(2000))),
    LessonError,
    "less within each other",
  );
});

Deno.test("nothing in a lesson is too deep to be refused", () => {
  const deep = "[".repeat(60_000) + "]".repeat(60_000);
  const text = JSON.stringify(LESSONS[0]);
  const places = [
    '"id":',
    '"about":',
    '"own":',
    '"see":',
    '"where":',
    '"send":',
  ];
  for (const place of places) {
    const at = text.indexOf(place) + place.length;
    const hostile = `${text.slice(0, at)}${deep},"x":${text.slice(at)}`;
    assertThrows(() => parseLesson(hostile), LessonError);
  }
});

Deno.test("what a lesson has of its own does not reach anybody else's", () => {
  const text = JSON.stringify(LESSONS[0]).replace(
    '"own":{',
    '"own":{"__proto__":{"kind":"word"},',
  );
  assertThrows(() => parseLesson(text), LessonError, "a name");
  const where = `"where":{"__proto__":{"min":1},`;
  const path = JSON.stringify(LESSONS[0]).replace('"where":{', where);
  assertThrows(() => parseLesson(path), LessonError, "paths such as");
  assertEquals(({} as Partial<Lesson>).id, undefined);
});
