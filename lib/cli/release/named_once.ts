/**
 * Bundles that say once what they say again and again: strings, and names
 * of JavaScript's own. A minifier keeps each as often as it is said.
 *
 * @module
 */

import { type Literal, stringsIn } from "./literals.ts";

/** As long as a name is behind a minifier. */
const NAME = 2;
/** What comes with it where it is made: `,`, `=`. */
const AROUND = 2;

/** Where a string is part of the syntax, or V8 would be slower without it. */
const SYNTAX = /(?:\bfrom|\bimport|\btypeof \S+ [!=]==) $|\bimport\($/;

/** What JavaScript has: functions that need no object, and what makes objects. */
const BUILT_IN =
  /(?<![\w$.])(?:Array\.isArray|JSON\.\w+|Math\.[a-z]\w*|Number\.is\w+|Object\.\w+|String\.from\w+)(?=\()|(?<=\b(?:new|instanceof) )(?:\w+Array|ArrayBuffer|DataView|RangeError|TypeError|Text\w+coder)\b|(?<![\w$.])\w+Array(?=\.(?:from|of)\()/g;

/**
 * Gives a name to what is longer than that all in all, first in the bundle.
 *
 * @param code a bundle that is not minified yet
 */
export function namedOnce(code: string): string {
  const [first] = /^(?:#!.*\n)?/.exec(code)!;
  const body = code.slice(first.length);
  const literals = [
    ...stringsIn(body).filter((literal) => !isSyntax(body, literal)),
    ...body.matchAll(BUILT_IN).map(({ 0: text, index }) => ({ text, index })),
  ].sort((a, b) => a.index - b.index);
  const names = new Map<string, string>();
  for (const [text, { length }] of Map.groupBy(literals, ({ text }) => text)) {
    const saved = length * (text.length - NAME);
    if (saved > text.length + NAME + AROUND) names.set(text, `__${names.size}`);
  }
  const made = names.entries().map(([text, name]) =>
    `const ${name} = ${text};\n`
  );
  let short = "";
  let end = 0;
  for (const { text, index } of literals) {
    // A function's name in a string.
    if (index < end) continue;
    short += body.slice(end, index) + (names.get(text) ?? text);
    end = index + text.length;
  }
  return [first, ...made, short, body.slice(end)].join("");
}

/** Whether it is a property's name, or what else must be a string. */
function isSyntax(code: string, { text, index }: Literal): boolean {
  const before = code.slice(Math.max(0, index - 60), index);
  const next = code[index + text.length];
  const isKey = (next === ":" && !before.endsWith("case ")) || next === "(";
  return isKey || SYNTAX.test(before);
}
