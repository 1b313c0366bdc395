import { assertEquals } from "@std/assert";
import { csvOf } from "../../../lib/render/csv.ts";
import { TraceRenderer } from "../../../lib/render/tools/trace.ts";
import { TRACE_TABLE } from "../../../lib/render/tools/trace_json.ts";
import { traceIn } from "../../../lib/tools/trace/traceroute.ts";
import type { TracerouteOptions } from "../../../mod.ts";
import { FakeTraceWorld, type PathHop } from "../../tools/trace/trace_world.ts";

const TARGET = "10.9.2.2";
const HOPS: PathHop[] = [
  {
    answers: [{
      from: "10.9.1.2",
      afterMs: 1,
      labels: [{ label: 7, trafficClass: 0, bottomOfStack: true, ttl: 1 }],
    }],
  },
  { answers: [{ from: TARGET, afterMs: 2 }] },
];

/** All that is shown of a trace. */
async function shown(
  renderer: TraceRenderer,
  hops: PathHop[] = HOPS,
  options: TracerouteOptions = {},
): Promise<string[]> {
  const world = new FakeTraceWorld({ hops, hasTarget: true });
  const run = traceIn(world, TARGET, { probes: 1, ...options });
  const lines: string[] = [];
  for await (const event of run) lines.push(...renderer.lines(event));
  return [...lines, ...renderer.end(await run.result)];
}

Deno.test("names stand before addresses, and cannot harm a terminal", async () => {
  const names = new Map([["10.9.1.2", "evil\x1b[2J\n\u202e.test"]]);
  const nameOf = (address: string) => names.get(address);
  assertEquals(await shown(new TraceRenderer({ nameOf })), [
    "traceroute to 10.9.2.2 (10.9.2.2), 30 hops max, 60 byte packets",
    " 1  evil\\x1b[2J\\n\\u{202e}.test (10.9.1.2)  1.000 ms",
    "    [MPLS: label 7, TC 0, TTL 1]",
    " 2  10.9.2.2 (10.9.2.2)  2.000 ms",
  ]);
  const json = await shown(new TraceRenderer({ format: "json", nameOf }));
  for (const line of json) {
    assertEquals(/[\p{C}]/u.test(line), false, line);
    JSON.parse(line);
  }
  const [hop] = json.map((line) => JSON.parse(line))
    .filter(({ type }) => type === "hop");
  assertEquals(hop.names, ["evil\x1b[2J\n\u202e.test"]);
});

Deno.test("the seed's lines tell of those who answered", async () => {
  const silent = { answers: [null] };
  const renderer = new TraceRenderer({ format: "seed" });
  assertEquals(await shown(renderer, [HOPS[0], silent, HOPS[1]]), [
    "Scanning to 10.9.2.2 ...",
    "- time to live 1 from 10.9.1.2",
    "- Reach time to live 3 from 10.9.2.2",
  ]);
});

Deno.test("JSON tells of extensions", async () => {
  const lines = await shown(new TraceRenderer({ format: "json" }));
  const [answer] = lines.map((line) => JSON.parse(line))
    .filter(({ type }) => type === "answer");
  assertEquals(answer.answer.extensions, [{
    kind: "mplsLabelStack",
    labels: [{ label: 7, trafficClass: 0, bottomOfStack: true, ttl: 1 }],
  }]);
  assertEquals([answer.distance, answer.probe, answer.isLate], [1, 1, false]);
});

Deno.test("a table has of each hop what it said, and of a silent one nothing", async () => {
  const refusal = { from: "10.9.1.3", afterMs: 1, type: 3, code: 1 };
  const hops: PathHop[] = [
    HOPS[0],
    { answers: [null] },
    // A router whose neighbour is dead goes on at first.
    { answers: [{ from: "10.9.1.3", afterMs: 1 }, refusal] },
  ];
  const options = { probes: 2 };
  const lines = await shown(
    new TraceRenderer({ format: "json" }),
    hops,
    options,
  );
  const [head, ...cells] = [TRACE_TABLE.columns]
    .concat(
      lines.flatMap((line) => csvOf(TRACE_TABLE, line) ?? [])
        .map((row) => row.trimEnd().split(",")),
    );
  const rows = cells.map((row) =>
    Object.fromEntries(row.map((cell, i) => [head[i], cell]))
  );
  assertEquals(
    rows.map((
      { packetSize, icmpType, icmpCode, description },
    ) => [packetSize, icmpType, icmpCode, description]),
    [
      ["60", "11", "0", "time exceeded: TTL exceeded in transit"],
      ["", "", "", ""],
      ["60", "3", "1", "destination unreachable: host unreachable"],
    ],
  );
});
