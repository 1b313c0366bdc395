#!/usr/bin/env -S deno run --allow-ffi
/** The route to a host: every hop, by ICMP, UDP, TCP or any protocol. */

import { EXIT } from "../lib/cli/exit.ts";
import { print, run, script } from "../lib/cli/script.ts";
import { traceOptions, tracingOf } from "../lib/cli/trace_options.ts";
import { TraceRenderer } from "../lib/render/trace.ts";
import { checkHost } from "../lib/socket/resolve.ts";
import { HostNames } from "../lib/tools/host_names.ts";
import { traceroute } from "../lib/tools/traceroute.ts";

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
    ["--seed-format 127.0.0.1", "a short line a hop, without times"],
  ],
}))
  .argument("<host>", "address or name");

await run(program, async (signal) => {
  const [host] = program.processedArgs;
  const flags = program.opts();
  const options = tracingOf(flags);
  checkHost(host, options.family);
  const tracing = traceroute(host, { ...options, signal });
  const names = new HostNames(NAME_WAIT_MS);
  const isNamed = !flags.numeric && !flags.seedFormat;
  const renderer = new TraceRenderer({
    format: flags.json ? "json" : flags.seedFormat ? "seed" : "traceroute",
    nameOf: isNamed ? (address) => names.nameOf(address) : undefined,
  });
  const show = (line: string) => print(`${line}\n`);
  // Behind the trace, which waits for no names.
  let shown = Promise.resolve();
  for await (const event of tracing) {
    if (isNamed && event.type === "answer") names.ask(event.answer.from);
    shown = shown.then(async () => {
      if (event.type === "hop") await names.settle(event.hop.addresses);
      renderer.lines(event).forEach(show);
    });
    shown.catch(() => {});
  }
  const trace = await tracing.result;
  await shown;
  renderer.end(trace).forEach(show);
  return trace.isReached ? EXIT.DONE : EXIT.NO;
}, { words: { discoverMTU: "--mtu" } });
