import { assertEquals } from "@std/assert";
import { sibling } from "../../lib/cli/sibling.ts";

Deno.test("sibling() finds a source beside sources, a bundle beside bundles", () => {
  assertEquals(sibling("file:///home/me/raw%204/scripts/demo.ts", "send"), {
    path: "/home/me/raw 4/scripts/send.ts",
    file: "send.ts",
    call: "deno run --allow-ffi scripts/send.ts",
  });
  assertEquals(sibling("file:///tmp/demo.js", "receive"), {
    path: "/tmp/receive.js",
    file: "receive.js",
    call: "deno run --allow-ffi receive.js",
  });
});
