/**
 * What a lesson is: pure data, which a file of JSON can hold. A step is
 * predicted, which is locked before the run, then done, seen, and explained;
 * what is seen is checked by patterns over packets, never by code.
 *
 * @module
 */

/**
 * What a field may be compared with.
 *
 * @category Lessons
 */
export type FieldValue = number | boolean | string;

/**
 * What a field must hold: a value; or all of what is given of a pattern. A text
 * that begins with `$` is the student's own value of that name.
 *
 * @category Lessons
 */
export type FieldCondition = FieldValue | FieldPattern;

/**
 * A pattern for a field; all that is given must hold.
 *
 * @category Lessons
 */
export interface FieldPattern {
  /** Of a number: as many at least. */
  readonly min?: number;
  /** Of a number: as many at most. */
  readonly max?: number;
  /** It must not be that; a field that is not there is not that. */
  readonly not?: FieldValue;
  /**
   * It must be the same as a field of a packet that an earlier expectation of
   * this name found: `request.icmpv4.identifier`.
   */
  readonly sameAs?: string;
}

/**
 * Packets that must be seen, or must not.
 *
 * @category Lessons
 */
export interface Expectation {
  /** What it is about, in a few words. */
  readonly what: string;
  /** By which later ones can refer to a packet that meets it. */
  readonly name?: string;
  /** The host at whose interface it must be seen; default any. */
  readonly at?: string;
  /**
   * By paths of fields, such as `ipv4.ttl`, `ipv4[1].ttl`, `data.text`, or
   * `icmpv4.quoted.ipv4.destination`; `packet.problems` is what is wrong.
   */
  readonly where: Readonly<Record<string, FieldCondition>>;
  /** How many packets at least; default 1, or 0 where `max` is 0. */
  readonly min?: number;
  /** How many packets at most; default as many as there are. */
  readonly max?: number;
}

/**
 * What is to be foretold, before anything is sent.
 *
 * @category Lessons
 */
export interface Prediction {
  /** The question. */
  readonly question: string;
  /** What may be chosen; absent where a number or a text is wanted. */
  readonly choices?: readonly string[];
  /**
   * The right answer: a value, or that of a packet which an expectation of the
   * step found, `{ sameAs: "reply.ipv4.ttl" }`.
   */
  readonly answer: FieldValue | { readonly sameAs: string };
}

/**
 * A packet that the student is to send.
 *
 * @category Lessons
 */
export interface LessonSend {
  /** The host that sends it. */
  readonly host: string;
  /**
   * Its layers, as `packetFromJSON` takes them; texts that begin with `$` are
   * the student's own values. With a link layer it is put on `eth0`.
   */
  readonly layers: readonly Readonly<Record<string, unknown>>[];
  /** How many times; default once. */
  readonly times?: number;
}

/**
 * One step.
 *
 * @category Lessons
 */
export interface LessonStep {
  /** Tells it from the others. */
  readonly id: string;
  /** What to foretell. */
  readonly predict: Prediction;
  /** What to do, and packets to begin with. */
  readonly do: {
    readonly text: string;
    readonly send: readonly LessonSend[];
  };
  /** What must be seen then. */
  readonly see: readonly Expectation[];
  /** Why it is so, told when it was seen. */
  readonly explain: string;
}

/**
 * A value of the student's own.
 *
 * @category Lessons
 */
export type OwnValue =
  | {
    readonly kind: "number";
    readonly min: number;
    readonly max: number;
  }
  /** Eight letters that can be read. */
  | { readonly kind: "word" }
  /** An address: three octets, and one of a range. */
  | {
    readonly kind: "address";
    readonly network: string;
    readonly min: number;
    readonly max: number;
  }
  /** A hardware address of nobody else's. */
  | { readonly kind: "mac" };

/**
 * A lesson.
 *
 * @category Lessons
 */
export interface Lesson {
  /** Its name in files. */
  readonly id: string;
  /** Its name for people. */
  readonly title: string;
  /** The lab that it is for, such as `chain 3 --mtu 2=1300`. */
  readonly lab: string;
  /** What it is about, in a paragraph. */
  readonly about: string;
  /** The student's own values, by name. */
  readonly own: Readonly<Record<string, OwnValue>>;
  /** In their order. */
  readonly steps: readonly LessonStep[];
  /** The same texts in other languages, by their codes, such as `de`. */
  readonly translations?: Readonly<Record<string, LessonTexts>>;
}

/**
 * What is read of a lesson, in one language. Checks and answers know nothing of
 * it: a choice is known by its place.
 *
 * @category Lessons
 */
export interface LessonTexts {
  /** Its name for people. */
  readonly title: string;
  /** What it is about, in a paragraph. */
  readonly about: string;
  /** As many as the lesson has. */
  readonly steps: readonly LessonStepTexts[];
}

/**
 * What is read of a step.
 *
 * @category Lessons
 */
export interface LessonStepTexts {
  /** What to foretell. */
  readonly question: string;
  /** As many as the step has; absent where it has none. */
  readonly choices?: readonly string[];
  /** What to do. */
  readonly do: string;
  /** What each expectation is about. */
  readonly see: readonly string[];
  /** Why it is so. */
  readonly explain: string;
}
