/** The standard library: which functions are used, and that any copy will do. */

import { assert, assertEquals } from "@std/assert";
import { ROOT, run } from "./live/live.ts";

const OURS = ["lib", "scripts", "tests", "mod.ts"];

function* sources(path: string): Generator<string> {
  if (/\.tsx?$/.test(path)) yield path;
  if (/\.\w+$/.test(path)) return;
  for (const { name } of Deno.readDirSync(ROOT + path)) {
    yield* sources(`${path}/${name}`);
  }
}

const CODE = OURS.flatMap((path) => [...sources(path)])
  .map((path) => [path, Deno.readTextFileSync(ROOT + path)]);

Deno.test("lib/std.d.ts lists each function of the standard library in use", async () => {
  const used = new Set<string>();
  for (const [path, code] of CODE) {
    if (path === "lib/std.d.ts") continue;
    const imports = code.matchAll(
      /^import (?:type )?\{([^}]*)\} from "(@std\/[^"]+)"/gm,
    );
    for (const [, names, module] of imports) {
      for (const name of names.matchAll(/\w+/g)) used.add(`${module} ${name}`);
    }
  }
  const listed = new Set<string>();
  const types = await Deno.readTextFile(`${ROOT}lib/std.d.ts`);
  for (
    const [, module, body] of types.matchAll(
      /^declare module "(.*)" \{\n([^]*?)^\}/gm,
    )
  ) {
    const names = body.matchAll(/^ {2}export (?:class|function) (\w+)/gm);
    for (const [, name] of names) listed.add(`${module} ${name}`);
  }
  assertEquals([...used].sort(), [...listed].sort());
});

Deno.test("the standard library is another's by two lines of the import map", async () => {
  const config = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const lines = Object.entries<string>(config.imports)
    .filter(([, target]) => target.includes("deno-std"));
  assertEquals(lines.map(([name]) => name), [
    "@std/assert",
    "@std/streams/text-line-stream",
  ]);
  for (const [path, code] of CODE) {
    if (path === "tests/std_test.ts") continue;
    assert(!/"npm:deno-std/.test(code), `${path} names the package itself`);
  }
  const folder = await Deno.makeTempDir();
  // As JSR's packages are named, whose place modules of our own take here.
  const others = {
    "@std/assert": "export const assertEquals = (a, b) => " +
      "console.log(`another's: ${a === b}`);",
    "@std/streams/text-line-stream": `
      export class TextLineStream extends TransformStream {
        constructor() {
          super({ transform(text, lines) {
            for (const line of text.split("\\n")) lines.enqueue(line + "!");
          } });
        }
      }`,
  };
  try {
    for (const [i, [name, code]] of Object.entries(others).entries()) {
      await Deno.writeTextFile(`${folder}/${i}.js`, code);
      config.imports[name] = `file://${folder}/${i}.js`;
    }
    await Deno.writeTextFile(
      `${folder}/map.json`,
      JSON.stringify({ imports: config.imports }),
    );
    await Deno.writeTextFile(
      `${folder}/program.ts`,
      `import { assertEquals } from "@std/assert";
       import { TextLineStream } from "@std/streams/text-line-stream";
       assertEquals(1, 1);
       const lines = ReadableStream.from(["a"]).pipeThrough(new TextLineStream());
       for await (const line of lines) console.log(line);`,
    );
    const map = ["--no-check", "--no-lock", "--no-config", "--import-map"];
    const { stdout, stderr } = await run([
      ...[Deno.execPath(), "run", ...map, `${folder}/map.json`],
      `${folder}/program.ts`,
    ]);
    assertEquals([stdout, stderr], ["another's: true\na!\n", ""]);
    const graph = await run([
      ...[Deno.execPath(), "info", "--json", ...map.slice(1)],
      ...[`${folder}/map.json`, `${ROOT}scripts/page.ts`],
    ]);
    assert(graph.stdout.includes(`file://${folder}/1.js`), graph.stderr);
    assert(!graph.stdout.includes("npm:deno-std"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("who runs a script fetches no package that tests alone use", async () => {
  const lock = JSON.parse(await Deno.readTextFile(`${ROOT}deno.lock`));
  const names = Object.keys(lock.npm).map((name) => name.replace(/@\d.*/, ""));
  assertEquals(names, [
    "@commander-js/extra-typings",
    "commander",
    "deno-std",
    "preact",
  ], "a check without the tests' own lock wrote into it: git checkout it");
});
