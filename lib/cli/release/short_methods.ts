/**
 * Bundles with short names for methods, which a minifier must keep: it cannot
 * know which are somebody else's.
 *
 * @module
 */

/** A method of a class or an object; its name cannot be a word of a sentence. */
const METHOD =
  /^ +(?:(?:static|async) )*\*?([a-z]\w*[A-Z]\w*)\((?!.*=>).*\) \{$/gm;
const COMMENT = /^ *(?:\/\/.*|\/\*\*\n(?: *\*.*\n)*? *\*\/)\n/gm;

/**
 * Shortens the names that are nothing but a method's wherever they are said, in
 * a bundle that is not minified yet: no property is called so, and no text says
 * it, and nothing of JavaScript's or Deno's has it.
 */
export function shortMethods(code: string): string {
  const bare = code.replace(COMMENT, "");
  const said = counted(bare.matchAll(/(?<![\w$#])[a-z]\w*[A-Z]\w*/g));
  const called = counted(bare.matchAll(/(?<!\.\.)\.([a-z]\w*[A-Z]\w*)/g));
  const short = new Map<string, string>();
  for (const [name, count] of counted(bare.matchAll(METHOD))) {
    const isMethod = count + (called.get(name) ?? 0) === said.get(name);
    if (!isMethod || BUILT_IN.has(name)) continue;
    short.set(name, `_${short.size}`);
  }
  return code.replace(/(?<![\w$#])\w+/g, (word) => short.get(word) ?? word);
}

function counted(names: Iterable<RegExpMatchArray>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const match of names) {
    const name = match[1] ?? match[0];
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** What the globals and Deno's own have for names, and what they make. */
const BUILT_IN = new Set([globalThis, Deno].flatMap(namesAround));

function namesAround(space: object): string[] {
  return Object.getOwnPropertyNames(space).flatMap((name) => {
    try {
      const value = Reflect.get(space, name);
      return [name, ...namesOf(value), ...namesOf(value?.prototype)];
    } catch { // Deno lets nobody see it.
      return [name];
    }
  });
}

/** An object's properties, inherited ones included. */
function namesOf(value: unknown): string[] {
  if (value === null || value === undefined) return [];
  const names = Object.getOwnPropertyNames(value);
  return [...names, ...namesOf(Object.getPrototypeOf(value))];
}
