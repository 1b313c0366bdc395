import { assertEquals, assertThrows } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { EXIT, ScriptError } from "../../lib/cli/exit.ts";
import { checkDeno, RELEASE, versionText } from "../../lib/cli/version.ts";

Deno.test("RELEASE has deno.json's version, and CHANGELOG.md begins with it", async () => {
  assertEquals(RELEASE.version, config.version);
  const changelog = await Deno.readTextFile(
    new URL("../../CHANGELOG.md", import.meta.url),
  );
  assertEquals(/^## (\S+), /m.exec(changelog)?.[1], config.version);
});

Deno.test("versionText() tells the commit of a bundle", () => {
  const release = { version: "1.2.3", commit: "abc" };
  assertEquals(
    versionText("ping", false, release),
    "raw4 ping 1.2.3, commit abc\nDeno 2.5.0 or newer",
  );
  assertEquals(JSON.parse(versionText("ping", true, release)), {
    type: "version",
    script: "ping",
    version: "1.2.3",
    commit: "abc",
    lowestDeno: "2.5.0",
  });
  assertEquals(JSON.parse(versionText("ping", true)).commit, null);
});

Deno.test("checkDeno() refuses what is too old, in a sentence", () => {
  for (const deno of ["2.5.0", "2.5.7", "2.9.6", "2.10.0", "3.0.0"]) {
    checkDeno(deno);
  }
  for (const deno of ["2.4.5", "1.46.3", "2.0.0-rc.1"]) {
    const error = assertThrows(() => checkDeno(deno), ScriptError);
    assertEquals(
      [error.message, error.exitCode],
      [`raw4 takes Deno 2.5.0 or newer, and this is ${deno}`, EXIT.SYSTEM],
    );
  }
});
