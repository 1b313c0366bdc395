import { assertEquals } from "@std/assert";
import { shortMethods } from "../../../lib/cli/release/short_methods.ts";

Deno.test("shortMethods() shortens what is nothing but a method's name", () => {
  assertEquals(
    shortMethods(
      `class A {
  // What isMethod() does.
  isMethod(a) {
    return this.isMethod(1) + a?.isMethod;
  }
  static async ownName() {
  }
}
A.ownName();
`,
    ),
    `class A {
  // What _0() does.
  _0(a) {
    return this._0(1) + a?._0;
  }
  static async _1() {
  }
}
A._1();
`,
  );
});

Deno.test("shortMethods() leaves names that somebody else may know", () => {
  const uses = [
    "f({ isMethod: 1 });",
    "const { isMethod } = f();",
    'f("isMethod");',
    "isMethod();",
    "f({ ...isMethod });",
  ];
  for (const use of uses) {
    const code = `class A {\n  isMethod() {\n  }\n}\n${use}\n`;
    assertEquals(shortMethods(code), code);
  }
  for (const name of ["getReader", "toString", "isTerminal", "withResolvers"]) {
    const code = `class A {\n  ${name}() {\n  }\n}\nf(a.${name}());\n`;
    assertEquals(shortMethods(code), code);
  }
  const code = "class A {\n  get isGetter() {\n  }\n}\nf(a.isGetter);\n";
  assertEquals(shortMethods(code), code);
});
