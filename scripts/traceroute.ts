#!/usr/bin/env -S deno run --allow-ffi
/** The route to a host: every hop, by ICMP, UDP, TCP or any protocol. */

import { EXIT, exitCodeOf } from "../lib/cli/exit.ts";
import { QuitKey } from "../lib/cli/quit_key.ts";
import { complain, Outbox, print, StatusLine } from "../lib/cli/output.ts";
import { failureText, run, script } from "../lib/cli/script.ts";
import { traceOptions, tracingOf } from "../lib/cli/options/trace_options.ts";
import { csvOf, csvRow } from "../lib/render/csv.ts";
import {
  renderRouteTable,
  routeToJSON,
} from "../lib/render/drawing/route_table.ts";
import { TraceRenderer } from "../lib/render/tools/trace.ts";
import { TRACE_TABLE } from "../lib/render/tools/trace_json.ts";
import type { SocketError } from "../lib/socket/errors.ts";
import { checkHost } from "../lib/socket/kernel/resolve.ts";
import { HostNames } from "../lib/tools/trace/host_names.ts";
import { traceroute } from "../lib/tools/trace/traceroute.ts";
import { watchRoute } from "../lib/tools/trace/watch_route.ts";

/** A hop is shown without its name if that takes longer. */
const NAME_WAIT_MS = 1000;

const program = traceOptions(script({
  url: import.meta.url,
  description: "Shows the route to a host, hop by hop, all hops asked at once.",
  examples: [
    ["1.1.1.1", "by ICMP echo requests, on one path"],
    ["-n --method tcp --port 443 1.1.1.1", "by SYNs, which firewalls let pass"],
    ["--method udp --port 53 1.1.1.1", "as a name server is reached"],
    ["--mtu 1.1.1.1", "and where the longest packet gets shorter"],
    ["--watch 1.1.1.1", "again and again, until q: loss and times of each hop"],
    ["--seed-format 127.0.0.1", "a short line a hop, without times"],
  ],
}))
  .argument("<host>", "address or name");

await run(program, async (signal) => {
  const [host] = program.processedArgs;
  const flags = program.opts();
  const options = tracingOf(flags);
  checkHost(host, options.family);
  if (flags.watch) return await watch(signal);
  const tracing = traceroute(host, { ...options, signal });
  const names = new HostNames(NAME_WAIT_MS);
  const isNamed = !flags.numeric && !flags.seedFormat;
  const renderer = new TraceRenderer({
    format: flags.json || flags.csv
      ? "json"
      : flags.seedFormat
      ? "seed"
      : "traceroute",
    nameOf: isNamed ? (address) => names.nameOf(address) : undefined,
  });
  const output = new Outbox();
  const show = async (lines: readonly string[]) => {
    for (const line of lines) {
      const shown = flags.csv ? csvOf(TRACE_TABLE, line) : line;
      if (shown !== undefined) await output.add(`${shown}\n`);
    }
  };
  if (flags.csv) await output.add(`${csvRow(TRACE_TABLE.columns)}\n`);
  // Behind the trace, which waits for no names.
  let shown = Promise.resolve();
  let said = "";
  for await (const event of tracing) {
    if (event.type === "failed" && !flags.json) {
      const failure = failureText(program, event.error);
      if (failure !== said) await complain(said = failure);
    }
    if (isNamed && event.type === "answer") names.ask(event.answer.from);
    shown = shown.then(async () => {
      if (event.type === "hop") await names.settle(event.hop.addresses);
      await show(renderer.lines(event));
    });
    shown.catch(() => {});
  }
  const trace = await tracing.result;
  await shown;
  await show(renderer.end(trace));
  await output.flush();
  if (trace.isReached) return EXIT.DONE;
  const failure = trace.hops.find((hop) => hop.failure)?.failure;
  return failure === undefined ? EXIT.NO : exitCodeOf(failure);
}, { words: { discoverMTU: "--mtu" } });

/** Shows the route again and again, and in the end a table, or JSON. */
async function watch(interrupted: AbortSignal): Promise<number> {
  const [host] = program.processedArgs;
  const { json, numeric, count, interval = 1, ...flags } = program.opts();
  const isSeen = !json && Deno.stdout.isTerminal();
  using key = new QuitKey();
  const watching = watchRoute(host, {
    ...tracingOf({ ...flags, count, interval }),
    rounds: count ?? (isSeen ? Infinity : 10),
    intervalMs: interval * 1000,
    signal: AbortSignal.any([interrupted, key.signal]),
  });
  const names = new HostNames(NAME_WAIT_MS);
  const nameOf = (address: string) => names.nameOf(address);
  const renderer = new TraceRenderer({ format: json ? "json" : "traceroute" });
  const status = new StatusLine();
  let said = "";
  let failed: SocketError | undefined;
  for await (const event of watching) {
    if (event.type === "round") {
      const { hops, rounds } = event;
      const addresses = hops.flatMap((hop) => hop.addresses);
      if (!numeric) addresses.forEach((address) => names.ask(address));
      const last = `round ${rounds}; q ends it`;
      if (isSeen) await status.show(...renderRouteTable(event, nameOf), last);
      continue;
    }
    await status.clear();
    if (event.type === "failed") failed = event.error;
    if (event.type === "failed" && !json) {
      const failure = failureText(program, event.error);
      if (failure !== said) await complain(said = failure);
      continue;
    }
    for (const line of renderer.lines(event)) await print(`${line}\n`);
  }
  const route = await watching;
  await status.clear();
  await names.settle(route.hops.flatMap((hop) => hop.addresses));
  const lines = json
    ? routeToJSON(route, nameOf)
    : renderRouteTable(route, nameOf);
  await print(`${lines.join("\n")}\n`);
  if (route.isReached) return EXIT.DONE;
  const isSilent = route.hops.every((hop) => hop.packetsReceived === 0);
  return failed !== undefined && isSilent ? exitCodeOf(failed) : EXIT.NO;
}
