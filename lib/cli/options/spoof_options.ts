/**
 * The options of `spoof`, and what they mean.
 *
 * @module
 */

import { type Command, Option } from "@commander-js/extra-typings";
import { usageError } from "../exit.ts";
import { headerOptions } from "./header_options.ts";
import { payloadOf } from "../messages.ts";
import { integer, ipv4Address, TWO_OCTETS } from "./options.ts";
import { INTERVAL } from "./shared_options.ts";
import { DIFF, WHY } from "./wire_options.ts";

/** Adds them to a command. */
export function spoofOptions(command: Command) {
  return headerOptions(command, { ttl: 255, protocol: 1 })
    .option(
      "-s, --source <address>",
      "any IPv4 address; always wanted",
      ipv4Address,
    )
    .option("--icmp-id <number>", "of the echo request", TWO_OCTETS)
    .option("--icmp-seq <number>", "of the echo request", TWO_OCTETS)
    .option(
      "-c, --count <packets>",
      "send it so many times",
      integer(1, 1e15),
      1,
    )
    .addOption(INTERVAL)
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
}

/** What the command line says. */
type SpoofFlags = ReturnType<ReturnType<typeof spoofOptions>["opts"]>;

/**
 * The packet's fields, but for its destination.
 *
 * @throws {ScriptError} without a source, or if the payload is given twice
 */
export function forgedFieldsOf({ source, ...flags }: SpoofFlags) {
  if (source === undefined) {
    throw usageError(
      "--source is wanted: any address, or 0.0.0.0 for one's own",
    );
  }
  return {
    ...flags,
    source,
    trafficClass: flags.tos,
    identification: flags.id,
    totalLength: flags.length,
    icmpIdentifier: flags.icmpId,
    icmpSequence: flags.icmpSeq,
    payload: payloadOf(flags),
  };
}
