#!/usr/bin/env -S deno run --allow-ffi
/** The route to a host: every hop, by ICMP, UDP, TCP or any protocol. */

import { Option } from "@commander-js/extra-typings";
import { EXIT, ScriptError } from "../lib/cli/exit.ts";
import { integer, ipAddress, ipProtocol, seconds } from "../lib/cli/options.ts";
import { print, run, script } from "../lib/cli/script.ts";
import { TraceRenderer } from "../lib/render/trace.ts";
import { checkHost } from "../lib/socket/resolve.ts";
import { HostNames } from "../lib/tools/host_names.ts";
import { traceroute } from "../lib/tools/traceroute.ts";

/** A hop is shown without its name if that takes longer. */
const NAME_WAIT_MS = 1000;
const OCTET = integer(0, 255);

const program = script({
  url: import.meta.url,
  description: "Shows the route to a host, hop by hop, all hops asked at once.",
  examples: [
    ["1.1.1.1", "by ICMP echo requests, on one path"],
    ["-n --method tcp --port 443 1.1.1.1", "by SYNs, which firewalls let pass"],
    ["--method udp --port 53 1.1.1.1", "as a name server is reached"],
    ["--mtu 1.1.1.1", "and where the longest packet gets shorter"],
    ["--seed-format 127.0.0.1", "a short line a hop, without times"],
  ],
})
  .argument("<host>", "address or name")
  .option("-f, --first-hop <hop>", "begin at this hop", integer(1, 255), 1)
  .option("-m, --max-hops <hops>", "go no further", integer(1, 255), 30)
  .option("-q, --probes <number>", "probes to each hop", integer(1, 10), 3)
  .option("-w, --wait <s>", "seconds to wait for an answer", seconds, 3)
  .option(
    "-N, --concurrency <n>",
    "probes on their way at once (default: 64)",
    integer(1, 1024),
  )
  .addOption(
    new Option("-M, --method <name>", "what probes are")
      .choices(["icmp", "udp", "tcp", "raw"] as const).default("icmp" as const),
  )
  .option(
    "-p, --port <port>",
    "port of udp (default: 33434) or tcp (default: 80)",
    integer(0, 65_535),
  )
  .option(
    "-P, --protocol <name>",
    "IP protocol of raw, name or number (default: 253)",
    ipProtocol,
  )
  .option(
    "-l, --packet-size <octets>",
    "a probe's length, headers included",
    integer(32, 65_535),
  )
  .option("-t, --tos <octet>", "type of service: DSCP and ECN", OCTET, 0)
  .option("-s, --source <address>", "send from this address", ipAddress)
  .option("-i, --device <interface>", "send by this interface")
  .addOption(
    new Option("--flow <kind>", "keep to one path, or let probes vary")
      .choices(["paris", "classic"] as const).default("paris" as const),
  )
  .option("--mtu", "find the path MTU, and where it shrinks")
  .addOption(
    new Option("-4, --ipv4", "names to IPv4 addresses only").conflicts("ipv6"),
  )
  .option("-6, --ipv6", "names to IPv6 addresses only")
  .option("-n, --numeric", "show addresses without names")
  .addOption(
    new Option("--seed-format", "a short line a hop, without times")
      .conflicts(["json", "mtu"]),
  )
  .option("--json", "one JSON object a line");

await run(program, async (signal) => {
  const [host] = program.processedArgs;
  const { wait, tos, mtu, json, seedFormat, ...options } = program.opts();
  const { method, port, protocol, firstHop, maxHops } = options;
  if (port !== undefined && method !== "udp" && method !== "tcp") {
    throw new ScriptError("--port goes with --method udp or tcp", EXIT.USAGE);
  }
  if (protocol !== undefined && method !== "raw") {
    throw new ScriptError("--protocol goes with --method raw", EXIT.USAGE);
  }
  if (maxHops < firstHop) {
    const reason = `--max-hops ${maxHops} is less than --first-hop ${firstHop}`;
    throw new ScriptError(reason, EXIT.USAGE);
  }
  const family = options.ipv4 ? 4 : options.ipv6 ? 6 : undefined;
  checkHost(host, family);
  const tracing = traceroute(host, {
    ...options,
    waitMs: wait * 1000,
    trafficClass: tos,
    discoverMTU: mtu,
    family,
    signal,
  });
  const names = new HostNames(NAME_WAIT_MS);
  const isNamed = !options.numeric && !seedFormat;
  const renderer = new TraceRenderer({
    format: json ? "json" : seedFormat ? "seed" : "traceroute",
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
