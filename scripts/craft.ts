#!/usr/bin/env -S deno run --allow-ffi
/** Builds packets from flags or a description: hexadecimal, a file, the wire. */

import { commonLinkType, openCapture } from "../lib/cli/capture_file.ts";
import {
  craftingOf,
  craftOptions,
  describedBy,
} from "../lib/cli/craft_options.ts";
import { describedPacket, readDescriptions } from "../lib/cli/description.ts";
import { EXIT } from "../lib/cli/exit.ts";
import { print, requireSockets, run, script } from "../lib/cli/script.ts";
import { tellSent } from "../lib/cli/wire_options.ts";
import { renderCrafted } from "../lib/render/crafted.ts";
import { renderSpoof } from "../lib/render/forged.ts";
import { checkForged, sendForged } from "../lib/tools/send_forged.ts";
import { spoof, type SpoofOptions } from "../lib/tools/spoof.ts";

const program = craftOptions(script({
  url: import.meta.url,
  description:
    "Builds packets, right or wrong: what is left out is computed, what is given is kept.",
  examples: [
    [
      "-d 192.0.2.1 --icmp-type 8 --explain",
      "an echo request, explained",
    ],
    [
      "--explain-checksum --json " +
      `'{"layers":[{"ipv6":{"destination":"::1"}},` +
      `{"udp":{"destinationPort":7}}]}'`,
      "any layers, fields as dissect --json names them; how the checksums come",
    ],
    ["-s 10.0.0.9 -d 127.0.0.1 --send", "a forged source"],
    [
      "--json seen.json --write again.pcap",
      "what dissect or sniff --json printed (add --allow-read, --allow-write)",
    ],
  ],
}));

await run(program, async (signal) => {
  const { from, fields, style, write, send, how } = craftingOf(program.opts());
  const descriptions = from === undefined
    ? [describedBy(fields)]
    : await readDescriptions(from, signal);
  const packets = descriptions.map(describedPacket);
  if (signal.aborted) return EXIT.DONE;
  if (send) requireSockets();
  const capture = write === undefined
    ? undefined
    : openCapture(write, commonLinkType(packets));
  for (const { bytes, linkType, timestampNs } of packets) {
    if (signal.aborted) return EXIT.DONE;
    print(`${renderCrafted(bytes, linkType, style)}\n`);
    capture?.append({ timestampNs, bytes });
  }
  if (!send) return EXIT.DONE;
  const all = packets.map(({ bytes }) => bytes);
  if (how.diff || how.why) {
    const events = spoofAll(all, { ...how, signal });
    return await tellSent(events, (event) => renderSpoof(event, {}));
  }
  for (const destination of sendForged(all, how)) {
    console.error(`sent to ${destination}`);
  }
  return EXIT.DONE;
}, { usesSockets: false });

/** One after the other; none of them if one may not be sent. */
async function* spoofAll(packets: Uint8Array[], options: SpoofOptions) {
  checkForged(packets, options);
  for (const packet of packets) yield* spoof(packet, options);
}
