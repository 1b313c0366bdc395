/**
 * The options of `send`, and what they mean.
 *
 * @module
 */

import { type Command, Option } from "@commander-js/extra-typings";
import { MAX_PAYLOAD } from "../messages.ts";
import { hexOctets, integer, ipv4Address, OCTET } from "./options.ts";
import { INTERVAL, MTU, PROTOCOL } from "./shared_options.ts";
import { DIFF, WHY } from "./wire_options.ts";

/** Adds them to a command. */
export function sendOptions(command: Command) {
  return command
    .addOption(PROTOCOL)
    .option(
      "-s, --source <address>",
      "send from this address of this host",
      ipv4Address,
    )
    .option("-t, --ttl <hops>", "time to live", integer(1, 255))
    .option("-Q, --tos <octet>", "type of service: DSCP and ECN", OCTET)
    .option(
      "-c, --count <packets>",
      "send the message so many times",
      integer(1, 1e15),
      1,
    )
    .addOption(INTERVAL)
    .option(
      "--size <octets>",
      "fill the payload up to so many octets",
      integer(0, MAX_PAYLOAD),
    )
    .option("--payload <text>", "the message, as spoof and craft have it")
    .option(
      "--hex <digits>",
      "the payload in hexadecimal, instead of a message",
      hexOctets,
    )
    .addOption(MTU)
    .option("--broadcast", "allow a broadcast address as destination")
    .option(
      "--allow-public",
      "over 100 packets a second also to a public address, of your own",
    )
    .addOption(DIFF)
    .addOption(WHY)
    .addOption(
      new Option(
        "--fast",
        "past the kernel's way out and its firewall, as fast as the cable takes it",
      ).conflicts(["mtu", "interval", "broadcast", "diff", "why", "explain"]),
    )
    .addOption(
      new Option("--explain", "explain each packet, bit by bit")
        .conflicts("json"),
    )
    .option("--json", "one JSON object a line");
}

/** What the command line says. */
type SendFlags = ReturnType<ReturnType<typeof sendOptions>["opts"]>;

/** The flags as the tool takes them. */
export function sendingOf({ source, tos, ...flags }: SendFlags) {
  const { protocol, ttl, allowPublic } = flags;
  return {
    ...{ protocol, ttl, allowPublic },
    bindAddress: source,
    trafficClass: tos,
  };
}
