/**
 * Bundles without the constants and functions that nothing names. A minifier
 * keeps a constant that is made by a call, since the call may do something else
 * besides; here, none does.
 *
 * @module
 */

const COMMENT = /^ *(?:\/\/.*|\/\*\*(?:.*\*\/|\n(?: *\*.*\n)*? *\*\/))\n/gm;
/** A constant or a function that is no part of another, and its name. */
const DECLARATION =
  /^(?:(?:var|const) ([\w$]+) = (?:.*;\n|.*\n(?:(?!\S.*;\n).*\n)*\S.*;\n)|(?:async )?function\*? ([\w$]+)\(.*\n(?:(?!\}\n).*\n)*\}\n)/gm;

/**
 * Leaves them out, and then what only they named.
 *
 * @param code a bundle that is not minified yet
 */
export function withoutUnnamed(code: string): string {
  let lean = code.replace(COMMENT, "");
  for (let before = ""; before !== lean;) {
    before = lean;
    const counts = new Map<string, number>();
    for (const [word] of before.matchAll(/[\w$]+/g)) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    lean = before.replace(
      DECLARATION,
      (all, constant, called) => counts.get(constant ?? called) === 1 ? "" : all,
    );
  }
  return lean;
}
