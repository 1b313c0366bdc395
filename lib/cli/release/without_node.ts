/**
 * Bundles without the parts of Node that they load and never use.
 *
 * Commander imports Node's modules for what raw4 has no need of: commands in
 * files of their own, colours, the process's arguments and streams, all of
 * which `lib/cli/script.ts` tells it. Loading them takes longer than the rest
 * of a script's start, so bundles get stand-ins.
 *
 * @module
 */

/** As much of Node's emitter as commander calls. */
const EVENT_EMITTER = `class {
  #listeners = {};
  on(name, listener) {
    (this.#listeners[name] ??= []).push(listener);
    return this;
  }
  emit(name, ...args) {
    for (const listener of this.#listeners[name] ?? []) listener(...args);
  }
}`;

const STAND_INS: Readonly<Record<string, string>> = {
  events: `{ EventEmitter: ${EVENT_EMITTER} }`,
  child_process: "{}",
  fs: "{}",
  path: "{}",
  process: "{argv:[],execArgv:[],env:{},versions:{},stdout:{},stderr:{}}",
  util: "{stripVTControlCharacters:text=>text}",
};

/**
 * Replaces the imports of a bundle that is not minified yet.
 *
 * @throws {Error} if an import of a module with a stand-in is left
 */
export function withoutNode(code: string): string {
  const lean = code.replace(
    /^import (?:(\w+)|\{ (\w+)(?: as (\w+))? \}) from "node:(\w+)";$/gm,
    (all, whole, member, name = member, module) => {
      if (!(module in STAND_INS)) return all;
      return whole === undefined
        ? `const ${name} = ${STAND_INS[module]}.${member};`
        : `const ${whole} = ${STAND_INS[module]};`;
    },
  );
  const left = Object.keys(STAND_INS)
    .filter((module) => lean.includes(`from "node:${module}"`));
  if (left.length === 0) return lean;
  throw new Error(`the bundle imports ${left.join(", ")} in an unknown way`);
}
