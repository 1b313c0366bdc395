#!/usr/bin/env -S deno run --allow-ffi
/** One echo request to every address of some ranges. */

import { EXIT } from "../lib/cli/exit.ts";
import { Lines, StatusLine } from "../lib/cli/lines.ts";
import { integer, isAddress, seconds } from "../lib/cli/options.ts";
import { packetRate, shard } from "../lib/cli/sweep_options.ts";
import { print, run, script } from "../lib/cli/script.ts";
import {
  renderProgress,
  renderSweep,
  renderSweepResult,
} from "../lib/render/sweep.ts";
import { sweep } from "../lib/tools/sweep.ts";

const program = script({
  url: import.meta.url,
  description:
    "Sends one ICMP echo request to every address of some ranges, and shows who answers.",
  examples: [
    ["192.168.1.0/24", "who is in the network at home"],
    ["10.0.0.5-10.0.0.77 fd00::/120 --retries 1", "asked again if silent"],
    ["127.0.0.0/16 --rate max --alive-only", "addresses alone, at full speed"],
    ["10.0.0.0/8 --shuffle --shard 1/4", "the first of four machines' shares"],
  ],
})
  .argument("<range...>", "CIDR blocks, first-last, or addresses")
  .option("-r, --rate <n>", "packets a second, or max", packetRate, 1000)
  .option("-w, --wait <s>", "seconds to wait after the last", seconds, 1)
  .option("--retries <passes>", "ask the silent again", integer(0, 1000), 0)
  .option("--shuffle", "in a shuffled order")
  .option("--seed <number>", "of that order", integer(0, 2 ** 32 - 1), 0)
  .option("--shard <i/n>", "only the i-th of n shares", shard)
  .option("-t, --ttl <hops>", "time to live", integer(1, 255), 64)
  .option("-I, --interface <name>", "interface, or address, to send from")
  .option("--alive-only", "show only the addresses of those that answer")
  .option(
    "--allow-public",
    "over 100 packets a second also to public addresses, of your own",
  )
  .option("--json", "one JSON object a line");

await run(program, async (signal) => {
  const [ranges] = program.processedArgs;
  const { wait, interface: from, ...options } = program.opts();
  const sweeping = sweep(ranges, {
    ...options,
    waitMs: wait * 1000,
    ...(from && isAddress(from) ? { source: from } : { device: from }),
    signal,
  });
  const status = new StatusLine();
  const lines = new Lines(status);
  for await (const events of sweeping.batches()) {
    for (const event of events) {
      if (event.type === "progress") status.show(renderProgress(event));
      else lines.add(renderSweep(event, options));
    }
  }
  const result = await sweeping.result;
  lines.flush();
  const summary = renderSweepResult(result, options).join("\n");
  if (options.json) print(`${summary}\n`);
  else console.error(summary);
  return result.alive > 0 ? EXIT.DONE : EXIT.NO;
});
