import { assertEquals, assertRejects } from "@std/assert";
import { LabError, runProgram, tryProgram } from "../../lib/lab/command.ts";

Deno.test("runProgram() gives what the program printed", async () => {
  assertEquals(await runProgram("echo", ["a", "b"]), "a b\n");
  assertEquals(await runProgram("cat", [], "Grüße\n"), "Grüße\n");
});

Deno.test("runProgram() throws what a failing program said", async () => {
  const error = await assertRejects(
    () => runProgram("sh", ["-c", "echo no >&2; exit 1"]),
    LabError,
  );
  assertEquals(error.message, "`sh -c echo no >&2; exit 1` failed: no");
  assertEquals(error.remedy, undefined);
});

Deno.test("runProgram() does not mind a program that leaves its input", async () => {
  const input = "x".repeat(1_000_000);
  assertEquals(await runProgram("echo", ["a"], input), "a\n");
  await assertRejects(() => runProgram("false", [], input), LabError, "failed");
});

Deno.test("runProgram() says that a program is missing, and what to do", async () => {
  const error = await assertRejects(
    () => runProgram("raw4-no-such-program", []),
    LabError,
  );
  assertEquals(error.message, "raw4-no-such-program is not installed");
  assertEquals(error.remedy?.startsWith("Install it"), true);
});

Deno.test("tryProgram() tells failures by undefined", async () => {
  assertEquals(await tryProgram("echo", ["a"]), "a\n");
  assertEquals(await tryProgram("false", []), undefined);
  assertEquals(await tryProgram("raw4-no-such-program", []), undefined);
});
