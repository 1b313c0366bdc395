import { assertEquals } from "@std/assert";
import { stringsIn } from "../../../lib/cli/release/literals.ts";
import { namedOnce } from "../../../lib/cli/release/named_once.ts";

Deno.test("stringsIn() finds strings, and nothing that only looks like one", () => {
  const code = `// It's "none".
/** "none" */
const a = "one" + 'two\\'s' + "3 \\"";
const b = \`"none" \${f("four", { g: \`'none \${"five"}\` })} "none"\`;
const c = a.replace(/["'\`/]/g, "six") / 2 / d("seven");
`;
  assertEquals(
    [...stringsIn(code)].map(({ text, index }) => {
      assertEquals(code.slice(index, index + text.length), text);
      return text;
    }),
    [
      ...['"one"', "'two\\'s'", '"3 \\""', '"four"', '"five"', '"six"'],
      '"seven"',
    ],
  );
});

Deno.test("namedOnce() gives a name to what is said often enough", () => {
  const code = `#!/usr/bin/env -S deno run
const a = "what is long" + "what is long" + "it";
switch (Object.keys(a), Object.keys(b), Object.keys(c)) {
  case "what is long":
    f(d ? "what is long" : "it");
}
`;
  assertEquals(
    namedOnce(code),
    `#!/usr/bin/env -S deno run
const __0 = "what is long";
const __1 = Object.keys;
const a = __0 + __0 + "it";
switch (__1(a), __1(b), __1(c)) {
  case __0:
    f(d ? __0 : "it");
}
`,
  );
});

Deno.test("namedOnce() leaves what must be a string, or must have an object", () => {
  const uses = [
    'f({ "a long name": 1 });',
    'import f from "./a_long_name.js";',
    'f(typeof value === "a long name");',
    "// a long name, and another",
    "f(`a long name`);",
    'f(/"a long name"/);',
    "Promise.withResolvers();",
    "own.Object.keys(a);",
  ];
  for (const use of uses) {
    const code = `${use}\n`.repeat(9);
    assertEquals(namedOnce(code), code);
  }
});
