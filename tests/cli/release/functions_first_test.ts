import { assertEquals } from "@std/assert";
import { functionsFirst } from "../../../lib/cli/release/functions_first.ts";

Deno.test("functionsFirst() makes constants of functions, before what calls them", () => {
  assertEquals(
    functionsFirst(`#!/usr/bin/env -S deno run
const four = double(2);
function double(n, { times = 2 } = {}) {
  return n * times;
}
async function later(f) {
  await f();
}
`),
    `#!/usr/bin/env -S deno run
const double = (n, { times = 2 } = {}) => {
  return n * times;
};
const later = async (f) => {
  await f();
};
const four = double(2);
`,
  );
});

for (
  const [what, code] of Object.entries({
    "has a this of its own":
      "function wake(text) {\n  return this.read(text);\n}\n",
    "has arguments": "function sum() {\n  return add(...arguments);\n}\n",
    "makes objects": "function Old() {\n  go();\n}\nconst old = new Old();\n",
    "is a generator": "function* each() {\n  yield 1;\n}\n",
    "is within another":
      "class Pace {\n  wait() {\n    function wake() {\n    }\n  }\n}\n",
    "has a text with a line like its end":
      "function rules(a) {\n  return `x {\n${a}\n}\n`;\n}\n",
  })
) {
  Deno.test(`functionsFirst() leaves what ${what}`, () => {
    assertEquals(functionsFirst(code), code);
  });
}
