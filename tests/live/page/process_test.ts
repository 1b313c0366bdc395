/** How the page's processes begin and end. */

import { assertEquals, assertMatch } from "@std/assert";
import { flagsOf, liveTest, run } from "../live.ts";
import { eventually } from "../pair/pair_process.ts";
import { hostOf, startPage } from "./browsers.ts";

await liveTest(
  "where the server is killed, the agent ends, and its lab with it",
  ["lab", "pgrep"],
  async () => {
    await using page = await startPage("lab", "pair");
    const [, , , namespace] = await hostOf(page, "sender");
    const agent = (await run(["pgrep", "-P", `${page.pid}`])).stdout.trim();
    Deno.kill(page.pid, "SIGKILL");
    await eventually(
      "the lab is gone",
      async () =>
        !(await run(["ip", "netns", "list"])).stdout.includes(namespace),
    );
    await eventually("the agent has ended", async () => {
      const { stdout } = await run(["ps", "-o", "stat=", "-p", agent]);
      return /^Z|^$/.test(stdout.trim());
    });
  },
);

await liveTest(
  "SIGTERM ends the server, its agent and its lab, with exit 0",
  ["lab", "pgrep"],
  async () => {
    await using page = await startPage("lab", "chain", "1", "--silent", "1");
    const [, , , namespace] = await hostOf(page, "router1");
    assertEquals(await page.end(), 0);
    const { stdout } = await run(["ip", "netns", "list"]);
    assertEquals(stdout.includes(namespace), false);
  },
);

await liveTest("what cannot be shown is told at once", [], async () => {
  const CALLS: [args: string[], says: RegExp, code: number][] = [
    [["lab", "moon"], /there is no lab "moon"/, 2],
    [["-I", "lo", "x.pcap"], /-I goes without a lab/, 2],
    [["a.pcap", "b.pcap"], /one file is shown/, 2],
    [["/nowhere.pcap"], /not permitted by Deno to read the file/, 3],
    [["-I", "nosuchdevice"], /nosuchdevice/, 4],
    [["README.md"], /^page: README.md is no capture file\n$/, 2],
    [["/dev/null"], /^page: capture file at octet 0: the file is empty\n$/, 1],
  ];
  for (const [args, says, code] of CALLS) {
    const readable = ["--allow-read=README.md,/dev/null"];
    const flags = [...flagsOf("page").split(" "), ...readable];
    const call = [Deno.execPath(), "run", ...flags, "scripts/page.ts", ...args];
    const finished = await run(call);
    assertMatch(finished.stderr, says);
    assertEquals([finished.code, finished.stdout], [code, ""], args.join(" "));
  }
});
