import { assertEquals } from "@std/assert";
import {
  withoutShapes,
  withoutUnnamed,
} from "../../../lib/cli/release/without_unnamed.ts";

const USED = `const used = new Map([
  [1, 2]
]);
function user(a) {
  return used.get(a);
}
user(3);
`;

Deno.test("withoutUnnamed() leaves out what nothing names, and what only that named", () => {
  const unused = `var lonely = make("a", {
  b: called(1)
});
/**
 * What lonely is made by.
 */
function called(a) {
  if (a) {
    return \`\${a}
line\`;
  }
}
const EMPTY = new Uint8Array();
async function* waiting() {
  yield EMPTY;
}
`;
  assertEquals(withoutUnnamed(unused + USED), USED);
  assertEquals(withoutUnnamed(USED + unused), USED);
});

Deno.test("withoutUnnamed() leaves what is said, if in a string, and what is done", () => {
  for (
    const rest of [
      'var named = f();\ng("named");\n',
      "f(var2 = g());\n",
      "const { a } = f();\n",
      "await f();\n",
    ]
  ) {
    assertEquals(withoutUnnamed(rest + USED), rest + USED);
  }
});

const PROTOCOL = `var ROWS = [
  {
    name: "a",
    needed: true,
    shape: {
      list: "text"
    },
    text: f
  }
];
var SHAPE = {
  fields: shapeOf(ROWS)
};
function shapeOf(rows) {
  return rows.map(({ shape, needed }) => [shape, needed]);
}
var IPV4 = {
  rows: ROWS,
  shape: SHAPE
};
f(IPV4);
`;

Deno.test("withoutShapes() leaves out what JSON may hold, if nobody reads it", () => {
  assertEquals(
    withoutShapes(PROTOCOL),
    `var ROWS = [
  {
    name: "a",
    text: f
  }
];
var IPV4 = {
  rows: ROWS,
  shape: 1
};
f(IPV4);
`,
  );
});

Deno.test("withoutShapes() leaves it to who reads JSON, or checks a layer", () => {
  const reader = `${PROTOCOL}var SHAPES = f(IPV4.shape);\n`;
  assertEquals(withoutShapes(reader), reader);
  const checker = `${PROTOCOL}f(SHAPE);\n`;
  assertEquals(
    withoutShapes(checker),
    checker.replace("shape: SHAPE", "shape: 1"),
  );
});
