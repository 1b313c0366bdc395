import { assert, assertEquals, assertMatch } from "@std/assert";
import { SYMBOLS } from "../../../lib/ffi/darwin/symbols.ts";

const FOLDER = new URL("../../../lib/ffi/darwin/", import.meta.url);

/** Of those that take a variable number of arguments, what one might reach for. */
const VARIADIC = [
  ...["fcntl", "ioctl", "open", "openat", "open_dprotected_np", "syscall"],
  ...["sem_open", "shm_open", "semctl", "execl", "execle", "execlp", "ulimit"],
  ...["printf", "fprintf", "dprintf", "snprintf", "sscanf", "syslog", "err"],
];

Deno.test("no function that macOS is called by is variadic", async () => {
  const source = await Deno.readTextFile(new URL("symbols.ts", FOLDER));
  for (const [name, symbol] of Object.entries(SYMBOLS)) {
    const called = "name" in symbol ? symbol.name : name;
    assert(!VARIADIC.includes(called), called);
    // Its C declaration stands above it, and says the same.
    const declared = [
      ...source.matchAll(/^ {2}\/\*\* (.*) \*\/\n {2}(\w+): \{/gm),
    ]
      .find(([, , of]) => of === name);
    assert(declared !== undefined, `${name} has no declaration`);
    assert(!declared[1].includes("..."), declared[1]);
    if (called === name) assertMatch(declared[1], new RegExp(`\\b${name}\\(`));
  }
});

Deno.test("macOS' functions are opened by that table alone", async () => {
  const opening: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    const text = await Deno.readTextFile(new URL(name, FOLDER));
    if (/dlopen|UnsafeFnPointer/.test(text)) opening.push(name);
  }
  assertEquals(opening, ["symbols.ts"]);
});
