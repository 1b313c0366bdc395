/**
 * Reading the student's own values: what they are, and where they are named.
 *
 * @module
 */

import type { Lesson, OwnValue } from "./lesson.ts";
import { objectAt, textAt, wanted, wholeAt } from "./read_values.ts";

/** Reads one of the student's own values. */
export function ownAt(value: unknown, at: string): OwnValue {
  const given = objectAt(value, at, ["kind", "network", "min", "max"]);
  const { kind } = given;
  const range = (least: number, most: number) => {
    const min = wholeAt(given.min, `${at}.min`, least, most);
    return { min, max: wholeAt(given.max, `${at}.max`, min, most) };
  };
  switch (kind) {
    case "word":
    case "mac":
      return { kind };
    case "number":
      return { kind, ...range(0, 0xffff_ffff) };
    case "address": {
      const network = textAt(given.network, `${at}.network`, 12);
      if (/^(\d{1,3}\.){3}$/.test(network)) {
        return { kind, network, ...range(1, 254) };
      }
      throw wanted(`${at}.network`, "three octets such as 10.9.0.", network);
    }
  }
  throw wanted(`${at}.kind`, "number, word, address or mac", kind);
}

/** Every `$name` must be one of the student's own. */
export function checkOwnNames({ own, steps }: Lesson): void {
  const visit = (value: unknown, at: string, depth: number): void => {
    if (depth > 12) throw wanted(at, "less within each other", "…");
    if (typeof value === "string" && value.startsWith("$")) {
      if (Object.hasOwn(own, value.slice(1))) return;
      throw wanted(at, "a name of its own values", value);
    }
    if (typeof value !== "object" || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      visit(inner, `${at}.${name}`, depth + 1);
    }
  };
  visit(steps, "steps", 0);
}
