import { assert, assertEquals, assertThrows } from "@std/assert";
import { withoutNode } from "../../../lib/cli/release/without_node.ts";

Deno.test("withoutNode() takes Node's modules out of a bundle", () => {
  const lean = withoutNode(
    'import a from "node:fs";\nimport b from "node:process";\n' +
      'import { stripVTControlCharacters as c } from "node:util";\n' +
      "d(a, b, c);",
  );
  assert(!lean.includes("node:"), lean);
  assert(lean.endsWith("\nd(a, b, c);"), lean);
  const [fs, process, strip] = new Function(
    "d",
    `let r;d=(...x)=>r=x;${lean}
    return r;`,
  )();
  assertEquals(fs, {});
  assertEquals([process.argv, process.env], [[], {}]);
  assertEquals(strip("text"), "text");
});

Deno.test("withoutNode()'s emitter does what commander asks of it", () => {
  const lean = withoutNode('import { EventEmitter } from "node:events";');
  const emitter = new (new Function(`${lean}return EventEmitter;`)())();
  const heard: unknown[] = [];
  emitter.emit("a", 1);
  assertEquals(
    emitter.on("a", (...args: unknown[]) => heard.push(...args)),
    emitter,
  );
  emitter.on("a", () => heard.push("again")).emit("a", 1, 2);
  emitter.emit("b", 3);
  assertEquals(heard, [1, 2, "again"]);
});

Deno.test("withoutNode() leaves other imports, and refuses forms it does not know", () => {
  const other = 'import a from "./a.js";\nimport b from "node:crypto";';
  assertEquals(withoutNode(other), other);
  assertThrows(
    () => withoutNode('import * as a from "node:fs";'),
    Error,
    "the bundle imports fs in an unknown way",
  );
});
