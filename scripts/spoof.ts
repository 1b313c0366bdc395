#!/usr/bin/env -S deno run --allow-ffi
/** An echo request, or any payload, under a hand-made IP header. */

import { Option } from "@commander-js/extra-typings";
import { EXIT, ScriptError } from "../lib/cli/exit.ts";
import { headerOptions } from "../lib/cli/header_options.ts";
import { payloadOf } from "../lib/cli/messages.ts";
import { integer, ipv4Address } from "../lib/cli/options.ts";
import { print, requireSockets, run, script } from "../lib/cli/script.ts";
import { DIFF, isNo, WHY } from "../lib/cli/wire_options.ts";
import { renderForged, renderSpoof } from "../lib/render/forged.ts";
import { resolve } from "../lib/socket/resolve.ts";
import { completeForged, forgedPacket } from "../lib/tools/forged_packet.ts";
import { foretellWire } from "../lib/tools/sent_versus_wire.ts";
import { spoof } from "../lib/tools/spoof.ts";
import { isIPv4 } from "../lib/wire/address.ts";

const program = headerOptions(
  script({
    url: import.meta.url,
    description:
      "Sends an echo request, or any payload, under an IP header of one's own, from any source.",
    examples: [
      ["1.1.1.1 --source 172.16.12.1 --dry-run", "what would go out"],
      [
        "1.1.1.1 --source 172.16.12.1 --diff",
        "and what the kernel makes of it",
      ],
      ["1.1.1.1 --source 1.1.1.77 --why", "and why no reply comes"],
      [
        "1.1.1.1 -s 0.0.0.0 -p 253 --payload Hi",
        "a message under a header of its own",
      ],
    ],
  }),
  { ttl: 255, protocol: 1 },
)
  .argument("<destination>", "IPv4 address or name")
  .option(
    "-s, --source <address>",
    "any IPv4 address; always wanted",
    ipv4Address,
  )
  .option("--icmp-id <number>", "of the echo request", integer(0, 65_535))
  .option("--icmp-seq <number>", "of the echo request", integer(0, 65_535))
  .option(
    "-c, --count <packets>",
    "send it so many times",
    integer(1, 1e15),
    1,
  )
  .option(
    "-i, --interval <ms>",
    "time between packets",
    integer(0, 2 ** 31 - 1),
    0,
  )
  .option("--broadcast", "allow a broadcast address as destination")
  .addOption(
    new Option("--dry-run", "show what would go out, and send nothing")
      .conflicts(["diff", "why"]),
  )
  .addOption(DIFF)
  .addOption(WHY)
  .option("--explain", "explain the packet, bit by bit")
  .option("--json", "one JSON object a line")
  .option("--allow-public", "send to public addresses, of hosts of your own");

await run(program, async (signal) => {
  const [host] = program.processedArgs;
  const { dryRun, explain, json, ...options } = program.opts();
  const { source } = options;
  if (source === undefined) {
    const reason = "--source is wanted: any address, or 0.0.0.0 for one's own";
    throw new ScriptError(reason, EXIT.USAGE);
  }
  if (!dryRun || !isIPv4(host)) requireSockets();
  const [destination] = isIPv4(host)
    ? [host]
    : await resolve(host, { family: 4 });
  const packet = forgedPacket({
    ...options,
    source,
    destination,
    trafficClass: options.tos,
    identification: options.id,
    totalLength: options.length,
    icmpIdentifier: options.icmpId,
    icmpSequence: options.icmpSeq,
    payload: payloadOf(options),
  });
  if (dryRun || explain) {
    const completed = completeForged(packet);
    const foretold = foretellWire(packet);
    print(
      `${renderForged({ bytes: packet, completed, foretold }, { json })}\n`,
    );
  }
  if (dryRun) return EXIT.DONE;
  const { count, interval: intervalMs, broadcast, allowPublic } = options;
  const { diff, why } = options;
  const how = { count, intervalMs, broadcast, allowPublic, diff, why, signal };
  let exitCode: number = EXIT.DONE;
  for await (const event of spoof(packet, how)) {
    if (isNo(event)) exitCode = EXIT.NO;
    print(`${renderSpoof(event, { json })}\n`);
  }
  return exitCode;
}, {
  usesSockets: false,
  words: { icmpIdentifier: "--icmp-id", icmpSequence: "--icmp-seq" },
});
