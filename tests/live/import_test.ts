/** The library, imported from elsewhere: no package of others, no permission. */

import { assertEquals } from "@std/assert";
import { liveTest, ROOT, run } from "./live.ts";

await liveTest("mod.ts is imported from any folder, without a configuration", [
  "lab",
], async () => {
  const folder = await Deno.makeTempDir();
  const url = `file://${
    ROOT.split("/").map(encodeURIComponent).join("/")
  }mod.ts`;
  await Deno.writeTextFile(
    `${folder}/program.ts`,
    `import { ping } from "${url}";
     const host = await ping("127.0.0.1", { count: 1 });
     console.log(host.isAlive, JSON.parse(JSON.stringify(host)).packetLoss);`,
  );
  const { code, stdout, stderr } = await run(
    [
      ...[Deno.execPath(), "run", "--no-config", "--no-remote", "--no-npm"],
      ...["--allow-ffi", `${folder}/program.ts`],
    ],
    { cwd: folder },
  );
  await Deno.remove(folder, { recursive: true });
  assertEquals([code, stdout, stderr], [0, "true 0\n", ""]);
});
