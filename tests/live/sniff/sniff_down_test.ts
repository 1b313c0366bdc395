/** What sniff says when its interface goes down, or away. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { FreshHost } from "../fresh_host.ts";
import { liveTest, script } from "../live.ts";
import { Process } from "../pair/pair_process.ts";

for (const end of ["link set e0 down", "link delete e0"]) {
  await liveTest(
    `sniff ends with its summary and what to do at ip ${end}`,
    ["lab"],
    async () => {
      await using host = await FreshHost.create();
      await host.ip("link add e0 type veth peer name e1");
      await host.ip("link set e0 up");
      const sniff = script("sniff", "-I", "e0", "--json");
      await using sniffing = new Process(host.inside(sniff));
      await sniffing.until('"opened"');
      await host.ip(end);
      const { code, stdout, stderr } = await sniffing.end();
      const { type, reason } = JSON.parse(stdout.trimEnd().split("\n").at(-1)!);
      assertEquals([type, reason], ["summary", "failed"]);
      const { message, remedy } = JSON.parse(stderr);
      assertEquals(
        message,
        "cannot receive: Network is down (recvmmsg: ENETDOWN)",
      );
      const says = "The interface is down, or gone: `ip link` shows it";
      assertStringIncludes(remedy, says);
      assertEquals(code, 4);
    },
  );
}
