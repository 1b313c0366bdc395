/**
 * The rules between the rooms of `lib`, read from the sources themselves.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** Which rooms, or single modules, each room may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  ffi: [],
  wire: ["bytes"],
  capture: ["bytes", "wire"],
  socket: ["ffi", "bytes", "wire"],
  tools: ["bytes", "wire", "socket"],
  render: ["bytes", "wire", "capture"],
  // Its cables have their checksum offload turned off, which takes a socket,
  // and do to packets what many kernels cannot, which takes a middlebox.
  lab: ["socket/offload.ts", "socket/lab_mark.ts", "tools/middlebox.ts"],
  cli: [
    "bytes/hex.ts",
    "wire/address.ts",
    "wire/link_types.ts",
    "wire/packet_from_json.ts",
    "wire/zone.ts",
    "socket/errors.ts",
    "render",
    "capture",
  ],
};
/** Rooms of which only types may be imported. */
const TYPES_ONLY: Readonly<Record<string, readonly string[]>> = {
  render: ["tools"],
};
/** Names that only some rooms may use. */
const CONFINED: readonly (readonly [RegExp, readonly string[]])[] = [
  [/\bconsole\.|\bDeno\.(args|exit)\b|\bprompt\(/, ["scripts", "cli"]],
  [/\bDeno\.dlopen\b/, ["ffi"]],
  [/from "(@commander-js|commander)/, ["cli", "scripts"]],
];

interface Source {
  readonly path: string;
  readonly room: string;
  /** Without comments, which may tell of anything. */
  readonly code: string;
}

async function* sources(folder: string): AsyncGenerator<Source> {
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))
  ) {
    if (isDirectory) yield* sources(`${folder}${name}/`);
    if (!name.endsWith(".ts") || name.endsWith(".d.ts")) continue;
    const path = folder + name;
    const text = await Deno.readTextFile(new URL(path, ROOT));
    const code = text.replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
    yield { path, room: path.replace(/^lib\//, "").split("/")[0], code };
  }
}

Deno.test("each room imports what it may, and nothing else", async () => {
  const wrong: string[] = [];
  for await (const { path, room, code } of sources("lib/")) {
    const imports = code.matchAll(
      /(import|export)( type)?[^;]*?from "(\.[^"]+)"|import\("(\.[^"]+)"\)/g,
    );
    for (const [, , typeOnly, from, dynamic] of imports) {
      const target = new URL(from ?? dynamic, new URL(path, ROOT)).href
        .slice(ROOT.href.length).replace(/^lib\//, "");
      const targetRoom = target.split("/")[0];
      const allowed = targetRoom === room ||
        MAY_IMPORT[room].includes(targetRoom) ||
        MAY_IMPORT[room].includes(target) ||
        (typeOnly !== undefined && TYPES_ONLY[room]?.includes(targetRoom));
      if (!allowed) wrong.push(`${path} imports ${target}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("output, arguments, exits and dlopen stay in their rooms", async () => {
  const wrong: string[] = [];
  for (const folder of ["lib/", "scripts/"]) {
    for await (const { path, room, code } of sources(folder)) {
      for (const [pattern, rooms] of CONFINED) {
        const use = pattern.exec(code);
        if (use !== null && !rooms.includes(room)) {
          wrong.push(`${path} uses ${use[0]}`);
        }
      }
    }
  }
  assertEquals(wrong, []);
});
