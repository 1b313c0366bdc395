/**
 * The status line, and what terminals it is for.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { StatusLine } from "../../lib/cli/output.ts";

/** What `use` writes to standard error, one entry for each call. */
async function captured(
  use: (status: StatusLine) => Promise<void>,
  { isTerminal = true, term = "xterm" } = {},
): Promise<string[]> {
  const written: string[] = [];
  const { stderr } = Deno;
  const before = { write: stderr.write, isTerminal: stderr.isTerminal };
  const TERM = Deno.env.get("TERM");
  try {
    stderr.write = (octets) => {
      written.push(new TextDecoder().decode(octets));
      return Promise.resolve(octets.length);
    };
    stderr.isTerminal = () => isTerminal;
    Deno.env.set("TERM", term);
    await use(new StatusLine());
  } finally {
    Object.assign(stderr, before);
    if (TERM === undefined) Deno.env.delete("TERM");
    else Deno.env.set("TERM", TERM);
  }
  return written;
}

const show = async (status: StatusLine) => {
  await status.clear();
  await status.show("1%");
  await status.show("2%");
  await status.clear();
  await status.clear();
};

Deno.test("StatusLine is written over, and taken away", async () => {
  assertEquals(await captured(show), ["\r\x1b[K1%", "\r\x1b[K2%", "\r\x1b[K"]);
});

Deno.test("StatusLine shows nothing where it could not be taken away", async () => {
  assertEquals(await captured(show, { isTerminal: false }), []);
  assertEquals(await captured(show, { term: "dumb" }), []);
  assertEquals(await captured(show, { term: "" }), []);
});
