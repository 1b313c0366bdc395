/**
 * Lines in great numbers, and the status line that makes way for them.
 *
 * @module
 */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { ScriptError } from "../../lib/cli/exit.ts";
import { Lines, StatusLine } from "../../lib/cli/lines.ts";

/** What was written where, one entry for each call. */
interface Screen {
  readonly out: string[];
  readonly err: string[];
}

/** Takes the process's output while `use` runs. */
async function captured(
  use: (screen: Screen) => void | Promise<void>,
  { isTerminal = false, write = (octets: Uint8Array) => octets.length } = {},
): Promise<Screen> {
  const screen: Screen = { out: [], err: [] };
  const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
  const standIns = {
    stdout: (octets: Uint8Array) => {
      const written = write(octets);
      screen.out.push(text(octets.subarray(0, written)));
      return written;
    },
    stderr: (octets: Uint8Array) => {
      screen.err.push(text(octets));
      return octets.length;
    },
  };
  const { stdout, stderr } = Deno;
  const before = [stdout.writeSync, stderr.writeSync, stderr.isTerminal];
  try {
    stdout.writeSync = standIns.stdout;
    stderr.writeSync = standIns.stderr;
    stderr.isTerminal = () => isTerminal;
    await use(screen);
  } finally {
    Object.assign(stdout, { writeSync: before[0] });
    Object.assign(stderr, { writeSync: before[1], isTerminal: before[2] });
  }
  return screen;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

Deno.test("Lines writes what comes in one turn at once, in order", async () => {
  const { out } = await captured(async (screen) => {
    const lines = new Lines(new StatusLine());
    for (const line of ["one", undefined, "two", "drei ü"]) lines.add(line);
    assertEquals(screen.out, []);
    await turn();
    assertEquals(screen.out, ["one\ntwo\ndrei ü\n"]);
    lines.add("later");
    await turn();
  });
  assertEquals(out, ["one\ntwo\ndrei ü\n", "later\n"]);
});

Deno.test("Lines does not wait where they are very many", async () => {
  const { out } = await captured((screen) => {
    const lines = new Lines(new StatusLine());
    addMany(lines);
    assert(screen.out.length > 0, "nothing is written before the end");
    lines.flush();
    lines.flush();
  });
  const all = Array.from({ length: 10_000 }, (_, i) => `${i}\n`).join("");
  assertEquals(out.join(""), all);
  assert(out.length < 100, `${out.length} writes`);
});

Deno.test("Lines goes on where a write took only a part", async () => {
  const { out } = await captured(() => {
    const lines = new Lines(new StatusLine());
    lines.add("127.0.0.1");
    lines.flush();
  }, { write: (octets) => Math.min(4, octets.length) });
  assertEquals(out, ["127.", "0.0.", "1\n"]);
});

Deno.test("Lines tells the next one that adds a line of a full disk", async () => {
  await captured(async () => {
    const lines = new Lines(new StatusLine());
    lines.add("one");
    await turn();
    for (const use of [() => lines.flush(), () => addMany(lines)]) {
      assertThrows(use, ScriptError, "cannot write to standard output: full");
    }
  }, {
    write: () => {
      throw new Error("full");
    },
  });
});

function addMany(lines: Lines): void {
  for (let i = 0; i < 10_000; i++) lines.add(`${i}`);
}

Deno.test("StatusLine is written over, and makes way for lines", async () => {
  const { out, err } = await captured(() => {
    const status = new StatusLine();
    const lines = new Lines(status);
    status.show("1%");
    status.show("2%");
    lines.add("127.0.0.1");
    lines.flush();
    lines.flush();
  }, { isTerminal: true });
  assertEquals(err, ["\r\x1b[K1%", "\r\x1b[K2%", "\r\x1b[K"]);
  assertEquals(out, ["127.0.0.1\n"]);
});

Deno.test("StatusLine shows nothing where there is no terminal", async () => {
  const { err } = await captured(() => {
    const status = new StatusLine();
    status.show("1%");
    status.clear();
  });
  assertEquals(err, []);
});
