/**
 * Bundles without the constants and functions that nothing names, and without
 * what is named and never read. A minifier keeps a constant that is made by a
 * call, since the call may do something else besides; here, none does.
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
      (all, constant, called) =>
        counts.get(constant ?? called) === 1 ? "" : all,
    );
  }
  return lean;
}

/** Whoever reads packets as JSON has all that it may hold of each protocol. */
const READER = /^var SHAPES = /m;
/** What it may hold of one, which may still be asked for whether it has any. */
const PROTOCOL = /^ {2}shape: \w+(,?)$/gm;
/** That of what has no fixed width in a header. */
const VARIABLE = /^( *)shape: (?:\w+_SHAPE|\{\n(?:\1 .*\n)*\1\}),?\n/gm;
/** What makes one of a header's rows. */
const MAKER = /^function shapeOf\(/m;
/** What rows have for it alone. */
const DETAIL =
  /^ *(?:needed: true|shape: "\w+!?"|type: "(?:text|octets)"),?\n/gm;

/**
 * Leaves out what JSON may hold of each protocol, unless it is read.
 *
 * @param code a bundle that is not minified yet
 */
export function withoutShapes(code: string): string {
  if (READER.test(code)) return code;
  const lean = withoutUnnamed(code.replace(PROTOCOL, "  shape: 1$1"));
  const leanest = withoutUnnamed(lean.replace(VARIABLE, ""));
  // Who builds packets may have to check what they are made of.
  return MAKER.test(leanest) ? lean : leanest.replace(DETAIL, "");
}
