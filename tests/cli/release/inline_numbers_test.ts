import { assert, assertEquals } from "@std/assert";
import {
  inlineNumbers,
  inlineSupports,
  numbersFirst,
} from "../../../lib/cli/release/inline_numbers.ts";
import { SYSTEMS } from "../../../lib/ffi/systems.ts";

const TABLES = `var OFFSET = {
  /** Why it is there. */
  TTL: 8,
  NEXT: -1
};
late({
  _() {
    TYPE = {
      QUERY: 17
    };
  }
});
var OFFSET2 = {
  ...OFFSET,
  TTL: 9
};
var OFFSET3 = {
  ...unknown,
  TTL: 9
};
var KINDS = {
  TTL: name(7)
};
`;

Deno.test("inlineNumbers() puts a table's numbers where they are named", () => {
  const cases: [code: string, wanted: string][] = [
    ["f(OFFSET.TTL + OFFSET.NEXT);", "f((8) + (-1));"],
    ["1-OFFSET.NEXT", "1-(-1)"],
    ["OFFSET2.TTL - OFFSET2.NEXT", "(9) - (-1)"],
    ["`${OFFSET.TTL}`", "`${(8)}`"],
    ["OFFSET.TTL === TYPE.QUERY", "(8) === (17)"],
    ["OFFSET.TTL <= x", "(8) <= x"],
  ];
  for (const [code, wanted] of cases) {
    assertEquals(inlineNumbers(TABLES + code), TABLES + wanted);
  }
});

Deno.test("inlineNumbers() leaves what is no number of a table", () => {
  for (
    const code of [
      "f(OFFSET);",
      "OFFSET.OTHER",
      "OFFSET.ttl",
      "OFFSET.TTL_MAX",
      "my.OFFSET.TTL",
      "MY_OFFSET.TTL",
      "OFFSET3.TTL",
      "KINDS.TTL",
      "const { TTL } = OFFSET;",
    ]
  ) {
    assertEquals(inlineNumbers(TABLES + code), TABLES + code);
  }
});

Deno.test("numbersFirst() has numbers stand before all that may run", () => {
  assertEquals(
    numbersFirst(
      "#!/usr/bin/env deno\nf();\nvar A = 1;\nvar B_2 = -2n;\nvar C = A + 1;\n" +
        'var D = "1";\n  var E = 1;\nvar F = 1e3;\n',
    ),
    "#!/usr/bin/env deno\nconst A = 1;\nconst B_2 = -2n;\nconst F = 1e3;\nf();\n" +
      'var C = A + 1;\nvar D = "1";\n  var E = 1;\n',
  );
});

Deno.test("inlineSupports() knows what a system can do", () => {
  const code =
    "var supports = Object.fromEntries(CAPABILITIES.map((name) => [\n" +
    "  name\n]));\nif (supports.labs && !supports.dropCounter) my.supports.labs();\n";
  assertEquals(
    inlineSupports(code, SYSTEMS.linux),
    "if (true && !true) my.supports.labs();\n",
  );
  assertEquals(
    inlineSupports(code, SYSTEMS.windows),
    "if (false && !false) my.supports.labs();\n",
  );
  // Of one that is asked for by its name, nobody knows before.
  const asked = `${code}f(supports[name]);\n`;
  assert(inlineSupports(asked, SYSTEMS.linux).startsWith("var supports = "));
});
