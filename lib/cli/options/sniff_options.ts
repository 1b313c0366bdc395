/**
 * The options of `sniff`, and what they mean.
 *
 * @module
 */

import { type Command, Option } from "@commander-js/extra-typings";
import { usageError } from "../exit.ts";
import { ipAddress, ipProtocol, several, TWO_OCTETS } from "./options.ts";
import { FILES, ROTATE } from "./rotate_options.ts";
import { checkStyle, COUNT, TIMEOUT } from "./shared_options.ts";

/** Adds them to a command. */
export function sniffOptions(command: Command) {
  return command
    .argument("[interface...]", "the same as -I")
    .option(
      "-I, --interface <name>",
      "interface, or several; default all",
      several(String),
    )
    // As tcpdump calls it.
    .addOption(new Option("-i <name>").argParser(several(String)).hideHelp())
    .option("-f, --filter <expression>", "as tcpdump's; needs libpcap")
    .option(
      "-p, --protocol <name>",
      "IP protocol, name or number",
      ipProtocol,
    )
    .option("--host <address>", "sender or receiver", ipAddress)
    .option("--port <number>", "of sender or receiver", TWO_OCTETS)
    .option("--not-protocol <name>", "not these", several(ipProtocol))
    .option(
      "--not-host <address>",
      "not what these say or hear",
      several(ipAddress),
    )
    .option("--not-port <number>", "not to or from these", several(TWO_OCTETS))
    .addOption(COUNT)
    .addOption(TIMEOUT)
    .option("--promiscuous", "see what is meant for other hosts, too")
    .option(
      "--namespace <name>",
      "listen inside this network namespace, or several",
      several(String),
    )
    .option("--explain", "explain each packet, field by field")
    .option("--json", "one JSON object a line")
    .option(
      "--reassemble",
      "also show the packets that fragments make, below the last of them, " +
        "and those that never become whole; what is counted and written are " +
        "the frames",
    )
    .option(
      "--write <file>",
      "write a capture file instead: pcap, or pcapng if it is named .pcapng; " +
        "- is a pipe",
    )
    .addOption(ROTATE)
    .addOption(FILES);
}

/** What the command line says. */
type SniffFlags = ReturnType<ReturnType<typeof sniffOptions>["opts"]>;

/** What people write who have a filter of tcpdump's in mind. */
const OF_FILTER =
  /^(and|or|not|host|port|net|src|dst|ip6?|icmp6?|tcp|udp|arp)$/;

/** Only first fragments have ports. */
const PARTING = [["port", "first"], ["notPort", "later"]] as const;

/**
 * The flags as the tool takes them.
 *
 * @param words interfaces that are given without `-I`
 * @throws {ScriptError} if flags do not go together, or words are a filter
 */
export function sniffingOf(flags: SniffFlags, words: readonly string[]) {
  const misplaced = words.find((word) =>
    OF_FILTER.test(word) || / /.test(word)
  );
  if (misplaced !== undefined) {
    throw usageError(
      `${JSON.stringify(misplaced)} is no interface`,
      `A filter goes with -f: -f '${words.join(" ")}'`,
    );
  }
  checkStyle(flags);
  const { filter: expression, protocol, host, port } = flags;
  const { promiscuous, count = Infinity } = flags;
  if (flags.write === "-" && (flags.explain || flags.json)) {
    throw usageError(
      "--write - needs standard output for the packets alone",
    );
  }
  for (const [option, which] of PARTING) {
    if (!flags.reassemble || flags[option] === undefined) continue;
    const flag = option === "port" ? "--port" : "--not-port";
    throw usageError(
      `${flag} lets ${which} fragments through alone, and --reassemble needs ` +
        "all",
      `Leave out ${flag}, and filter by --protocol and --host.`,
    );
  }
  const not = [
    ...flags.notProtocol?.map((protocol) => ({ protocol })) ?? [],
    ...flags.notHost?.map((host) => ({ host })) ?? [],
    ...flags.notPort?.map((port) => ({ port })) ?? [],
  ];
  const filter = { expression, protocol, host, port };
  const isFiltered = Object.values(filter).some((given) => given !== undefined);
  return {
    ...placesOf(flags, words),
    filter: isFiltered || not.length > 0 ? { ...filter, not } : undefined,
    ...{ promiscuous, count },
    reassemble: flags.reassemble,
    timeoutMs: flags.timeout,
  };
}

/** Each interface in each namespace; of what is not given, whatever there is. */
function placesOf(
  { interface: named = [], i = [], namespace = [] }: SniffFlags,
  words: readonly string[],
) {
  const given = [...named, ...i, ...words];
  // As tcpdump calls all of them.
  const devices = given.includes("any") ? [] : given;
  const several = devices.length > 1 || namespace.length > 1;
  if (!several) return { device: devices.at(0), namespace: namespace.at(0) };
  const each = <Value>(given: readonly Value[]) =>
    given.length > 0 ? [...new Set(given)] : [undefined];
  return {
    places: each(namespace).flatMap((namespace) =>
      each(devices).map((device) => ({ device, namespace }))
    ),
  };
}
