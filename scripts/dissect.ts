#!/usr/bin/env -S deno run --allow-read
/** Takes packets apart: those of a capture file, or one in hexadecimal. */

import { CaptureFileError } from "../lib/capture/errors.ts";
import { EXIT, ScriptError } from "../lib/cli/exit.ts";
import { linkType } from "../lib/cli/options.ts";
import { openPackets } from "../lib/cli/packet_input.ts";
import { print, run, script } from "../lib/cli/script.ts";
import { renderDissected } from "../lib/render/dissected.ts";
import { LINK_TYPE_RAW } from "../lib/wire/link_types.ts";

const program = script({
  url: import.meta.url,
  flags: "--allow-read",
  description:
    "Takes packets apart: those of a capture file, or one in hexadecimal.",
  examples: [
    ["pair.pcap", "every packet of a file as Wireshark shows it"],
    ["pair.pcap --json", "the same for programs, one JSON object a line"],
    [
      "--offsets 4500001636dd000080fdfea701010164010101014869",
      "octets, also as hexdump, xxd and Wireshark print them, and where each is",
    ],
    ["- <pair.pcap", "standard input, a capture or hexadecimal"],
  ],
})
  .argument(
    "<what...>",
    "a file (pcap, pcapng, hexadecimal), hexadecimal, or -",
  )
  .option(
    "--link-type <type>",
    "of hexadecimal: raw, ethernet, loopback, linux-sll2, … or a number; " +
      "default raw",
    linkType,
  )
  .option("--json", "one JSON object a line")
  .option("--offsets", "where each field stands, and its width in bits");

await run(program, async (signal) => {
  const [words] = program.processedArgs;
  const { linkType = LINK_TYPE_RAW, ...style } = program.opts();
  let text = "";
  const flush = () => {
    if (text !== "") print(text);
    text = "";
  };
  const options = { linkType, signal, beforeRead: flush };
  try {
    for await (const packet of await openPackets(words, options)) {
      text += renderDissected(packet, style);
    }
  } catch (error) {
    if (!(error instanceof CaptureFileError)) throw error;
    flush();
    // What Ctrl-C has ended is cut short, and nobody wonders.
    if (signal.aborted) return EXIT.DONE;
    throw new ScriptError(error.message, EXIT.NO);
  }
  flush();
  return EXIT.DONE;
}, { usesSockets: false });
