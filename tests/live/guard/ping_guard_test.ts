/** What ping sends to public addresses, to all of its hosts together. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { liveTest, script, unwrapped } from "../live.ts";
import { GUARD_NEEDS, PublicHost } from "./public_host.ts";

const HOSTS = Array.from({ length: 101 }, (_, i) => `9.9.9.${i + 1}`);
const ONCE = ["-q", "-c", "1", "-W", "0.1"];

await liveTest(
  "ping refuses a flood of all its hosts before anything is sent",
  GUARD_NEEDS,
  async () => {
    await using host = await PublicHost.create();
    const refused: [args: string[], much: string][] = [
      [[...ONCE, ...HOSTS], "101"],
      [[...ONCE, ...Array(101).fill("9.9.9.9")], "101"],
      [["-q", "-c", "60", "-i", "0.001", "9.9.9.9", "9.9.9.8"], "120"],
      [["-q", "-i", "0.01", "192.168.7.2", "9.9.9.9", "9.9.9.8"], "200"],
      [["-q", "-i", "0", "9.9.9.9"], "as fast as it goes"],
    ];
    for (const [args, much] of refused) {
      const { code, stderr, stdout, leftAt } = await host.watch(
        script("ping", ...args),
      );
      assertStringIncludes(unwrapped(stderr), `ping: ${much} `, stderr);
      assertStringIncludes(unwrapped(stderr), "9.9.9.", stderr);
      assertEquals([code, stdout, leftAt.length], [2, "", 0], stderr);
    }
  },
);

await liveTest(
  "ping sends what is no flood, and what is meant",
  GUARD_NEEDS,
  async () => {
    await using host = await PublicHost.create();
    const allowed: [args: string[], count: number][] = [
      [[...ONCE, ...HOSTS.slice(1)], 100],
      [[...ONCE, "--allow-public", ...HOSTS], 101],
      [
        [
          "-q",
          "-c",
          "300",
          "-i",
          "0.002",
          "-W",
          "0.1",
          "--allow-public",
          "9.9.9.9",
        ],
        300,
      ],
    ];
    for (const [args, count] of allowed) {
      const { stderr, leftAt } = await host.watch(script("ping", ...args));
      assertEquals([leftAt.length, stderr], [count, ""]);
    }
  },
);
