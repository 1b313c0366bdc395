/**
 * Lessons: predict, do, see, explain.
 *
 * @module
 */

import { useMemo, useState } from "preact/hooks";
import { isRight, type StepResult } from "../../lesson/check.ts";
import type { LessonStep, LessonStepTexts } from "../../lesson/lesson.ts";
import { lessonTexts } from "../../lesson/texts.ts";
import type { Attempt } from "../lessons/attempt.ts";
import type { Model } from "../model.ts";

/** The lesson that a student is at, or the choice of one. */
export function LessonView({ model }: { readonly model: Model }) {
  const { words, desk, language } = model;
  const { attempt } = desk;
  return (
    <aside class="lesson" aria-label={words.lessons}>
      <div class="bar">
        <h2>
          {attempt === undefined
            ? words.lessons
            : lessonTexts(attempt.lesson, language).title}
        </h2>
        {attempt !== undefined && (
          <button
            type="button"
            onClick={() => desk.leave()}
          >
            {words.otherLessons}
          </button>
        )}
        <button
          type="button"
          onClick={() => model.change({ isAtLesson: false })}
        >
          {words.close}
        </button>
      </div>
      {attempt === undefined
        ? <Choice model={model} />
        : <Steps key={attempt.lesson.id} model={model} attempt={attempt} />}
    </aside>
  );
}

function Choice({ model }: { readonly model: Model }) {
  const { words, source, desk, language } = model;
  const [seed, setSeed] = useState(desk.seed ?? "");
  return (
    <>
      <label>
        {words.seed}{" "}
        <input
          class="value"
          value={seed}
          maxLength={100}
          onInput={({ currentTarget: { value } }) => setSeed(value)}
        />
      </label>
      <ul>
        {desk.lessons.map((lesson) => (
          <li key={lesson.id}>
            <button
              type="button"
              disabled={seed.trim() === "" || source.lab?.call !== lesson.lab}
              onClick={() => desk.begin(lesson, seed.trim())}
            >
              {lessonTexts(lesson, language).title}
            </button>{" "}
            {source.lab?.call !== lesson.lab && (
              <small>{words.needsLab(lesson.lab)}</small>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function Steps({ model, attempt }: {
  readonly model: Model;
  readonly attempt: Attempt;
}) {
  const { words, language, store: { packets, epoch } } = model;
  const { lesson, own, predictions } = attempt;
  const { about, steps } = lessonTexts(lesson, language);
  const results = useMemo(
    () => lesson.steps.map((step) => attempt.check(step, packets)),
    [attempt, packets.length, epoch],
  );
  // Those after the first that is not done are still to come.
  const undone = results.findIndex((result) => result?.holds !== true);
  const shown = lesson.steps.slice(0, undone < 0 ? undefined : undone + 1);
  return (
    <>
      <p>{about}</p>
      <p>
        {Object.entries(own).map(([name, value]) => (
          <span key={name} class="own">
            {name}: <b>{`${value}`}</b>
          </span>
        ))}
      </p>
      {shown.map((step, i) => (
        <Step
          key={step.id}
          title={words.step(i + 1, lesson.steps.length)}
          texts={steps[i]}
          result={results[i]}
          {...{ model, attempt, step }}
        />
      ))}
      {undone < 0 && (
        <p role="status">
          <b>{words.allDone}</b>
        </p>
      )}
      <button
        type="button"
        disabled={predictions.length === 0}
        onClick={() => model.exportEvidence()}
      >
        {words.evidence}
      </button>
    </>
  );
}

function Step({ model, attempt, step, texts, result, title }: {
  readonly model: Model;
  readonly attempt: Attempt;
  readonly step: LessonStep;
  readonly texts: LessonStepTexts;
  readonly result: StepResult | undefined;
  readonly title: string;
}) {
  const { words, isSending, outcome } = model;
  const [value, setValue] = useState("");
  const { predict: { choices } } = step;
  const locked = attempt.locked(step);
  // What is locked, and what is right, are the lesson's own words.
  const shown = (value: unknown) => {
    const at = choices?.indexOf(`${value}`) ?? -1;
    return at < 0 ? `${value}` : texts.choices![at];
  };
  return (
    <section class="step" aria-label={title}>
      <h3>{title}</h3>
      <fieldset disabled={locked !== undefined}>
        <legend>{words.predict}: {texts.question}</legend>
        {choices?.map((choice) => (
          <label key={choice}>
            <input
              type="radio"
              name={step.id}
              checked={(locked?.value ?? value) === choice}
              onChange={() => setValue(choice)}
            />{" "}
            {shown(choice)}
          </label>
        ))}
        {choices === undefined && (
          <input
            class="value"
            aria-label={words.predict}
            value={`${locked?.value ?? value}`}
            maxLength={100}
            onInput={({ currentTarget }) => setValue(currentTarget.value)}
          />
        )}
        <button
          type="button"
          disabled={value.trim() === ""}
          onClick={() => model.desk.lock(step.id, value.trim())}
        >
          {words.lock}
        </button>
      </fieldset>
      {locked !== undefined && (
        <p>
          <b>{words.do}</b>: {texts.do}{" "}
          <button
            type="button"
            class="primary"
            disabled={isSending || !model.source.isLive}
            onClick={() => model.sendAll(() => attempt.sends(step))}
          >
            {isSending ? words.sending : words.send}
          </button>
        </p>
      )}
      {outcome !== undefined && result?.holds === false && (
        <pre class="outcome" lang="en" tabIndex={0}>{outcome}</pre>
      )}
      {result !== undefined && (
        <ul class="see">
          {texts.see.map((what, i) => {
            const holds = result.results[i]?.holds === true;
            return (
              <li key={i} class={holds ? "seen" : undefined}>
                {holds ? "✓" : "○"} {what}{" "}
                <small>{holds ? words.seen : words.notSeen}</small>
              </li>
            );
          })}
        </ul>
      )}
      {result?.holds && (
        <p>
          <b>
            {words.predicted(
              isRight(locked!.value, result.answer),
              shown(result.answer),
            )}
          </b>{" "}
          {texts.explain}
        </p>
      )}
    </section>
  );
}
