/**
 * Bundles with functions as constants: `f = (a) => a + 1`, which is shorter
 * than `function f(a) { return a + 1; }`. A minifier must keep the longer form,
 * since it cannot know that nobody asks a function for more than a call.
 *
 * @module
 */

/** A function that is no part of another. */
const FUNCTION =
  /^(async )?function ([\w$]+)(\(.*\)) (\{\n(?:(?!\}\n).*\n)*\}\n)/gm;
/** What an arrow function has another of, or none. */
const OWN = /(?<![\w$]|(?<!\.\.)\.)(?:this|arguments|new\.target)(?![\w$])/;

/**
 * Puts them first, as functions are: they may be called by whatever comes.
 *
 * @param code a bundle that is not minified yet
 */
export function functionsFirst(code: string): string {
  const [first] = /^(?:#!.*\n)?/.exec(code)!;
  const made = new Set(
    code.matchAll(/\bnew ([\w$]+)/g).map(([, name]) => name),
  );
  const constants: string[] = [];
  const rest = code.slice(first.length).replace(
    FUNCTION,
    (all, async = "", name, parameters, body) => {
      // A line of a text, which looks like its end.
      const isCut = body.replace(/\\./g, "").split("`").length % 2 === 0;
      if (isCut || made.has(name) || OWN.test(parameters + body)) return all;
      constants.push(
        `const ${name} = ${async}${parameters} => ${body.trimEnd()};\n`,
      );
      return "";
    },
  );
  return [first, ...constants, rest].join("");
}
