/**
 * Bundles with numbers where they stood by name.
 *
 * Codecs know where a field stands by tables such as `OFFSET.TTL`. A minifier
 * must keep such names, and they were a twentieth of a bundle.
 *
 * @module
 */

import type { System } from "../../ffi/system.ts";

/** A table: its name and those in it in capitals, and numbers alone. */
const TABLE =
  /^ *(?:var )?([A-Z][A-Z0-9_]*) = \{\n((?: *(?:\/\/.*|\/\*.*\*\/|\.\.\.\w+,?|[A-Z][A-Z0-9_]*: -?\d+,?)\n)+) *\};\n/gm;

/** A number with a name of its own. */
const NUMBER = /^(?:var|const) ([A-Z][A-Z0-9_]* = [-\d.]+(?:e\d+)?n?);\n/gm;

/**
 * Puts such numbers first, as constants. A minifier has their values in place of
 * their names, if nothing stands before that could run sooner.
 */
export function numbersFirst(code: string): string {
  const numbers = code.matchAll(NUMBER).map(([, number]) =>
    `const ${number};\n`
  );
  const [first] = /^(?:#!.*\n)?/.exec(code)!;
  const rest = code.slice(first.length).replace(NUMBER, "");
  return [first, ...numbers, rest].join("");
}

/**
 * Puts what a system can do in place of `supports.NAME`, and leaves their table
 * out unless something else is asked of it.
 */
export function inlineSupports(code: string, { lacks }: System): string {
  const lean = code.replace(
    /(?<![\w$.])supports\.(\w+)/g,
    (_, name) => `${!(name in lacks)}`,
  );
  const rest = lean.replace(/^var supports = [^;]*;\n/m, "");
  const bare = rest.replace(/^ *(?:\/\/|\/?\*).*/gm, "");
  return /(?<![\w$.])supports\b/.test(bare) ? lean : rest;
}

/**
 * Replaces `TABLE.NAME` by its number in a bundle that is not minified yet. The
 * tables stay, for whoever takes them as a whole; a minifier drops the others.
 * One that was written to would be no more a program, and no bundle.
 */
export function inlineNumbers(code: string): string {
  const tables = new Map<string, Map<string, string>>();
  for (const [, table, body] of code.matchAll(TABLE)) {
    const lines = body.matchAll(/^ *(?:\.\.\.(\w+)|([A-Z]\w*): (-?\d+))/gm);
    const numbers = new Map<string, string>();
    let isKnown = true;
    for (const [, other, name, number] of lines) {
      if (other === undefined) numbers.set(name, number);
      else if (!tables.has(other)) isKnown = false;
      else tables.get(other)!.forEach((value, key) => numbers.set(key, value));
    }
    if (isKnown) tables.set(table, numbers);
  }
  return code.replace(
    /(?<![\w$.])([A-Z][A-Z0-9_]*)\.([A-Z][A-Z0-9_]*)\b/g,
    (all, table, name) => {
      const number = tables.get(table)?.get(name);
      return number === undefined ? all : `(${number})`;
    },
  );
}
