/**
 * Whether packets meet a step's expectations: pure, and in bounded time.
 *
 * @module
 */

import type {
  Expectation,
  FieldCondition,
  FieldValue,
  LessonStep,
} from "./lesson.ts";
import { ownValue, type OwnValues } from "./own_values.ts";
import { DissectedPacket, type LessonPacket } from "./packet_values.ts";

/**
 * What came of one expectation.
 *
 * @category Lessons
 */
export interface ExpectationResult {
  /** What it is about. */
  readonly what: string;
  /** Whether it holds. */
  readonly holds: boolean;
  /** Which packets meet it, counted from 0 in those that were given. */
  readonly packets: readonly number[];
}

/**
 * What came of a step.
 *
 * @category Lessons
 */
export interface StepResult {
  /** Whether all hold. */
  readonly holds: boolean;
  /** Of each expectation; those behind the first that fails are not tried. */
  readonly results: readonly ExpectationResult[];
  /** What the prediction should have been; absent where no packet tells. */
  readonly answer?: FieldValue;
}

/** Comparisons for one step at most: what needs more is no honest check. */
const MOST_TRIES = 2_000_000;

/**
 * Checks packets against the expectations of a step. Where one refers to a
 * packet of an earlier one, every packet that meets that one is tried.
 *
 * @category Lessons
 * @param own the student's own values
 * @param fromNs only packets that were seen then or later count; default all
 */
export function checkStep(
  { see, predict }: Pick<LessonStep, "see" | "predict">,
  packets: readonly LessonPacket[],
  own: OwnValues,
  fromNs?: bigint,
): StepResult {
  const { results, bound } = new StepCheck(see, packets, own, fromNs).run();
  const holds = results.length === see.length &&
    results.every((result) => result.holds);
  const answer = typeof predict.answer !== "object"
    ? ownValue(predict.answer, own)
    : bound(predict.answer.sameAs);
  return answer === undefined ? { holds, results } : { holds, results, answer };
}

/**
 * Whether a prediction was right: as the field has it, or as people write it.
 *
 * @category Lessons
 */
export function isRight(
  prediction: FieldValue,
  answer: FieldValue | undefined,
): boolean {
  const plain = (value: FieldValue) => `${value}`.trim().toLowerCase();
  if (answer === undefined) return false;
  if (typeof answer !== "number") return plain(prediction) === plain(answer);
  return plain(prediction) !== "" && Number(prediction) === answer;
}

interface Attempt {
  readonly results: readonly ExpectationResult[];
  readonly found: ReadonlyMap<string, DissectedPacket>;
}

class StepCheck {
  readonly #see: readonly Expectation[];
  readonly #own: OwnValues;
  readonly #packets: readonly LessonPacket[];
  readonly #dissected: DissectedPacket[] = [];
  /** By expectation: the packets that meet all but what refers to others. */
  readonly #candidates: readonly (readonly number[])[];
  #tries = 0;
  #best: Attempt = { results: [], found: new Map() };

  constructor(
    see: readonly Expectation[],
    packets: readonly LessonPacket[],
    own: OwnValues,
    fromNs: bigint | undefined,
  ) {
    this.#see = see;
    this.#own = own;
    this.#packets = packets;
    const inTime = [...packets.keys()].filter((i) => {
      const { timestampNs } = packets[i];
      return fromNs === undefined ||
        timestampNs !== undefined && timestampNs >= fromNs;
    });
    this.#candidates = see.map((expectation) =>
      inTime.filter((i) => this.#isCandidate(i, expectation))
    );
  }

  run(): {
    results: readonly ExpectationResult[];
    bound: (reference: string) => FieldValue | undefined;
  } {
    this.#try(0, [], new Map());
    const { results, found } = this.#best;
    return {
      results,
      bound: (reference) => valueOf(found, reference),
    };
  }

  /** Whether the expectations from `i` on can be met. */
  #try(
    i: number,
    results: readonly ExpectationResult[],
    found: ReadonlyMap<string, DissectedPacket>,
  ): boolean {
    if (results.length >= this.#best.results.length) {
      this.#best = { results, found };
    }
    if (i === this.#see.length) return true;
    const { what, name, max = Infinity, where } = this.#see[i];
    const { min = max === 0 ? 0 : 1 } = this.#see[i];
    const references = Object.entries(where).flatMap(([path, condition]) =>
      typeof condition === "object" && condition.sameAs !== undefined
        ? [[path, valueOf(found, condition.sameAs)] as const]
        : []
    );
    const packets = this.#candidates[i].filter((packet) =>
      references.every(([path, value]) =>
        value !== undefined && this.#value(packet, path) === value
      )
    );
    const holds = packets.length >= min && packets.length <= max &&
      this.#tries < MOST_TRIES;
    const now = [...results, { what, holds, packets }];
    if (!holds) {
      if (now.length > this.#best.results.length) {
        this.#best = { results: now, found };
      }
      return false;
    }
    if (name === undefined) return this.#try(i + 1, now, found);
    for (const packet of packets) {
      const more = new Map(found).set(name, this.#dissect(packet));
      if (this.#try(i + 1, now, more)) return true;
      if (this.#tries >= MOST_TRIES) return false;
    }
    return packets.length === 0 && this.#try(i + 1, now, found);
  }

  #isCandidate(i: number, { at, where }: Expectation): boolean {
    if (at !== undefined && hostOf(this.#packets[i]) !== at) return false;
    return Object.entries(where).every(([path, condition]) =>
      this.#meets(i, path, condition)
    );
  }

  #meets(i: number, path: string, condition: FieldCondition): boolean {
    const value = this.#value(i, path);
    if (typeof condition !== "object") {
      return value === ownValue(condition, this.#own);
    }
    const { min, max, not } = condition;
    if (not !== undefined && value === ownValue(not, this.#own)) return false;
    if (min === undefined && max === undefined) return true;
    return typeof value === "number" && value >= (min ?? -Infinity) &&
      value <= (max ?? Infinity);
  }

  #value(i: number, path: string): FieldValue | undefined {
    this.#tries++;
    return this.#dissect(i).value(path);
  }

  #dissect(i: number): DissectedPacket {
    return this.#dissected[i] ??= new DissectedPacket(this.#packets[i]);
  }
}

/** The value of `name.path` in the packet that was found for the name. */
function valueOf(
  found: ReadonlyMap<string, DissectedPacket>,
  reference: string,
): FieldValue | undefined {
  const dot = reference.indexOf(".");
  return found.get(reference.slice(0, dot))?.value(reference.slice(dot + 1));
}

/** The host of an interface that is called `host/device`. */
function hostOf({ interfaceName }: LessonPacket): string | undefined {
  return interfaceName?.split("/")[0];
}
