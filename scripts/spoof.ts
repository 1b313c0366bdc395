#!/usr/bin/env -S deno run --allow-ffi
/** An echo request, or any payload, under a hand-made IP header. */

import { EXIT } from "../lib/cli/exit.ts";
import { print } from "../lib/cli/output.ts";
import { requireSockets, run, script } from "../lib/cli/script.ts";
import {
  forgedFieldsOf,
  spoofOptions,
} from "../lib/cli/options/spoof_options.ts";
import { tellSent } from "../lib/cli/options/wire_options.ts";
import { renderForged, renderSpoof } from "../lib/render/tools/forged.ts";
import { remoteAddress } from "../lib/socket/destination.ts";
import { resolve } from "../lib/socket/kernel/resolve.ts";
import { completeForged, forgedPacket } from "../lib/compare/forged_packet.ts";
import { foretellPacket } from "../lib/compare/sent_versus_wire.ts";
import { spoof } from "../lib/tools/spoof/spoof.ts";
import { isIPv4 } from "../lib/wire/address.ts";

const program = spoofOptions(script({
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
}))
  .argument("<destination>", "IPv4 address or name");

await run(program, async (signal) => {
  const [host] = program.processedArgs;
  const { dryRun, explain, json, ...flags } = program.opts();
  const fields = forgedFieldsOf(flags);
  if (!dryRun || !isIPv4(host)) requireSockets();
  const [found] = isIPv4(host) ? [host] : await resolve(host, { family: 4 });
  const destination = remoteAddress(found, 4);
  const bytes = forgedPacket({ ...fields, destination });
  if (dryRun || explain) {
    const completed = completeForged(bytes);
    const foretold = foretellPacket(bytes);
    await print(`${renderForged({ bytes, completed, foretold }, { json })}\n`);
  }
  if (dryRun) return EXIT.DONE;
  const { count, interval, broadcast, diff, why, allowPublic } = flags;
  const events = spoof(bytes, {
    ...{ count, broadcast, diff, why, allowPublic, signal },
    intervalMs: interval,
  });
  return await tellSent(events, (event) => renderSpoof(event, { json }));
}, {
  usesSockets: false,
  words: { icmpIdentifier: "--icmp-id", icmpSequence: "--icmp-seq" },
});
