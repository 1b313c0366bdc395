/**
 * Floods: public addresses get them only inside a lab, or if it is said that
 * this is meant.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { runProgram } from "../../lib/lab/command.ts";
import { Lab } from "../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../lib/lab/topology/catalogue.ts";
import { liveTest, run, script } from "./live.ts";

const FLOODS = [
  {
    flood: ["sweep", "1.1.1.0/25", "--rate", "max", "-w", "0.1"],
    target: "1.1.1.0-1.1.1.127",
    shown: "1.1.1.1 is alive",
  },
  {
    flood: ["ping", "1.1.1.1", "-c", "101", "-i", "0"],
    target: "1.1.1.1",
    shown: "64 bytes from 1.1.1.1",
  },
  {
    flood: ["send", "1.1.1.1", "Hi", "-c", "101", "-i", "9ms"],
    target: "1.1.1.1",
    shown: "--- 101 sent",
  },
];

for (const { flood: [name, ...args], target, shown } of FLOODS) {
  await liveTest(
    `${name} floods public addresses only inside a lab, or if told`,
    ["lab"],
    async () => {
      await using lab = await Lab.up(TOPOLOGIES.pair);
      const sender = lab.namespace("sender");
      const flood = script(name, ...args);
      const inside = await run(lab.inside("sender", flood));
      assertStringIncludes(inside.stdout, shown);
      // Without its mark the host is like any other, but still leads nowhere.
      const unmark = "link property del dev lo altname raw4-lab".split(" ");
      await runProgram("ip", ["-netns", sender, ...unmark]);
      const refused = await run(lab.inside("sender", flood));
      assertEquals([refused.code, refused.stdout], [2, ""]);
      const words = refused.stderr.replace(/\s+/g, " ");
      assertStringIncludes(
        words,
        `more than a person needs, and ${target} is public: keep to 100`,
      );
      const allowed = await run(
        lab.inside("sender", [...flood, "--allow-public"]),
      );
      assertStringIncludes(allowed.stdout, shown);
    },
  );
}
