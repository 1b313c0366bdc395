/** The doctor on macOS: on the shim, in labs. */

import { assert, assertEquals } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { Mac, MAC_NEEDS } from "../../ffi/darwin/mac.ts";
import { liveTest, run } from "../live.ts";
import { lines } from "../pair/pair_process.ts";

await liveTest(
  "doctor on macOS tries the sockets that macOS has, and no other",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const ask = async (...args: string[]) => {
      const command = lab.inside("sender", mac.script("doctor", ...args));
      const { code, stdout, stderr } = await run(command);
      assertEquals([code, stderr], [0, ""], stdout);
      return lines(stdout);
    };
    for (const line of await ask()) assert(line.length <= 80, line);
    const said = (await ask("--json")).map((line) => JSON.parse(line));
    const { facts, pairRuns } = said.at(-1);
    assertEquals([facts.os, pairRuns], ["darwin", true]);
    const kinds = [
      ...["raw", "ownHeader", "rawIPv6", "icmp", "icmpv6"],
      ...["ping", "pingIPv6", "timeStamps"],
    ];
    assertEquals(
      facts.sockets,
      kinds.map((kind) => ({ kind, outcome: "works" })),
    );
    assertEquals(
      said.filter(({ works }) => works === "no").map(({ script }) => script),
      ["sniff", "lab", "demo"],
    );
  },
);

await liveTest(
  "doctor tells an ordinary user of macOS of sudo, once, and that ping works",
  MAC_NEEDS,
  async () => {
    await using mac = await Mac.make();
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const asUser = ["env", "SHIM_IS_USER=1", ...mac.script("doctor", "--json")];
    const { code, stdout } = await run(lab.inside("sender", asUser));
    assertEquals(code, 1);
    const said = lines(stdout).map((line) => JSON.parse(line));
    const advised = said.filter(({ remedy }) => remedy?.includes("`sudo`"));
    assertEquals(advised.map(({ what }) => what), ["raw sockets"]);
    assertEquals(
      said.filter(({ works }) => works === "yes").map(({ script }) => script),
      ["ping", "dissect", "craft"],
    );
  },
);
