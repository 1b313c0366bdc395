#!/usr/bin/env -S deno run --allow-ffi
/** Builds packets from flags or a description: hexadecimal, a file, the wire. */

import { openCapture } from "../lib/cli/capture_file.ts";
import { describedBy } from "../lib/cli/craft_options.ts";
import { describedTime, readDescriptions } from "../lib/cli/description.ts";
import { EXIT, ScriptError } from "../lib/cli/exit.ts";
import { headerOptions } from "../lib/cli/header_options.ts";
import { integer, ipv4Address } from "../lib/cli/options.ts";
import { DIFF, isNo, WHY } from "../lib/cli/wire_options.ts";
import { print, requireSockets, run, script } from "../lib/cli/script.ts";
import { renderCrafted } from "../lib/render/crafted.ts";
import { renderSpoof } from "../lib/render/forged.ts";
import { checkForged, sendForged } from "../lib/tools/send_forged.ts";
import { spoof } from "../lib/tools/spoof.ts";
import {
  describedLinkType,
  packetFromJSON,
} from "../lib/wire/packet_from_json.ts";

const program = headerOptions(
  script({
    url: import.meta.url,
    description:
      "Builds packets, right or wrong: what is left out is computed, what is given is kept.",
    examples: [
      [
        "-d 192.0.2.1 -t 1 --icmp-type 8 --explain",
        "an echo request, explained",
      ],
      [
        `--json '{"layers":[{"ipv4":{"destination":"127.0.0.1"}},{"udp":{"destinationPort":7}}]}'`,
        "any layers, or a file of them; fields as dissect --json names them",
      ],
      ["-s 10.0.0.9 -d 127.0.0.1 --payload Hi --send", "a forged source"],
      [
        "--json seen.json --write again.pcap",
        "what dissect or sniff --json printed (add --allow-read, --allow-write)",
      ],
    ],
  }),
  { ttl: 64, protocol: 253 },
)
  .option("-s, --source <address>", "IPv4 source", ipv4Address)
  .option("-d, --destination <address>", "IPv4 destination", ipv4Address)
  .option(
    "--icmp-type <number>",
    "an ICMP message of this type, protocol 1",
    integer(0, 255),
  )
  .option("--json <description>", "a file, -, or JSON itself, instead of these")
  .option("--explain", "explain each packet, bit by bit")
  .option("--explain-checksum", "show how its checksums come about")
  .option("--write <file>", "write a capture file (pcap)")
  .option("--send", "send to the packet's own destination (IPv4)")
  .option("--broadcast", "allow broadcast addresses as destinations")
  .addOption(DIFF)
  .addOption(WHY)
  .option("--allow-public", "send to public addresses, of hosts of your own");

await run(program, async (signal) => {
  const { json, write, send, ...options } = program.opts();
  const { allowPublic, broadcast, diff, why, ...shown } = options;
  const { explain, explainChecksum, ...fields } = shown;
  if (json !== undefined && Object.keys(fields).length > 0) {
    throw new ScriptError("--json excludes the packet's flags", EXIT.USAGE);
  }
  if ((diff || why) && !send) {
    throw new ScriptError("--diff and --why go with --send", EXIT.USAGE);
  }
  if (write === "-") {
    throw new ScriptError("--write needs the name of a file", EXIT.USAGE);
  }
  const descriptions = json === undefined
    ? [describedBy(fields)]
    : await readDescriptions(json, signal);
  const packets = descriptions.map((description) => {
    try {
      const bytes = packetFromJSON(description);
      const linkType = describedLinkType(description);
      return { bytes, linkType, timestampNs: describedTime(description) };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new ScriptError(error.message, EXIT.USAGE);
    }
  });
  if (signal.aborted) return EXIT.DONE;
  if (send) requireSockets();
  const linkType = packets.at(0)?.linkType;
  if (write && packets.some((packet) => packet.linkType !== linkType)) {
    const reason =
      "all packets of a pcap file begin with the same kind of header";
    throw new ScriptError(reason, EXIT.USAGE);
  }
  const capture = write === undefined
    ? undefined
    : openCapture(write, linkType);
  for (const { bytes, linkType, timestampNs } of packets) {
    if (signal.aborted) return EXIT.DONE;
    print(`${renderCrafted(bytes, linkType, { explain, explainChecksum })}\n`);
    capture?.append({ timestampNs, bytes });
  }
  if (!send) return EXIT.DONE;
  const all = packets.map(({ bytes }) => bytes);
  const how = { allowPublic, broadcast, diff, why, signal };
  if (!diff && !why) {
    for (const destination of sendForged(all, how)) {
      console.error(`sent to ${destination}`);
    }
    return EXIT.DONE;
  }
  checkForged(all, how);
  let exitCode: number = EXIT.DONE;
  for (const packet of all) {
    for await (const event of spoof(packet, how)) {
      if (isNo(event)) exitCode = EXIT.NO;
      print(`${renderSpoof(event, {})}\n`);
    }
  }
  return exitCode;
}, { usesSockets: false });
