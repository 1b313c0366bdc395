/**
 * The options of `ping`, and what they mean.
 *
 * @module
 */

import { type Command, Option } from "@commander-js/extra-typings";
import { system } from "../../ffi/own.ts";
import type { System } from "../../ffi/system.ts";
import { SocketPermissionError } from "../../socket/errors.ts";
import { notPermitted, usageError } from "../exit.ts";
import { complain } from "../output.ts";
import { hexOctets, integer, isAddress, seconds } from "./options.ts";
import { csvOption } from "./shared_options.ts";

/** Adds them to a command. */
export function pingOptions(command: Command) {
  return command
    .option("-c, --count <requests>", "end after so many", integer(1, 1e15))
    .option(
      "-i, --interval <s>",
      "seconds between requests; 0: at once after an answer",
      seconds,
      1,
    )
    // Longer than the kernel takes to tell of a neighbour that is not there.
    .option(
      "-W, --timeout <s>",
      "seconds to wait for a reply, after an error, too; 0: as long as it takes",
      seconds,
      4,
    )
    .option("-w, --deadline <s>", "end after so many seconds", seconds)
    .addOption(
      new Option("-f, --flood", "as fast as answers come: -i 0 -q")
        .implies({ interval: 0, quiet: true as const }),
    )
    .option("-s, --size <octets>", "of the payload", integer(0, 65_527), 56)
    .option(
      "-t, --ttl <hops>",
      "time to live (default: the system's)",
      integer(1, 255),
    )
    .option("-Q, --tos <octet>", "DSCP and ECN", integer(0, 255), 0)
    .option("-I, --interface <name>", "interface, or address, to send from")
    .addOption(
      new Option("-4, --ipv4", "names to IPv4 addresses only").conflicts(
        "ipv6",
      ),
    )
    .option("-6, --ipv6", "names to IPv6 addresses only")
    .option("-b, --broadcast", "allow a broadcast address")
    .option("--pattern <digits>", "fill the payload with these", hexOctets)
    .option("--unprivileged", "use a ping socket, not a raw one")
    .option(
      "--allow-public",
      "over 100 requests a second also to public addresses, of your own",
    )
    .option("-n, --numeric", "show addresses without names")
    .option(
      "-D, --timestamp",
      "the time before each answer, in seconds since 1970",
    )
    .option("-q, --quiet", "show only the first and the last lines")
    .addOption(
      new Option("--explain", "explain each reply or error, bit by bit")
        .conflicts(["json", "flood", "quiet"]),
    )
    .addOption(
      new Option("--graph", "round trips as a line of blocks, instead")
        .conflicts(["explain", "json", "csv"]),
    )
    .option("--svg <file>", "draw the round trips, for a page")
    // A row has the time already.
    .addOption(
      csvOption("answer").conflicts(["flood", "quiet", "timestamp"]),
    )
    .option("--json", "one JSON object a line");
}

/** What the command line says. */
type PingFlags = ReturnType<ReturnType<typeof pingOptions>["opts"]>;

/**
 * The flags as the tool takes them.
 *
 * @throws {ScriptError} if the pattern is empty
 */
export function pingingOf(flags: PingFlags) {
  const { interface: from, pattern, size } = flags;
  return {
    count: flags.count ?? Infinity,
    intervalMs: flags.interval * 1000,
    // As iputils: for as long as it takes.
    timeoutMs: flags.timeout === 0 ? Infinity : flags.timeout * 1000,
    payload: pattern && filled(pattern, size),
    payloadSize: size,
    ttl: flags.ttl,
    trafficClass: flags.tos,
    ...(from && isAddress(from)
      ? { source: from, device: undefined }
      : { source: undefined, device: from }),
    family: flags.ipv4 ? 4 as const : flags.ipv6 ? 6 as const : undefined,
    broadcast: flags.broadcast,
    privileged: !flags.unprivileged,
    allowPublic: flags.allowPublic,
  };
}

function filled(pattern: Uint8Array, size: number): Uint8Array {
  if (pattern.length === 0) {
    throw usageError("--pattern has no digits");
  }
  return Uint8Array.from(
    { length: size },
    (_, i) => pattern[i % pattern.length],
  );
}

/**
 * Where raw sockets are not permitted, takes ping sockets if these are for
 * everybody, and says so; otherwise has what is said of it name them, too.
 *
 * @param start what the script does, with raw sockets or without
 */
export function namingPingSockets(
  start: (signal: AbortSignal, privileged: boolean) => Promise<number>,
  { name, everybodyPings }: Pick<System, "name" | "everybodyPings"> = system,
): (signal: AbortSignal) => Promise<number> {
  return async (signal) => {
    try {
      return await start(signal, true);
    } catch (error) {
      const isRaw = error instanceof SocketPermissionError &&
        error.message.startsWith("cannot open a raw socket");
      if (!isRaw) throw error;
      if (everybodyPings) {
        await complain(
          `ping: no raw socket, so ${name} itself sends the requests`,
        );
        return start(signal, false);
      }
      throw notPermitted(
        error.message,
        `${error.remedy}\nOr add --unprivileged: a ping socket needs neither, ` +
          "where the system lets you have one.",
      );
    }
  };
}
