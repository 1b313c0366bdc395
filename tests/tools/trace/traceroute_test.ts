/** Whole traces as data: what the network answers, and what is shown then. */

import { assertEquals } from "@std/assert";
import { TraceRenderer } from "../../../lib/render/tools/trace.ts";
import { traceIn } from "../../../lib/tools/trace/traceroute.ts";
import type { TraceEvent, TracerouteOptions } from "../../../mod.ts";
import { FakeTraceWorld, type PathHop } from "./trace_world.ts";

/** One of the files in `traces`. */
interface TraceFile {
  readonly what: string;
  readonly destination: string;
  readonly options?: TracerouteOptions;
  readonly hops: readonly PathHop[];
  /** Default true. */
  readonly hasTarget?: boolean;
  readonly expected: {
    readonly lines: readonly string[];
    readonly isReached: boolean;
    readonly durationMs: number;
    /** Packets. */
    readonly sent?: number;
    /** How many of some kinds. */
    readonly events?: Readonly<Record<string, number>>;
    /** Of each hop. */
    readonly duplicates?: readonly number[];
    readonly late?: readonly number[];
    /** Of each hop's first answer. */
    readonly descriptions?: readonly string[];
  };
}

const FOLDER = new URL("./traces/", import.meta.url);
for (const { name } of Deno.readDirSync(FOLDER)) {
  const text = Deno.readTextFileSync(new URL(name, FOLDER));
  const file = JSON.parse(text) as TraceFile;
  Deno.test(`trace ${name}: ${file.what}`, () => check(file));
}

async function check(file: TraceFile): Promise<void> {
  const { destination, options = {}, hops, hasTarget = true, expected } = file;
  const world = new FakeTraceWorld({ hops, hasTarget });
  const run = traceIn(world, destination, options);
  const renderer = new TraceRenderer();
  const events: TraceEvent[] = [];
  const lines: string[] = [];
  for await (const event of run) {
    events.push(event);
    lines.push(...renderer.lines(event));
  }
  const trace = await run.result;
  lines.push(...renderer.end(trace));
  assertEquals(lines, expected.lines);
  assertEquals(trace.isReached, expected.isReached);
  assertEquals(trace.durationMs, expected.durationMs);
  assertEquals([world.closed, world.ports], [world.opened.length, 0]);
  const told = events.filter((event) => event.type === "hop");
  assertEquals(
    told.map(({ hop }) => hop.distance),
    trace.hops.map((hop) => hop.distance),
  );
  const { sent, events: counts = {}, descriptions } = expected;
  if (sent !== undefined) assertEquals(world.sent.length, sent);
  for (const [type, count] of Object.entries(counts)) {
    assertEquals(events.filter((event) => event.type === type).length, count);
  }
  const zeros = trace.hops.map(() => 0);
  const { duplicates = zeros, late = zeros } = expected;
  assertEquals(trace.hops.map((hop) => hop.duplicates), [...duplicates]);
  assertEquals(trace.hops.map((hop) => hop.lateReplies), [...late]);
  if (descriptions !== undefined) {
    const first = trace.hops.map((hop) => hop.answers[0]?.description);
    assertEquals(first, [...descriptions]);
  }
}
