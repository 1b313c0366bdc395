/**
 * The options of `sniff`, and what they mean.
 *
 * @module
 */

import type { Command } from "@commander-js/extra-typings";
import { usageError } from "./exit.ts";
import { ipAddress, ipProtocol, TWO_OCTETS } from "./options.ts";
import { COUNT, TIMEOUT } from "./shared_options.ts";

/** Adds them to a command. */
export function sniffOptions(command: Command) {
  return command
    .option("-I, --interface <name>", "interface; all if none is given")
    .option("-f, --filter <expression>", "as tcpdump's; needs libpcap")
    .option("--protocol <name>", "IP protocol, name or number", ipProtocol)
    .option("--host <address>", "sender or receiver", ipAddress)
    .option("--port <number>", "of sender or receiver", TWO_OCTETS)
    .addOption(COUNT)
    .addOption(TIMEOUT)
    .option("--promiscuous", "see what is meant for other hosts, too")
    .option("--namespace <name>", "listen inside this network namespace")
    .option("--explain", "explain each packet, field by field")
    .option("--json", "one JSON object a line")
    .option(
      "--write <file>",
      "write a capture file (pcap) instead; - is a pipe",
    );
}

/** What the command line says. */
type SniffFlags = ReturnType<ReturnType<typeof sniffOptions>["opts"]>;

/**
 * The flags as the tool takes them.
 *
 * @throws {ScriptError} if packets and lines shall go the same way
 */
export function sniffingOf(flags: SniffFlags) {
  const { filter: expression, protocol, host, port } = flags;
  const { promiscuous, namespace, count = Infinity } = flags;
  if (flags.write === "-" && (flags.explain || flags.json)) {
    throw usageError(
      "--write - needs standard output for the packets alone",
    );
  }
  const filter = { expression, protocol, host, port };
  const isFiltered = Object.values(filter).some((given) => given !== undefined);
  return {
    device: flags.interface,
    filter: isFiltered ? filter : undefined,
    ...{ promiscuous, namespace, count },
    timeoutMs: flags.timeout,
  };
}
