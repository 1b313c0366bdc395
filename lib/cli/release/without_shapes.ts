/**
 * Bundles without what JSON may hold of each protocol, unless they read packets
 * as JSON.
 *
 * @module
 */

import { withoutUnnamed } from "./without_unnamed.ts";

/** Whoever reads them has all of them. */
const READER = /^var SHAPES = /m;
/** That of a protocol, which is asked for still whether it has one. */
const PROTOCOL = /^ {2}shape: \w+(,?)$/gm;
/** That of what has no fixed width in a header. */
const VARIABLE = /^( *)shape: (?:\w+_SHAPE|\{\n(?:\1 .*\n)*\1\}),?\n/gm;
/** What makes one of a header's rows. */
const MAKER = /^function shapeOf\(/m;
/** What rows have for it alone. */
const DETAIL = /^ *(?:needed: true|shape: "\w+!?"|type: "(?:text|octets)"),?\n/gm;

/** Leaves them out of a bundle that is not minified yet. */
export function withoutShapes(code: string): string {
  if (READER.test(code)) return code;
  const lean = withoutUnnamed(code.replace(PROTOCOL, "  shape: 1$1"));
  const leanest = withoutUnnamed(lean.replace(VARIABLE, ""));
  // Who builds packets may have to check what they are made of.
  return MAKER.test(leanest) ? lean : leanest.replace(DETAIL, "");
}
