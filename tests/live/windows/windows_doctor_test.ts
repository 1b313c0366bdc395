/** The doctor on Windows. */

import { assert, assertEquals } from "@std/assert";
import { Lab } from "../../../lib/lab/lab.ts";
import { TOPOLOGIES } from "../../../lib/lab/topology/catalogue.ts";
import { ROOTS_GROUP, setKernel } from "../hosts.ts";
import { liveTest } from "../live.ts";
import { lines } from "../pair/pair_process.ts";
import { callsOnWindows, NEEDS } from "./windows.ts";

await liveTest(
  "doctor on Windows tries the sockets that Windows has, and no other",
  NEEDS,
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    const calls = [["doctor"], ["doctor", "--json"]];
    const [page, json] = await callsOnWindows(lab, "sender", calls);
    assertEquals([page.code, json.code], [0, 0], page.text + json.text);
    for (const line of lines(page.text)) assert(line.length <= 80, line);
    const said = lines(json.text).map((line) => JSON.parse(line));
    const { facts, pairRuns } = said.at(-1);
    assertEquals([facts.os, pairRuns], ["windows", true]);
    type Test = { kind: string; outcome: string; code?: string };
    const [wines, windows] = [true, false].map((isRefused) =>
      (facts.sockets as Test[]).filter((test) =>
        isRefused === (test.outcome === "refused")
      )
    );
    assertEquals(
      windows,
      ["raw", "ownHeader", "icmp", "ping", "timeStamps"]
        .map((kind) => ({ kind, outcome: "works" })),
    );
    // Windows has it, and Wine not.
    const [{ kind, code }, ...others] = wines;
    assertEquals([kind, code, others], ["pingIPv6", "EAFNOSUPPORT", []]);
    assertEquals(
      said.filter(({ works }) => works === "no").map(({ script }) => script),
      ["sniff", "lab", "demo"],
    );
  },
);

await liveTest(
  "doctor tells who is no administrator on Windows what to do, once",
  NEEDS,
  async () => {
    await using lab = await Lab.up(TOPOLOGIES.pair);
    // Wine itself pings by a ping socket then, and takes it for a raw one, too.
    await setKernel(lab, "sender", {
      "net.ipv4.ping_group_range": ROOTS_GROUP,
    });
    const calls = [["doctor", "--json"]];
    const [{ code, text }] = await callsOnWindows(
      ...[lab, "sender", calls, { isAdministrator: false }] as const,
    );
    assertEquals(code, 1, text);
    const said = lines(text).map((line) => JSON.parse(line));
    const advised = said.filter(({ remedy }) => remedy?.includes("“Run as"));
    assertEquals(advised.map(({ what }) => what), ["raw sockets"]);
    const works = (name: string) =>
      said.find(({ script }) => script === name).works;
    assertEquals(
      ["send", "receive", "spoof", "ping"].map(works),
      ["no", "no", "no", "yes"],
    );
  },
);
