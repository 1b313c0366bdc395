/**
 * The options of `dissect`.
 *
 * @module
 */

import { type Command, Option } from "@commander-js/extra-typings";
import { linkType } from "./options.ts";

/** Adds them to a command, and what it takes apart. */
export function dissectOptions(command: Command) {
  return command
    .argument(
      "<what...>",
      "a file (pcap, pcapng, either as .gz; hexadecimal), hexadecimal, or -",
    )
    .option(
      "--link-type <type>",
      "of hexadecimal: raw, ethernet, loopback, linux-sll2, … or a number; " +
        "default raw",
      linkType,
    )
    .addOption(
      new Option("--lines", "one line a packet, as sniff shows it")
        .conflicts(["json", "offsets"]),
    )
    .option("--json", "one JSON object a line")
    .option("--offsets", "where each field stands, and its width in bits")
    .option("--svg <file>", "draw the first packet's bits, for a handout")
    .option(
      "--reassemble",
      "also show the packets that fragments make, below the last of them, " +
        "and those that never become whole",
    );
}
