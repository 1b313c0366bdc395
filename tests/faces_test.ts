/**
 * What the library shows its users: the modules that `deno.json` exports.
 *
 * @module
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { ROOT, run } from "./live/live.ts";

/** What `deno doc --json` tells of a module; some of it. */
interface Documentation {
  readonly nodes: Readonly<
    Record<string, {
      readonly module_doc?: { readonly doc?: string };
      readonly symbols: readonly {
        readonly name: string;
        readonly declarations: readonly {
          readonly jsDoc?: {
            readonly tags?: readonly { readonly kind: string }[];
          };
        }[];
      }[];
    }>
  >;
}

const { exports }: { exports: Record<string, string> } = JSON.parse(
  await Deno.readTextFile(`${ROOT}deno.json`),
);
const { ".": whole, ...faces } = exports;

async function symbolsOf(path: string) {
  const { stdout } = await run([
    Deno.execPath(),
    ...["doc", "--json", ROOT + path],
  ]);
  const { nodes }: Documentation = JSON.parse(stdout);
  return Object.values(nodes).flatMap(({ symbols }) => symbols);
}

async function sourcesOf(folder: string): Promise<string[]> {
  const texts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) texts.push(...await sourcesOf(path));
    else if (/\.tsx?$/.test(name)) {
      texts.push(await Deno.readTextFile(ROOT + path));
    }
  }
  return texts;
}

Deno.test("mod.ts has what the faces have, each in one of them", async () => {
  const names: string[] = [];
  for (const path of Object.values(faces)) {
    names.push(...(await symbolsOf(path)).map(({ name }) => name));
  }
  const all = (await symbolsOf(whole)).map(({ name }) => name);
  assertEquals(all.sort(), names.sort());
});

Deno.test("what README calls, and what it and examples import, is exported", async () => {
  const readme = await Deno.readTextFile(`${ROOT}README.md`);
  const [, library] = readme.split(/^## The library$/m);
  const calls = library.split(/^## /m)[0].matchAll(/`(\w+)\(/g);
  const named = new Set([...calls].map(([, name]) => name));
  const importing = /import \{([^}…]+)\} from "(?:raw4|\.\/mod\.ts)"/g;
  for (const text of [readme, ...await sourcesOf("lib")]) {
    for (const [, names] of text.matchAll(importing)) {
      for (const [name] of names.replaceAll(/\btype\b/g, "").matchAll(/\w+/g)) {
        named.add(name);
      }
    }
  }
  assert(named.size > 100, `only ${named.size} names`);
  const all = new Set((await symbolsOf(whole)).map(({ name }) => name));
  assertEquals([...named.difference(all)], [], "mod.ts does not export these");
});

Deno.test("every public symbol has a category", async () => {
  const without = (await symbolsOf(whole)).filter(({ declarations }) =>
    !declarations.some(({ jsDoc }) =>
      jsDoc?.tags?.some(({ kind }) => kind === "category")
    )
  );
  assertEquals(without.map(({ name }) => name), [], "needs a @category");
});

Deno.test("every face opens with what it is for, and an example", async () => {
  for (const path of Object.values(exports)) {
    const text = await Deno.readTextFile(ROOT + path);
    assertMatch(text, /^\/\*\*\n \* [^]*@example[^]*@module\n \*\/\n/, path);
  }
  const lines = (await Deno.readTextFile(ROOT + whole)).split("\n").length;
  assert(lines <= 60, "mod.ts only names the faces");
});
