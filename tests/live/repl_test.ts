/** `deno task repl`: the library in a shell, driven through a pipe. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { buildPacket, diagram, hexdump, ipv4, show } from "../../mod.ts";
import { liveTest, ROOT, run } from "./live.ts";

/** What the shell shows once these lines have been typed. */
async function typed(...lines: string[]): Promise<string> {
  const { code, stdout } = await run([Deno.execPath(), "task", "repl"], {
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    input: lines.map((line) => `${line}\n`).join(""),
  });
  assertEquals(code, 0, stdout);
  return stdout;
}

Deno.test("the shell shows packets as they are, not as strings", async () => {
  const packet = buildPacket(
    ipv4({ destination: "127.0.0.1", protocol: 253 }),
    "Hi",
  );
  const hint = await typed();
  // What it says one may try is what is tried here.
  const tried = hint.split("\n").filter((line) => line.startsWith("  "));
  assert(tried.length >= 5, hint);
  const shown = await typed(...tried);
  for (const text of [show(packet), diagram(packet), hexdump(packet)]) {
    assertStringIncludes(shown, `\n${text}\n`);
  }
  assert(!shown.includes("Uncaught"), shown);
});

Deno.test("the shell says what is wrong", async () => {
  const shown = await typed("ipv4({ tll: 3 })");
  assertStringIncludes(shown, 'ipv4: "tll" is unknown; did you mean "ttl"?');
});

await liveTest("the shell pings", ["lab"], async () => {
  const shown = await typed(
    'const host = await ping("127.0.0.1", { count: 1 })',
    "host.isAlive",
    "host.packetsReceived",
  );
  assertEquals(shown.trimEnd().split("\n").slice(-2), ["true", "1"]);
});
