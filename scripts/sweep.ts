#!/usr/bin/env -S deno run --allow-ffi
/** One echo request to every address of some ranges. */

import { EXIT } from "../lib/cli/exit.ts";
import { Lines, StatusLine } from "../lib/cli/lines.ts";
import {
  integer,
  isAddress,
  packetRate,
  seconds,
  shard,
} from "../lib/cli/options.ts";
import { run, script } from "../lib/cli/script.ts";
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
  .option(
    "-r, --rate <packets/s>",
    "how many a second, or max",
    packetRate,
    1000,
  )
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
    "more than 10000 packets a second to public addresses: flood only what is yours",
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
  const lines = new Lines();
  const status = new StatusLine();
  for await (const event of sweeping) {
    const progress = renderProgress(event);
    if (progress !== undefined) status.show(progress);
    const line = renderSweep(event, options);
    if (line === undefined) continue;
    status.clear();
    lines.add(line);
  }
  const result = await sweeping.result;
  status.clear();
  lines.flush();
  const summary = renderSweepResult(result, options).join("\n");
  if (options.json) console.log(summary);
  else console.error(summary);
  return result.alive > 0 ? EXIT.DONE : EXIT.NO;
});
