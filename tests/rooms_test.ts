/**
 * The rules between the rooms of `lib`, read from the sources themselves, and
 * from the table in `lib/README.md`.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/**
 * Files that import what the table forbids, with the folders in their room that
 * it is in. Exact: whoever mends one strikes it out.
 */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

/** Files of under 30 lines that join no neighbour, and why. */
const SMALL: Readonly<Record<string, string>> = {
  "ffi/systems.ts": "what bundles, each made for one system, do without",
};
/** Has one file a script, however little it has to say. */
const OPTIONS = "cli/options/";

/** A folder that holds more of these than that is several. */
const MOST_FILES = 16;
const LEAST_LINES = 30;

/** Names that only some rooms may use. */
const CONFINED: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bconsole\.|\bDeno\.(args|exit)\b|\bprompt\(/, ["scripts", "cli"]],
  [/\bDeno\.dlopen\b/, ["ffi"]],
  [/from "(@commander-js|commander)/, ["cli"]],
];

/** Before a room of which only types may be imported. */
const TYPES = "types of ";

/** What a file imports. */
interface Import {
  readonly target: string;
  readonly isOfTypes: boolean;
}

/** A file of ours; `path` begins with its room. */
interface Source {
  readonly path: string;
  /** Without comments, which may tell of anything. */
  readonly code: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

/** What stands before the last slash. */
const folderOf = (path: string) => path.slice(0, path.lastIndexOf("/"));
const roomOf = (path: string) => path.split("/")[0];

function* paths(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (isDirectory) yield* paths(`${folder}${name}/`);
    else if (/(?<!\.d)\.tsx?$/.test(name)) yield folder + name;
  }
}

function read(file: string): Source {
  const text = Deno.readTextFileSync(new URL(file, ROOT));
  const code = text.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
  const shorten = (url: string) =>
    url.slice(ROOT.href.length).replace(/^lib\//, "");
  const statements = code.matchAll(
    /^(?:import|export)( type)? (?:[^;]*?from )?"(\.[^"]+\.tsx?)"|\bimport\("(\.[^"]+)"\)/gm,
  );
  const imports = [...statements].map(([, isOfTypes, from, dynamic]) => ({
    target: shorten(new URL(from ?? dynamic, new URL(file, ROOT)).href),
    isOfTypes: isOfTypes !== undefined,
  }));
  const lines = text.split("\n").length - 1;
  return { path: shorten(new URL(file, ROOT).href), code, lines, imports };
}

const LIB = [...paths("lib/")].map(read);
const SCRIPTS = [...paths("scripts/")].map(read);

/** The table: what each room, or file, may import. */
async function readTable(): Promise<Map<string, string[]>> {
  const text = await Deno.readTextFile(new URL("lib/README.md", ROOT));
  const [, table] = /\n\| room .*\n\|[-| ]+\n((\|.*\n)+)/
    .exec(text)!;
  const rows = table.trimEnd().split("\n").map((row) =>
    row.split("|").slice(1, 3).map((cell) =>
      cell.split(",").map((name) => name.trim()).filter((name) => name !== "")
    )
  );
  return new Map(
    rows.flatMap(([rooms, allowed]) => rooms.map((room) => [room, allowed])),
  );
}

/** Whether the table lets a file import another. */
function mayImport(
  table: ReadonlyMap<string, readonly string[]>,
  from: string,
  { target, isOfTypes }: Import,
): boolean {
  const [room, folder] = [roomOf(from), folderOf(from)];
  // What stands directly in a room is there for its inner rooms.
  if ([folder, room].includes(folderOf(target))) return true;
  // The room's face.
  if (from === `${room}/mod.ts` && roomOf(target) === room) return true;
  // What these may import of each other, their own rows say.
  const rows = roomOf(target) === room ? [folder, from] : [room, folder, from];
  const isIn = (name: string) => `${target}/`.startsWith(`${name}/`);
  return rows.flatMap((row) => table.get(row) ?? []).some((name) =>
    name.startsWith(TYPES)
      ? isOfTypes && isIn(name.slice(TYPES.length))
      : isIn(name)
  );
}

Deno.test("each room imports what it may, and nothing else", async () => {
  const table = await readTable();
  const exists = (path: string) =>
    LIB.some((source) => `${source.path}/`.startsWith(`${path}/`));
  for (const [room, allowed] of table) {
    for (const name of [room, ...allowed]) {
      const path = name.replace(TYPES, "");
      assert(exists(path), `lib/README.md names ${path}, which is not there`);
    }
  }
  for (const { path } of LIB) {
    assert(table.has(roomOf(path)), `lib/README.md has no row for ${path}`);
  }
  const wrong: Record<string, string> = {};
  for (const { path, imports } of LIB) {
    const folders = imports.filter((target) => !mayImport(table, path, target))
      .map(({ target }) => folderOf(target).replace(`${roomOf(path)}/`, ""));
    if (folders.length === 0) continue;
    wrong[path] = [...new Set(folders)].sort().join(" ");
  }
  assertEquals(wrong, EXCEPTIONS, "file: folders that it may not import from");
});

Deno.test("no file imports in a circle", () => {
  const graph = new Map(
    [...LIB, ...SCRIPTS].map(({ path, imports }) => [
      path,
      imports.map(({ target }) => target),
    ]),
  );
  const circles: string[] = [];
  const seen = new Set<string>();
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) {
      circles.push([...way.slice(way.indexOf(file)), file].join(" → "));
    }
    if (seen.has(file)) return;
    seen.add(file);
    for (const next of graph.get(file) ?? []) visit(next, [...way, file]);
  };
  for (const file of graph.keys()) visit(file, []);
  assertEquals(circles, []);
});

Deno.test("output, arguments, exits and dlopen stay in their rooms", () => {
  const wrong = [...LIB, ...SCRIPTS].flatMap(({ path, code }) =>
    CONFINED.flatMap(([pattern, rooms]) => {
      const use = pattern.exec(code);
      return use === null || rooms.includes(roomOf(path))
        ? []
        : [`${path} uses ${use[0]}`];
    })
  );
  assertEquals(wrong, []);
});

Deno.test("no folder holds too many files to be looked through", () => {
  const counts: Record<string, number> = {};
  for (const folder of ["lib/", "scripts/", "tests/"]) {
    for (const path of paths(folder)) {
      counts[folderOf(path)] = (counts[folderOf(path)] ?? 0) + 1;
    }
  }
  const full = Object.entries(counts).filter(([, count]) => count > MOST_FILES);
  assertEquals(full, [], `more than ${MOST_FILES} files: part them`);
});

Deno.test("a file of lib is worth opening", () => {
  const small = LIB.filter(({ path, lines }) =>
    lines < LEAST_LINES && !path.startsWith(OPTIONS)
  ).map(({ path }) => path);
  assertEquals(
    small.sort(),
    Object.keys(SMALL),
    `under ${LEAST_LINES} lines: to be joined to whoever uses it`,
  );
});
