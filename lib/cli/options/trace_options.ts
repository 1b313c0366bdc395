/**
 * The options of `traceroute`, and what they mean.
 *
 * @module
 */

import { type Command, Option } from "@commander-js/extra-typings";
import { usageError } from "../exit.ts";
import {
  integer,
  ipAddress,
  ipProtocol,
  OCTET,
  seconds,
  TWO_OCTETS,
} from "./options.ts";
import { csvOption } from "./shared_options.ts";

/** As traceroute(8) calls its methods. */
const SHORT = {
  icmp: new Option("-I, --icmp", "the same as --method icmp")
    .implies({ method: "icmp" as const }).conflicts(["tcp", "udp"]),
  tcp: new Option("-T, --tcp", "the same as --method tcp")
    .implies({ method: "tcp" as const }).conflicts("udp"),
  udp: new Option("-U, --udp", "the same as --method udp")
    .implies({ method: "udp" as const }),
};

/** Adds them to a command. */
export function traceOptions(command: Command) {
  return command
    .option("-f, --first-hop <hop>", "begin at this hop", integer(1, 255), 1)
    .option("-m, --max-hops <hops>", "go no further", integer(1, 255), 30)
    .option(
      "-q, --probes <number>",
      "probes to each hop (default: 3; 1 in each round of --watch)",
      integer(1, 10),
    )
    .option(
      "-w, --wait <s>",
      "seconds to wait for each answer (default: 5, less where answers come)",
      seconds,
    )
    .option(
      "-N, --concurrency <n>",
      "probes on their way at once (default: 64)",
      integer(1, 1024),
    )
    .addOption(
      new Option("-M, --method <name>", "what probes are")
        .choices(["icmp", "udp", "tcp", "raw"] as const)
        .default("icmp" as const),
    )
    .addOption(SHORT.icmp).addOption(SHORT.tcp).addOption(SHORT.udp)
    .option(
      "-p, --port <port>",
      "port of udp (default: 33434) or tcp (default: 80)",
      TWO_OCTETS,
    )
    .option(
      "-P, --protocol <name>",
      "IP protocol of raw, name or number (default: 253)",
      ipProtocol,
    )
    .option(
      "-l, --packet-size <octets>",
      "a probe's length, headers included",
      integer(32, 65_535),
    )
    .option("-t, --tos <octet>", "type of service: DSCP and ECN", OCTET, 0)
    .option("-s, --source <address>", "send from this address", ipAddress)
    .option("-i, --device <interface>", "send by this interface")
    .addOption(
      new Option("--flow <kind>", "keep to one path, or let probes vary")
        .choices(["paris", "classic"] as const).default("paris" as const),
    )
    .option("--mtu", "find the path MTU, and where it shrinks")
    .addOption(
      new Option("--watch", "again and again: loss and times of each hop")
        .conflicts(["csv", "mtu", "seedFormat"]),
    )
    .option(
      "-c, --count <rounds>",
      "of --watch (default: until q or Ctrl-C; 10 where no terminal is)",
      integer(1, 1e15),
    )
    .option("--interval <s>", "between rounds of --watch (default: 1)", seconds)
    .addOption(
      new Option("-4, --ipv4", "names to IPv4 addresses only")
        .conflicts("ipv6"),
    )
    .option("-6, --ipv6", "names to IPv6 addresses only")
    .option("-n, --numeric", "show addresses without names")
    .addOption(
      new Option("--seed-format", "a short line a hop, without times")
        .conflicts(["json", "csv", "mtu"]),
    )
    .addOption(csvOption("hop"))
    .option("--json", "one JSON object a line");
}

/** What the command line says. */
type TraceFlags = ReturnType<ReturnType<typeof traceOptions>["opts"]>;

/**
 * The flags as the tool takes them.
 *
 * @throws {ScriptError} if two of them do not go together
 */
export function tracingOf({ wait, tos, mtu, ...flags }: TraceFlags) {
  const { method, port, protocol, firstHop, maxHops, flow, probes } = flags;
  const { concurrency, packetSize, source, device } = flags;
  if (!flags.watch && (flags.count ?? flags.interval) !== undefined) {
    throw usageError("--count and --interval go with --watch");
  }
  if (port !== undefined && method !== "udp" && method !== "tcp") {
    throw usageError("--port goes with --method udp or tcp");
  }
  if (protocol !== undefined && method !== "raw") {
    throw usageError("--protocol goes with --method raw");
  }
  if (maxHops < firstHop) {
    throw usageError(
      `--max-hops ${maxHops} is less than --first-hop ${firstHop}`,
    );
  }
  return {
    ...{ method, port, protocol, firstHop, maxHops, flow, probes },
    ...{ concurrency, packetSize, source, device },
    timeoutMs: wait === undefined ? undefined : wait * 1000,
    trafficClass: tos,
    discoverMTU: mtu,
    family: flags.ipv4 ? 4 as const : flags.ipv6 ? 6 as const : undefined,
  };
}
