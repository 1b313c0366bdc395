/**
 * The student's own values: addresses, identifiers and words that follow from a
 * seed, so that a file of somebody else's packets shows.
 *
 * @module
 */

import { halfSipHash } from "../bytes/siphash.ts";
import type { FieldValue, Lesson, OwnValue } from "./lesson.ts";

/**
 * The values of a student, by name.
 *
 * @category Lessons
 */
export type OwnValues = Readonly<Record<string, FieldValue>>;

const CONSONANTS = "bdfghklmnprstvwz";
const VOWELS = "aeiou";

/**
 * The values that a student's seed gives in a lesson. The same seed gives the
 * same values, in the page and for whoever grades.
 *
 * @category Lessons
 * @param seed a name, or whatever a teacher has handed out
 */
export function ownValues(
  { id, own }: Pick<Lesson, "id" | "own">,
  seed: string,
): OwnValues {
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => [
      name,
      valueOf(value, hashOf(`${seed}\n${id}\n${name}`)),
    ]),
  );
}

/**
 * A description with the student's values for each `$name`.
 *
 * @category Lessons
 */
export function withOwnValues(value: unknown, own: OwnValues): unknown {
  if (typeof value === "string") return ownValue(value, own);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    return value.map((element) => withOwnValues(element, own));
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      withOwnValues(inner, own),
    ]),
  );
}

/**
 * A value, or the student's own, if it is the name of one.
 *
 * @category Lessons
 */
export function ownValue(value: FieldValue, own: OwnValues): FieldValue {
  if (typeof value !== "string" || !value.startsWith("$")) return value;
  const name = value.slice(1);
  return Object.hasOwn(own, name) ? own[name] : value;
}

function valueOf(value: OwnValue, [high, low]: Uint32Array): FieldValue {
  switch (value.kind) {
    case "number":
      return value.min + within(high, value.max - value.min + 1);
    case "address":
      return value.network +
        (value.min + within(high, value.max - value.min + 1));
    case "word": {
      // Sixteen and five choices, four times each: 26 bits and more.
      let word = "";
      for (let i = 0; i < 4; i++) {
        word += CONSONANTS[high >>> 8 * i & 15];
        word += VOWELS[(low >>> 8 * i & 0xff) % 5];
      }
      return word;
    }
    case "mac": {
      const octets = [0x02, high >>> 24, high >>> 16, high >>> 8, high, low];
      return octets.map((octet) => (octet & 0xff).toString(16).padStart(2, "0"))
        .join(":");
    }
  }
}

/** Every number below `count` as often as any other, or nearly so. */
function within(hash: number, count: number): number {
  return Math.floor(hash / 2 ** 32 * count);
}

function hashOf(text: string): Uint32Array {
  const octets = new TextEncoder().encode(text);
  const message = new Int32Array(Math.ceil(octets.length / 4) + 1);
  const view = new DataView(message.buffer);
  for (const [i, octet] of octets.entries()) view.setUint8(i, octet);
  // Zeros at the end of a text would hash alike.
  message[message.length - 1] = octets.length;
  const hash = new Int32Array(2);
  halfSipHash(Uint32Array.of(0x72617734, 0x6c65736e), message, hash);
  return new Uint32Array(hash.buffer);
}
