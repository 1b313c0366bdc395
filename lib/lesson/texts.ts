/**
 * A lesson's texts, in the language of whoever reads them.
 *
 * @module
 */

import type { Lesson, LessonStep, LessonTexts } from "./lesson.ts";
import {
  entriesAt,
  listAt,
  LONGEST_TEXT,
  objectAt,
  SHORT_TEXT,
  textAt,
  wanted,
} from "./read_values.ts";

const MOST_LANGUAGES = 8;

/**
 * The texts of a lesson in a language, or where it has none, its own.
 *
 * @category Lessons
 * @param language its code, such as `de`
 */
export function lessonTexts(
  { title, about, steps, translations = {} }: Lesson,
  language: string,
): LessonTexts {
  if (Object.hasOwn(translations, language)) return translations[language];
  return {
    title,
    about,
    steps: steps.map(({ predict, do: { text }, see, explain }) => ({
      question: predict.question,
      ...predict.choices === undefined ? {} : { choices: predict.choices },
      do: text,
      see: see.map(({ what }) => what),
      explain,
    })),
  };
}

/** Reads texts in other languages, which must fit the lesson's steps. */
export function translationsAt(
  value: unknown,
  steps: readonly LessonStep[],
): Record<string, LessonTexts> {
  const entries = entriesAt(value, "translations", MOST_LANGUAGES);
  return Object.fromEntries(entries.map(([language, texts]) => {
    if (!/^[a-z]{2,3}$/.test(language)) {
      throw wanted("translations", "called by codes such as de", language);
    }
    return [language, textsAt(texts, steps, `translations.${language}`)];
  }));
}

function textsAt(
  value: unknown,
  steps: readonly LessonStep[],
  at: string,
): LessonTexts {
  const given = objectAt(value, at, ["title", "about", "steps"]);
  const texts = sameCount(given.steps, steps, `${at}.steps`);
  return {
    title: textAt(given.title, `${at}.title`, SHORT_TEXT),
    about: textAt(given.about, `${at}.about`, LONGEST_TEXT),
    steps: texts.map((value, i) =>
      stepTextsAt(value, steps[i], `${at}.steps[${i}]`)
    ),
  };
}

function stepTextsAt(
  value: unknown,
  { predict: { choices }, see }: LessonStep,
  at: string,
): LessonTexts["steps"][number] {
  const given = objectAt(value, at, [
    ...["question", "choices", "do", "see", "explain"] as const,
  ]);
  const text = (name: "question" | "do" | "explain") =>
    textAt(given[name], `${at}.${name}`, LONGEST_TEXT);
  const short = (values: unknown[], at: string) =>
    values.map((one, i) => textAt(one, `${at}[${i}]`, SHORT_TEXT));
  return {
    question: text("question"),
    ...choices === undefined && given.choices === undefined ? {} : {
      choices: short(
        sameCount(given.choices, choices ?? [], `${at}.choices`),
        `${at}.choices`,
      ),
    },
    do: text("do"),
    see: short(sameCount(given.see, see, `${at}.see`), `${at}.see`),
    explain: text("explain"),
  };
}

/** A list of as many as the lesson itself has. */
function sameCount(
  value: unknown,
  { length }: readonly unknown[],
  at: string,
): unknown[] {
  const list = listAt(value, at, length);
  if (list.length === length) return list;
  throw wanted(at, `a list of ${length}, as the lesson has them`, list);
}
