/**
 * Bundles without the methods that nobody calls, which a minifier cannot know.
 *
 * Most are commander's, which is in every bundle: for commands within commands,
 * actions, hooks, the environment, and arguments as Node gives them.
 *
 * @module
 */

import { withOwnMethods } from "./commander_methods.ts";

/**
 * What never changes here, or does nothing, by what stands for it: commands
 * within commands; where values come from beside the arguments, or are kept.
 */
const CONSTANTS: Readonly<Record<string, string>> = {
  "null": `
    _defaultCommandName _findCommand _getHelpCommand parent
    _savedState restoreStateBeforeParse saveStateBeforeParse`,
  "void 0": "envVar presetArg",
  "0": "commands.length",
  "false": `
    _allowExcessArguments _enablePositionalOptions _passThroughOptions
    _storeOptionsAsProperties`,
  "true": "_combineFlagAndOptionalValue",
  "[]": "visibleCommands",
  "[this]": "_getCommandAndAncestors",
  "argv.slice()": "_prepareUserArgs",
};

/** Methods that would change one of them, or give way to ours, and are left out. */
const UNUSED = wordsOf(`
  action addCommand addHelpCommand alias aliases arguments command commandsGroup
  compareOptions copyInheritedSettings enablePositionalOptions env
  executableDir formatHelp help
  helpCommand helpGroup hook makeOptionMandatory optionsGroup
  parseAsync passThroughOptions preset requiredOption
  storeOptionsAsProperties summary visibleGlobalOptions`);

/** Steps of parsing, by the calls that they are for. */
const STEPS: Readonly<Record<string, string>> = {
  ".implies(": "this._parseOptionsImplied();",
  ".conflicts(": "this._checkForConflictingOptions();",
};
/** What a script's author did wrong: of a source, commander says it in words. */
const FAULT =
  /\bnew Error\(\s*(?:"[^"\n]*"|`(?:[^`$]|\$(?!\{)|\$\{(?:[^`}]|`[^`]*`)*\})*`)\s*\)/g;
/** What the name of a value ends with; of all scripts, which takes long to know. */
const SLOW = "\\p{ID_Continue}";
/** Commander's files, each below its path, in a bundle not minified yet. */
const COMMANDER =
  /^(?:\/\/ .*\/commander\/.*\n(?:(?!\/\/ .*\.[jt]s\n).*\n)*)+/m;
/** How wide its help and errors are, which we lay out. */
const LAYOUT = /^ *get(?:Out|Err)\w+: \(\) => \w+,\n/gm;
const COMMENT = /^ *(?:\/\/.*|\/\*\*\n(?: *\*.*\n)*? *\*\/)\n/gm;
/** Where it was. */
const PLACE = "// commander\n";
/** A method: its name, up to the brace below where it began. */
const METHOD =
  /^ {2}(?:(?:static|async|get|set) )?#?([a-z_]\w*)\(.*\) \{\n(?:(?! {2}\S).*\n)* {2}\}\n/gm;
/** A member that is set once, to what takes no call. */
const SETTING = /^ +this\.(\w+) = (?:[\w.]+|void 0|\[\]|\{\}|"");\n/gm;
/** What is called without being named. */
const CALLED = ["constructor", "next", "then", "toJSON", "toString"];
/** A method's or a member's name that cannot be a word of a sentence. */
const NAME =
  /^ {2}(?:get )?(\w*[a-z][A-Z]\w*)\(.*\{$|\bthis\.(_\w+|\w*[a-z][A-Z]\w*) = /gm;

function wordsOf(text: string): string[] {
  return text.trim().split(/\s+/);
}

/**
 * Puts constants for what never changes in commander here, leaves out methods
 * that are named nowhere else, and shortens the names that commander alone
 * knows.
 *
 * @param code a bundle that is not minified yet
 * @throws {Error} if commander has another form, or a script uses such a part
 */
export function leanCommander(code: string): string {
  const [commander = ""] = COMMANDER.exec(code) ?? [];
  let others = code.replace(commander, PLACE).replace(LAYOUT, "");
  const call = new RegExp(`\\.(${UNUSED.join("|")})\\(`).exec(others);
  if (call) throw new Error(`bundles have no commander's ${call[1]}()`);
  let lean = withConstants(
    withOwnMethods(
      commander.replace(COMMENT, "").replace(FAULT, "new Error()"),
    ).replace(SLOW, "\\w"),
  );
  for (const [call, step] of Object.entries(STEPS)) {
    if (others.includes(call)) continue;
    if (!lean.includes(step)) throw new Error(`commander has no ${step}`);
    lean = lean.replaceAll(step, "");
  }
  for (let before = ""; before !== lean;) {
    before = lean;
    const counts = countWords(lean + others);
    const unlessNamed = (all: string, name: string) => {
      const isNamed = CALLED.includes(name) ||
        counts.get(name) !== countWords(all).get(name);
      return isNamed ? all : "";
    };
    lean = before
      .replace(METHOD, (all, name) => UNUSED.includes(name) ? "" : all)
      .replace(METHOD, unlessNamed).replace(SETTING, unlessNamed);
    others = others.replace(METHOD, unlessNamed);
  }
  // The names that are taken, or have a short one already. One that others only
  // read of something must be commander's, for nobody else makes it.
  const known = new Set(others.match(/(?<![.\w])\w+/g));
  const short = new Map<string, string>();
  for (const [, method, member] of lean.matchAll(NAME)) {
    const name = method ?? member;
    if (!known.has(name)) short.set(name, `$${short.size}`);
    known.add(name);
  }
  const shortened = (word: string) => short.get(word) ?? word;
  lean = lean.replace(/\w+/g, shortened);
  return others.replace(/(?<=\.)\w+/g, shortened).replace(PLACE, () => lean);
}

function countWords(code: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word] of code.matchAll(/\w+/g)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

function withConstants(commander: string): string {
  let lean = commander;
  for (const [constant, names] of Object.entries(CONSTANTS)) {
    for (const name of wordsOf(names)) {
      // As it is read; or called, with parentheses in parentheses.
      const use = new RegExp(
        String.raw`(?:\w+\??\.)+${name.replace("[", "\\[")}(?!\w| = )` +
          String.raw`(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))?`,
        "g",
      );
      if (!use.test(lean)) throw new Error(`commander has no ${name} any more`);
      lean = lean.replace(use, constant);
    }
  }
  return lean;
}

/** A library's table, and a row of it. */
const LIBRARY = /^var SYMBOLS\d* = \{\n[^]*?^\};$/gm;
const DECLARATION = /^ {2}(\w+): (?:\w+\(.*\)|\{\n(?: {4}.*\n)+ {2}\}),?\n/gm;

/**
 * Leaves out the declarations of functions that nobody calls, of libc and other
 * libraries.
 *
 * @param code a bundle that is not minified yet
 */
export function leanSymbols(code: string): string {
  const named = new Set(code.replace(LIBRARY, "").match(/\w+/g));
  return code.replace(
    LIBRARY,
    (table) =>
      table.replace(DECLARATION, (all, name) => named.has(name) ? all : ""),
  );
}
