#!/usr/bin/env -S deno run --allow-ffi
/** Builds packets from flags or a description: hexadecimal, a file, the wire. */

import { headFor, openCapture } from "../lib/cli/files/capture_file.ts";
import {
  craftingOf,
  craftOptions,
  describedBy,
} from "../lib/cli/options/craft_options.ts";
import { describedPacket, readDescriptions } from "../lib/cli/description.ts";
import { EXIT } from "../lib/cli/exit.ts";
import { complain, print } from "../lib/cli/output.ts";
import { requireSockets, run, script } from "../lib/cli/script.ts";
import { tellSent } from "../lib/cli/options/wire_options.ts";
import { renderCrafted } from "../lib/render/packet/crafted.ts";
import { renderSpoof } from "../lib/render/tools/forged.ts";
import { fragmentsOf } from "../lib/tools/fragments.ts";
import { checkForged, sendForged } from "../lib/tools/spoof/send_forged.ts";
import { spoof, type SpoofOptions } from "../lib/tools/spoof/spoof.ts";

const program = craftOptions(script({
  url: import.meta.url,
  description:
    "Builds packets, right or wrong: what is left out is computed, what is given is kept.",
  examples: [
    [
      "192.0.2.1 --icmp-type 8 --explain",
      "an echo request, explained",
    ],
    [
      "--explain-checksum --json " +
      `'{"layers":[{"ipv6":{"destination":"::1"}},` +
      `{"udp":{"destinationPort":7}}]}'`,
      "any layers, fields as dissect --json names them; how the checksums come",
    ],
    ["127.0.0.1 -s 10.0.0.9 --send", "a forged source"],
    [
      "--json seen.json --mtu 576 --write parts.pcapng",
      "in fragments (add --allow-read, --allow-write)",
    ],
    [
      "--json seen.json --write again.pcap",
      "what dissect or sniff --json printed (add --allow-read, --allow-write)",
    ],
  ],
}));

await run(program, async (signal) => {
  const { from, fields, style, write, send, mtu, how, after } = craftingOf(
    program.opts(),
    ...program.processedArgs,
  );
  const descriptions = from === undefined
    ? [describedBy(fields)]
    : await readDescriptions(from, signal);
  const packets = descriptions.map(describedPacket).map((packet) => ({
    ...packet,
    fragments: fragmentsOf(packet, mtu, send),
  }));
  if (signal.aborted) return EXIT.DONE;
  const all = packets.flatMap(({ fragments }) => fragments);
  if (send) {
    requireSockets();
    checkForged(all, how);
  }
  if (write !== undefined) {
    const written = packets.flatMap(({ fragments, ...packet }) =>
      fragments.map((bytes) => ({
        ...packet,
        bytes,
        // Only a whole packet can have been longer than it is here.
        originalLength: fragments.length > 1
          ? bytes.length
          : packet.originalLength,
      }))
    );
    await openCapture(write, headFor(write, packets), written);
  }
  for (const { fragments, linkType } of packets) {
    for (const bytes of fragments) {
      if (signal.aborted) return EXIT.DONE;
      await print(`${renderCrafted(bytes, linkType, style)}\n`);
    }
  }
  if (!send) return EXIT.DONE;
  if (after.diff || after.why) {
    const events = spoofAll(packets, { ...how, ...after, signal });
    return await tellSent(events, (event) => renderSpoof(event, {}));
  }
  for (const destination of sendForged(all, how)) {
    await complain(`sent to ${destination}`);
  }
  return EXIT.DONE;
}, { usesSockets: false });

/** A packet, and what is sent in its stead. */
interface Piecemeal {
  readonly bytes: Uint8Array;
  readonly fragments: readonly Uint8Array[];
}

/** One after the other; none of them if one may not be sent. */
async function* spoofAll(packets: Piecemeal[], options: SpoofOptions) {
  checkForged(packets.map(({ bytes }) => bytes), options);
  for (const { bytes, fragments } of packets) {
    yield* spoof(bytes, { ...options, fragments });
  }
}
