#!/usr/bin/env -S deno run --allow-ffi
/** Echo requests to one host or many, as iputils' ping. */

import { Option } from "@commander-js/extra-typings";
import { EXIT, exitCodeOf } from "../lib/cli/exit.ts";
import { hexOctets, integer, seconds } from "../lib/cli/options.ts";
import { namingPingSockets, pingOptions } from "../lib/cli/ping_options.ts";
import { failureText, print, run, script } from "../lib/cli/script.ts";
import { renderHosts, renderPing } from "../lib/render/ping.ts";
import { checkHost } from "../lib/socket/resolve.ts";
import { multiping } from "../lib/tools/ping.ts";
import { sourceFamily } from "../lib/tools/source_family.ts";

const program = script({
  url: import.meta.url,
  description:
    "Sends ICMP echo requests to one host or many, and shows what comes back.",
  examples: [
    ["1.1.1.1", "until Ctrl-C, as ping does"],
    ["-c 4 -i 0.2 1.1.1.1 ::1", "four to each of two hosts, 0.2 s apart"],
    ["-c 1 --unprivileged 1.1.1.1", "without root, where the system allows it"],
    ["-c 1 --explain 1.1.1.1", "the reply explained, bit by bit"],
  ],
})
  .argument("<host...>", "addresses or names")
  .option("-c, --count <requests>", "end after so many", integer(1, 1e15))
  .option("-i, --interval <s>", "seconds between requests", seconds, 1)
  // Longer than the kernel takes to tell of a neighbour that is not there.
  .option("-W, --timeout <s>", "seconds to wait for a reply", seconds, 4)
  .option("-s, --size <octets>", "of the payload", integer(0, 65_507), 56)
  .option("-t, --ttl <hops>", "time to live", integer(1, 255), 64)
  .option("-Q, --tos <octet>", "DSCP and ECN", integer(0, 255), 0)
  .option("-I, --interface <name>", "interface, or address, to send from")
  .addOption(
    new Option("-4, --ipv4", "names to IPv4 addresses only").conflicts("ipv6"),
  )
  .option("-6, --ipv6", "names to IPv6 addresses only")
  .option("-b, --broadcast", "allow a broadcast address")
  .option("--pattern <digits>", "fill the payload with these", hexOctets)
  .option("--unprivileged", "use a ping socket, not a raw one")
  .option(
    "--allow-public",
    "over 100 requests a second also to public addresses, of your own",
  )
  .option("-n, --numeric", "show addresses without names")
  .option("-q, --quiet", "show only the first and the last lines")
  .option("--explain", "explain each reply or error, bit by bit")
  .option("--json", "one JSON object a line");

await run(
  program,
  namingPingSockets(async (signal) => {
    const [hosts] = program.processedArgs;
    const flags = program.opts();
    const options = pingOptions(flags);
    const family = sourceFamily(options.source, options.family);
    for (const host of hosts) checkHost(host, family);
    const pinging = multiping(hosts, { ...options, signal });
    const style = { ...flags, ...options };
    let said = "";
    for await (const event of pinging) {
      if (event.type === "failed" && !flags.json) {
        const failure = failureText(program, event.error);
        if (failure !== said) console.error(said = failure);
        continue;
      }
      for (const line of renderPing(event, style)) print(`${line}\n`);
    }
    const results = await pinging.result;
    if (results.length > 1 && !flags.json) {
      print(`\n${renderHosts(results).join("\n")}\n`);
    }
    if (results.every((host) => host.isAlive)) return EXIT.DONE;
    const failure = results.find((host) => host.failure)?.failure;
    return failure === undefined ? EXIT.NO : exitCodeOf(failure);
  }),
);
