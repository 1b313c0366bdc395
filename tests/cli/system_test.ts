import { assertEquals, assertThrows } from "@std/assert";
import { EXIT, ScriptError } from "../../lib/cli/exit.ts";
import { checkSystem } from "../../lib/cli/script.ts";

Deno.test("checkSystem() says in a sentence where raw4 does not work", () => {
  checkSystem("linux");
  for (const os of ["darwin", "windows"] as const) {
    const error = assertThrows(() => checkSystem(os), ScriptError);
    assertEquals(
      [error.message, error.exitCode],
      [`raw4 works on Linux only so far, and this is ${os}`, EXIT.SYSTEM],
    );
  }
});
