import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  leanCommander,
  leanSymbols,
} from "../../../lib/cli/release/lean_commander.ts";
import { ROOT, run } from "../../live/live.ts";

/** A bundle of a script, not minified: what there is of commander, with paths. */
async function bundled(name: string): Promise<string | undefined> {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    const { code } = await run([
      ...[Deno.execPath(), "bundle", "--quiet", "--config", `${ROOT}deno.json`],
      ...["--output", file, `${ROOT}scripts/${name}.ts`],
    ]);
    return code === 0 ? await Deno.readTextFile(file) : undefined;
  } finally {
    await Deno.remove(file);
  }
}

// `deno bundle` has to download its bundler the first time.
const code = await bundled("receive");
const ignore = code === undefined;

Deno.test({
  name: "leanCommander() leaves out what no script uses, and nothing else",
  ignore,
  fn: () => {
    const lean = leanCommander(code!);
    for (const method of ["_executeSubCommand", "hook", "storeOptionsAsPro"]) {
      assert(code!.includes(`  ${method}`), method);
      assert(!lean.includes(`  ${method}`), method);
    }
    assert(code!.length - lean.length > 50_000);
    // What is called stays, by a shorter name, and so does what is no method.
    const [, name] = /^ {2}(\$\d+)\(configuration\) \{$/m.exec(lean)!;
    assert(lean.includes(`.${name}({`) && !lean.includes("configureHelp"));
    assert(!/\b_exitCallback\b/.test(lean));
    for (const line of code!.slice(0, code!.indexOf("/error.js")).split("\n")) {
      assert(lean.includes(line) || line.startsWith("//"), line);
    }
  },
});

Deno.test({
  name: "leanCommander() leaves out steps of parsing that nothing is for",
  ignore,
  fn: () => {
    const step = "cannot be used with";
    assert(code!.includes(step));
    assert(!leanCommander(code!).includes(step));
    assert(leanCommander(`${code}option.conflicts("x");\n`).includes(step));
  },
});

Deno.test({
  name: "leanCommander() keeps what has a name that commander has, too",
  ignore,
  fn: () => {
    const ours = `class A {
  get summary() {
    return 1;
  }
  env() {
    return new A().summary;
  }
  hook() {
    return 2;
  }
}
f(a.env);
`;
    const lean = leanCommander(code + ours);
    assert(lean.includes("  get summary() {"));
    assert(lean.includes("  env() {"));
    assert(!lean.includes("  hook() {"));
  },
});

Deno.test({
  name: "leanCommander() refuses a script that uses what it leaves out",
  ignore,
  fn: () => {
    for (const call of ["command", "action", "env", "requiredOption"]) {
      assertThrows(
        () => leanCommander(`${code}\nprogram.${call}("x");\n`),
        Error,
        `bundles have no commander's ${call}()`,
      );
    }
  },
});

Deno.test({
  name: "leanCommander() refuses a commander of another form",
  ignore,
  fn: () => {
    assertThrows(
      () => leanCommander(code!.replaceAll("_findCommand", "_seekCommand")),
      Error,
      "commander has no _findCommand any more",
    );
    assertThrows(
      () => leanCommander(code!.replaceAll("  outputHelp(", "  putHelpOut(")),
      Error,
      "commander has no outputHelp any more",
    );
  },
});

Deno.test("leanSymbols() leaves out what nobody calls", () => {
  const rest = "f(libc().close(1), { read } = libc());\n";
  const kept = `  /** int close(int fd) */
  close: int("i32"),
  read: {
    parameters: [
      "i32"
    ],
    result: "isize"
  }
`;
  const others = `  kill: int("i32", "i32"),
  opendir: {
    parameters: [
      "buffer"
    ],
    result: "pointer"
  },
`;
  assertEquals(
    leanSymbols(`var SYMBOLS2 = {\n${others}${kept}};\n${rest}`),
    `var SYMBOLS2 = {\n${kept}};\n${rest}`,
  );
  const other = `var ROWS = {\n${others}};\n`;
  assertEquals(leanSymbols(other), other);
});
