/**
 * When a capture goes on in another file, on the command line.
 *
 * @module
 */

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { usageError } from "../exit.ts";
import {
  hasTime,
  type Rotation,
  TIMES,
  unknownTime,
} from "../files/rotation.ts";
import { integer } from "./options.ts";

/** Octets, and milliseconds. `m` could mean either. */
const OCTETS: Readonly<Record<string, number>> = {
  ...{ k: 2 ** 10, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 },
};
const MS: Readonly<Record<string, number>> = {
  ...{ s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 },
};

/** A size or a time; given twice, whatever comes first. */
export function limit(text: string, earlier: Rotation = {}): Rotation {
  const [, number, unit] = /^([1-9]\d{0,8})([kKMG]|s|min|h|d)$/.exec(text) ??
    [];
  if (unit !== undefined && unit in OCTETS) {
    return { ...earlier, octets: Number(number) * OCTETS[unit] };
  }
  if (unit !== undefined && unit in MS) {
    return { ...earlier, ms: Number(number) * MS[unit] };
  }
  throw new InvalidArgumentError(
    "Wanted: a size in k, M or G such as 100M, or a time in s, min, h or d " +
      "such as 1h.",
  );
}

/** Of those that write what they see. */
export const ROTATE = new Option(
  "--rotate <limit>",
  "go on in another file after so much, such as 100M, or so long, such as 1h: " +
    `FILE, FILE1, FILE2 …; ${TIMES} in FILE are its time`,
).argParser(limit);

/** Of those that rotate. */
export const FILES = new Option(
  "--files <n>",
  "keep so many, FILE0 to FILE9 of 10, FILE00 to FILE11 of 12: the oldest " +
    "is written anew",
).argParser(integer(2, 1_000_000));

/**
 * The flags as a capture takes them; `undefined` for one file.
 *
 * @throws {ScriptError} if they do not go together
 */
export function rotationOf(
  { write, rotate, files }: {
    readonly write?: string;
    readonly rotate?: Rotation;
    readonly files?: number;
  },
): Rotation | undefined {
  if (files !== undefined && rotate === undefined) {
    throw usageError("--files goes with --rotate");
  }
  if (rotate === undefined) {
    if (write === undefined || !hasTime(write)) return undefined;
    throw usageError(
      `the time in ${write} goes with --rotate`,
      "With --rotate 1d there is a file for each day.",
    );
  }
  if (write === undefined || write === "-") {
    throw usageError("--rotate goes with --write, and the name of a file");
  }
  const unknown = unknownTime(write);
  if (unknown !== undefined) {
    throw usageError(
      `${unknown} in ${write} is no time`,
      `Of times there are ${TIMES}; %% is a percent sign.`,
    );
  }
  if (files !== undefined && hasTime(write)) {
    throw usageError("--files counts names that have no time in them");
  }
  return { ...rotate, files };
}
